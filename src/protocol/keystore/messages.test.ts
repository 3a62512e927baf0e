// The keystore API on the wire: our codecs against those of the field, and what one bad item does to its neighbours.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SignedPublicKeyBundle } from '../keys/bundles';
import { publicBundleOf, signedPublicBundleOf } from '../keys/bundles';
import { bytesToHex, concatBytes, hexToBytes } from '../base/bytes';
import type { ConversationReference } from '../messages/conversation';
import { v1ConversationOf } from '../messages/conversation';
import { ProtocolError } from '../base/errors';
import * as wire from '../proto/gen/keystore';
import { decodeStrictly } from '../proto/strict';
import { countBatchItems, itemsOf } from './batch';
import * as calls from './calls';
import * as messages from './messages';
import { keystoreCodeOf } from './codes';
import { identityPool, ourBundle, reference, referenceProto, seed, testWallet } from '../testkit/reference.testkit';
import { reasonOf } from '../testkit/refusal.testkit';
import type { Ciphertext } from '../keys/seal';

const mine = ourBundle({
  wallet: testWallet('of messages'),
  identityPrivateKey: seed('identity of messages'),
  identityCreatedMs: 1n,
  preKeys: [{ privateKey: seed('prekey of messages'), createdMs: 2n }],
});
const legacy = publicBundleOf(mine);
const signed = signedPublicBundleOf(mine);

const bytes = fc.uint8Array({ maxLength: 60 });
const filled = fc.uint8Array({ minLength: 1, maxLength: 60 });
const text = fc.string({ unit: 'grapheme', maxLength: 20 });
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const ciphertext: fc.Arbitrary<Ciphertext> = fc.record({
  hkdfSalt: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  gcmNonce: fc.uint8Array({ minLength: 12, maxLength: 12 }),
  payload: fc.uint8Array({ minLength: 16, maxLength: 60 }),
});
const context = fc.record({
  conversationId: text,
  // The codecs of the field keep these in a plain object, which loses this one name.
  metadata: fc
    .dictionary(
      text.filter((name) => name !== '__proto__'),
      text,
      { maxKeys: 1 },
    )
    .map((entries) => new Map(Object.entries(entries))),
});
const consentProof = fc.record({ signature: text, timestampMs: uint64, payloadVersion: fc.constantFrom(0, 1) });
const conversation: fc.Arbitrary<ConversationReference> = fc.record(
  { topic: text, peerAddress: text, createdNs: uint64, context, consentProof },
  { requiredKeys: ['topic', 'peerAddress', 'createdNs'] },
);
const refusal = fc.record({ refusal: fc.record({ code: fc.constantFrom<0 | 1 | 2>(0, 1, 2), message: text }) });
const outcomesOf = <Result>(result: fc.Arbitrary<Result>): fc.Arbitrary<messages.ItemOutcome<Result>[]> =>
  fc.array(fc.oneof(fc.record({ result }), refusal), { maxLength: 4 });

interface Pair {
  readonly name: string;
  readonly values: fc.Arbitrary<unknown>;
  readonly encode: (value: never) => Uint8Array;
  readonly decode: (bytes: Uint8Array) => unknown;
  /** The field's codec for the same message. */
  readonly theirs: { encode(message: never): { finish(): Uint8Array }; decode(bytes: Uint8Array): unknown };
}
const field = referenceProto.keystore;
const pair = <Value>(
  name: string,
  values: fc.Arbitrary<Value>,
  encode: (value: Value) => Uint8Array,
  decode: (bytes: Uint8Array) => unknown,
  theirs: unknown,
): Pair => ({ name, values, encode, decode, theirs }) as Pair;
const list = <Item>(item: fc.Arbitrary<Item>): fc.Arbitrary<Item[]> => fc.array(item, { maxLength: 4 });

const PAIRS: Pair[] = [
  pair(
    'decryptV1 request',
    list(
      fc.record({ payload: ciphertext, peerKeys: fc.constant(legacy), headerBytes: filled, isSender: fc.boolean() }),
    ),
    messages.encodeDecryptV1Request,
    messages.decodeDecryptV1Request,
    field.DecryptV1Request,
  ),
  pair(
    'decryptV2 request',
    list(fc.record({ payload: ciphertext, headerBytes: filled, contentTopic: text })),
    messages.encodeDecryptV2Request,
    messages.decodeDecryptV2Request,
    field.DecryptV2Request,
  ),
  pair(
    'encryptV1 request',
    list(fc.record({ recipient: fc.constant(legacy), payload: bytes, headerBytes: filled })),
    messages.encodeEncryptV1Request,
    messages.decodeEncryptV1Request,
    field.EncryptV1Request,
  ),
  pair(
    'encryptV2 request',
    list(fc.record({ payload: bytes, headerBytes: filled, contentTopic: text })),
    messages.encodeEncryptV2Request,
    messages.decodeEncryptV2Request,
    field.EncryptV2Request,
  ),
  pair(
    'saveInvites request',
    list(fc.record({ contentTopic: text, timestampNs: uint64, payload: bytes })),
    messages.encodeSaveInvitesRequest,
    messages.decodeSaveInvitesRequest,
    field.SaveInvitesRequest,
  ),
  pair(
    'selfEncrypt request',
    list(bytes),
    messages.encodeSelfEncryptRequest,
    messages.decodeSelfEncryptRequest,
    field.SelfEncryptRequest,
  ),
  pair(
    'selfDecrypt request',
    list(bytes),
    messages.encodeSelfDecryptRequest,
    messages.decodeSelfDecryptRequest,
    field.SelfDecryptRequest,
  ),
  pair(
    'decrypt response',
    outcomesOf(bytes),
    messages.encodeDecryptResponse,
    messages.decodeDecryptResponse,
    field.DecryptResponse,
  ),
  pair(
    'encrypt response',
    outcomesOf(fc.record({ encrypted: ciphertext, senderHmac: filled }, { requiredKeys: ['encrypted'] })),
    messages.encodeEncryptResponse,
    messages.decodeEncryptResponse,
    field.EncryptResponse,
  ),
  pair(
    'saveInvites response',
    outcomesOf(conversation),
    messages.encodeSaveInvitesResponse,
    messages.decodeSaveInvitesResponse,
    field.SaveInvitesResponse,
  ),
  pair(
    'selfEncrypt response',
    outcomesOf(bytes),
    messages.encodeSelfEncryptResponse,
    messages.decodeSelfEncryptResponse,
    field.SelfEncryptResponse,
  ),
  pair(
    'createInvite request',
    fc.record(
      { recipient: fc.constant<SignedPublicKeyBundle>(signed), createdNs: uint64, context, consentProof },
      { requiredKeys: ['recipient', 'createdNs'] },
    ),
    calls.encodeCreateInviteRequest,
    calls.decodeCreateInviteRequest,
    field.CreateInviteRequest,
  ),
  pair(
    'createInvite response',
    fc.record({ conversation, payload: bytes }),
    calls.encodeCreateInviteResponse,
    calls.decodeCreateInviteResponse,
    field.CreateInviteResponse,
  ),
  pair(
    'createAuthToken request',
    fc.option(uint64, { nil: undefined }),
    calls.encodeCreateAuthTokenRequest,
    calls.decodeCreateAuthTokenRequest,
    field.CreateAuthTokenRequest,
  ),
  pair(
    'signDigest request',
    fc.record(
      {
        digest: bytes,
        signer: fc.oneof(fc.record({ identityKey: fc.boolean() }), fc.record({ prekeyIndex: fc.nat() })),
      },
      { requiredKeys: ['digest'] },
    ),
    calls.encodeSignDigestRequest,
    calls.decodeSignDigestRequest,
    field.SignDigestRequest,
  ),
  pair(
    'conversations',
    list(conversation),
    calls.encodeConversations,
    calls.decodeConversations,
    field.GetConversationsResponse,
  ),
  pair(
    'saveV1Conversations request',
    list(conversation),
    calls.encodeConversations,
    calls.decodeConversations,
    field.SaveV1ConversationsRequest,
  ),
  pair(
    'getRefreshJob request',
    fc.constantFrom<calls.RefreshJobType>(0, 1, 2, 3),
    calls.encodeGetRefreshJobRequest,
    calls.decodeGetRefreshJobRequest,
    field.GetRefreshJobRequest,
  ),
  pair(
    'getRefreshJob response',
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    calls.encodeGetRefreshJobResponse,
    calls.decodeGetRefreshJobResponse,
    field.GetRefreshJobResponse,
  ),
  pair(
    'setRefreshJob request',
    fc.record({
      jobType: fc.constantFrom<calls.RefreshJobType>(0, 1, 2, 3),
      lastRunNs: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    }),
    ({ jobType, lastRunNs }) => calls.encodeSetRefreshJobRequest(jobType, lastRunNs),
    calls.decodeSetRefreshJobRequest,
    field.SetRefeshJobRequest,
  ),
  pair(
    'topic identifier response',
    text,
    calls.encodeTopicIdentifierResponse,
    calls.decodeTopicIdentifierResponse,
    field.GetPrivatePreferencesTopicIdentifierResponse,
  ),
  pair(
    'HMAC keys request',
    list(text),
    calls.encodeHmacKeysRequest,
    calls.decodeHmacKeysRequest,
    field.GetConversationHmacKeysRequest,
  ),
  pair(
    'HMAC keys response',
    list(
      fc.record({ thirtyDayPeriodsSinceEpoch: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), hmacKey: bytes }),
    ).map((keys) => new Map([['topic', keys]])),
    calls.encodeHmacKeysResponse,
    calls.decodeHmacKeysResponse,
    field.GetConversationHmacKeysResponse,
  ),
];

describe('the keystore API on the wire', () => {
  it.each(PAIRS)(
    'reads what it writes, and the codecs of the field write the same bytes: $name',
    ({ values, encode, decode, theirs }) => {
      fc.assert(
        fc.property(values, (value) => {
          const written = encode(value as never);
          expect(decode(written)).toEqual(value);
          expect(bytesToHex(Uint8Array.from(theirs.encode(theirs.decode(written) as never).finish()))).toBe(
            bytesToHex(written),
          );
        }),
        { numRuns: 100 },
      );
    },
  );

  it('has codecs for every method the client calls, but for those that hand out or import private keys', () => {
    const theirs = Object.keys(reference.snapKeystoreApiDefs);
    const absent = [
      'getKeystoreStatus',
      'initKeystore',
      'getPrivateKeyBundle',
      'getPublicKeyBundle',
      'getAccountAddress',
    ];
    const batches = ['decryptV1', 'decryptV2', 'encryptV1', 'encryptV2', 'saveInvites', 'selfEncrypt', 'selfDecrypt'];
    const single = [
      'createInvite',
      'createAuthToken',
      'signDigest',
      'saveV1Conversations',
      'getV1Conversations',
      'getV2Conversations',
      'getRefreshJob',
      'setRefreshJob',
      'getPrivatePreferencesTopicIdentifier',
      'getV2ConversationHmacKeys',
    ];
    expect(theirs.filter((name) => ![...absent, ...batches, ...single].includes(name))).toEqual([]);
  });

  it('refuses a malformed item in its place and reads its neighbours', () => {
    const good = messages.encodeDecryptV2Request([
      {
        payload: { hkdfSalt: seed('a'), gcmNonce: seed('b').slice(0, 12), payload: seed('c') },
        headerBytes: Uint8Array.of(1),
        contentTopic: 't',
      },
    ]);
    const bad = {
      'an item cut off': hexToBytes('0a020a05'),
      'wire type 7': hexToBytes('0a0107'),
      'no header': messages.encodeDecryptV2Request([
        {
          payload: { hkdfSalt: seed('a'), gcmNonce: seed('b').slice(0, 12), payload: seed('c') },
          headerBytes: new Uint8Array(0),
          contentTopic: 't',
        },
      ]),
      'no payload': hexToBytes('0a03120101'),
      'a salt of one byte': hexToBytes('0a0c0a070a050a01001201001201ff'.slice(0, 28)),
      'an empty item': hexToBytes('0a00'),
    };
    for (const [what, broken] of Object.entries(bad)) {
      const items = messages.decodeDecryptV2Request(concatBytes(good, broken, good));
      expect(
        items.map((item) => item instanceof ProtocolError),
        what,
      ).toEqual([false, true, false]);
    }
    expect(reasonOf(() => messages.decodeDecryptV2Request(concatBytes(good, hexToBytes('0aff'))))).toBe(
      'malformed-protobuf',
    );
  });

  it('R-B5 answers any request with items or a ProtocolError, never with another error', () => {
    const decoders = PAIRS.map(({ decode }) => decode);
    const corpus = PAIRS.map(({ values, encode }) =>
      fc.sample(values, { numRuns: 3, seed: 7 }).map((value) => encode(value as never)),
    ).flat();
    const outcomes = { value: 0, refusal: 0 };
    fc.assert(
      fc.property(
        fc.constantFrom(...corpus),
        fc.constantFrom(...corpus),
        fc.nat(1000),
        fc.nat(255),
        (one, other, at, value) => {
          const flipped = one.slice();
          if (flipped.length > 0) flipped[at % flipped.length] = value;
          for (const input of [
            flipped,
            one.subarray(0, at % (one.length + 1)),
            concatBytes(one.subarray(0, at % (one.length + 1)), other),
          ]) {
            for (const decode of decoders) {
              const reason = reasonOf(() => decode(input));
              outcomes[reason === 'accepted' ? 'value' : 'refusal']++;
            }
          }
        },
      ),
      { numRuns: 300 },
    );
    expect(outcomes.value).toBeGreaterThan(1000);
    expect(outcomes.refusal).toBeGreaterThan(1000);
  });

  it('counts the items of a batch without reading them', () => {
    expect(countBatchItems(hexToBytes('0a01ff0a000a0100'))).toBe(3);
    expect(countBatchItems(new Uint8Array(0))).toBe(0);
    expect(reasonOf(() => countBatchItems(hexToBytes('0a02ff')))).toBe('malformed-protobuf');
  });

  it('writes plaintexts of every length, where one more byte of it is needed too', () => {
    const lengths = [0, 1, 123, 124, 125, 126, 127, 128, 16_377, 16_378, 16_379, 16_380, 16_383, 16_384, 2_097_152];
    const outcomes = lengths.map((length) => ({ result: new Uint8Array(length).fill(7) }));
    const read = messages.decodeDecryptResponse(messages.encodeDecryptResponse(outcomes));
    expect(read.map((outcome) => Object.keys(outcome))).toEqual(outcomes.map(() => ['result']));
    // As one text: to compare millions of numbers one by one takes seconds.
    const texts = (of: readonly object[]) => of.map((one) => bytesToHex((one as { result: Uint8Array }).result));
    expect(texts(read)).toEqual(texts(outcomes));
  });

  it('the shell of a batch is read as the generated decoder reads it behind the strict check', () => {
    const part = fc.oneof(
      {
        weight: 6,
        arbitrary: fc
          .uint8Array({ maxLength: 200 })
          .map((item) => [10, ...(item.length < 128 ? [item.length] : [item.length | 128, 1]), ...item]),
      },
      fc.constantFrom([8, 1], [16, 5], [18, 1, 7], [29, 1, 2, 3, 4], [0, 0], [10, 200], [11], [10, 128, 0]),
    );
    const read = { items: 0, refused: 0 };
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        const bytes = Uint8Array.from(parts.flat());
        const reason = reasonOf(() => itemsOf(bytes));
        expect(reason).toBe(reasonOf(() => decodeStrictly(wire.Batch, 'Batch', bytes)));
        if (reason === 'accepted') expect(itemsOf(bytes)).toEqual(wire.Batch.decode(bytes).items);
        read[reason === 'accepted' ? 'items' : 'refused']++;
      }),
      { numRuns: 500 },
    );
    expect(Math.min(read.items, read.refused)).toBeGreaterThan(50);
  });

  it('of two signers of a digest the last counts', () => {
    expect(calls.decodeSignDigestRequest(hexToBytes('10011800')).signer).toEqual({ prekeyIndex: 0 });
    expect(calls.decodeSignDigestRequest(hexToBytes('18001001')).signer).toEqual({ identityKey: true });
    expect(calls.decodeSignDigestRequest(hexToBytes('1000')).signer).toEqual({ identityKey: false });
    expect(calls.decodeSignDigestRequest(hexToBytes('1800')).signer).toEqual({ prekeyIndex: 0 });
  });

  it('refuses unknown refresh jobs, preferences without or with repeated keys, and fields where none belong', () => {
    expect(reasonOf(() => calls.decodeGetRefreshJobRequest(hexToBytes('0804')))).toBe('bad-number');
    expect(reasonOf(() => calls.decodeSetRefreshJobRequest(hexToBytes('0809')))).toBe('bad-number');
    const [one, two] = [
      { key: '1', action: Uint8Array.of(1) },
      { key: '2', action: new Uint8Array(0) },
    ];
    expect(calls.decodePrivatePreferencesEntries(calls.encodePrivatePreferencesEntries([one, two]))).toEqual([
      one,
      two,
    ]);
    expect(
      reasonOf(() => calls.decodePrivatePreferencesEntries(calls.encodePrivatePreferencesEntries([one, one]))),
    ).toBe('bad-number');
    expect(
      reasonOf(() =>
        calls.decodePrivatePreferencesEntries(calls.encodePrivatePreferencesEntries([{ ...one, key: '' }])),
      ),
    ).toBe('missing-field');
    expect(reasonOf(() => calls.checkEmptyRequest(new Uint8Array(0)))).toBe('accepted');
    expect(reasonOf(() => calls.checkEmptyRequest(hexToBytes('07')))).toBe('malformed-protobuf');
  });

  it('gives the codes of the field', () => {
    expect(keystoreCodeOf('decryptV1', 'missing-field')).toBe(1);
    expect(keystoreCodeOf('decryptV2', 'not-opened')).toBe(0);
    expect(keystoreCodeOf('decryptV2', 'no-topic-key')).toBe(2);
    expect(keystoreCodeOf('saveInvites', 'no-matching-prekey')).toBe(1);
    expect(keystoreCodeOf('signDigest', 'no-prekey')).toBe(2);
  });

  it('computes the topic of a V1 conversation, whatever the app wrote, and keeps the rest as given', async () => {
    const [one, other] = await identityPool(2);
    const [me, peer] = [one?.seeds.wallet.address ?? '', other?.seeds.wallet.address ?? ''];
    const given = { topic: 'ignored', peerAddress: peer.toLowerCase(), createdNs: 5n };
    expect(v1ConversationOf(given, me)).toEqual({ ...given, topic: reference.buildDirectMessageTopic(me, peer) });
    expect(reasonOf(() => v1ConversationOf({ ...given, peerAddress: '0x1234' }, me))).toBe('bad-address');
  });
});
