// The worker is killed at random while a page reads messages through the SDK; 200 times and 10,000 messages when it runs whole.
// Promises: the read ends with every message exactly once and in order, whenever the worker dies; delays come from a printed seed.
// Must not: count a kill after the read ended.
import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Page } from 'playwright';
import { testAccounts } from '../demo/wallet/accounts';
import { signedPublicBundleOf } from '../src/protocol/keys/bundles';
import { bytesToBase64 } from '../src/protocol/base/bytes';
import { encodeDecryptV2Request, encodeSaveInvitesRequest } from '../src/protocol/keystore/messages';
import { encryptV2 } from '../src/protocol/messages/message-v2';
import { identityPool } from '../src/protocol/testkit/reference.testkit';
import { headerV2, invitation, random, text } from '../src/vault/testkit/keystore-requests.testkit';
import { launchChromium, type Chromium } from './kit/chromium';
import { enrolled } from './kit/internal';
import { until, type Site } from './kit/journey';
import { connectMessaging, openSafe, serveMessaging, watchCards, type ShownCard } from './kit/messaging';
import { watchEnrolled, type BrowserOracles } from './kit/oracles';
import { note, seedOf, sizeOf } from '../scripts/campaign/size';

const account = testAccounts()[0]!;
const total = sizeOf('read-kills', 'messages');
const wantedKills = sizeOf('read-kills', 'kills');
/** Small chunks, a page that is busy, and short lives: a read that lasts long enough to be killed this often. */
const chunkItems = 10;
const pauseMs = 90;
const longestLifeMs = 200;

let browser: Chromium;
let site: Site;
let page: Page;
let cards: () => Promise<ShownCard[]>;
let oracles: BrowserOracles;

beforeAll(async () => {
  browser = await launchChromium();
  const made = await enrolled(browser);
  const ada = (await openSafe(browser, account)).bundle;
  const [bob] = await identityPool(1);
  const invited = invitation(bob!.ours, signedPublicBundleOf(ada), 1);
  const { topic, keyMaterial } = invited.invitation;
  const items = Array.from({ length: total }, (_, n) => {
    const headerBytes = headerV2(topic, n);
    return {
      headerBytes,
      contentTopic: topic,
      payload: encryptV2({
        keyMaterial,
        headerBytes,
        payload: text(`message ${n}`),
        salt32: random(32),
        nonce12: random(12),
      }),
    };
  });
  site = await serveMessaging('', {
    '/history': bytesToBase64(encodeDecryptV2Request(items)),
    '/invite': bytesToBase64(encodeSaveInvitesRequest([invited.item])),
  });
  page = await browser.context.newPage();
  await page.goto(site.origin);
  cards = await watchCards(browser);
  await connectMessaging(browser, page, ['identity', 'messages.read'], 'until-locked');
  oracles = await watchEnrolled(browser, made);
});
afterAll(async () => {
  await browser?.close();
  await site?.close();
});

/** Numbers from 0 up to 1, the same for the same seed. */
function fromSeed(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Reading {
  done: number[];
  isOver: boolean;
  result: Promise<{ result?: Uint8Array[]; failure?: string }>;
}

test(`P3 ${total} messages arrive once each and in order while the worker is killed ${wantedKills} times`, async () => {
  await page.evaluate(
    async ([size, pause]) => {
      const bytesOf = async (path: string) =>
        Uint8Array.from(atob(await (await fetch(path)).text()), (one) => one.charCodeAt(0));
      const { keystoreApiDefs } = window.messaging;
      const reading = { done: [] as number[], isOver: false } as Reading;
      const keystore = await window.messaging.keystore(
        { chunkItems: size, onProgress: ({ done }) => void reading.done.push(done) },
        pause,
      );
      const saved = await keystore.saveInvites(keystoreApiDefs.saveInvites.req.decode(await bytesOf('/invite')));
      if (saved.responses[0]?.result === undefined) throw new Error('the invitation was not saved');
      const request = keystoreApiDefs.decryptV2.req.decode(await bytesOf('/history'));
      reading.result = keystore
        .decryptV2(request)
        .then(
          ({ responses }) => ({
            result: responses.map(({ result, error }) => result?.decrypted ?? new TextEncoder().encode(error?.message)),
          }),
          (thrown: unknown) => ({ failure: String(thrown) }),
        )
        .finally(() => (reading.isOver = true));
      Object.assign(window, { reading });
    },
    [chunkItems, pauseMs] as const,
  );

  const seed = seedOf(randomInt(2 ** 31));
  const next = fromSeed(seed);
  const isOver = () => page.evaluate(() => (window as unknown as { reading: Reading }).reading.isOver);
  let kills = 0;
  while (kills < wantedKills) {
    await until(async () => (await browser.workerRuns()) || (await isOver()), 'the worker runs again');
    await new Promise((resolve) => setTimeout(resolve, next() * longestLifeMs));
    if (await isOver()) break;
    await browser.killWorker();
    kills++;
  }
  const doneWhenKilled = await page.evaluate(() => (window as unknown as { reading: Reading }).reading.done.at(-1)!);
  console.log(`seed ${seed}: killed ${kills} times, the last time after ${doneWhenKilled} of ${total} messages`);

  const { failure, words, done } = await page.evaluate(async () => {
    const { reading } = window as unknown as { reading: Reading };
    const { result, failure: why } = await reading.result;
    return { failure: why, words: result?.map((bytes) => new TextDecoder().decode(bytes)), done: reading.done };
  });
  expect(failure).toBeUndefined();
  // The words stand at the end of the encoded content.
  expect(words!.map((one) => /message \d+$/.exec(one)?.[0])).toEqual(
    Array.from({ length: total }, (_, n) => `message ${n}`),
  );
  expect(done).toEqual(Array.from({ length: total / chunkItems + 1 }, (_, n) => n * chunkItems));
  expect(kills).toBe(wantedKills);
  note('read-kills', 'kills', kills);
  expect(await cards()).toHaveLength(1);
  await oracles.atRest([failure, words, done]);
});

test('nothing was uncaught', () => {
  expect(browser.console.filter(({ text: line }) => /uncaught/i.test(line))).toEqual([]);
});
