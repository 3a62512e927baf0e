// Invitations and messages with one defect each, and with older prekeys: what clients of the field get wrong or let pass.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import type { PrivateKeyBundleV1, SignedPublicKeyBundle } from '../keys/bundles';
import { publicBundleOf, signedPublicBundleOf } from '../keys/bundles';
import { consentProofText, isValidConsentProof } from './consent-proof';
import { decodeContent, encodeContent, textContent, textOf } from './content';
import { concatBytes, hexToBytes } from '../base/bytes';
import {
  createInvitation,
  decodeInvitation,
  decodeSealedInvitation,
  encodeInvitation,
  openInvitation,
  sealInvitation,
} from './invitation';
import { decodeMessage, encodeMessage } from './message';
import {
  createBundlesReader,
  decodeMessageHeaderV1,
  decryptV1,
  encodeMessageHeaderV1,
  encryptV1,
  readMessageV1,
} from './message-v1';
import {
  checkHeaderTopic,
  contentDigest,
  decodeSignedContent,
  encodeMessageHeaderV2,
  encodeSignedContent,
  encryptV2,
  readMessageV2,
  signContent,
  verifySignedContent,
} from './message-v2';
import { ourBundle, seed, testWallet } from '../testkit/reference.testkit';
import { reasonOf } from '../testkit/refusal.testkit';
import { sharedSecret } from '../keys/shared-secret';
import { conversationTopic, directMessageTopic, privateStoreTopic } from './topics';

const [salt32, nonce12] = [seed('salt'), seed('nonce').slice(0, 12)];
const NS = 1_000_000n;

function identity(name: string, preKeys = 1): PrivateKeyBundleV1 {
  return ourBundle({
    wallet: testWallet(name),
    identityPrivateKey: seed(`identity of ${name}`),
    identityCreatedMs: 1_600_000_000_000n,
    preKeys: Array.from({ length: preKeys }, (_, age) => ({
      privateKey: seed(`prekey ${age} of ${name}`),
      createdMs: 1_700_000_000_000n - BigInt(age),
    })),
  });
}

const [alice, bob, carol] = [identity('alice', 3), identity('bob'), identity('carol')];
const addressOf = { alice: testWallet('alice').address, bob: testWallet('bob').address };
/** Alice as she was before her last rotations. */
const aliceBefore = (age: number): PrivateKeyBundleV1 => ({ ...alice, preKeys: alice.preKeys.slice(age) });
const withPreKeyOf = (bundle: SignedPublicKeyBundle, other: PrivateKeyBundleV1): SignedPublicKeyBundle => ({
  ...bundle,
  preKey: signedPublicBundleOf(other).preKey,
});

function invitationFrom(mine: PrivateKeyBundleV1, to: PrivateKeyBundleV1): ReturnType<typeof createInvitation> {
  return createInvitation({
    mine,
    sender: signedPublicBundleOf(mine),
    recipient: signedPublicBundleOf(to),
    createdNs: 7n * NS,
    salt32,
    nonce12,
  });
}

describe('invitations', () => {
  it.each([0, 1, 2])(
    'open after rotation, sent and received, with the other side as the peer: prekey of age %i',
    (age) => {
      const sent = decodeSealedInvitation(invitationFrom(aliceBefore(age), bob).sealed);
      const received = decodeSealedInvitation(invitationFrom(bob, aliceBefore(age)).sealed);
      expect(openInvitation(alice, sent, 7n * NS).conversation.peerAddress).toBe(addressOf.bob);
      expect(openInvitation(alice, received, 7n * NS).conversation.peerAddress).toBe(addressOf.bob);
      expect(openInvitation(bob, sent, 7n * NS).conversation.peerAddress).toBe(addressOf.alice);
    },
  );

  it('carry whole milliseconds in the header and the time as given in the conversation', () => {
    const made = createInvitation({
      mine: alice,
      sender: signedPublicBundleOf(alice),
      recipient: signedPublicBundleOf(bob),
      createdNs: 7_123_456n,
      salt32,
      nonce12,
    });
    expect(made.conversation.createdNs).toBe(7_123_456n);
    expect(decodeSealedInvitation(made.sealed).header.createdNs).toBe(7n * NS);
  });

  it('are refused with one defect', () => {
    const sealed = decodeSealedInvitation(invitationFrom(alice, bob).sealed);
    const { header } = sealed;
    const opened = (mine: PrivateKeyBundleV1, changed: Partial<typeof sealed>, timeNs = 7n * NS): string =>
      reasonOf(() => openInvitation(mine, { ...sealed, ...changed }, timeNs));
    expect(opened(bob, {})).toBe('accepted');
    expect(opened(bob, {}, 7n * NS + 1n)).toBe('wrong-time');
    expect(opened(carol, {})).toBe('not-a-party');
    expect(opened(bob, { header: { ...header, recipient: withPreKeyOf(header.recipient, carol) } })).toBe(
      'no-matching-prekey',
    );
    expect(opened(bob, { header: { ...header, sender: withPreKeyOf(header.sender, carol) } })).toBe(
      'prekey-signature-invalid',
    );
    expect(opened(bob, { headerBytes: sealed.headerBytes.with(9, (sealed.headerBytes[9] as number) ^ 1) })).toBe(
      'not-opened',
    );
    const stale = { ...alice, preKeys: alice.preKeys.slice(1) };
    expect(opened(stale, {})).toBe('no-matching-prekey');
  });

  it('are refused when made for a recipient whose keys do not hold together', () => {
    const recipient = signedPublicBundleOf(bob);
    const made = (changed: SignedPublicKeyBundle, sender = signedPublicBundleOf(alice)): string =>
      reasonOf(() => createInvitation({ mine: alice, sender, recipient: changed, createdNs: 0n, salt32, nonce12 }));
    expect(made(recipient)).toBe('accepted');
    expect(made(withPreKeyOf(recipient, carol))).toBe('prekey-signature-invalid');
    const signature = { ...recipient.identityKey.signature, kind: 'ecdsaCompact' } as const;
    expect(made({ ...recipient, identityKey: { ...recipient.identityKey, signature } })).toBe('not-signed-by-wallet');
    expect(made(recipient, signedPublicBundleOf(carol))).toBe('no-matching-prekey');
  });

  it('are refused when they name a topic that is no V2 conversation: an answer would be published over it', () => {
    const invitation = invitationFrom(alice, bob).invitation;
    const named = (topic: string): string => {
      const header = { sender: signedPublicBundleOf(alice), recipient: signedPublicBundleOf(bob), createdNs: 0n };
      const secret = sharedSecret(alice, header.recipient, header.sender.preKey, 'sender');
      const sealed = sealInvitation({ invitation: { ...invitation, topic }, header, secret, salt32, nonce12 });
      return reasonOf(() => openInvitation(bob, decodeSealedInvitation(sealed), 0n));
    };
    for (const good of [conversationTopic('a+b-c'), conversationTopic('0f')]) expect(named(good)).toBe('accepted');
    const bad = [
      privateStoreTopic(addressOf.bob),
      directMessageTopic(addressOf.alice, addressOf.bob),
      '/xmtp/0/contact-x/proto',
      '/xmtp/0/mE-x/proto',
      '/xmtp/0/m-/proto',
      '/xmtp/0/m-a/b/proto',
      '/xmtp/0/m-a b/proto',
      '/xmtp/0/m-é/proto',
      'x/xmtp/0/m-a/proto',
      '/xmtp/0/m-a/proto/',
    ];
    for (const topic of bad) expect(named(topic), topic).toBe('wrong-topic');
    expect(named('')).toBe('missing-field');
  });

  it('are refused with key material of another length, or none', () => {
    const { invitation } = invitationFrom(alice, bob);
    for (const length of [0, 16, 31, 33]) {
      expect(
        reasonOf(() => decodeInvitation(encodeInvitation({ ...invitation, keyMaterial: new Uint8Array(length) }))),
      ).toBe('bad-length');
    }
    expect(reasonOf(() => decodeInvitation(hexToBytes('0a0178')))).toBe('missing-field');
    expect(reasonOf(() => decodeSealedInvitation(new Uint8Array(0)))).toBe('unknown-version');
    expect(reasonOf(() => decodeSealedInvitation(hexToBytes('0a00')))).toBe('missing-field');
  });
});

describe('V1 messages', () => {
  const payload = encodeContent(textContent('gm'));
  const [aliceKeys, bobKeys] = [publicBundleOf(alice), publicBundleOf(bob)];

  function messageFrom(
    mine: PrivateKeyBundleV1,
    to: PrivateKeyBundleV1,
  ): { headerBytes: Uint8Array; ciphertext: ReturnType<typeof encryptV1> } {
    const headerBytes = encodeMessageHeaderV1({
      sender: publicBundleOf(mine),
      recipient: publicBundleOf(to),
      timestampMs: 5n,
    });
    return { headerBytes, ciphertext: encryptV1({ mine, headerBytes, payload, salt32, nonce12 }) };
  }

  it.each([0, 1, 2])(
    'open after rotation, sent and received, as the client asks and without a word from it: prekey of age %i',
    (age) => {
      const keysThen = publicBundleOf(aliceBefore(age));
      const [sent, received] = [messageFrom(aliceBefore(age), bob), messageFrom(bob, aliceBefore(age))];
      expect(decryptV1(alice, sent)).toEqual(payload);
      expect(decryptV1(alice, received)).toEqual(payload);
      // After a rotation the client takes its own old message for a stranger's.
      const claim = age === 0 ? { isSender: true, peerKeys: bobKeys } : { isSender: false, peerKeys: keysThen };
      expect(decryptV1(alice, sent, claim)).toEqual(payload);
    },
  );

  it('law: whoever reads many headers reads in each what stands in it, and refuses what is refused alone', () => {
    const people = [alice, aliceBefore(1), bob, carol].map(publicBundleOf);
    const person = fc.constantFrom(...people);
    const header = fc
      .record({ sender: person, recipient: person, timestampMs: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) })
      .map(encodeMessageHeaderV1);
    // Also with bytes that nobody knows behind it, with one bit turned, and cut off.
    const spoiled = fc.tuple(header, fc.nat(), fc.nat({ max: 7 })).map(([bytes, at, bit]) => {
      const copy = bytes.slice();
      copy[at % copy.length]! ^= 1 << bit;
      return copy;
    });
    const any = fc.oneof(
      { weight: 3, arbitrary: header },
      spoiled,
      fc.tuple(header, fc.nat({ max: 500 })).map(([bytes, cut]) => bytes.slice(0, cut)),
      header.map((bytes) => concatBytes(bytes, hexToBytes('3a021234'))),
      header.map((bytes) => concatBytes(bytes, hexToBytes('fa3e8008'), new Uint8Array(1_024))),
    );
    fc.assert(
      fc.property(fc.array(any, { maxLength: 12 }), (headers) => {
        const read = createBundlesReader();
        for (const bytes of headers) {
          const reason = reasonOf(() => decodeMessageHeaderV1(bytes));
          expect(reasonOf(() => read(bytes))).toBe(reason);
          if (reason !== 'accepted') continue;
          const { sender, recipient } = decodeMessageHeaderV1(bytes);
          expect(read(bytes)).toMatchObject({ sender, recipient });
        }
      }),
    );
    const read = createBundlesReader();
    const at = (timestampMs: bigint, recipient = bobKeys) =>
      encodeMessageHeaderV1({ sender: aliceKeys, recipient, timestampMs });
    expect(read(at(1n))).toBe(read(at(2n)));
    expect(read(at(1n))).not.toBe(read(at(1n, people[3])));
  });

  it("are refused when the caller's word contradicts the header, or a byte of it was changed", () => {
    const message = messageFrom(alice, bob);
    const claimed = (isSender: boolean, peerKeys: typeof bobKeys): string =>
      reasonOf(() => decryptV1(bob, message, { isSender, peerKeys }));
    expect(claimed(false, aliceKeys)).toBe('accepted');
    expect(claimed(true, aliceKeys)).toBe('contradicts-header');
    expect(claimed(false, publicBundleOf(carol))).toBe('contradicts-header');
    expect(claimed(false, { ...aliceKeys, preKey: publicBundleOf(aliceBefore(1)).preKey })).toBe('contradicts-header');
    expect(reasonOf(() => decryptV1(carol, message))).toBe('not-a-party');
    const later = encodeMessageHeaderV1({ sender: aliceKeys, recipient: bobKeys, timestampMs: 6n });
    expect(reasonOf(() => decryptV1(bob, { ...message, headerBytes: later }))).toBe('not-opened');
    expect(reasonOf(() => encryptV1({ mine: bob, headerBytes: message.headerBytes, payload, salt32, nonce12 }))).toBe(
      'not-a-party',
    );
  });

  it('are read only on the topic of their two accounts', () => {
    const message = messageFrom(alice, bob);
    const published = encodeMessage({ version: 1, ...message });
    expect(reasonOf(() => readMessageV1(bob, published, directMessageTopic(addressOf.alice, addressOf.bob)))).toBe(
      'accepted',
    );
    expect(
      reasonOf(() => readMessageV1(bob, published, directMessageTopic(addressOf.alice, testWallet('carol').address))),
    ).toBe('wrong-topic');
    expect(reasonOf(() => readMessageV1(bob, encodeMessage({ version: 2, ...message }), ''))).toBe('unknown-version');
  });
});

describe('V2 messages', () => {
  const topic = conversationTopic('one');
  const keyMaterial = seed('key material');
  const payload = encodeContent(textContent('gm'));
  const headerBytes = encodeMessageHeaderV2({ createdNs: 5n, topic });
  const sender = signedPublicBundleOf(alice);
  const preKeyPrivate = alice.preKeys[0]?.privateKey as Uint8Array;
  const signed = decodeSignedContent(signContent({ headerBytes, payload, sender, preKeyPrivate }));
  const signature = signed.signature as NonNullable<typeof signed.signature>;

  it('are refused with one defect in the signed content', () => {
    const verified = (changed: Partial<typeof signed>): string =>
      reasonOf(() => verifySignedContent({ ...signed, ...changed }, headerBytes));
    expect(verifySignedContent(signed, headerBytes)).toBe(addressOf.alice);
    const { r, s } = secp256k1.Signature.fromBytes(signature.bytes, 'compact');
    const highS = new secp256k1.Signature(r, secp256k1.Point.Fn.neg(s)).toBytes('compact');
    expect(verified({ signature: { ...signature, bytes: highS } })).toBe('signature-invalid');
    expect(
      verified({ signature: { ...signature, bytes: signature.bytes.with(5, (signature.bytes[5] as number) ^ 1) } }),
    ).toBe('signature-invalid');
    expect(verified({ signature: { ...signature, kind: 'walletEcdsaCompact' } })).toBe('signature-invalid');
    expect(verified({ signature: { ...signature, recovery: signature.recovery === 0 ? 1 : 0 } })).toBe('accepted');
    expect(verified({ payload: encodeContent(textContent('gn')) })).toBe('signature-invalid');
    expect(verified({ sender: withPreKeyOf(sender, bob) })).toBe('prekey-signature-invalid');
    expect(verified({ sender: { ...sender, identityKey: signedPublicBundleOf(bob).identityKey } })).toBe(
      'prekey-signature-invalid',
    );
    expect(verified({ sender: signedPublicBundleOf(aliceBefore(1)) })).toBe('signature-invalid');
    expect(reasonOf(() => verifySignedContent(signed, encodeMessageHeaderV2({ createdNs: 6n, topic })))).toBe(
      'signature-invalid',
    );
    expect(reasonOf(() => verifySignedContent({ payload, sender }, headerBytes))).toBe('not-signed');
    expect(
      reasonOf(() =>
        signContent({ headerBytes, payload, sender, preKeyPrivate: bob.preKeys[0]?.privateKey as Uint8Array }),
      ),
    ).toBe('private-public-mismatch');
  });

  it('are read only with their key, on their topic, under their header', () => {
    const seal = (header: Uint8Array, key = keyMaterial): Uint8Array =>
      encodeMessage({
        version: 2,
        headerBytes: header,
        ciphertext: encryptV2({
          keyMaterial: key,
          headerBytes: header,
          payload: encodeSignedContent(signed),
          salt32,
          nonce12,
        }),
      });
    const read = (bytes: Uint8Array): string => reasonOf(() => readMessageV2(keyMaterial, bytes, topic));
    expect(read(seal(headerBytes))).toBe('accepted');
    expect(read(seal(headerBytes, seed('another key')))).toBe('not-opened');
    expect(read(seal(encodeMessageHeaderV2({ createdNs: 5n, topic: conversationTopic('two') })))).toBe('wrong-topic');
    const other = encodeMessageHeaderV2({ createdNs: 6n, topic });
    const message = decodeMessage(seal(headerBytes));
    expect(read(encodeMessage({ ...message, headerBytes: other }))).toBe('not-opened');
    expect(read(seal(other))).toBe('signature-invalid');
    expect(read(encodeMessage({ version: 1, headerBytes, ciphertext: message.ciphertext }))).toBe('unknown-version');
    expect(read(new Uint8Array(0))).toBe('unknown-version');
    expect(reasonOf(() => checkHeaderTopic(hexToBytes('07'), topic))).toBe('malformed-protobuf');
    expect(contentDigest(headerBytes, payload)).not.toEqual(contentDigest(other, payload));
  });
});

describe('content and consent', () => {
  it('gives the text of text content only', () => {
    const content = textContent('gm 👋');
    expect(textOf(decodeContent(encodeContent(content)))).toBe('gm 👋');
    expect(textOf({ ...content, compression: 'gzip' })).toBeUndefined();
    expect(textOf({ ...content, parameters: new Map([['encoding', 'UTF-16']]) })).toBeUndefined();
    expect(textOf({ ...content, type: { ...content.type, typeId: 'reaction' } })).toBeUndefined();
    const full = { ...content, fallback: '', compression: 'deflate' } as const;
    expect(decodeContent(encodeContent(full))).toEqual(full);
    expect(reasonOf(() => decodeContent(hexToBytes('2202aaaa')))).toBe('missing-field');
    expect(reasonOf(() => decodeContent(hexToBytes('0a002802')))).toBe('bad-number');
  });

  it('accepts a consent proof from its account, for its sender, for thirty days', () => {
    const nowMs = 1_700_000_000_000n;
    const wallet = testWallet('bob');
    const proofAt = (timestampMs: bigint, text = consentProofText(addressOf.alice, timestampMs)) => ({
      signature: `0x${Buffer.from(wallet.sign(text)).toString('hex')}`,
      timestampMs,
      payloadVersion: 1,
    });
    const isValid = (
      proof: ReturnType<typeof proofAt>,
      senderAddress = addressOf.alice,
      account = wallet.address,
    ): boolean => isValidConsentProof({ proof, senderAddress, account, nowMs });
    expect(isValid(proofAt(nowMs))).toBe(true);
    expect(isValid(proofAt(nowMs - 2_592_000_000n))).toBe(true);
    expect(isValid(proofAt(nowMs - 2_592_000_001n))).toBe(false);
    expect(isValid(proofAt(nowMs + 1n))).toBe(false);
    expect(isValid(proofAt(0n))).toBe(false);
    expect(isValid(proofAt(nowMs), testWallet('carol').address)).toBe(false);
    expect(isValid(proofAt(nowMs), addressOf.alice, testWallet('carol').address)).toBe(false);
    expect(isValid({ ...proofAt(nowMs), timestampMs: nowMs - 1000n })).toBe(false);
    expect(isValid({ ...proofAt(nowMs), signature: '0x12' })).toBe(false);
    expect(isValid({ ...proofAt(nowMs), signature: 'not hex' })).toBe(false);
  });
});
