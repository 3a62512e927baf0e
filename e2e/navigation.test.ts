// A document goes away while its request waits: by reload, by navigation, by the back-forward cache, with and without the worker.
// Promises: an answer reaches the document that asked and no other (R-A6); what waited for a document that is gone is gone too.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Page } from 'playwright';
import { pages } from '../src/contract/pages/pages';
import { extensionId, launchChromium, type Chromium } from './kit/chromium';
import { enrolled } from './kit/internal';
import {
  answerOf,
  approvalRecords,
  approve,
  byId,
  bytes,
  call,
  ownCall,
  reject,
  serveSite,
  start,
  type Site,
} from './kit/journey';

const account = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266';
const sign = { payload: bytes('for one document only'), purpose: 'Bound to its document' };

interface Card {
  id: string;
  digest: string;
  nonce: string;
  origin: string;
}

let browser: Chromium;
let site: Site;
let page: Page;
/** A page of ours from which a decision can be sent at any moment, whatever the window shows. */
let decider: Page;
/** A popup, from which a site is let open windows. */
let lifter: Page;

beforeAll(async () => {
  browser = await launchChromium({ backForwardCache: true });
  // The first script of each document writes down every answer that reaches it. no-store would keep it out of the cache.
  const body = `<!doctype html><title>site</title><script>window.mark = crypto.randomUUID(); window.answers = []; window.shown = [];
    performance.addEventListener('prekeyvault:answer', ({ detail }) => answers.push(detail));
    addEventListener('pageshow', ({ persisted }) => shown.push(persisted));</script>`;
  const file = { body, headers: { 'cache-control': 'max-age=0' } };
  site = await serveSite({ '/': file, '/next': file });
  await enrolled(browser);
  decider = await browser.context.newPage();
  // At the address of the approval page, but without its code, which closes it when nothing is left to decide.
  await decider.addInitScript(() => window.stop());
  lifter = await browser.ownPage('popup');
  await decider.goto(`chrome-extension://${extensionId}${pages.approval}`, { waitUntil: 'commit' });
});
afterAll(async () => {
  await browser?.close();
  await site?.close();
});
beforeEach(async () => {
  // The same site asks as a stranger again and again here; a person who lets it is not what is tested.
  await ownCall(lifter, 'approvals_allow', { origin: site.origin });
  page = await browser.context.newPage();
  await page.goto(site.origin);
});
afterEach(async () => {
  await page.close();
  await expect.poll(waitingCards).toEqual([]);
  await closeWindows();
});

const otherHost = () => site.origin.replace('127.0.0.1', 'localhost');
const waitingCards = async () => await ownCall<Card[]>(decider, 'approvals_list');
/** The window that the worker opened. */
const approvalWindow = async (): Promise<Page> => {
  const opened = () => browser.pagesWith('/approval/').filter((one) => one !== decider);
  await expect.poll(() => opened().length).toBe(1);
  return opened()[0]!;
};
/** A window still says for a moment that its request is gone; the next request may then find none, and gets its own. */
const closeWindows = async () => {
  for (const opened of browser.pagesWith('/approval/')) if (opened !== decider) await opened.close();
};
/** Connects for a day, so that signatures can be asked for. */
const connect = async () => {
  await start(page, 'connect', 'vault_connect', { capabilities: ['sign'], duration: '1d' });
  await approve(await approvalWindow());
  expect((await answerOf(page, 'connect')).result).toMatchObject({ account });
};
const answersIn = (of: Page) => of.evaluate(() => (window as any).answers as unknown[]);
const oneCard = async (): Promise<Card> => {
  await expect.poll(async () => (await waitingCards()).length).toBe(1);
  return (await waitingCards())[0]!;
};
/** Approves as the window would, without its half second of arming. Resolves to undefined or the reason of the refusal. */
const decide = async ({ id, digest, nonce }: Card, kind: 'connect' | 'sign' = 'sign'): Promise<string | undefined> => {
  const { identities } = await ownCall<{ identities: { safeId: string }[] }>(decider, 'state_get');
  const decision =
    kind === 'sign' ? { kind } : { kind, safeId: identities[0]!.safeId, capabilities: ['sign'], duration: '1h' };
  return await ownCall(decider, 'approvals_decide', { id, digest, nonce, decision }).then(
    () => undefined,
    (error: Error) => /: (\S+)$/.exec(error.message)?.[1] ?? error.message,
  );
};
/** Two round trips through the worker: whatever it had to say to this document before has arrived. */
const roundTrips = async (of: Page) => {
  for (let trip = 0; trip < 2; trip++) await call(of, 'vault_getCapabilities');
};
/** Answers in a document that asked for nothing but capabilities. How many of its requests wait is told to a document with a grant, and is no answer. */
const strangeAnswers = async (of: Page) =>
  (await answersIn(of)).filter((answer) => {
    const { result, event } = answer as { result?: { limits?: unknown }; event?: string };
    return !result?.limits && event !== 'waitingChanged';
  });

const ways: [name: string, go: (of: Page) => Promise<unknown>][] = [
  ['reload', (of) => of.reload()],
  ['same-origin navigation', (of) => of.goto(`${site.origin}/next`)],
  ['cross-origin navigation', (of) => of.goto(`${otherHost()}/next`)],
  [
    'about:blank and back',
    async (of) => {
      await of.goto('about:blank');
      await of.goto(site.origin);
    },
  ],
];

describe.sequential('a document that asked goes away', () => {
  for (const [name, go] of ways)
    test(`R-A6 ${name}: the card goes, approving it afterwards is refused, and the new document hears nothing`, async () => {
      await start(page, 'old', 'vault_connect', { capabilities: ['sign'] });
      const window = await approvalWindow();
      await byId(window, 'approval-approve').waitFor();
      const card = await oneCard();
      await go(page);
      await expect.poll(waitingCards).toEqual([]);
      await byId(window, 'approval-gone').waitFor();
      expect(await byId(window, 'approval-approve').count()).toBe(0);
      expect(await decide(card, 'connect')).toBe('stale');
      await roundTrips(page);
      expect(await strangeAnswers(page)).toEqual([]);
      expect(await call(page, 'vault_accounts')).toEqual({ result: [] });
    });

  test('R-A6 the new document asks the same: a card of its own, with its own answer', async () => {
    await start(page, 'old', 'vault_connect', { capabilities: ['sign'] });
    const old = await oneCard();
    await page.reload();
    await expect.poll(waitingCards).toEqual([]);
    await closeWindows();
    await ownCall(lifter, 'approvals_allow', { origin: site.origin });
    await start(page, 'new', 'vault_connect', { capabilities: ['sign'] });
    await expect.poll(async () => (await waitingCards()).map(({ id }) => id === old.id)).toEqual([false]);
    expect(await decide(old, 'connect')).toBe('stale');
    await reject(await approvalWindow());
    expect(await answerOf(page, 'new')).toMatchObject({ error: { code: 4001, data: { reason: 'rejected' } } });
    expect(await strangeAnswers(page)).toHaveLength(1);
  });

  test('R-A6 approving and leaving in the same moment: the answer reaches the old document or nobody', async () => {
    await connect();
    for (let round = 0; round < 12; round++) {
      const mark = await page.evaluate(() => (window as any).mark as string);
      await start(page, 'race', 'vault_sign', sign);
      const card = await oneCard();
      const leave = ways[round % 3]![1];
      // Mostly at once; every fourth time the decision is made first and only its carrying out competes with the leaving.
      const decided = decide(card);
      if (round % 4 === 3) await decided;
      await leave(page);
      await decided;
      expect(await page.evaluate(() => (window as any).mark as string)).not.toBe(mark);
      await roundTrips(page);
      expect(await strangeAnswers(page), `round ${round}`).toEqual([]);
      await expect.poll(waitingCards).toEqual([]);
      await page.goto(site.origin);
    }
    await call(page, 'vault_disconnect');
  });

  test('R-A6 R-G1 the worker dies and the document leaves: approving what is still listed carries out nothing for the new document', async () => {
    await connect();
    await start(page, 'old', 'vault_sign', sign);
    const old = await oneCard();
    // The relay would connect again at once and be heard to leave. Its page is kept busy, and another process takes its place.
    const busy = page
      .evaluate(() => {
        for (const end = Date.now() + 3000; Date.now() < end;);
      })
      .catch(() => undefined);
    await browser.killWorker();
    await page.goto(`${otherHost()}/next`);
    await busy;
    await page.goto(site.origin);
    await start(page, 'new', 'vault_sign', sign);
    await expect.poll(async () => (await waitingCards()).some(({ id }) => id !== old.id)).toBe(true);
    const fresh = (await waitingCards()).find(({ id }) => id !== old.id)!;
    // The worker does not know yet that the old document is gone: it can be approved, and that leads to nothing.
    expect((await waitingCards()).map(({ id }) => id)).toContain(old.id);
    expect(await decide(old)).toBeUndefined();
    await roundTrips(page);
    expect(await strangeAnswers(page)).toEqual([]);
    expect((await waitingCards()).map(({ id }) => id)).toContain(fresh.id);
    expect(await decide(fresh)).toBeUndefined();
    expect((await answerOf(page, 'new')).result).toMatchObject({ signed: { origin: site.origin, account } });
    expect(await strangeAnswers(page)).toHaveLength(1);
    await call(page, 'vault_disconnect');
    // What nobody came back for is carried out by nobody.
    await expect
      .poll(async () => (await approvalRecords(browser)).filter(({ state }) => state === 'executing'))
      .toEqual([]);
  });

  for (const [name, to] of [
    ['same-origin', () => `${site.origin}/next`],
    ['cross-origin', () => `${otherHost()}/next`],
  ] as const)
    test(`R-A6 back from a ${name} page out of the back-forward cache: asked again, never silently answered; and the provider lives`, async () => {
      await connect();
      const mark = await page.evaluate(() => (window as any).mark as string);
      await page.evaluate(() =>
        (window as any).prekeyVault.on('accountsChanged', (accounts: unknown) => ((window as any).accounts = accounts)),
      );
      await start(page, 'old', 'vault_sign', sign);
      const old = await oneCard();
      await page.goto(to());
      await expect.poll(waitingCards).toEqual([]);
      await closeWindows();
      expect(await decide(old)).toBe('stale');
      await roundTrips(page);
      expect(await strangeAnswers(page)).toEqual([]);

      await page.goBack({ waitUntil: 'commit' });
      await expect.poll(() => page.evaluate(() => (window as any).shown as boolean[])).toEqual([false, true]);
      expect(await page.evaluate(() => (window as any).mark as string)).toBe(mark);
      // It is the same document with the same call: a person is asked anew, under a new nonce.
      const again = await oneCard();
      expect(again.nonce).not.toBe(old.nonce);
      expect(await decide(old)).toBe('stale');
      await roundTrips(page);
      expect(await strangeAnswers(page)).toHaveLength(1); // the connection's, from before
      const window = await approvalWindow();
      await approve(window);
      expect((await answerOf(page, 'old')).result).toMatchObject({
        signed: { origin: site.origin, account, purpose: sign.purpose },
      });
      // Listening goes on, too.
      await call(page, 'vault_disconnect');
      await expect.poll(() => page.evaluate(() => (window as any).accounts as unknown)).toEqual([]);
    });

  test('R-A6 a page that comes back with nothing open has a provider that works', async () => {
    expect(await call(page, 'vault_accounts')).toEqual({ result: [] });
    const mark = await page.evaluate(() => (window as any).mark as string);
    await page.goto(`${site.origin}/next`);
    await page.goBack({ waitUntil: 'commit' });
    await expect.poll(() => page.evaluate(() => (window as any).shown as boolean[])).toEqual([false, true]);
    expect(await page.evaluate(() => (window as any).mark as string)).toBe(mark);
    expect(await call(page, 'vault_accounts')).toEqual({ result: [] });
  });
});
