// What the test wallet keeps: its settings and permissions in storage.local, the log of requests in storage.session.
// Promises defaults for whatever is missing or wrong, so that a test may write any subset. Nothing here is a secret.
import { ACCOUNT_COUNT, testAccounts } from './accounts';
import type { Personality } from './personalities';
import { isPersonality } from './personalities';

/** storage.local, as tests and the settings page write it; each key may be absent. */
export interface Settings {
  /** True: answers by itself, without a window. Default false. */
  readonly auto: boolean;
  /** Default 'deterministic-v27'. */
  readonly personality: Personality;
  /** Index of the first account shown to who connects, 0-9. Default 0. */
  readonly accountIndex: number;
  /** How many accounts are shown, from `accountIndex` on. Default 1. */
  readonly accounts: number;
}

/** One entry of `requests` in storage.session: a JSON-RPC request as it arrived. */
export interface LoggedRequest {
  readonly atMs: number;
  /** The id of the extension that asked. */
  readonly requester: string;
  readonly method: string;
  readonly params: unknown;
}

/** Extension id to the addresses it may use. */
export type Permissions = Record<string, string[]>;

const LOG_LENGTH = 500;

/** The settings, with defaults filled in. */
export async function readSettings(): Promise<Settings> {
  const stored = await chrome.storage.local.get(['auto', 'personality', 'accountIndex', 'accounts']);
  return {
    auto: stored.auto === true,
    personality: isPersonality(stored.personality) ? stored.personality : 'deterministic-v27',
    accountIndex: wholeNumber(stored.accountIndex, 0, ACCOUNT_COUNT - 1) ?? 0,
    accounts: wholeNumber(stored.accounts, 1, ACCOUNT_COUNT) ?? 1,
  };
}

/** The addresses that the settings show to who connects. */
export function exposedAddresses({ accountIndex, accounts }: Settings): string[] {
  return testAccounts()
    .slice(accountIndex, accountIndex + accounts)
    .map(({ address }) => address);
}

/** Who may use what. */
export async function readPermissions(): Promise<Permissions> {
  const { permissions } = await chrome.storage.local.get('permissions');
  return (permissions ?? {}) as Permissions;
}

/** Lets an extension use these addresses and no others; none takes everything away. */
export function writePermission(requester: string, addresses: readonly string[]): Promise<void> {
  return inTurn(async () => {
    const { [requester]: _before, ...others } = await readPermissions();
    const permissions = addresses.length === 0 ? others : { ...others, [requester]: addresses };
    await chrome.storage.local.set({ permissions });
  });
}

/** The requests of this browser session, oldest first. */
export async function readRequests(): Promise<LoggedRequest[]> {
  const { requests } = await chrome.storage.session.get('requests');
  return (requests ?? []) as LoggedRequest[];
}

/** Appends one request; resolves when it is stored. */
export function logRequest(request: LoggedRequest): Promise<void> {
  return inTurn(async () => {
    const requests = [...(await readRequests()), request].slice(-LOG_LENGTH);
    await chrome.storage.session.set({ requests });
  });
}

let lastTurn: Promise<void> = Promise.resolve();

/** One read-and-write after the other, or two ports would overwrite each other's entry. */
function inTurn(task: () => Promise<void>): Promise<void> {
  const turn = lastTurn.then(task);
  lastTurn = turn.catch(() => {});
  return turn;
}

function wholeNumber(value: unknown, min: number, max: number): number | undefined {
  return Number.isInteger(value) && (value as number) >= min && (value as number) <= max
    ? (value as number)
    : undefined;
}
