// What a site and strangers can make the worker compute and list: an honest call under junk of another site, and a list that strangers filled.
// Promises: times are told as a ratio within one run, and judged only when the campaign runs whole; memory as in load.test.ts.
// Must not: fail because a machine is slow.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CDPSession, Page } from 'playwright';
import { workerHeldBytes } from '../bench/browser';
import { testAccounts } from '../demo/wallet/accounts';
import { isWhole, note, sizeOf } from '../scripts/campaign/size';
import {
  publicBundleOf,
  signedPublicBundleOf,
  type PrivateKeyBundleV1,
  type PublicKeyBundle,
} from '../src/protocol/keys/bundles';
import { encodeDecryptV1Request, encodeSaveInvitesRequest } from '../src/protocol/keystore/messages';
import { encodeMessageHeaderV1 } from '../src/protocol/messages/message-v1';
import { identityPool } from '../src/protocol/testkit/reference.testkit';
import { invitation, messageV1, random, text, timeMs } from '../src/vault/testkit/keystore-requests.testkit';
import { extensionId, launchChromium, type Chromium } from './kit/chromium';
import { enrolThrough, internalClient } from './kit/internal';
import { serveSite, until, type Site } from './kit/journey';
import { connectMessaging, openSafe } from './kit/messaging';

const mebibyte = 1_048_576;
/** Batches of junk, and items of each; honest calls alone and under it. */
const junkBatches = sizeOf('load', 'junkBatches');
const junkItems = sizeOf('load', 'junkItems');
const honestCalls = sizeOf('load', 'honest');
/** Invitations of nearly 64 KiB each: whole, they are more than a list holds. */
const invitations = sizeOf('load', 'invitations');
/**
 * Most that an honest call may take, in shares of the time that all the junk takes: it waits for one slice of the other site at each of its own.
 * Without turns it would wait for nearly all of it.
 */
const mostOfJunk = 0.1;

let browser: Chromium;
let session: CDPSession;
let ada: PrivateKeyBundleV1;
let peers: PrivateKeyBundleV1[];
const sites: Site[] = [];
const [pages, base64] = [[] as Page[], (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')];

/** Sends requests of one method at once and leaves them; `window.sent` counts answers. */
const send = (page: Page, method: string, requests: readonly Uint8Array[]) =>
  page.evaluate(
    ({ method: name, texts }) => {
      const sent = ((window as any).sent = { answered: 0, failed: 0 });
      for (const one of texts) {
        const request = Uint8Array.from(atob(one), (character) => character.charCodeAt(0));
        (window as any).prekeyVault.request({ method: name, params: { request } }).then(
          () => sent.answered++,
          () => sent.failed++,
        );
      }
    },
    { method, texts: requests.map(base64) },
  );
const answered = (page: Page) => page.evaluate(() => (window as any).sent as { answered: number; failed: number });

/** Milliseconds from the page's call to the page's answer, and how long the answer is. */
const timed = (page: Page, method: string, request: Uint8Array) =>
  page.evaluate(
    async ({ method: name, text: one }) => {
      const bytes = Uint8Array.from(atob(one), (character) => character.charCodeAt(0));
      const began = performance.now();
      const answer: Uint8Array = await (window as any).prekeyVault.request({
        method: name,
        params: { request: bytes },
      });
      return { ms: performance.now() - began, bytes: answer.length };
    },
    { method, text: base64(request) },
  );

/** A peer whose prekey carries a signature that could be one, and is not: only arithmetic tells. */
function junkItem(n: number) {
  const peer = publicBundleOf(peers[1]!);
  const signature = { ...peer.preKey.signature!, bytes: peer.preKey.signature!.bytes.slice() };
  new DataView(signature.bytes.buffer).setUint32(20, n);
  const sender: PublicKeyBundle = { ...peer, preKey: { ...peer.preKey, signature } };
  const headerBytes = encodeMessageHeaderV1({ sender, recipient: publicBundleOf(ada), timestampMs: timeMs(1) });
  return {
    headerBytes,
    payload: { hkdfSalt: random(32), gcmNonce: random(12), payload: random(40) },
    peerKeys: sender,
    isSender: false,
  };
}

function honest(): Uint8Array {
  const { headerBytes, payload, sender } = messageV1(peers[0]!, ada, text('hi'));
  return encodeDecryptV1Request([{ headerBytes, payload, peerKeys: sender, isSender: false }]);
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

beforeAll(async () => {
  browser = await launchChromium();
  session = await browser.context.browser()!.newBrowserCDPSession();
  const account = testAccounts()[0]!;
  await enrolThrough(await internalClient(browser, 'onboarding'), account);
  ({ bundle: ada } = await openSafe(browser, account));
  peers = (await identityPool(2)).map(({ ours }) => ours);
  for (let n = 0; n < 2; n++) {
    sites.push(await serveSite());
    pages.push(await browser.context.newPage());
    await pages[n]!.goto(sites[n]!.origin);
    await connectMessaging(browser, pages[n]!, ['identity', 'messages.read'], 'until-locked');
  }
});
afterAll(async () => {
  await browser?.close();
  for (const site of sites) await site.close();
});

describe.sequential('R-B8 what sites and strangers make the worker do', () => {
  test(`R-B8 an honest call goes on under ${junkBatches} batches of junk of another site`, async () => {
    const [good, bad] = pages as [Page, Page];
    await timed(good, 'xmtp_decryptV1', honest());
    const alone: number[] = [];
    for (let n = 0; n < honestCalls; n++) alone.push((await timed(good, 'xmtp_decryptV1', honest())).ms);
    const junk = (at: number) =>
      encodeDecryptV1Request(Array.from({ length: junkItems }, (_, item) => junkItem(at * junkItems + item)));
    const batches = Array.from({ length: junkBatches }, (_, at) => junk(at));
    const began = Date.now();
    await send(bad, 'xmtp_decryptV1', batches);
    const under: number[] = [];
    while (under.length < honestCalls) {
      under.push((await timed(good, 'xmtp_decryptV1', honest())).ms);
      const { answered: done } = await answered(bad);
      if (done === junkBatches) break;
    }
    await until(async () => (await answered(bad)).answered === junkBatches, 'the junk is answered');
    const junkMs = Date.now() - began;
    const [times, ofJunk] = [median(under) / median(alone), median(under) / junkMs];
    console.log(
      `an honest call: ${median(alone).toFixed(1)} ms alone, under junk ${median(under).toFixed(1)} ms, at most ${Math.max(...under).toFixed(1)} ms in ${under.length} calls; ` +
        `${times.toFixed(1)} times as long, and ${ofJunk.toFixed(3)} of the ${junkMs} ms that the junk took`,
    );
    expect((await answered(bad)).failed).toBe(0);
    if (isWhole('load')) {
      // On a machine with other work the junk may be answered before the last of them.
      expect(under.length).toBeGreaterThan(honestCalls / 2);
      expect(ofJunk).toBeLessThan(mostOfJunk);
    }
  });

  test(`R-B8 a list that strangers filled with ${invitations} invitations of 64 KiB is saved and told within 64 MiB above rest`, async () => {
    const [good] = pages as [Page];
    const atRest = await workerHeldBytes(session, extensionId);
    let most = 0;
    const look = async () => void (most = Math.max(most, (await workerHeldBytes(session, extensionId)) - atRest));
    const metadata = new Map([['', 'w'.repeat(65_000)]]);
    const batch = 90;
    for (let from = 0; from < invitations; from += batch) {
      const items = Array.from(
        { length: Math.min(batch, invitations - from) },
        (_, at) =>
          invitation(peers[1]!, signedPublicBundleOf(ada), from + at, { conversationId: String(from + at), metadata })
            .item,
      );
      await send(good, 'xmtp_saveInvites', [encodeSaveInvitesRequest(items)]);
      do await look();
      while ((await answered(good)).answered === 0);
    }
    const whileSaved = most;
    most = 0;
    let told = 0;
    // From rows, then from the segments that the first listing leaves.
    for (let round = 0; round < 2; round++) {
      let isOver = false;
      const listing = timed(good, 'xmtp_getV2Conversations', new Uint8Array()).finally(() => (isOver = true));
      do await look();
      while (!isOver);
      told = (await listing).bytes;
    }
    console.log(
      `a list of ${(told / mebibyte).toFixed(1)} MiB: ${(whileSaved / mebibyte).toFixed(1)} MiB while it is saved and ${(most / mebibyte).toFixed(1)} MiB while it is told, above ${(atRest / mebibyte).toFixed(1)} MiB at rest`,
    );
    expect(told).toBeGreaterThan(Math.min(invitations, 250) * 65_000);
    expect(told).toBeLessThan(18 * mebibyte);
    expect(Math.max(whileSaved, most)).toBeLessThan(64 * mebibyte);
    note('load', 'invitations', invitations);
  });
});
