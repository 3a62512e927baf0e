// The person of the benchmark: enrols identities and decides requests by speaking the internal protocol from pages of the extension.
// Promises to take the same calls as the pages do, signed by the test wallet's public accounts.
// Must not leave a page of ours open: it would keep the extension's process alive, and cold starts would not be cold.
import { utf8ToBytes } from '@noble/hashes/utils.js';
import type { Page } from 'playwright';
import { testAccounts } from '../demo/wallet/accounts';
import { signPersonalMessage } from '../demo/wallet/personalities';
import type { Chromium } from '../e2e/kit/chromium';
import { extensionId } from '../e2e/kit/chromium';
import { packBytes, unpackBytes } from '../src/contract/bytes-codec';
import { pages } from '../src/contract/pages/pages';
import type { Capability } from '../src/contract/grants';
import type { ApprovalCard } from '../src/contract/pages/approvals';
import type { EnrolmentState } from '../src/contract/pages/enrolment';
import type { IdentitySummary } from '../src/contract/pages/identity';
import type { PageMethodName, PageParams } from '../src/contract/pages/methods';
import type { UnlockRequest, RecoveryCode } from '../src/contract/pages/unlock';
import { until } from './browser';

interface DappWindow {
  prekeyVault: { request(args: { method: string; params: unknown }): Promise<unknown> };
}

/** One call on a port of its own. Throws with the reason when it fails. */
export async function callWorker<M extends PageMethodName>(
  page: Page,
  method: M,
  params: PageParams<M>,
): Promise<unknown> {
  return (await timedCall(page, method, params)).result;
}

/** The same, with the milliseconds from the request to the answer. */
export async function timedCall<M extends PageMethodName>(
  page: Page,
  method: M,
  params: PageParams<M>,
): Promise<{ result: unknown; tookMs: number }> {
  const request = { id: 1, method, params: packBytes(params), packed: true };
  const answer = await page.evaluate(
    (frame) =>
      new Promise<{ message: object; tookMs: number }>((resolve, reject) => {
        let askedAtMs = 0;
        const port = chrome.runtime.connect();
        port.onDisconnect.addListener(() => reject(new Error('the worker closed the port')));
        port.onMessage.addListener((message: object) => {
          if ('hello' in message) {
            askedAtMs = performance.now();
            port.postMessage(frame);
          }
          if (!('id' in message)) return;
          port.disconnect();
          resolve({ message, tookMs: performance.now() - askedAtMs });
        });
      }),
    request,
  );
  const { result, error } = unpackBytes(answer.message) as {
    result?: unknown;
    error?: { reason: string; detail?: string };
  };
  if (error) throw new Error(`${method}: ${error.reason} ${error.detail ?? ''}`);
  return { result, tookMs: answer.tookMs };
}

/** Enrols an account of the test wallet, all steps; it is unlocked afterwards. Returns the safe's id. */
export async function enrol(page: Page, accountIndex: number): Promise<string> {
  const account = testAccounts(accountIndex + 1)[accountIndex]!;
  const sign = ({ text }: EnrolmentState) =>
    new Uint8Array(signPersonalMessage(utf8ToBytes(text!), account, 'deterministic-v27'));
  const wallet = { kind: 'manual' } as const;
  let state = (await callWorker(page, 'enrol_begin', {
    account: account.address,
    wallet,
    name: `Account ${accountIndex}`,
  })) as EnrolmentState;
  const { safeId } = state;
  for (const method of ['enrol_unlockSignature', 'enrol_identitySignature', 'enrol_confirmUnlockSignature'] as const)
    state = (await callWorker(page, method, { safeId, signature: sign(state) })) as EnrolmentState;
  const { code, ask } = (await callWorker(page, 'enrol_createRecoveryCode', { safeId })) as RecoveryCode;
  const groups = code.split('-');
  await callWorker(page, 'enrol_finish', { safeId, code, typed: ask.map((at) => groups[at]!) as [string, string] });
  return safeId;
}

/** Opens the onboarding page for as long as `act` takes. */
export async function onOnboardingPage<T>(chromium: Chromium, act: (page: Page) => Promise<T>): Promise<T> {
  const page = await chromium.ownPage('onboarding');
  try {
    return await act(page);
  } finally {
    await closeOwnPages(chromium);
  }
}

type Approval = Exclude<PageParams<'approvals_decide'>['decision'], { kind: 'reject' }>;

/** Opens the approval page for as long as `act` takes, which decides there on what waits. */
async function onApprovalPage(
  chromium: Chromium,
  act: (decide: (decision: Approval) => Promise<void>) => Promise<unknown>,
): Promise<void> {
  const approval = await chromium.context.newPage();
  await keepOpen(approval);
  await approval.goto(`chrome-extension://${extensionId}${pages.approval}`);
  await act(async (decision) => {
    let card: ApprovalCard | undefined;
    await until(`a request to ${decision.kind}`, async () => {
      const cards = (await callWorker(approval, 'approvals_list', undefined)) as ApprovalCard[];
      card = cards.find(({ shown }) => shown.kind === decision.kind);
      return card !== undefined;
    });
    const { id, digest, nonce } = card!;
    await callWorker(approval, 'approvals_decide', { id, digest, nonce, decision });
  });
  await closeOwnPages(chromium);
}

/** A page of ours closes itself when it is done, and would take the answer of the last call with it. */
function keepOpen(page: Page) {
  return page.addInitScript(() => {
    window.close = () => undefined;
    for (const { tabs } of [chrome, (globalThis as unknown as { browser: typeof chrome }).browser])
      tabs.getCurrent = () => Promise.resolve(undefined);
  });
}

/** Gives `dapp` a grant of a day to sign with this identity, without being asked again. */
export async function grantSigning(chromium: Chromium, dapp: Page, safeId: string): Promise<void> {
  await onApprovalPage(chromium, async (decide) => {
    await Promise.all([
      dapp.evaluate(async () => {
        await (window as unknown as DappWindow).prekeyVault.request({
          method: 'vault_connect',
          params: { capabilities: ['sign'], duration: '1d' },
        });
      }),
      decide({ kind: 'connect', safeId, capabilities: ['sign'], duration: '1d' }),
    ]);
    await Promise.all([
      dapp.evaluate(async () => {
        const params = { payload: new Uint8Array(32), purpose: 'benchmark' };
        await (window as unknown as DappWindow).prekeyVault.request({ method: 'vault_sign', params });
      }),
      decide({ kind: 'sign', remember: '1d' }),
    ]);
  });
}

/** Gives `dapp` a grant of a day to read and write messages with this identity, without being asked again. Returns the account. */
export async function grantMessages(chromium: Chromium, dapp: Page, safeId: string): Promise<string> {
  const capabilities: Capability[] = ['identity', 'messages.read', 'messages.write', 'preferences'];
  let account = '';
  await onApprovalPage(chromium, async (decide) => {
    const asked = dapp.evaluate(async (wanted) => {
      const params = { capabilities: wanted, duration: '1d' };
      return (
        (await (window as unknown as DappWindow).prekeyVault.request({ method: 'vault_connect', params })) as {
          account: string;
        }
      ).account;
    }, capabilities);
    await decide({ kind: 'connect', safeId, capabilities, duration: '1d', remember: '1d' });
    account = await asked;
  });
  return account;
}

/** Lets the next connection of the page ask, so that it may be given another identity than this one, which it has. */
export async function askAtNextConnection(chromium: Chromium, dapp: Page, safeId: string): Promise<void> {
  const { origin } = new URL(dapp.url());
  const page = await chromium.ownPage('vault');
  await callWorker(page, 'grants_setAsking', { origin, safeId, asksToConnect: true });
  await closeOwnPages(chromium);
}

/** Locks an identity, and opens it again with the wallet's signature. Returns the milliseconds that opening took, as the unlock page sees it. */
export async function lockAndUnlock(chromium: Chromium, safeId: string): Promise<number> {
  const page = await chromium.context.newPage();
  await keepOpen(page);
  await page.goto(`chrome-extension://${extensionId}${pages.unlock}`);
  await callWorker(page, 'lock_now', { safeId });
  const { account, text } = (await callWorker(page, 'unlock_getText', { safeId })) as UnlockRequest;
  const signer = testAccounts().find(({ address }) => address === account)!;
  const signature = new Uint8Array(signPersonalMessage(utf8ToBytes(text), signer, 'deterministic-v27'));
  const { tookMs } = await timedCall(page, 'unlock_withWallet', { safeId, signature });
  await closeOwnPages(chromium);
  return tookMs;
}

/** Wakes the worker and lets it read every identity; throws unless all of them are unlocked. */
export async function expectUnlocked(page: Page, count: number): Promise<void> {
  const { identities } = (await callWorker(page, 'state_get', undefined)) as { identities: IdentitySummary[] };
  const unlocked = identities.filter((one) => one.status === 'unlocked').length;
  if (unlocked !== count) throw new Error(`${unlocked} identities are unlocked, not ${count}`);
}

/** Closes every page and window of the extension, also those that it opened by itself. */
export async function closeOwnPages(chromium: Chromium): Promise<void> {
  for (const page of chromium.pagesWith(`chrome-extension://${extensionId}/`)) await page.close();
}
