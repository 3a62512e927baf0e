// R-B3: no key of ours signs bytes that somebody else made. Every place where a private key signs, and why no two can stand for each other.
// Promises: the list of places is read from the source, so that a new one fails here until its domain is written down.
import { readdirSync, readFileSync } from 'node:fs';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { sha256 } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeystoreRefusal } from '../contract/errors';
import { isMethodName } from '../contract/dapp/methods';
import { createAuthToken, encodeAuthData } from '../protocol/keys/auth-token';
import { encodePrivateKeyBundleV1, signedPublicBundleOf } from '../protocol/keys/bundles';
import { concatBytes, utf8ToBytes } from '../protocol/base/bytes';
import { decodeCreateInviteResponse, encodeCreateInviteRequest } from '../protocol/keystore/calls';
import { decodeEncryptResponse, encodeEncryptV2Request } from '../protocol/keystore/messages';
import { createIdentityTextOf, createPreKey, signedBytesOf } from '../protocol/keys/keys';
import { contentDigest, encodeMessageHeaderV2, encodeSignedContent } from '../protocol/messages/message-v2';
import { ProtocolError } from '../protocol/base/errors';
import { eip191Digest } from '../protocol/base/ethereum';
import { buildIdentityText, parseIdentityText } from '../protocol/inbox/identity-text';
import { signIdentityText } from '../protocol/inbox/text-signature';
import { isWellFormed } from '../protocol/proto/strict';
import { identityTexts } from '../protocol/testkit/identity-texts.testkit';
import { decodeVaultSignPayload, encodeVaultSignPayload, vaultSignDigest } from '../protocol/ours/vault-signature';
import { identityPool } from '../protocol/testkit/reference.testkit';
import { toEcdsaSignature, verifyDigest } from '../protocol/base/secp256k1';
import { timeNs } from './testkit/keystore-requests.testkit';
import { createTestKeystore } from './testkit/keystore.testkit';
import { signFields } from './keys/bundle';
import { signContents } from './keys/message-keys';

const src = new URL('../', import.meta.url);
/** The fake vault of a dapp's tests signs too, with keys that everybody knows; no room of the extension may import it. */
const fake = /^sdk[\\/]fake[\\/]/;
const sources = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.tsx?$/.test(name) && !/\.(test|testkit)\.tsx?$/.test(name) && !fake.test(name))
  .map((name) => [name.replaceAll('\\', '/'), readFileSync(new URL(name, src), 'utf8')] as const);
const filesWith = (pattern: RegExp) =>
  sources
    .filter(([, text]) => pattern.test(text))
    .map(([name]) => name)
    .toSorted();
const callsOf = (name: string) =>
  sources
    .flatMap(([file, text]) =>
      [...text.matchAll(new RegExp(`(?<!function |async |\\w|[^.]\\.)${name}\\(`, 'g'))].map(() => file),
    )
    .toSorted();

/** The bytes that EIP-191 hashes, written here once more. */
const eip191BytesOf = (text: string) => Buffer.from(`\x19Ethereum Signed Message:\n${text.length}${text}`, 'latin1');

const [ada, bob] = (await identityPool(2)).map((one) => one.ours);
const fields = fc.record({
  origin: fc.webUrl(),
  purpose: fc.string({ minLength: 1, maxLength: 100 }).filter((text) => !/\p{Surrogate}/u.test(text)),
  issuedAtMs: fc.nat(2 ** 31),
  payload: fc.uint8Array({ maxLength: 80 }),
});

describe('R-B3 the places where a private key signs', () => {
  it('R-B3 are five, and each makes what it signs by itself', () => {
    // Behind the one file of the curve of our keys two compute, each with one function that signs. The other curve is that of apps' installations, and only verifies.
    expect(filesWith(/from '@noble\/curves/)).toEqual([
      'protocol/base/core-curve.ts',
      'protocol/base/noble-curve.ts',
      'protocol/base/secp256k1.ts',
      'protocol/inbox/update-signature.ts',
    ]);
    expect(filesWith(/from '@bitauth\/libauth/)).toEqual(['protocol/base/core-curve.ts']);
    expect(filesWith(/from '[^']*(?:noble|core)-curve'/)).toEqual(['protocol/base/secp256k1.ts', 'vault/curve.ts']);
    expect(filesWith(/ed25519ph\.(?!verify\()/)).toEqual([]);
    const signs = (pattern: RegExp) => sources.flatMap(([name, text]) => [...text.matchAll(pattern)].map(() => name));
    expect(signs(/secp256k1\.sign\(/g)).toEqual(['protocol/base/noble-curve.ts']);
    expect(signs(/\bcore\.sign(?:Recoverable)?\(/g)).toEqual(['protocol/base/core-curve.ts']);
    expect(signs(/\bby\.sign\(/g)).toEqual(['protocol/base/secp256k1.ts']);
    expect(filesWith(/import \{[^}]*\bsignDigest\b[^}]*\} from '[^']*secp256k1'/)).toEqual([
      'protocol/inbox/text-signature.ts',
      'protocol/keys/auth-token.ts',
      'protocol/keys/keys.ts',
      'protocol/messages/message-v2.ts',
      'vault/keys/bundle.ts',
    ]);
    expect(callsOf('signDigest')).toEqual([
      'protocol/inbox/text-signature.ts',
      'protocol/keys/auth-token.ts',
      'protocol/keys/keys.ts',
      'protocol/messages/message-v2.ts',
      'vault/keys/bundle.ts',
    ]);
    // What the vault's one call signs is made in its two functions, and signContent of the protocol is for clients that are not a vault.
    expect(callsOf('signatureOf')).toEqual(['vault/keys/bundle.ts', 'vault/keys/message-keys.ts']);
    expect(callsOf('signContent')).toEqual([]);
    // Identity texts are written where they are signed, from fields, and one place asks for that.
    expect(callsOf('signIdentityText')).toEqual(['vault/keys/inbox-keys.ts']);
    expect(
      sources.find(([name]) => name === 'protocol/inbox/text-signature.ts')![1].match(/signDigest\(.*\)/g),
    ).toEqual(['signDigest(eip191Digest(buildIdentityText(text)), inboxKeySecret)']);
    expect(callsOf('signFields')).toEqual(['vault/keys/signing.ts']);
    expect(callsOf('signContents')).toEqual(['vault/keystore/encrypt.ts']);
  });

  it('R-B3 no method of the provider takes a digest', async () => {
    expect(isMethodName('xmtp_signDigest')).toBe(false);
    const keystore = await createTestKeystore(ada!);
    await expect(keystore.run('xmtp_signDigest' as 'xmtp_encryptV2', new Uint8Array(40))).rejects.toBeInstanceOf(
      KeystoreRefusal,
    );
  });
});

describe('R-B3 the bytes of each place', () => {
  it('R-B3 law: begin differently, or are hashed differently, whatever an app puts into them', () => {
    const keyTags = [0x08, 0x1a];
    fc.assert(
      fc.property(
        fields,
        fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }),
        fc.string({ minLength: 1 }),
        fc.uint8Array(),
        (values, number, topic, seed) => {
          const account = '0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf';
          // Prekey, SHA-256: fields of vault_sign, and a header with its content.
          expect(encodeVaultSignPayload({ ...values, account })[0]).toBe(0xff);
          expect([0x08, 0x12]).toContain(encodeMessageHeaderV2({ topic, createdNs: number })[0]);
          // Identity key: a prekey under SHA-256, a token under Keccak-256.
          const privateKey = vaultSignDigest(Uint8Array.of(1, ...seed));
          const { publicKey } = createPreKey({
            privateKey,
            createdMs: number % 2n ** 43n,
            identityPrivateKey: ada!.identityKey.privateKey,
          });
          expect(keyTags).toContain(signedBytesOf(publicKey)[0]);
          expect(encodeAuthData(account, number)[0]).toBe(0x0a);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('R-B3 law: content whose header is the text of a vault_sign is refused, and gets no signature from the key room either', async () => {
    const keystore = await createTestKeystore(ada!);
    const invited = await keystore.run(
      'xmtp_createInvite',
      encodeCreateInviteRequest({ recipient: signedPublicBundleOf(bob!), createdNs: timeNs(1) }),
    );
    const { topic } = decodeCreateInviteResponse(invited).conversation;
    const sender = signedPublicBundleOf(ada!);
    const own = (await keystore.keys.views(keystore.safeId)).prekeys[0]!;
    const preKey = { name: own.publicKeyHex, legacy: ada!.preKeys[0]!.publicKey, signed: sender.preKey };
    const bundleSecret = () => encodePrivateKeyBundleV1(ada!);
    await fc.assert(
      fc.asyncProperty(fields, fc.nat(), async (values, cut) => {
        const wished = encodeVaultSignPayload({ ...values, account: keystore.account });
        const at = cut % wished.length;
        // Cut in two anywhere: the signed bytes are the header followed by the payload.
        for (const headerBytes of [
          wished.slice(0, at),
          wished,
          concatBytes(wished, encodeMessageHeaderV2({ topic, createdNs: 1n })),
        ]) {
          const payload = encodeSignedContent({ payload: wished.slice(headerBytes.length), sender });
          const answer = await keystore.run(
            'xmtp_encryptV2',
            encodeEncryptV2Request([{ headerBytes, contentTopic: topic, payload }]),
          );
          expect(decodeEncryptResponse(answer)).toMatchObject([{ refusal: { code: 1 } }]);
          expect(() =>
            signContents(bundleSecret(), [
              { headerBytes, content: { payload: wished.slice(headerBytes.length) }, preKey },
            ]),
          ).toThrow('invalid-input');
        }
      }),
      { numRuns: 30 },
    );
    // The same door signs what begins as a header does.
    const headerBytes = encodeMessageHeaderV2({ topic, createdNs: 1n });
    const [signature] = signContents(bundleSecret(), [
      { headerBytes, content: { payload: utf8ToBytes('hi') }, preKey },
    ]);
    expect(
      verifyDigest(signature!, vaultSignDigest(concatBytes(headerBytes, utf8ToBytes('hi'))), sender.preKey.publicKey),
    ).toBe(true);
  });

  it('R-B3 law: a vault_sign never signs the digest of a token, a key or a message, whatever its payload', () => {
    const sender = signedPublicBundleOf(ada!);
    const preKey = { name: '', legacy: ada!.preKeys[0]!.publicKey, signed: sender.preKey };
    const account = '0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf';
    const token = createAuthToken(ada!.identityKey, 1n, account);
    const others = [
      encodeAuthData(account, 1n),
      signedBytesOf(sender.preKey),
      encodeMessageHeaderV2({ topic: '/xmtp/0/m-1/proto', createdNs: 1n }),
      token,
    ];
    const bundle = encodePrivateKeyBundleV1(ada!);
    for (const payload of others) {
      const signature = signFields(
        bundle.slice(),
        { origin: 'https://app.example', account, purpose: 'p', issuedAtMs: 5, payload },
        preKey,
      );
      for (const digest of [payload.length === 32 ? payload : vaultSignDigest(payload)])
        expect(verifyDigest(signature, digest, sender.preKey.publicKey)).toBe(false);
    }
  });

  it('R-B3 law: an identity text is hashed as nothing else but a token, which begins otherwise', () => {
    const account = '0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf';
    const sender = signedPublicBundleOf(ada!);
    fc.assert(
      fc.property(
        identityTexts,
        fields,
        fc.nat(),
        fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
        (text, values, cut, number) => {
          const bytes = eip191BytesOf(buildIdentityText(text));
          expect(eip191Digest(buildIdentityText(text))).toEqual(keccak_256(bytes));
          expect(bytes[0]).toBe(0x19);
          // Of the others only a token has this hash, and its bytes begin with their account, whatever it is.
          expect(encodeAuthData(account, number)[0]).toBe(0x0a);
          expect(encodeVaultSignPayload({ ...values, account })[0]).toBe(0xff);
          expect(signedBytesOf(sender.preKey)[0]).not.toBe(0x19);
          // Nor is it read as any of them; a header that begins so, with the rest as content, has the other hash.
          expect(() => decodeVaultSignPayload(bytes)).toThrow(ProtocolError);
          for (const name of ['AuthData', 'UnsignedPublicKey', 'MessageHeaderV2'] as const)
            expect(isWellFormed(name, bytes)).toBe(false);
          const at = cut % bytes.length;
          expect(contentDigest(bytes.slice(0, at), bytes.slice(at))).toEqual(sha256(bytes));
        },
      ),
      { numRuns: 100 },
    );
  });

  it('R-B3 law: the signature of an identity text is valid for nothing that another place signs, even were it the same key', () => {
    const { privateKey } = ada!.identityKey;
    const own = ada!.identityKey.publicKey.publicKey;
    const token = encodeAuthData('0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf', 1n);
    fc.assert(
      fc.property(identityTexts, fields, (text, values) => {
        // Even if one key did both, which none does.
        const signature = signIdentityText(text, privateKey);
        const compact = toEcdsaSignature(signature.slice(0, 64), (signature[64] as number) - 27);
        const bytes = eip191BytesOf(buildIdentityText(text));
        const account = '0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf';
        expect(verifyDigest(compact, keccak_256(bytes), own)).toBe(true);
        for (const digest of [
          sha256(bytes),
          vaultSignDigest(encodeVaultSignPayload({ ...values, account, payload: bytes })),
          keccak_256(token),
          sha256(signedBytesOf(ada!.preKeys[0]!.publicKey)),
          eip191Digest(createIdentityTextOf(ada!.identityKey)),
        ])
          expect(verifyDigest(compact, digest, own)).toBe(false);
        expect(() => parseIdentityText(createIdentityTextOf(ada!.identityKey))).toThrow(ProtocolError);
      }),
      { numRuns: 30 },
    );
  });
});
