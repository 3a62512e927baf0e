// The worker is really killed at every labelled step of enrol, unlock, connect and sign, in Chromium.
// Promises: the steps come from a recorded run, so a new one is tested without anyone remembering it; after each kill the state is the
// old or the new one, the page's promise settles, nothing is approved by a restart, and nobody is asked twice.
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { testAccounts } from '../demo/wallet/accounts';
import type { ApprovalCard } from '../src/contract/pages/approvals';
import type { ActivityChain, ActivityEntry, IdentityDetails } from '../src/contract/pages/identity';
import type { VaultSignature } from '../src/contract/dapp/methods';
import { verifyVaultSignature } from '../src/sdk/verify/index';
import { afterCases, isWhole, someOf } from '../scripts/campaign/size';
import { labelsOf, stopAt, stopped } from './kit/checkpoints';
import { launchChromium } from './kit/chromium';
import {
  enrolThrough,
  internalClient,
  Refusal,
  signatureOf,
  stateThrough,
  unlockThrough,
  type Internal,
} from './kit/internal';
import {
  answerOf,
  approvalWindow,
  approve,
  bytes,
  byId,
  call,
  connect,
  isSettled,
  pressApprove,
  revived,
  serveSite,
  start,
  until,
} from './kit/journey';
import { watch } from './kit/oracles';

const account = testAccounts()[0]!;
const capabilities = ['identity', 'sign'];

// Launched while the tests are collected: the labels decide which tests there are.
const browser = await launchChromium();
const site = await serveSite();
const dapp = await browser.context.newPage();
await dapp.goto(site.origin);
const onboarding = await internalClient(browser, 'onboarding');
const unlock = await internalClient(browser, 'unlock');
const vault = await internalClient(browser, 'vault');
const popup = await internalClient(browser, 'popup');

afterAll(async () => {
  await browser.close();
  await site.close();
});

const opened: { url(): string; isClosed(): boolean }[] = [];
browser.context.on('page', (page) => opened.push(page));
const approvalWindowsOpened = () => opened.filter((page) => page.url().includes('/approval/')).length;
beforeEach(() => void (opened.length = 0));

const signRequest = (purpose: string) => ({ payload: bytes(`text for ${purpose}`), purpose });

/** Nothing of the last request is still being done: its record is gone and its entry is in the log. */
async function quiet(): Promise<void> {
  await until(
    async () => !Object.keys(await browser.session()).some((key) => key.startsWith('approval:')),
    'no record is left',
  );
}

const { safeId, code, labels } = await (async () => {
  let made = { safeId: '', code: '' };
  const enrolled = await labelsOf(browser, async () => (made = await enrolThrough(onboarding, account)));
  await popup.call('lock_now', {});
  const unlocked = await labelsOf(browser, () => unlockThrough(unlock, made.safeId));
  const connected = await labelsOf(browser, () => connect(browser, dapp).then(quiet));
  const sign = (remember: string) => async () => {
    await start(dapp, 'r', 'vault_sign', signRequest('recorded'));
    const window = await approvalWindow(browser);
    await byId(window, 'approval-remember').selectOption(remember);
    await approve(window);
    await answerOf(dapp, 'r');
    await quiet();
  };
  const signed = await labelsOf(browser, sign('ask'));
  signed.push(...(await labelsOf(browser, sign('1h'))).filter((label) => !signed.includes(label)));
  await connectAnew('once');
  signed.push(...(await labelsOf(browser, sign('ask'))).filter((label) => !signed.includes(label)));
  await connectAnew();
  return { ...made, labels: { enrolled, unlocked, connected, signed } };
})();

const oracles = await watch({ browser, vault, unlock, safeId, code, account: account.address });
/** Of the identity that all but the last tests are of; what is under way there waits for nobody. */
const looked = () => oracles.atRest();

test('a recorded run passes each kind of step', () => {
  const heads = (list: string[]) => new Set(list.map((label) => label.replace(/:(before|after)$/, '')));
  for (const list of Object.values(labels)) expect(list.length).toBe(2 * heads(list).size);
  expect([...heads(labels.enrolled)]).toEqual(
    expect.arrayContaining([
      'enrol.begin.mirror',
      'enrol.seal-keys.database',
      'enrol.store-blob',
      'enrol.seal-bundle.mirror',
      'enrol.confirm.mirror',
      'enrol.code.mirror',
      'enrol.finish.database',
    ]),
  );
  expect([...heads(labels.unlocked)]).toEqual(expect.arrayContaining(['unlock.store-key', 'unlock.store-blob']));
  expect([...heads(labels.connected)]).toEqual(
    expect.arrayContaining([
      'approvals.submit',
      'approvals.decide',
      'approvals.begin',
      'grants.put',
      'approvals.finish',
    ]),
  );
  expect([...heads(labels.signed)]).toEqual(
    expect.arrayContaining([
      'approvals.submit',
      'approvals.decide',
      'approvals.begin',
      'grants.use',
      'grants.remember',
      'grants.consume',
      'approvals.finish',
    ]),
  );
});

async function refusalOf(client: Internal, method: string, params: unknown): Promise<string> {
  return client.call(method, params).then(
    () => 'answered',
    (error: unknown) => (error instanceof Refusal ? error.reason : String(error)),
  );
}

/** The identity opens by both of its slots and holds keys. */
async function expectWhole(identity: string, recoveryCode: string): Promise<void> {
  await popup.call('lock_now', {});
  await unlock.call('unlock_withRecoveryCode', { safeId: identity, code: recoveryCode });
  await popup.call('lock_now', {});
  await unlockThrough(unlock, identity);
  expect((await vault.call<IdentityDetails>('identity_details', { safeId: identity })).prekeys).toHaveLength(1);
}

/** A grant of its own: the first use of one is written, later ones within a minute are not. */
async function connectAnew(duration?: string): Promise<void> {
  await call(dapp, 'vault_disconnect');
  await connect(browser, dapp, capabilities, duration);
  await until(() => browser.pagesWith('/approval/').length === 0, 'the approval window is closed');
  opened.length = 0;
}

/**
 * What lies in the stores before a step is what lay there after the step before: so a state is there once, and some of them are taken here. The
 * campaign `kills` has both sides of each step; the tests beside the code have all of them too, on stores in memory.
 */
const states = (list: readonly string[]) =>
  isWhole('kills')
    ? list
    : someOf(
        'kills',
        'stepOfStates',
        list.filter((label, at) => at === 0 || label.endsWith(':after')),
      );

describe('sign, killed at each step', () => {
  afterCases('kills', looked);
  test.each(states(labels.signed))('P2 P3 %s', async (label) => {
    if (label.startsWith('grants.')) await connectAnew(label.startsWith('grants.consume') ? 'once' : undefined);
    // A document is given its prekey once: with its first signature.
    if (label.startsWith('prekeys.')) await dapp.reload();
    await requestKilledAt(label, 'vault_sign', signRequest(label), label.startsWith('grants.remember') ? '1h' : 'ask');
    const answer = await answerOf(dapp, 'r');
    const result = revived<VaultSignature>(answer.result);
    expect(verifyVaultSignature(result, { account: account.address, origin: site.origin }).account).toBe(
      account.address,
    );
    expect(result.signed.purpose).toBe(label);
    const log = await vault.call<ActivityEntry[]>('activity_list', { safeId, limit: 5 });
    expect(log.filter(({ purpose }) => purpose === label).length).toBeLessThanOrEqual(1);
    if (label.startsWith('grants.consume')) {
      // Spent by this request, and for no other.
      expect((await call(dapp, 'vault_sign', signRequest('once more'))).error?.code).toBe(4100);
      await connectAnew();
    } else if (label.startsWith('grants.remember')) {
      expect((await call(dapp, 'vault_sign', signRequest('without asking'))).result).toBeDefined();
      await connectAnew();
    }
  });
});

describe('connect, killed at each step', () => {
  afterCases('kills', looked);
  test.each(states(labels.connected))('P2 P3 %s', async (label) => {
    if (((await call(dapp, 'vault_accounts')).result as string[]).length > 0) await call(dapp, 'vault_disconnect');
    // Passed once in a browser's life: make it forget.
    if (label.startsWith('grants.run')) await browser.session({ 'grants:run': null }).then(() => browser.killWorker());
    // A site without a grant opens nine windows in a minute at most; these are more requests than that where a killed one comes twice.
    await browser.session({ strangers: {} });
    await requestKilledAt(label, 'vault_connect', { capabilities });
    expect((await answerOf(dapp, 'r')).result).toMatchObject({ account: account.address, capabilities });
    expect(await call(dapp, 'vault_accounts')).toEqual({ result: [account.address] });
  });
});

/** Starts a request, kills the worker at the label, approves once, and leaves the settled answer in slot "r". */
async function requestKilledAt(label: string, method: string, params: unknown, remember?: string): Promise<void> {
  await stopAt(browser, label);
  await start(dapp, 'r', method, params);
  const isBeforeAsking = /^(approvals\.submit|window\.open)/.test(label);
  if (isBeforeAsking) {
    expect(await stopped(browser)).toBe(true);
    await browser.killWorker();
  }
  const window = await approvalWindow(browser);
  const request = await byId(window, 'approval').getAttribute('data-request');
  expect(await isSettled(dapp, 'r')).toBe(false);
  if (remember) await byId(window, 'approval-remember').selectOption(remember);
  await pressApprove(window);
  if (!isBeforeAsking) {
    expect(await stopped(browser)).toBe(true);
    await browser.killWorker();
  }
  await expect.poll(() => isSettled(dapp, 'r')).toBe(true);
  // Asked once: one window, one card, and nothing is left to press.
  expect(approvalWindowsOpened()).toBe(1);
  expect(await popup.call<ApprovalCard[]>('approvals_list', {})).toEqual([]);
  for (const page of browser.pagesWith('/approval/')) {
    const shown = await byId(page, 'approval')
      .evaluateAll((cards) => cards.map((card) => (card as HTMLElement).dataset['request']))
      .catch(() => []);
    expect(shown.filter((id) => id !== request)).toEqual([]);
    await until(
      async () =>
        page.isClosed() ||
        (await byId(page, 'approval-approve')
          .count()
          .catch(() => 0)) === 0,
      'nothing is left to approve',
    );
    await page.close();
  }
}

describe('the worker dies or locks while a request waits', () => {
  async function waitingCard(purpose: string) {
    await start(dapp, 'r', 'vault_sign', signRequest(purpose));
    const window = await approvalWindow(browser);
    await byId(window, 'approval').waitFor();
    return window;
  }
  async function expectAnswered(purpose: string): Promise<void> {
    const result = revived<VaultSignature>((await answerOf(dapp, 'r')).result);
    expect(verifyVaultSignature(result, { account: account.address, origin: site.origin }).account).toBe(
      account.address,
    );
    expect(result.signed.purpose).toBe(purpose);
  }

  test('P3 killed under an open window: the same card is approved after the restart', async () => {
    const window = await waitingCard('idle');
    await browser.killWorker();
    expect(await isSettled(dapp, 'r')).toBe(false);
    await approve(window);
    await expectAnswered('idle');
    expect(approvalWindowsOpened()).toBe(1);
  });

  test('P3 killed twice in a row', async () => {
    const window = await waitingCard('twice');
    await browser.killWorker();
    await expect.poll(() => browser.workerRuns()).toBe(true);
    await browser.killWorker();
    await approve(window);
    await expectAnswered('twice');
    expect(approvalWindowsOpened()).toBe(1);
  });

  test('P2 locked under an open window: the window closes, the request stays, and goes on after unlocking and approving', async () => {
    const window = await waitingCard('locked meanwhile');
    const [card] = await popup.call<ApprovalCard[]>('approvals_list', {});
    await popup.call('lock_now', {});
    await expect.poll(() => window.isClosed()).toBe(true);
    expect(await isSettled(dapp, 'r')).toBe(false);
    expect(await popup.call<ApprovalCard[]>('approvals_list', {})).toEqual([card]);
    await unlockThrough(unlock, safeId);
    await approve(await approvalWindow(browser));
    await expectAnswered('locked meanwhile');
    expect(approvalWindowsOpened()).toBe(2);
  });

  test('P3 killed while locked with a request waiting: it goes on after unlocking and approving', async () => {
    await popup.call('lock_now', {});
    await start(dapp, 'r', 'vault_sign', signRequest('locked and killed'));
    await browser.nextPage('/unlock/');
    await browser.killWorker();
    expect(await isSettled(dapp, 'r')).toBe(false);
    await unlockThrough(unlock, safeId);
    await approve(await approvalWindow(browser));
    await expectAnswered('locked and killed');
    expect(approvalWindowsOpened()).toBe(1);
  });
});

describe('unlock, killed at each step', () => {
  afterCases('kills', looked);
  test.each(states(labels.unlocked))('P3 %s', async (label) => {
    await popup.call('lock_now', {});
    await stopAt(browser, label);
    const run = unlockThrough(unlock, safeId);
    expect(await stopped(browser, run)).toBe(true);
    await unlock.hold();
    await browser.killWorker();
    const { identities } = await stateThrough(popup);
    expect(identities.map((one) => one.safeId)).toEqual([safeId]);
    expect(['locked', 'unlocked']).toContain(identities[0]!.status);
    await unlock.release();
    await run;
    expect((await stateThrough(popup)).status).toBe('unlocked');
    await expectWhole(safeId, code);
  });
});

describe('unlock, killed at each step, while a connect waits for it', () => {
  afterCases('kills', looked);
  test.each(states(labels.unlocked))('P3 %s', async (label) => {
    await call(dapp, 'vault_disconnect');
    await popup.call('lock_now', {});
    await start(dapp, 'r', 'vault_connect', { capabilities });
    const card = await browser.nextPage('/approval/');
    await byId(card, 'approval-unlock').click();
    await browser.nextPage('/unlock/');
    await card.close();
    await stopAt(browser, label);
    const run = unlockThrough(unlock, safeId);
    expect(await stopped(browser, run)).toBe(true);
    await unlock.hold();
    await browser.killWorker();
    await unlock.release();
    await run;
    // Nobody opens it: the window comes by itself.
    await pressApprove(await browser.nextPage('/approval/'));
    expect((await answerOf(dapp, 'r')).result).toMatchObject({ account: account.address });
    for (const page of [...browser.pagesWith('/unlock/'), ...browser.pagesWith('/approval/')]) await page.close();
  });
});

test('R-K1 a log over all these deaths has no gap', async () => {
  const lines = await vault.call<ActivityEntry[]>('activity_list', { safeId, limit: 200 });
  expect(lines.length).toBeGreaterThan(10);
  expect(lines.flatMap(({ gap }) => gap ?? [])).toEqual([]);
  expect(await vault.call<ActivityChain>('activity_chain', { safeId })).toMatchObject({
    since: { sequence: 1 },
    gapAtEnd: null,
    isRestart: false,
  });
});

describe('enrol, killed at each step', () => {
  const ahead = (label: string) =>
    label.startsWith('enrol.begin')
      ? ['empty', 'enrolling']
      : label.startsWith('enrol.') && !label.startsWith('enrol.finish')
        ? ['enrolling']
        : ['enrolling', 'unlocked'];

  test.each(states(labels.enrolled))('P3 P4 %s', async (label) => {
    for (const { safeId: old } of (await stateThrough(popup)).identities)
      await vault.call('identity_forget', { safeId: old, typed: account.address });
    await stopAt(browser, label);
    const run = enrolThrough(onboarding, account);
    expect(await stopped(browser, run)).toBe(true);
    await onboarding.hold();
    await browser.killWorker();

    const { status, identities } = await stateThrough(popup);
    expect(ahead(label)).toContain(status);
    expect(identities.length).toBe(status === 'empty' ? 0 : 1);
    if (status === 'enrolling') {
      // Half-made: it can be finished or discarded, and nothing else.
      const draft = { safeId: identities[0]!.safeId };
      expect(await refusalOf(unlock, 'unlock_getText', draft)).toBe('wrong-step');
      expect(
        await refusalOf(unlock, 'unlock_withWallet', { ...draft, signature: signatureOf(account.address, 'any') }),
      ).toBe('wrong-step');
      expect(await refusalOf(vault, 'identity_details', draft)).not.toBe('answered');
      expect(await call(dapp, 'vault_accounts')).toEqual({ result: [] });
    }

    await onboarding.release();
    const made = await run;
    const after = await stateThrough(popup);
    expect(after.identities.map((one) => [one.safeId, one.status])).toEqual([[made.safeId, 'unlocked']]);
    if (identities[0]) expect(made.safeId).toBe(identities[0].safeId);
    await expectWhole(made.safeId, made.code);
  });
});

test('nothing was uncaught', () => {
  expect(
    browser.console.filter(({ source, text }) => source.includes('chrome-extension') && /uncaught/i.test(text)),
  ).toEqual([]);
});
