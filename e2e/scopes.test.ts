// A grant as a person steers it, in Chromium, on the built extension: three answers in words when connecting, the sentence whose parts are
// controls, a list that is answered for itself alone, and what is changed afterwards in the sites list.
// Promises: what the page is told is what the controls said.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Page } from 'playwright';
import type { ApprovalCard } from '../src/contract/pages/approvals';
import type { GrantUndo } from '../src/contract/pages/sites';
import type { GrantView } from '../src/contract/dapp/methods';
import { isRunning, note, seedOf, sizeOf, timeFor } from '../scripts/campaign/size';
import { launchChromium, type Chromium } from './kit/chromium';
import { enrolled, internalClient, stateThrough, unlockThrough } from './kit/internal';
import { watchEnrolled, type BrowserOracles } from './kit/oracles';
import { answerOf, approvalWindow, approve, byId, call, serveSite, start, until, type Site } from './kit/journey';

const messaging = ['identity', 'messages.read', 'messages.write'];
let browser: Chromium;
let site: Site;
let page: Page;
let oracles: BrowserOracles;

beforeAll(async () => {
  browser = await launchChromium();
  site = await serveSite();
  oracles = await watchEnrolled(browser, await enrolled(browser));
  page = await browser.context.newPage();
  await page.goto(site.origin);
});
afterAll(async () => {
  await browser?.close();
  await site?.close();
});

const permissions = async () => ((await call(page, 'vault_getPermissions')).result as GrantView[])[0]!;
const closed = () => until(() => browser.pagesWith('/approval/').length === 0, 'the approval window is closed');

test('the keyboard chooses an answer in words, the sentence follows, and the page is told', async () => {
  await start(page, 'connect', 'vault_connect', { capabilities: messaging });
  const window = await approvalWindow(browser);
  expect(await byId(window, 'approval-preset-ask').isChecked()).toBe(true);
  expect(await byId(window, 'approval-remember').inputValue()).toBe('ask');
  await byId(window, 'approval-preset-ask').focus();
  await window.keyboard.press('ArrowDown');
  expect(await byId(window, 'approval-preset-site').isChecked()).toBe(true);
  expect(JSON.parse(await byId(window, 'approval-scope').inputValue())).toEqual({ of: 'site' });
  expect(await byId(window, 'approval-remember').inputValue()).toBe('until-locked');
  await byId(window, 'approval-budget').selectOption('20 hour');
  await approve(window);
  expect((await answerOf(page, 'connect')).result).toMatchObject({
    scopes: { 'messages.read': { of: 'site' }, 'messages.write': { of: 'site' } },
    budgets: { 'messages.read': { uses: 20, per: 'hour', left: 20 } },
  });
  await closed();
});

test('within it nobody is asked, and each use counts', async () => {
  const answer = await page.evaluate(() =>
    (window as any).prekeyVault.request({ method: 'xmtp_getV2Conversations', params: { request: new Uint8Array() } }),
  );
  expect(answer).toBeDefined();
  expect(browser.pagesWith('/approval/')).toEqual([]);
  expect((await permissions()).budgets['messages.read']).toMatchObject({ left: 19 });
});

test('R-B7 the sites list narrows and widens at once, and makes it ask again', async () => {
  const vault = await browser.ownPage('vault');
  await byId(vault, 'vault-nav-sites').click();
  await byId(vault, 'site-edit').click();
  expect(JSON.parse(await byId(vault, 'site-scope').inputValue())).toEqual({ of: 'site' });
  await byId(vault, 'site-scope').selectOption(JSON.stringify({ of: 'all' }));
  await expect.poll(async () => (await permissions()).scopes['messages.read']).toEqual({ of: 'all' });
  await byId(vault, 'site-budget').selectOption('any');
  await expect.poll(async () => (await permissions()).budgets).toEqual({});
  await byId(vault, 'grant-scopes').click();
  await byId(vault, 'grant-scope-messages.write').selectOption(JSON.stringify({ of: 'site' }));
  await expect
    .poll(async () => (await permissions()).scopes)
    .toEqual({
      'messages.read': { of: 'all' },
      'messages.write': { of: 'site' },
    });
  await byId(vault, 'site-duration').selectOption('1h');
  await expect.poll(async () => (await permissions()).duration).toBe('1h');
  await byId(vault, 'site-capability-identity').click();
  await expect.poll(async () => (await permissions()).capabilities).toEqual(['messages.read', 'messages.write']);
  await byId(vault, 'site-asks-again').click();
  await byId(vault, 'site-asks-again').waitFor({ state: 'detached' });
});

test('P2 a list is answered for itself alone, unless the person says more', async () => {
  const ask = (name: string) =>
    page.evaluate((key) => {
      const request = (window as any).prekeyVault.request({
        method: 'xmtp_getV2Conversations',
        params: { request: new Uint8Array() },
      });
      (window as any)[key] = request.then(
        () => 'answered',
        () => 'refused',
      );
    }, name);
  const told = (name: string) => page.evaluate((key) => (window as any)[key], name);
  await ask('first');
  const window = await approvalWindow(browser);
  expect(await byId(window, 'approval-remember').inputValue()).toBe('once');
  expect(await byId(window, 'approval-scope').count()).toBe(0);
  await approve(window);
  expect(await told('first')).toBe('answered');
  await closed();
  await ask('second');
  const again = await approvalWindow(browser);
  await byId(again, 'approval-remember').selectOption('5m');
  expect(await byId(again, 'approval-scope').inputValue()).toBe('granted');
  await approve(again);
  expect(await told('second')).toBe('answered');
  await closed();
  await ask('third');
  expect(await told('third')).toBe('answered');
});

/** What a person does in the middle, and how it is undone. Each settles when it has taken effect. */
const acts = ['revoke', 'block', 'lock', 'take out'] as const;
type Act = (typeof acts)[number];

/** Random numbers below 1, the same for the same seed. */
function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
}

test('P2 R-B7 a revocation, a block, a lock or a narrowing in the middle of any request: nothing that left after it', async () => {
  const origin = new URL(page.url()).origin;
  const [vault, unlock, approvals] = [
    await internalClient(browser, 'vault'),
    await internalClient(browser, 'unlock'),
    await internalClient(browser, 'approval'),
  ];
  const { safeId } = (await stateThrough(vault)).identities[0]!;
  const drawn = numbers(seedOf(20_261_130));
  const cards = async () => (await approvals.call('approvals_list', {})) as ApprovalCard[];
  const give = async () => {
    await start(page, 'give', 'vault_connect', { capabilities: ['identity', 'messages.read'], duration: '30d' });
    await expect.poll(async () => (await cards()).length).toBeGreaterThan(0);
    const [card] = await cards();
    const { id, digest, nonce } = card!;
    await approvals.call('approvals_decide', {
      id,
      digest,
      nonce,
      decision: {
        kind: 'connect',
        safeId,
        capabilities: ['identity', 'messages.read'],
        duration: '30d',
        remember: '1d',
      },
    });
    expect((await answerOf(page, 'give')).error).toBeUndefined();
  };
  await vault.call('grants_revoke', { origin });
  await give();
  const deeds: Record<Act, () => Promise<() => Promise<unknown>>> = {
    revoke: async () => {
      const undo = (await vault.call('grants_revoke', { origin })) as GrantUndo;
      return () => vault.call('grants_undo', { id: undo.id });
    },
    block: async () => {
      await vault.call('quiet_set', { origin, quiet: 'blocked' });
      return () => vault.call('quiet_set', { origin, quiet: null });
    },
    lock: async () => {
      await vault.call('lock_now', {});
      return async () => {
        await unlockThrough(unlock, safeId);
        await approvals.call('approvals_rejectAll', {});
      };
    },
    'take out': async () => {
      await vault.call('grants_edit', { origin, safeId, capabilities: ['identity'] });
      return async () => {
        await vault.call('grants_revoke', { origin });
        await give();
      };
    },
  };
  let answered = 0;
  const hasTime = timeFor('releases');
  let run = 0;
  for (; run < sizeOf('releases', 'acts') && hasTime(); run++) {
    const act = acts[run % acts.length]!;
    const [requests, afterMs] = [1 + Math.floor(drawn() * 12), drawn() * 12];
    await page.evaluate((count) => {
      const provider = (window as any).prekeyVault;
      const heard: string[] = ((window as any).heard = []);
      (window as any).all = Promise.all(
        Array.from({ length: count }, () =>
          provider.request({ method: 'xmtp_getV2Conversations', params: { request: new Uint8Array() } }).then(
            () => heard.push('result'),
            () => heard.push('refusal'),
          ),
        ),
      );
    }, requests);
    await new Promise((resolve) => setTimeout(resolve, afterMs));
    const undo = await deeds[act]();
    // Answers of one page come in the order in which the worker gave them: what is heard after this one left after the act.
    const heard = await page.evaluate(async () => {
      await (window as any).prekeyVault.request({ method: 'vault_getCapabilities' });
      const before = (window as any).heard.length;
      await Promise.race([(window as any).all, new Promise((resolve) => setTimeout(resolve, 100))]);
      return { before: (window as any).heard.slice(0, before), after: (window as any).heard.slice(before) };
    });
    expect([run, act, heard.after.filter((one: string) => one === 'result')]).toEqual([run, act, []]);
    answered += heard.before.filter((one: string) => one === 'result').length;
    await undo();
    await oracles.nothingStuck(
      'the answers',
      page.evaluate(() => (window as any).all),
    );
    if (isRunning('releases')) await oracles.atRest(heard.before);
  }
  await oracles.atRest();
  note('releases', 'acts', run);
  // Some were in time, or the law would hold of refusals alone.
  expect(answered).toBeGreaterThan(0);
});
