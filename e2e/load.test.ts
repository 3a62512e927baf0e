// Sites that send as much as they can: what the worker holds meanwhile, and that a waiting request is carried out all the same.
// Promises: the worker's heap and what lies behind its buffers, after a collection, is at most 64 MiB above rest at every look; parameters
// that were dropped come again through the real relay. Must not: measure time.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CDPSession, Page } from 'playwright';
import { workerHeldBytes } from '../bench/browser';
import { testAccounts } from '../demo/wallet/accounts';
import type { ApprovalCard } from '../src/contract/pages/approvals';
import { limits } from '../src/contract/limits';
import { sizeOf } from '../scripts/campaign/size';
import { extensionId, launchChromium, type Chromium } from './kit/chromium';
import { enrolThrough, internalClient, type Internal } from './kit/internal';
import { call, serveSite, start, until, type Site } from './kit/journey';

const mebibyte = 1_048_576;
const siteCount = sizeOf('load', { short: 2, whole: 3 });
/** Requests of each site: those that wait for a person, and those of a burst. */
const waitingEach = sizeOf('load', { short: 5, whole: limits.waitingPerOrigin });
const burstEach = sizeOf('load', { short: 6, whole: 24 });

let browser: Chromium;
let session: CDPSession;
let windows: Internal;
const sites: Site[] = [];
const pages: Page[] = [];
let safeId: string;

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
  ({ safeId } = await enrolThrough(await internalClient(browser, 'onboarding'), testAccounts()[0]!));
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
    await windows.call('approvals_rejectAll', {});
    // Another request of usual size goes through as ever.
    expect((await call(pages[0]!, 'vault_getPublicKeyBundle')).error).toBeUndefined();
  });
});
