// Requests with bytes changed, cut, doubled or made up: typed refusals only, answers in number and order, and nothing stored by accident.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeystoreRefusal, VaultError } from '../../contract/errors';
import type { KeystoreMethod } from '../../contract/dapp/methods';
import { publicBundleOf, signedPublicBundleOf, type PrivateKeyBundleV1 } from '../../protocol/keys/bundles';
import {
  decodeConversations,
  encodeConversations,
  encodeCreateAuthTokenRequest,
  encodeCreateInviteRequest,
  encodeGetRefreshJobRequest,
  encodeHmacKeysRequest,
  encodePrivatePreferencesEntries,
  encodeSetRefreshJobRequest,
} from '../../protocol/keystore/calls';
import { countBatchItems } from '../../protocol/keystore/batch';
import {
  decodeDecryptResponse,
  encodeDecryptV1Request,
  encodeDecryptV2Request,
  encodeEncryptV1Request,
  encodeEncryptV2Request,
  encodeSaveInvitesRequest,
  encodeSelfDecryptRequest,
  encodeSelfEncryptRequest,
} from '../../protocol/keystore/messages';
import { encodeSignedContent, encryptV2 } from '../../protocol/messages/message-v2';
import { encodePreferenceAction } from '../../protocol/messages/preference-action';
import { identityPool } from '../../protocol/testkit/reference.testkit';
import { headerV2, invitation, messageV1, random, save, text, timeNs } from '../testkit/keystore-requests.testkit';
import { createTestKeystore } from '../testkit/keystore.testkit';

const [ada, bob] = (await identityPool(2)).map(({ ours }) => ours) as [PrivateKeyBundleV1, PrivateKeyBundleV1];
const keystore = await createTestKeystore(ada);
const known = invitation(bob, signedPublicBundleOf(ada), 1);
await save(keystore, [known]);
const { topic, keyMaterial } = known.invitation;
const headerBytes = headerV2(topic);
const sealed = encryptV2({ keyMaterial, headerBytes, payload: text('hi'), salt32: random(32), nonce12: random(12) });
const v1 = messageV1(bob, ada, text('hi'));
const own1 = messageV1(ada, bob, text('hi'));
const action = encodePreferenceAction({ kind: 'denyAddress', values: ['0x1'] });
const content = encodeSignedContent({ payload: text('hi'), sender: signedPublicBundleOf(ada) });

const batches: Partial<Record<KeystoreMethod, Uint8Array>> = {
  xmtp_decryptV1: encodeDecryptV1Request([v1, own1].map((one) => ({ ...one, peerKeys: one.sender, isSender: false }))),
  xmtp_decryptV2: encodeDecryptV2Request([1, 2].map(() => ({ headerBytes, payload: sealed, contentTopic: topic }))),
  xmtp_encryptV1: encodeEncryptV1Request([
    { recipient: publicBundleOf(bob), payload: text('hi'), headerBytes: own1.headerBytes },
  ]),
  xmtp_encryptV2: encodeEncryptV2Request([{ headerBytes, contentTopic: topic, payload: content }]),
  xmtp_saveInvites: encodeSaveInvitesRequest([
    known.item,
    invitation(ada, signedPublicBundleOf(bob), 2, { conversationId: 'x', metadata: new Map([['a', 'b']]) }).item,
  ]),
  xmtp_selfEncrypt: encodeSelfEncryptRequest([text('a'), new Uint8Array()]),
  xmtp_selfDecrypt: encodeSelfDecryptRequest([random(60), random(0)]),
};
const requests: Partial<Record<KeystoreMethod, Uint8Array>> = {
  ...batches,
  xmtp_createInvite: encodeCreateInviteRequest({
    recipient: signedPublicBundleOf(bob),
    createdNs: timeNs(1),
    context: { conversationId: 'c', metadata: new Map([['k', 'v']]) },
  }),
  xmtp_createAuthToken: encodeCreateAuthTokenRequest(5n),
  xmtp_getV1Conversations: new Uint8Array(),
  xmtp_getV2Conversations: new Uint8Array(),
  xmtp_saveV1Conversations: encodeConversations([{ topic, peerAddress: keystore.account, createdNs: 1n }]),
  xmtp_getRefreshJob: encodeGetRefreshJobRequest(2),
  xmtp_setRefreshJob: encodeSetRefreshJobRequest(2, 5n),
  xmtp_getV2ConversationHmacKeys: encodeHmacKeysRequest([topic, 'x']),
  xmtp_getPrivatePreferencesTopicIdentifier: new Uint8Array(),
  xmtp_createPrivatePreference: action,
  xmtp_getPrivatePreferences: new Uint8Array(),
  xmtp_savePrivatePreferences: encodePrivatePreferencesEntries([{ key: '17', action }]),
};
const all = Object.entries(requests) as [KeystoreMethod, Uint8Array][];

type Change = { kind: 'flip' | 'cut' | 'double' | 'insert' | 'zero'; at: number; length: number; byte: number };

const changes: fc.Arbitrary<Change[]> = fc.array(
  fc.record({
    kind: fc.constantFrom('flip' as const, 'cut' as const, 'double' as const, 'insert' as const, 'zero' as const),
    at: fc.nat(),
    length: fc.nat(40),
    byte: fc.nat(255),
  }),
  { minLength: 1, maxLength: 3 },
);

function changed(bytes: Uint8Array, list: readonly Change[]): Uint8Array {
  return list.reduce((now, { kind, at, length, byte }) => {
    const from = at % (now.length + 1);
    const to = Math.min(now.length, from + length);
    if (kind === 'flip') return now.map((one, index) => (index === from ? one ^ (byte || 1) : one));
    if (kind === 'zero') return now.map((one, index) => (index >= from && index < to ? 0 : one));
    const middle =
      kind === 'cut'
        ? []
        : kind === 'double'
          ? [...now.slice(from, to), ...now.slice(from, to)]
          : [byte, ...now.slice(from, to)];
    return Uint8Array.from([...now.slice(0, from), ...middle, ...now.slice(to)]);
  }, bytes);
}

/** The answer, or the refusal; any other error is thrown on. */
async function outcome(method: KeystoreMethod, request: Uint8Array): Promise<Uint8Array | string> {
  try {
    return await keystore.run(method, request);
  } catch (error) {
    if (error instanceof KeystoreRefusal) return `code ${error.keystoreCode}`;
    if (error instanceof VaultError && error.reason === 'limit') return 'limit';
    throw error;
  }
}

async function expectTyped(method: KeystoreMethod, request: Uint8Array): Promise<void> {
  const answer = await outcome(method, request);
  if (method in batches) {
    let items: number | undefined;
    try {
      items = countBatchItems(request);
    } catch {
      expect(answer).toBe('code 1');
    }
    if (items !== undefined) expect(countBatchItems(answer as Uint8Array)).toBe(items);
  }
  const facts = await keystore.keystore.describe(keystore.safeId, method, request).catch((error: unknown) => {
    if (error instanceof KeystoreRefusal) return undefined;
    throw error;
  });
  if (facts) expect(facts.peers.length).toBeLessThanOrEqual(5);
}

describe('mutated requests', () => {
  it('every request that is whole is answered', async () => {
    for (const [method, request] of all)
      expect([method, typeof (await outcome(method, request))]).toEqual([method, 'object']);
    expect(all).toHaveLength(19);
  });

  it.each(all)('%s: changed, cut and doubled bytes are refused or answered item by item', async (method, request) => {
    await fc.assert(
      fc.asyncProperty(changes, (list) => expectTyped(method, changed(request, list))),
      { numRuns: 250 },
    );
  });

  it.each(all)('%s: every truncation, and one byte more', async (method, request) => {
    const lengths = Array.from({ length: 24 }, (_, n) => Math.floor((request.length * n) / 24));
    for (const length of lengths) await expectTyped(method, request.slice(0, length));
    await expectTyped(method, Uint8Array.from([...request, 0]));
  });

  it('random bytes, for any method', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...all), fc.uint8Array({ maxLength: 80 }), ([method], bytes) =>
        expectTyped(method, bytes),
      ),
      { numRuns: 1500 },
    );
  });

  it('keys and signatures of absurd length are items that are refused', async () => {
    const long = new Uint8Array(300_000).fill(1);
    const recipient = signedPublicBundleOf(bob);
    const preKey = {
      ...recipient.preKey,
      keyBytes: Uint8Array.from([...recipient.preKey.keyBytes, 0x22, 0xe0, 0xa7, 0x12, ...long]),
    };
    await expectTyped(
      'xmtp_createInvite',
      encodeCreateInviteRequest({ recipient: { ...recipient, preKey }, createdNs: 1n }),
    );
  });

  it('afterwards the conversation that was known still opens, and only real conversations are listed', async () => {
    const [read] = decodeDecryptResponse(
      await keystore.run('xmtp_decryptV2', batches.xmtp_decryptV2 ?? new Uint8Array()),
    );
    expect(read).toEqual({ result: text('hi') });
    for (const { topic: one } of decodeConversations(await keystore.run('xmtp_getV2Conversations')))
      expect(one).toMatch(/^\/xmtp\/0\/m-/);
  });
});

describe('order', () => {
  it('answers are in the order of the items, whichever are bad, in every arrangement', async () => {
    const item = (n: number) => ({
      headerBytes: headerV2(topic, n),
      contentTopic: topic,
      payload: encryptV2({
        keyMaterial,
        headerBytes: headerV2(topic, n),
        payload: text(`m${n}`),
        salt32: random(32),
        nonce12: random(12),
      }),
    });
    const kinds = fc.constantFrom('good', 'unknown', 'wrong', 'missing');
    await fc.assert(
      fc.asyncProperty(fc.array(kinds, { maxLength: 30 }), async (list) => {
        const items = list.map((kind, n) => {
          const good = item(n);
          if (kind === 'unknown') return { ...good, contentTopic: '/xmtp/0/m-none/proto' };
          if (kind === 'wrong') return { ...good, headerBytes: headerV2(topic, n + 1) };
          return kind === 'missing' ? { ...good, headerBytes: new Uint8Array() } : good;
        });
        const answers = decodeDecryptResponse(await keystore.run('xmtp_decryptV2', encodeDecryptV2Request(items)));
        const expected = list.map((kind, n) =>
          kind === 'good' ? text(`m${n}`) : { unknown: 2, wrong: 0, missing: 1 }[kind],
        );
        expect(answers.map((one) => ('refusal' in one ? one.refusal.code : one.result))).toEqual(expected);
      }),
      { numRuns: 25 },
    );
  });
});
