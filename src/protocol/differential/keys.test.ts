// The real client as oracle for keys, signatures and bundles: 1,000 random cases per operation.
// Promises byte-for-byte equality; where the client throws we throw, where it answers we answer the same.
import { secp256k1 } from '@noble/curves/secp256k1.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodePublicKeyBundle,
  decodeSignedPublicKeyBundle,
  encodePrivateKeyBundle,
  encodePublicKeyBundle,
  encodeSignedPublicKeyBundle,
  legacyToV2PrivateKeyBundle,
  legacyToV2PublicKeyBundle,
  publicBundleOf,
  signedPublicBundleOf,
  v2ToLegacyPrivateKeyBundle,
  v2ToLegacyPublicKeyBundle,
  validatePrivateKeyBundle,
  validateSignedPublicKeyBundle,
} from '../keys/bundles';
import { walletAddressOf } from '../keys/keys';
import type { EcdsaSignature } from '../base/secp256k1';
import { signDigest, toLowS, verifyDigest } from '../base/secp256k1';
import {
  identityPool,
  ourBundle,
  reference,
  referenceProto,
  seed,
  testWallet,
  theirBundle,
  theirKey,
} from '../testkit/reference.testkit';
import { lawOf } from '../../../scripts/campaign/size';

const CASES = lawOf('differential', 'cases');
const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const privateKey = bytes32.filter((bytes) => secp256k1.utils.isValidSecretKey(bytes));
const createdMs = fc.bigInt({ min: 1n, max: 4_000_000_000_000n });
const keyPair = fc.record({ privateKey, createdMs });

describe('the real client agrees', () => {
  it('on every byte of freshly made bundles, private and public, legacy and V2', async () => {
    const wallets = Array.from({ length: 20 }, (_, i) => testWallet(`maker ${i}`, i % 2 === 0 ? 27 : 0));
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...wallets),
        keyPair,
        fc.oneof({ weight: 9, arbitrary: fc.tuple(keyPair) }, { weight: 1, arbitrary: fc.tuple(keyPair, keyPair) }),
        async (wallet, identity, preKeys) => {
          const seeds = {
            wallet,
            identityPrivateKey: identity.privateKey,
            identityCreatedMs: identity.createdMs,
            preKeys,
          };
          const ours = ourBundle(seeds);
          const theirs = await theirBundle(seeds);
          const theirV2 = reference.PrivateKeyBundleV2.fromLegacyBundle(theirs);
          const ourV2 = legacyToV2PrivateKeyBundle(ours);
          expect(encodePrivateKeyBundle({ version: 1, bundle: ours })).toEqual(bytes(theirs.encode()));
          expect(encodePrivateKeyBundle({ version: 2, bundle: ourV2 })).toEqual(bytes(theirV2.encode()));
          expect(encodePublicKeyBundle(publicBundleOf(ours))).toEqual(bytes(theirs.getPublicKeyBundle().toBytes()));
          expect(encodeSignedPublicKeyBundle(signedPublicBundleOf(ours))).toEqual(
            bytes(theirV2.getPublicKeyBundle().toBytes()),
          );
          expect(v2ToLegacyPrivateKeyBundle(ourV2)).toEqual(ours);
        },
      ),
      CASES,
    );
  });

  it('on what a decoded public bundle says, in both forms', async () => {
    const pool = await identityPool(20);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...pool), fc.boolean(), async ({ ours, theirs }, isV2) => {
        const legacyBytes = bytes(theirs.getPublicKeyBundle().toBytes());
        if (isV2) {
          const theirV2 = reference.SignedPublicKeyBundle.fromLegacyBundle(theirs.getPublicKeyBundle());
          const decoded = decodeSignedPublicKeyBundle(bytes(theirV2.toBytes()));
          expect(decoded).toEqual(signedPublicBundleOf(ours));
          expect(v2ToLegacyPublicKeyBundle(decoded)).toEqual(decodePublicKeyBundle(legacyBytes));
          expect(encodePublicKeyBundle(v2ToLegacyPublicKeyBundle(decoded))).toEqual(
            bytes(theirV2.toLegacyBundle().toBytes()),
          );
        } else {
          const decoded = decodePublicKeyBundle(legacyBytes);
          expect(decoded).toEqual(publicBundleOf(ours));
          expect(legacyToV2PublicKeyBundle(decoded)).toEqual(signedPublicBundleOf(ours));
        }
        const theirReading = reference.PublicKeyBundle.fromBytes(encodePublicKeyBundle(publicBundleOf(ours)));
        expect(bytes(theirReading.toBytes())).toEqual(legacyBytes);
      }),
      CASES,
    );
  });

  it('on deterministic signatures', async () => {
    await fc.assert(
      fc.asyncProperty(privateKey, bytes32, async (secret, digest) => {
        const theirs = await theirKey(secret, 1n).sign(digest);
        expect(signDigest(digest, secret)).toEqual({
          bytes: bytes(theirs.ecdsaCompact?.bytes),
          recovery: theirs.ecdsaCompact?.recovery,
        });
      }),
      CASES,
    );
  });

  it('on which signatures verify: genuine, high s, flipped bits, other digest, other key', () => {
    const keys = Array.from({ length: 10 }, (_, i) => theirKey(seed(`verifier ${i}`), 1n));
    fc.assert(
      fc.property(
        fc.nat(9),
        bytes32,
        fc.constantFrom('genuine', 'high-s', 'flipped', 'other digest', 'other key', 'random'),
        fc.nat(511),
        fc.uint8Array({ minLength: 64, maxLength: 64 }),
        (i, digest, defect, bit, random) => {
          const genuine = signDigest(digest, seed(`verifier ${i}`));
          const signature = { ...genuine, bytes: genuine.bytes.slice() };
          if (defect === 'high-s') signature.bytes.set(highS(genuine));
          if (defect === 'flipped')
            signature.bytes[bit >> 3] = (signature.bytes[bit >> 3] as number) ^ (1 << (bit & 7));
          if (defect === 'random') signature.bytes.set(random);
          const signed = defect === 'other digest' ? seed('another digest') : digest;
          const key = keys[defect === 'other key' ? (i + 1) % 10 : i] as (typeof keys)[number];
          const theirs = key.publicKey.verify(new reference.Signature({ ecdsaCompact: signature }), signed);
          expect(verifyDigest(signature, signed, bytes(key.publicKey.secp256k1Uncompressed.bytes))).toBe(theirs);
          expect(theirs).toBe(defect === 'genuine');
        },
      ),
      CASES,
    );
  });

  it('on the account a signature recovers to, whichever signature it is', async () => {
    const pool = await identityPool(20);
    fc.assert(
      fc.property(
        fc.constantFrom(...pool),
        fc.constantFrom('genuine', 'high-s', 'recovery', 'flipped'),
        fc.nat(511),
        fc.boolean(),
        ({ ours }, defect, bit, isV2) => {
          const key = ours.identityKey.publicKey;
          const signature = { ...(key.signature as NonNullable<typeof key.signature>) };
          signature.bytes = signature.bytes.slice();
          if (defect === 'high-s') signature.bytes.set(highS(signature));
          if (defect === 'high-s' || defect === 'recovery') signature.recovery = signature.recovery === 0 ? 1 : 0;
          if (defect === 'flipped')
            signature.bytes[bit >> 3] = (signature.bytes[bit >> 3] as number) ^ (1 << (bit & 7));
          const bundle = { ...publicBundleOf(ours), identityKey: { ...key, signature } };
          const theirs = theirAddress(encodePublicKeyBundle(bundle));
          expect(
            answerOf(() => walletAddressOf(isV2 ? legacyToV2PublicKeyBundle(bundle).identityKey : bundle.identityKey)),
          ).toBe(theirs);
        },
      ),
      CASES,
    );
  });

  it('on conversion of private bundles, whose checks all hold', async () => {
    const pool = await identityPool(12);
    for (const { ours, theirs, seeds } of pool) {
      const theirV2 = reference.PrivateKeyBundleV2.fromLegacyBundle(theirs);
      expect(theirV2.validatePublicKeys()).toBe(true);
      validatePrivateKeyBundle(ours, { expectedAddress: seeds.wallet.address });
      validatePrivateKeyBundle(legacyToV2PrivateKeyBundle(ours), { expectedAddress: seeds.wallet.address });
      expect(validateSignedPublicKeyBundle(signedPublicBundleOf(ours))).toBe(
        await theirV2.getPublicKeyBundle().walletSignatureAddress(),
      );
      const plain = referenceProto.privateKey.PrivateKeyBundle.decode(
        encodePrivateKeyBundle({ version: 1, bundle: ours }),
      );
      expect(plain.v1?.preKeys.length).toBe(ours.preKeys.length);
    }
  });
});

/** A plain Uint8Array: the client's codecs return Buffers, which are equal in bytes and not in type. */
function bytes(value: Uint8Array | undefined): Uint8Array {
  return Uint8Array.from(value ?? []);
}

/** The 64 bytes with s replaced by n - s. */
function highS(signature: EcdsaSignature): Uint8Array {
  const parsed = secp256k1.Signature.fromBytes(toLowS(signature).bytes, 'compact');
  return new secp256k1.Signature(parsed.r, secp256k1.Point.Fn.neg(parsed.s)).toBytes('compact');
}

function theirAddress(bundleBytes: Uint8Array): string {
  return answerOf(() => reference.PublicKeyBundle.fromBytes(bundleBytes).walletSignatureAddress());
}

function answerOf(act: () => string): string {
  try {
    return act();
  } catch {
    return 'refused';
  }
}
