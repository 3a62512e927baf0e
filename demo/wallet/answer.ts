// What the test wallet says to each method of MetaMask's provider.
// Promises MetaMask's order of things: nobody sees an account or gets a signature before the wallet's owner allowed it,
// and a permission that was given is not asked for again.
// Must not know ports or windows: whoever calls it brings `ask`.
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { findAccount } from './accounts';
import { signPersonalMessage } from './personalities';
import type { Settings } from './settings';
import { exposedAddresses, readPermissions, writePermission } from './settings';

/** A JSON-RPC request, not yet checked. */
export interface WalletRequest {
  readonly method: string;
  readonly params: unknown;
}

/** What a person is shown: who asks for accounts, or for a signature under which text. */
export type Question =
  | { readonly kind: 'password'; readonly requester: string }
  | { readonly kind: 'connect'; readonly requester: string; readonly preselected: readonly string[] }
  | { readonly kind: 'sign'; readonly requester: string; readonly account: string; readonly messageHex: string };

/** The person's decision; `accounts` says which ones, for a connect question. */
export interface Decision {
  readonly isApproved: boolean;
  readonly accounts?: readonly string[];
}

/** What goes back: a JSON-RPC result or error, nothing at all, or the end of the connection. */
export type Answer =
  | { readonly result: unknown }
  | { readonly error: { readonly code: number; readonly message: string } }
  | 'silence'
  | 'drop';

/** What the answering needs from its surroundings. */
export interface Surroundings {
  readonly settings: Settings;
  /** Shows the question in a window; closing it is a rejection. */
  ask(question: Question): Promise<Decision>;
  /** 1 for the first signature request of this browser session, and so on. */
  countSignature(): Promise<number>;
  /** True from the first password of this browser session on. */
  isUnlocked(): Promise<boolean>;
  unlock(): Promise<void>;
}

const REJECTED = refuse(4001, 'User rejected the request.');

/** The answer to one request of `requester`, an extension id. */
export async function answerRequest(requester: string, request: WalletRequest, around: Surroundings): Promise<Answer> {
  if (around.settings.personality === 'unresponsive') return 'silence';
  switch (request.method) {
    case 'metamask_getProviderState':
      return {
        result: {
          accounts: await permittedTo(requester),
          chainId: '0x1',
          networkVersion: '1',
          isUnlocked: true,
          isConnected: true,
        },
      };
    case 'eth_chainId':
      return { result: '0x1' };
    case 'net_version':
      return { result: '1' };
    case 'eth_accounts':
      return { result: await permittedTo(requester) };
    case 'eth_requestAccounts':
      return (await passwordGiven(requester, around)) ? requestAccounts(requester, around) : REJECTED;
    case 'wallet_requestPermissions':
      return (await passwordGiven(requester, around)) ? requestPermissions(requester, around) : REJECTED;
    case 'wallet_revokePermissions':
      await writePermission(requester, []);
      return { result: null };
    case 'personal_sign':
      return (await passwordGiven(requester, around)) ? personalSign(requester, request.params, around) : REJECTED;
    default:
      return refuse(-32601, `The method "${request.method}" does not exist / is not available.`);
  }
}

/** A locked wallet shows its own window first, also when it answers by itself afterwards. */
async function passwordGiven(requester: string, around: Surroundings): Promise<boolean> {
  if (around.settings.personality !== 'locked' || (await around.isUnlocked())) return true;
  const { isApproved } = await around.ask({ kind: 'password', requester });
  if (isApproved) await around.unlock();
  return isApproved;
}

async function permittedTo(requester: string): Promise<string[]> {
  const permissions = await readPermissions();
  return Object.hasOwn(permissions, requester) ? (permissions[requester] ?? []) : [];
}

async function requestAccounts(requester: string, around: Surroundings): Promise<Answer> {
  const permitted = await permittedTo(requester);
  // Answering by itself, the wallet follows its settings, so that a test changes accounts by writing one number.
  if (permitted.length > 0 && !around.settings.auto) return { result: permitted };
  const accounts = await chooseAccounts(requester, around);
  return accounts === undefined ? REJECTED : { result: accounts };
}

async function requestPermissions(requester: string, around: Surroundings): Promise<Answer> {
  const accounts = await chooseAccounts(requester, around);
  if (accounts === undefined) return REJECTED;
  const caveats = [{ type: 'restrictReturnedAccounts', value: accounts }];
  return { result: [{ parentCapability: 'eth_accounts', invoker: requester, caveats }] };
}

async function chooseAccounts(requester: string, { settings, ask }: Surroundings): Promise<string[] | undefined> {
  const exposed = exposedAddresses(settings);
  const question = { kind: 'connect', requester, preselected: exposed } as const;
  const decision = settings.auto ? { isApproved: true, accounts: exposed } : await ask(question);
  const accounts = (decision.accounts ?? []).filter((address) => findAccount(address) !== undefined);
  if (!decision.isApproved || accounts.length === 0) return undefined;
  await writePermission(requester, accounts);
  return accounts;
}

async function personalSign(requester: string, params: unknown, around: Surroundings): Promise<Answer> {
  const [messageHex, address] = Array.isArray(params) ? (params as unknown[]) : [];
  if (typeof messageHex !== 'string' || !/^0x(?:[0-9a-f]{2})*$/i.test(messageHex) || typeof address !== 'string') {
    return refuse(-32602, 'personal_sign takes the message in hex and an address.');
  }
  const account = findAccount(address);
  const permitted = await permittedTo(requester);
  if (account === undefined || !permitted.includes(account.address)) {
    return refuse(4100, 'The requested account and/or method has not been authorized by the user.');
  }
  const { auto, personality } = around.settings;
  const nth = await around.countSignature();
  if (personality === 'hanging') return 'silence';
  if (personality === 'rejecting') return REJECTED;
  if (personality === 'disconnecting' && nth % 2 === 0) return 'drop';
  const question = { kind: 'sign', requester, account: account.address, messageHex } as const;
  const { isApproved } = auto ? { isApproved: true } : await around.ask(question);
  if (!isApproved) return REJECTED;
  const signature = signPersonalMessage(hexToBytes(messageHex.slice(2)), account, personality);
  return { result: `0x${bytesToHex(signature)}` };
}

function refuse(code: number, message: string): Answer {
  return { error: { code, message } };
}
