// What the keystore seals: content is looked at before it is signed, and anything that is not our own word is refused.
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { describe, expect, it } from 'vitest';
import { publicBundleOf, signedPublicBundleOf, type PrivateKeyBundleV1 } from '../../protocol/keys/bundles';
import { hmacKeyOf, hmacPeriodOf, verifySenderHmac } from '../../protocol/messages/hmac-keys';
import { decodeEncryptResponse, encodeEncryptV1Request, type EncryptedMessage } from '../../protocol/keystore/messages';
import { walletAddressOf, type KeySignature } from '../../protocol/keys/keys';
import { decryptV1, encodeMessageHeaderV1 } from '../../protocol/messages/message-v1';
import {
  contentDigest,
  decodeSignedContent,
  decryptV2,
  verifySignedContent,
  type SignedContent,
} from '../../protocol/messages/message-v2';
import { placeholderSignature } from '../../protocol/keys/placeholder-signature';
import { identityPool } from '../../protocol/testkit/reference.testkit';
import { openSealed } from '../../protocol/keys/seal';
import { sharedSecret } from '../../protocol/keys/shared-secret';
import { signDigest } from '../../protocol/base/secp256k1';
import {
  headerV2,
  invitationWith,
  random,
  save,
  text,
  timeMs,
  told,
  withOnly,
  writeV2,
} from '../testkit/keystore-requests.testkit';
import { createTestKeystore } from '../testkit/keystore.testkit';

const [ada, bob, cem] = (await identityPool(3)).map(({ ours }) => ours) as [
  PrivateKeyBundleV1,
  PrivateKeyBundleV1,
  PrivateKeyBundleV1,
];
const [topic, otherTopic] = ['/xmtp/0/m-a/proto', '/xmtp/0/m-b/proto'];
const headerBytes = headerV2(topic);
const payload = text('hello');
const signed = signedPublicBundleOf;

async function writer() {
  const keystore = await createTestKeystore(ada);
  const keyMaterial = random(32);
  await save(
    keystore,
    [topic, otherTopic].map((one, n) => invitationWith(bob, signed(ada), n, { topic: one, keyMaterial })),
  );
  const write = async (
    content: SignedContent | Uint8Array,
    change: { headerBytes?: Uint8Array; contentTopic?: string } = {},
  ) => (await writeV2(keystore, [{ headerBytes, contentTopic: topic, content, ...change }])).map(told)[0];
  /** What a reader with the conversation's key finds. */
  const opened = (result: EncryptedMessage | string | undefined, header = headerBytes): SignedContent => {
    if (typeof result !== 'object') throw new Error(result ?? 'no answer');
    return decodeSignedContent(decryptV2(keyMaterial, { headerBytes: header, ciphertext: result.encrypted }));
  };
  return { keystore, keyMaterial, write, opened };
}

function signatureBy(bundle: PrivateKeyBundleV1, at: number, digest: Uint8Array): KeySignature {
  const privateKey = bundle.preKeys[at]?.privateKey ?? new Uint8Array();
  return { kind: 'ecdsaCompact', ...signDigest(digest, privateKey) };
}

describe('encryptV2', () => {
  it('signs content without a signature, and with a placeholder, so that any reader verifies it', async () => {
    const { write, opened, keyMaterial, keystore } = await writer();
    const digest = contentDigest(headerBytes, payload);
    for (const content of [
      { payload, sender: signed(ada) },
      { payload, sender: signed(ada), signature: placeholderSignature(digest) },
    ]) {
      const result = await write(content);
      const read = opened(result);
      expect(verifySignedContent(read, headerBytes)).toBe(walletAddressOf(ada.identityKey.publicKey));
      expect(read.payload).toEqual(payload);
      expect(read.signature).toEqual(signatureBy(ada, 0, digest));
      const hmacKey = hmacKeyOf(keyMaterial, hmacPeriodOf(keystore.clock.nowMs), keystore.account);
      expect(verifySenderHmac(hmacKey, headerBytes, (result as EncryptedMessage).senderHmac ?? new Uint8Array())).toBe(
        true,
      );
    }
  });

  it('signs with the prekey that the content names, whichever of ours it is', async () => {
    const { write, opened } = await writer();
    for (const at of [0, 1, 2]) {
      const read = opened(await write({ payload, sender: signed(withOnly(ada, at)) }));
      expect(read.signature).toEqual(signatureBy(ada, at, contentDigest(headerBytes, payload)));
      expect(verifySignedContent(read, headerBytes)).toBe(walletAddressOf(ada.identityKey.publicKey));
    }
  });

  it('takes a signature of ours that is there already, if it is valid for these very bytes', async () => {
    const { write, opened } = await writer();
    const digest = contentDigest(headerBytes, payload);
    const signature = signatureBy(ada, 0, digest);
    expect(opened(await write({ payload, sender: signed(ada), signature })).signature).toEqual(signature);
    const other = signatureBy(ada, 0, contentDigest(headerBytes, text('other')));
    const byOlderKey = signatureBy(ada, 1, digest);
    for (const wrong of [other, byOlderKey, signatureBy(bob, 0, digest)]) {
      expect(await write({ payload, sender: signed(ada), signature: wrong })).toBe('refused 1');
    }
  });

  it('refuses a signature with high s, and one of a wallet kind', async () => {
    const { write } = await writer();
    const low = signatureBy(ada, 0, contentDigest(headerBytes, payload));
    const parsed = secp256k1.Signature.fromBytes(low.bytes, 'compact');
    const high = new secp256k1.Signature(parsed.r, secp256k1.Point.Fn.neg(parsed.s)).toBytes('compact');
    const recovery = low.recovery === 0 ? 1 : 0;
    expect(
      await write({ payload, sender: signed(ada), signature: { kind: 'ecdsaCompact', bytes: high, recovery } }),
    ).toBe('refused 1');
    expect(await write({ payload, sender: signed(ada), signature: { ...low, kind: 'walletEcdsaCompact' } })).toBe(
      'refused 1',
    );
  });

  it('refuses a foreign sender, signed or not, whole or in part', async () => {
    const { write } = await writer();
    const digest = contentDigest(headerBytes, payload);
    const flipped = {
      ...signed(ada).identityKey,
      signature: {
        ...signed(ada).identityKey.signature,
        recovery: signed(ada).identityKey.signature.recovery === 0 ? 1 : 0,
      } as const,
    };
    const senders = [
      signed(bob),
      { identityKey: signed(bob).identityKey, preKey: signed(ada).preKey },
      { identityKey: signed(ada).identityKey, preKey: signed(bob).preKey },
      // The same key under another account: the address is recovered from the account's signature.
      { identityKey: flipped, preKey: signed(ada).preKey },
      {
        identityKey: { ...signed(ada).identityKey, signature: signed(bob).identityKey.signature },
        preKey: signed(ada).preKey,
      },
    ];
    for (const sender of senders) {
      expect(await write({ payload, sender })).toBe('refused 1');
      expect(await write({ payload, sender, signature: placeholderSignature(digest) })).toBe('refused 1');
      expect(await write({ payload, sender, signature: signatureBy(bob, 0, digest) })).toBe('refused 1');
    }
  });

  it('refuses a header that names another topic than the conversation, in either direction', async () => {
    const { write } = await writer();
    const content = { payload, sender: signed(ada) };
    expect(await write(content, { headerBytes: headerV2(otherTopic) })).toBe('refused 1');
    expect(await write(content, { contentTopic: otherTopic })).toBe('refused 1');
    expect(await write(content, { headerBytes: Uint8Array.of(255, 1) })).toBe('refused 1');
    expect(
      await write(content, {
        contentTopic: '/xmtp/0/m-unknown/proto',
        headerBytes: headerV2('/xmtp/0/m-unknown/proto'),
      }),
    ).toBe('refused 2');
    expect(await write(content, { headerBytes: new Uint8Array() })).toBe('refused 1');
  });

  it('refuses a placeholder that stands for another digest', async () => {
    const { write } = await writer();
    for (const digest of [
      contentDigest(headerBytes, text('other')),
      contentDigest(headerV2(topic, 1), payload),
      random(32),
    ]) {
      expect(await write({ payload, sender: signed(ada), signature: placeholderSignature(digest) })).toBe('refused 1');
    }
  });

  it('refuses bytes that are no content', async () => {
    const { write } = await writer();
    for (const bytes of [new Uint8Array(), Uint8Array.of(0xaa, 0xbb), payload, random(200)])
      expect(await write(bytes)).toBe('refused 1');
  });

  it('binds the header: another one does not open it', async () => {
    const { write, opened } = await writer();
    const result = await write({ payload, sender: signed(ada) });
    expect(() => opened(result, headerV2(topic, 1))).toThrow();
    expect(() => opened(result, new Uint8Array())).toThrow();
  });

  it('one refused item spoils no other, and order is kept', async () => {
    const { keystore, keyMaterial } = await writer();
    const items = Array.from({ length: 40 }, (_, n) => ({
      headerBytes: headerV2(topic, n),
      contentTopic: n % 5 === 3 ? otherTopic : topic,
      content: { payload: text(`message ${n}`), sender: signed(n % 7 === 6 ? bob : ada) },
    }));
    const outcomes = (await writeV2(keystore, items)).map(told);
    for (const [n, outcome] of outcomes.entries()) {
      if (n % 5 === 3 || n % 7 === 6) expect(outcome).toBe('refused 1');
      else {
        const { encrypted: ciphertext } = outcome as EncryptedMessage;
        expect(
          decodeSignedContent(decryptV2(keyMaterial, { headerBytes: headerV2(topic, n), ciphertext })).payload,
        ).toEqual(text(`message ${n}`));
      }
    }
  });
});

describe('encryptV1', () => {
  const header = (from: PrivateKeyBundleV1, to: PrivateKeyBundleV1) =>
    encodeMessageHeaderV1({ sender: publicBundleOf(from), recipient: publicBundleOf(to), timestampMs: timeMs(1) });
  const write = async (header1: Uint8Array, recipient: PrivateKeyBundleV1) => {
    const keystore = await createTestKeystore(ada);
    const request = encodeEncryptV1Request([{ recipient: publicBundleOf(recipient), payload, headerBytes: header1 }]);
    return decodeEncryptResponse(await keystore.run('xmtp_encryptV1', request)).map(told)[0];
  };

  it('seals with the prekey and for the recipient that the header names', async () => {
    for (const at of [0, 1, 2]) {
      const headerBytes1 = header(withOnly(ada, at), bob);
      const { encrypted: ciphertext } = (await write(headerBytes1, bob)) as EncryptedMessage;
      expect(decryptV1(bob, { headerBytes: headerBytes1, ciphertext })).toEqual(payload);
      const secret = sharedSecret(bob, publicBundleOf(withOnly(ada, at)), publicBundleOf(bob).preKey, 'recipient');
      expect(() => openSealed(ciphertext, secret, header(withOnly(ada, at), cem))).toThrow();
    }
  });

  it('refuses to seal for another recipient, as another sender, or under bytes that are no header', async () => {
    expect(await write(header(ada, bob), cem)).toBe('refused 0');
    expect(await write(header(bob, cem), cem)).toBe('refused 0');
    expect(await write(header(bob, ada), bob)).toBe('refused 0');
    expect(await write(Uint8Array.of(1), bob)).toBe('refused 0');
    const unknown = { identityKey: ada.identityKey, preKeys: bob.preKeys };
    expect(await write(header(unknown, bob), bob)).toBe('refused 2');
  });
});
