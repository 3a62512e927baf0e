// Mutated requests, 20,000 when it runs whole, of every xmtp_* method, from a page to the worker.
// Promises: answers item by item or typed errors, nothing uncaught anywhere, the worker's heap back at its level, and afterwards what was
// known still opens. The seed is printed, so that a failure can be had again. Must not: take "internal error" for an answer.
import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Page } from 'playwright';
import { workerHeapBytes } from '../bench/browser';
import { testAccounts } from '../demo/wallet/accounts';
import { methods } from '../src/contract/dapp/methods';
import { publicBundleOf, signedPublicBundleOf } from '../src/protocol/keys/bundles';
import {
  encodeConversations,
  encodeCreateAuthTokenRequest,
  encodeCreateInviteRequest,
  encodeGetRefreshJobRequest,
  encodeHmacKeysRequest,
  encodePrivatePreferencesEntries,
  encodeSetRefreshJobRequest,
} from '../src/protocol/keystore/calls';
import {
  decodeDecryptResponse,
  decodeSaveInvitesResponse,
  decodeSelfEncryptResponse,
  encodeDecryptV1Request,
  encodeDecryptV2Request,
  encodeEncryptV1Request,
  encodeEncryptV2Request,
  encodeSaveInvitesRequest,
  encodeSelfDecryptRequest,
  encodeSelfEncryptRequest,
} from '../src/protocol/keystore/messages';
import { encodeSignedContent, encryptV2 } from '../src/protocol/messages/message-v2';
import { encodePreferenceAction } from '../src/protocol/messages/preference-action';
import { identityPool } from '../src/protocol/testkit/reference.testkit';
import { headerV2, invitation, messageV1, random, text, timeNs } from '../src/vault/testkit/keystore-requests.testkit';
import { extensionId, launchChromium, type Chromium } from './kit/chromium';
import { enrolled, internalClient, type Internal } from './kit/internal';
import { bytes, call, revived, serveSite, type Site } from './kit/journey';
import { connectMessaging, openSafe } from './kit/messaging';
import { watchEnrolled, type BrowserOracles } from './kit/oracles';
import { runMutations, type Bases, type Tally } from './kit/mutations';
import { note, seedOf, sizeOf } from '../scripts/campaign/size';

const account = testAccounts()[0]!;
const total = sizeOf('keystore-fuzz', 'requests');
/** Tokens ask a person each time, so they are fewer and on their own. */
const tokens = 300;
const seed = seedOf(randomInt(2 ** 31));

let browser: Chromium;
let site: Site;
let page: Page;
let popup: Internal;
let bases: Bases;
let known: Uint8Array;
let oracles: BrowserOracles;

const ask = async (method: string, request: Uint8Array): Promise<Uint8Array> =>
  revived<Uint8Array>((await call(page, method, { request: bytes(request) })).result);

beforeAll(async () => {
  browser = await launchChromium();
  oracles = await watchEnrolled(browser, await enrolled(browser));
  popup = await internalClient(browser, 'popup');
  const { bundle: ada } = await openSafe(browser, account);
  site = await serveSite();
  page = await browser.context.newPage();
  await page.goto(site.origin);
  await connectMessaging(
    browser,
    page,
    ['identity', 'messages.read', 'messages.write', 'preferences', 'notifications', 'network.token'],
    'until-locked',
  );

  const bob = (await identityPool(2))[1]!.ours;
  const invited = invitation(bob, signedPublicBundleOf(ada), 1);
  const { topic, keyMaterial } = invited.invitation;
  expect(
    decodeSaveInvitesResponse(await ask('xmtp_saveInvites', encodeSaveInvitesRequest([invited.item]))),
  ).toMatchObject([{ result: { topic } }]);
  const headerBytes = headerV2(topic);
  const sealed = encryptV2({ keyMaterial, headerBytes, payload: text('hi'), salt32: random(32), nonce12: random(12) });
  known = encodeDecryptV2Request([1, 2].map(() => ({ headerBytes, payload: sealed, contentTopic: topic })));
  const [theirs, own] = [messageV1(bob, ada, text('hi')), messageV1(ada, bob, text('hi'))];
  const action = encodePreferenceAction({ kind: 'denyAddress', values: ['0x1'] });
  const own64 = decodeSelfEncryptResponse(await ask('xmtp_selfEncrypt', encodeSelfEncryptRequest([text('a')]))).map(
    (one) => ('result' in one ? one.result : new Uint8Array()),
  );
  const batches: Record<string, Uint8Array> = {
    xmtp_decryptV1: encodeDecryptV1Request(
      [theirs, own].map((one) => ({ ...one, peerKeys: one.sender, isSender: false })),
    ),
    xmtp_decryptV2: known,
    xmtp_encryptV1: encodeEncryptV1Request([
      { recipient: publicBundleOf(bob), payload: text('hi'), headerBytes: own.headerBytes },
    ]),
    xmtp_encryptV2: encodeEncryptV2Request([
      {
        headerBytes,
        contentTopic: topic,
        payload: encodeSignedContent({ payload: text('hi'), sender: signedPublicBundleOf(ada) }),
      },
    ]),
    xmtp_saveInvites: encodeSaveInvitesRequest([
      invited.item,
      invitation(ada, signedPublicBundleOf(bob), 2, { conversationId: 'x', metadata: new Map([['a', 'b']]) }).item,
    ]),
    xmtp_selfEncrypt: encodeSelfEncryptRequest([text('a'), new Uint8Array()]),
    xmtp_selfDecrypt: encodeSelfDecryptRequest([...own64, random(60)]),
  };
  const singles: Record<string, Uint8Array> = {
    xmtp_createInvite: encodeCreateInviteRequest({
      recipient: signedPublicBundleOf(bob),
      createdNs: timeNs(1),
      context: { conversationId: 'c', metadata: new Map([['k', 'v']]) },
    }),
    xmtp_createAuthToken: encodeCreateAuthTokenRequest(5n),
    xmtp_getV1Conversations: new Uint8Array(),
    xmtp_getV2Conversations: new Uint8Array(),
    xmtp_saveV1Conversations: encodeConversations([{ topic, peerAddress: account.address, createdNs: 1n }]),
    xmtp_getRefreshJob: encodeGetRefreshJobRequest(2),
    xmtp_setRefreshJob: encodeSetRefreshJobRequest(2, 5n),
    xmtp_getV2ConversationHmacKeys: encodeHmacKeysRequest([topic, 'x']),
    xmtp_getPrivatePreferencesTopicIdentifier: new Uint8Array(),
    xmtp_createPrivatePreference: action,
    xmtp_getPrivatePreferences: new Uint8Array(),
    xmtp_savePrivatePreferences: encodePrivatePreferencesEntries([{ key: '17', action }]),
  };
  bases = {
    requests: Object.entries({ ...batches, ...singles }).map(([method, request]) => [method, [...request]]),
    batches: Object.keys(batches),
  };
});
afterAll(async () => {
  await browser?.close();
  await site?.close();
});

const mutate = (requests: Bases['requests'], from: number, count: number, inFlight: number): Promise<Tally> =>
  page.evaluate(runMutations, { requests, batches: bases.batches, seed: from, count, inFlight });
async function heap(): Promise<number> {
  const session = await browser.context.browser()!.newBrowserCDPSession();
  await call(page, 'vault_accounts');
  const used = await workerHeapBytes(session, extensionId);
  await session.detach();
  return used;
}

describe.sequential(`mutated requests, seed ${seed}`, () => {
  // xmtp_publish is not a method of the keystore; publish-check.test.ts mutates its requests.
  test('every request that is whole is answered; they are of every method', async () => {
    expect(bases.requests.map(([method]) => method).toSorted()).toEqual(
      Object.keys(methods)
        .filter((name) => /^xmtp_(?!v3_|publish$)/.test(name))
        .toSorted(),
    );
    for (const [method, request] of bases.requests)
      if (method !== 'xmtp_createAuthToken')
        expect([method, (await call(page, method, { request: { $u8: request } })).error]).toEqual([method, undefined]);
  });

  test('all of them are answered or refused in type, and the heap of the worker is back at its level', async () => {
    const others = bases.requests.filter(([method]) => method !== 'xmtp_createAuthToken');
    // Warm: compiled code stays, and what is remembered of known conversations and peers.
    await mutate(others, seed + 1, total / 2, 8);
    const before = await heap();
    const tally = await mutate(others, seed, total - tokens, 8);
    const after = await heap();

    // Tokens: the person says no to whatever is asked.
    const [base] = bases.requests.filter(([method]) => method === 'xmtp_createAuthToken');
    let isOver = false;
    const refused = mutate([base!], seed + 2, tokens, 15).finally(() => (isOver = true));
    while (!isOver) await popup.call('approvals_rejectAll', {});
    const refusedTokens = await refused;

    console.log(
      `seed ${seed}: heap ${(before / 1e6).toFixed(2)} MB, then ${(after / 1e6).toFixed(2)} MB;`,
      JSON.stringify(tally.outcomes),
      JSON.stringify(refusedTokens.outcomes),
    );
    expect([...tally.wrong, ...refusedTokens.wrong]).toEqual([]);
    const sum = (counts: Record<string, number>) => Object.values(counts).reduce((all, one) => all + one, 0);
    expect(sum(tally.outcomes) + sum(refusedTokens.outcomes)).toBe(total);
    // Every method had its share, and both kinds of outcome occurred often: the mutations reach behind the first check.
    expect(Object.keys(tally.methods)).toHaveLength(18);
    expect(Math.min(...Object.values(tally.methods))).toBeGreaterThan(total * 0.04);
    expect(tally.outcomes['answered']).toBeGreaterThan(total / 10);
    expect(tally.outcomes['-32602 keystore 1']).toBeGreaterThan(total / 10);
    expect(refusedTokens.outcomes['4001']).toBeGreaterThan(10);
    expect(refusedTokens.outcomes['answered']).toBeUndefined();
    expect(after).toBeLessThan(before * 1.2);
    note('keystore-fuzz', 'requests', total);
  });

  test('afterwards what was known still opens, and the vault is whole', async () => {
    expect(decodeDecryptResponse(await ask('xmtp_decryptV2', known))).toEqual([
      { result: text('hi') },
      { result: text('hi') },
    ]);
    expect((await call(page, 'vault_accounts')).result).toEqual([account.address]);
    await oracles.atRest();
  });

  test('nothing was uncaught in any console', () => {
    expect(browser.console.filter(({ text: line }) => /uncaught/i.test(line))).toEqual([]);
    expect(
      browser
        .log()
        .split('\n')
        .filter((line) => /CONSOLE.*(uncaught|unhandled)/i.test(line)),
    ).toEqual([]);
  });
});
