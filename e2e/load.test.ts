// Sites that send as much as they can: what the worker holds meanwhile, and that a waiting request is carried out all the same.
// Promises: the worker's heap and what lies behind its buffers, after a collection, is at most 64 MiB above rest at every look; parameters
// that were dropped come again through the real relay. Must not: measure time.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CDPSession, Page } from 'playwright';
import { workerHeldBytes } from '../bench/browser';
import type { ApprovalCard } from '../src/contract/pages/approvals';
import { limits } from '../src/contract/limits';
import { isWhole, note, sizeOf } from '../scripts/campaign/size';
import { extensionId, launchChromium, type Chromium } from './kit/chromium';
import { enrolled, internalClient, type Internal } from './kit/internal';
import { call, serveSite, start, until, type Site } from './kit/journey';
import { watchEnrolled, type BrowserOracles } from './kit/oracles';

const mebibyte = 1_048_576;
const siteCount = sizeOf('load', 'sites');
/** Requests of each site: those that wait for a person, and those of a burst. */
const waitingEach = sizeOf('load', 'waiting');
const burstEach = sizeOf('load', 'burst');

let browser: Chromium;
let session: CDPSession;
let windows: Internal;
const sites: Site[] = [];
const pages: Page[] = [];
let safeId: string;
let oracles: BrowserOracles;

const cards = () => windows.call<ApprovalCard[]>('approvals_list', {});
const decide = ({ id, digest, nonce }: ApprovalCard, decision: object) =>
  windows.call('approvals_decide', { id, digest, nonce, decision });
const heldBytes = () => workerHeldBytes(session, extensionId);

/** Sends `count` requests of about `bytes` each, all different, and leaves them; their outcomes are read with `outcomes`. */
async function flood(page: Page, options: { method: string; count: number; bytes: number }): Promise<void> {
  await page.evaluate(({ method, count, bytes }) => {
    const varint = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...varint(value >> 7)]);
    const box = ((window as any).outcomes ??= []) as { done: string | undefined; bytes: number }[];
    for (let n = 0; n < count; n++) {
      const seed = box.length;
      const payload = new Uint8Array(bytes).fill(seed);
      const inner = [10, ...varint(payload.length)];
      const request = Uint8Array.from([10, ...varint(inner.length + payload.length), ...inner]);
      const whole = new Uint8Array(request.length + payload.length);
      whole.set(request);
      whole.set(payload, request.length);
      const entry: { done: string | undefined; bytes: number } = { done: undefined, bytes: 0 };
      box.push(entry);
      (window as any).prekeyVault.request({ method, params: { request: whole } }).then(
        (result: Uint8Array) => {
          entry.bytes = result.length;
          entry.done = 'answered';
        },
        (error: { code: number; data?: { reason?: string } }) =>
          (entry.done = `${error.code} ${error.data?.reason ?? ''}`.trim()),
      );
    }
  }, options);
}

/** What came while the one before it still had its room is refused, and sent again. */
async function againWhereRefused(all: readonly Page[], bytes: number): Promise<void> {
  for (const page of all) {
    const last = (await outcomes(page)).at(-1);
    if (last?.done !== '-32005') continue;
    await page.evaluate(() => void (window as any).outcomes.pop());
    await flood(page, { method: 'xmtp_selfEncrypt', count: 1, bytes });
  }
}

const outcomes = (page: Page) =>
  page.evaluate(() => (window as any).outcomes as { done: string | undefined; bytes: number }[]);

beforeAll(async () => {
  browser = await launchChromium();
  session = await browser.context.browser()!.newBrowserCDPSession();
  const made = await enrolled(browser);
  safeId = made.safeId;
  oracles = await watchEnrolled(browser, made);
  windows = await internalClient(browser, 'approval');
  for (let n = 0; n < siteCount; n++) {
    const site = await serveSite();
    sites.push(site);
    const page = await browser.context.newPage();
    pages.push(page);
    await page.goto(site.origin);
    await start(page, 'connect', 'vault_connect', {
      capabilities: ['identity', 'preferences'],
      duration: 'until-locked',
    });
    await until(async () => (await cards()).length === 1, 'the connection waits');
    await decide((await cards())[0]!, {
      kind: 'connect',
      safeId,
      capabilities: ['identity', 'preferences'],
      duration: 'until-locked',
    });
    await until(
      async () =>
        Array.isArray((await call(page, 'vault_accounts')).result) &&
        ((await call(page, 'vault_accounts')).result as string[]).length === 1,
      'connected',
    );
  }
});
afterAll(async () => {
  await browser?.close();
  for (const site of sites) await site.close();
});
afterAll(() => oracles.atRest());

describe.sequential('R-B8 the memory of the worker', () => {
  test(`R-B8 P3 ${siteCount * waitingEach} requests of 8 MiB that wait hold next to nothing, and one that is approved is carried out with its own parameters`, async () => {
    const atRest = await heldBytes();
    const largest = limits.requestBytes - 1_000;
    let most = 0;
    for (let n = 1; n <= waitingEach; n++) {
      // One of each site at a time, so that all of them are taken.
      for (const page of pages) await flood(page, { method: 'xmtp_selfEncrypt', count: 1, bytes: largest });
      await until(
        async () => {
          if ((await cards()).length === n * pages.length) return true;
          await againWhereRefused(pages, largest);
          return false;
        },
        `${n * pages.length} requests wait`,
      );
      if (n % 5 === 0) most = Math.max(most, (await heldBytes()) - atRest);
    }
    console.log(
      `${siteCount * waitingEach} waiting: ${(most / mebibyte).toFixed(1)} MiB above ${(atRest / mebibyte).toFixed(1)} MiB at rest`,
    );
    expect(most).toBeLessThan(16 * mebibyte);

    await decide((await cards())[0]!, { kind: 'messages', remember: 'until-locked', scope: 'granted' });
    // Its own, and those of its site that waited for the same: in turn, as there is room.
    await until(
      async () => (await outcomes(pages[0]!)).every(({ done }) => done === 'answered'),
      'the site has its answers',
    );
    expect((await outcomes(pages[0]!)).every(({ bytes }) => bytes > largest)).toBe(true);
    expect((await heldBytes()) - atRest).toBeLessThan(64 * mebibyte);
    note('load', 'waiting', siteCount * waitingEach);
    await windows.call('approvals_rejectAll', {});
    await until(
      async () => (await outcomes(pages[1]!)).every(({ done }) => done === '4001 rejected'),
      'the others were rejected',
    );
  });

  test('R-B8 a burst of several sites at once stays within 64 MiB; what is too much is refused, and what was taken is answered', async () => {
    const atRest = await heldBytes();
    // The first site need not ask any more: its requests are worked on at once. The others' wait.
    for (const page of pages) await page.evaluate(() => ((window as any).outcomes = []));
    const floods = pages.map((page) =>
      flood(page, { method: 'xmtp_selfEncrypt', count: burstEach, bytes: 6 * mebibyte }),
    );
    let most = 0;
    let looks = 0;
    const isOver = async () => {
      const [first] = await Promise.all(pages.map(outcomes));
      return first!.length === burstEach && first!.every(({ done }) => done !== undefined);
    };
    do {
      most = Math.max(most, (await heldBytes()) - atRest);
      looks++;
    } while (!(await isOver()));
    await Promise.all(floods);
    const counted = (await outcomes(pages[0]!)).map(({ done }) => done);
    const answered = counted.filter((done) => done === 'answered').length;
    console.log(
      `a burst: ${(most / mebibyte).toFixed(1)} MiB above rest at most in ${looks} looks; answered ${answered} of ${burstEach}`,
    );
    expect(most).toBeLessThan(64 * mebibyte);
    expect(answered).toBeGreaterThan(0);
    expect(counted.every((done) => done === 'answered' || done === '-32005')).toBe(true);
    note('load', 'burst', burstEach * pages.length);
    await windows.call('approvals_rejectAll', {});
    // Another request of usual size goes through as ever.
    expect((await call(pages[0]!, 'vault_getPublicKeyBundle')).error).toBeUndefined();
  });
});

describe.sequential('R-B8 a flood of many sites', () => {
  const origins = sizeOf('flood', 'origins');
  const each = sizeOf('flood', 'each');
  const lastsMs = sizeOf('flood', 'lastsMs');
  /** As long as the browser takes a click for fresh, and what a test evaluates in a page counts as one. */
  const quietMs = lastsMs > 5_000 ? 6_000 : 0;

  test(`R-B8 flood: ${origins * each} requests from ${origins} origins bring up one window, hold next to nothing, and an honest site is answered meanwhile`, async () => {
    const [honest] = pages as [Page];
    // Of the burst before some may have been refused.
    await honest.evaluate(() => ((window as any).outcomes = []));
    // A call that uses a key, and that nobody is asked about.
    await flood(honest, { method: 'xmtp_selfEncrypt', count: 1, bytes: 100 });
    const isDone = async () => (await outcomes(honest)).every(({ done }) => done === 'answered');
    await until(async () => (await isDone()) || (await cards()).length === 1, 'it is done, or asked about');
    for (const one of await cards())
      await decide(one, { kind: 'messages', remember: 'until-locked', scope: 'granted' });
    await until(isDone, 'it is done');
    // The window of what was asked before goes by itself, and is none of those that are counted.
    await until(() => browser.pagesWith('/approval/').length === 0, 'no window is open');
    const storm = await Promise.all(Array.from({ length: origins }, () => serveSite()));
    const tabs: Page[] = [];
    for (const one of storm) {
      const tab = await browser.context.newPage();
      await tab.goto(one.origin);
      tabs.push(tab);
    }
    const opened: Page[] = [];
    browser.context.on('page', (page) => opened.push(page));
    const atRest = await heldBytes();
    // Each page asks by itself, in an even stream: to connect, in ever other words, for signatures it has no right to, and for junk.
    await Promise.all(
      tabs.map((tab, at) =>
        tab.evaluate(
          ([count, waitMs, overMs, seat]) => {
            const { request } = (window as any).prekeyVault;
            const heard: Record<string, number> = ((window as any).heard = { sent: 0 });
            const kinds = [
              (n: number) => ({
                method: 'vault_connect',
                params: {
                  capabilities: n % 2 ? ['identity'] : ['identity', 'sign'],
                  duration: ['once', '1h', '1d', '30d'][n % 4],
                },
              }),
              (n: number) => ({
                method: 'vault_sign',
                params: { payload: new Uint8Array(2_000).fill(n), purpose: `storm ${n}` },
              }),
              (n: number) => ({ method: 'xmtp_decryptV2', params: { request: new Uint8Array(20_000).fill(n) } }),
              () => ({ method: 'vault_accounts' }),
            ];
            for (let n = 0; n < count; n++)
              setTimeout(
                () => {
                  heard['sent']!++;
                  request(kinds[n % kinds.length]!(n)).then(
                    () => (heard['answered'] = (heard['answered'] ?? 0) + 1),
                    (error: { code: number }) => (heard[error.code] = (heard[error.code] ?? 0) + 1),
                  );
                },
                waitMs + (n + seat) * (overMs / count),
              );
          },
          [each, quietMs, lastsMs, at / origins] as const,
        ),
      ),
    );
    const sent = async () =>
      (await Promise.all(tabs.map((tab) => tab.evaluate(() => (window as any).heard.sent as number)))).reduce(
        (sum, one) => sum + one,
        0,
      );
    let [most, looks, slowestMs, calls] = [0, 0, 0, 0];
    const end = Date.now() + quietMs + lastsMs;
    while (Date.now() < end || (await sent()) < origins * each) {
      const took = await honest.evaluate(async () => {
        const begin = performance.now();
        // One payload of a letter.
        const request = Uint8Array.of(10, 3, 10, 1, 97);
        await (window as any).prekeyVault.request({ method: 'xmtp_selfEncrypt', params: { request } });
        return performance.now() - begin;
      });
      slowestMs = Math.max(slowestMs, took);
      calls += 1;
      if (calls % 4 === 0) {
        most = Math.max(most, (await heldBytes()) - atRest);
        looks += 1;
      }
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    most = Math.max(most, (await heldBytes()) - atRest);
    const total = await Promise.all(
      tabs.map((tab) => tab.evaluate(() => (window as any).heard as Record<string, number>)),
    );
    const sums: Record<string, number> = {};
    for (const one of total) for (const [what, count] of Object.entries(one)) sums[what] = (sums[what] ?? 0) + count;
    console.log(
      `a flood: ${(most / mebibyte).toFixed(1)} MiB above ${(atRest / mebibyte).toFixed(1)} at most in ${looks + 1} looks; ${calls} honest calls, the slowest ${Math.round(slowestMs)} ms; ${JSON.stringify(sums)}`,
    );
    expect(sums['sent']).toBe(origins * each);
    note('flood', 'each', origins * each);
    expect(most).toBeLessThan(50 * mebibyte);
    // A page that was closed still says where it was.
    const windowsOpened = () => opened.filter((page) => page.url().includes('/approval/')).length;
    await expect.poll(windowsOpened).toBe(1);
    if (isWhole('flood')) expect(slowestMs).toBeLessThan(2_000);
    await windows.call('approvals_rejectAll', {});
    for (const tab of tabs) await tab.close();
    for (const one of storm) await one.close();
  });
});
