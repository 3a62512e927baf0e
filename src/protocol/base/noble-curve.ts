// The curve by @noble/curves: in the sdk and our pages, the reference of the tests, and in the worker until the core is there or where it cannot run.
// Promises what `Curve` says.
// Must not hash what it signs (noble pre-hashes unless told not to) and must not shorten coordinates that begin with zeros.
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { bytesToNumberBE } from '@noble/curves/utils.js';
import { concatBytes } from './bytes';
import type { Curve } from './curve';
import { ProtocolError } from './errors';

/** What `compute` gives; undefined where noble throws: it does so for numbers that have no answer. */
function orUndefined<T>(compute: () => T): T | undefined {
  try {
    return compute();
  } catch {
    return undefined;
  }
}

export const nobleCurve: Curve = {
  isPrivateKey: (bytes32) => secp256k1.utils.isValidSecretKey(bytes32),
  isOnCurve: (point65) => secp256k1.utils.isValidPublicKey(point65, false),
  pointOf: (privateKey) => secp256k1.getPublicKey(privateKey, false),
  multiply: (point65, privateKey) => orUndefined(() => secp256k1.getSharedSecret(privateKey, point65, false)),
  sign(digest32, privateKey) {
    const signed = secp256k1.sign(digest32, privateKey, { prehash: false, lowS: true, format: 'recovered' });
    const signature = { bytes: signed.slice(1), recovery: signed[0] as number };
    if (!isOwnSignature(signature, digest32, privateKey))
      throw new ProtocolError('signature-invalid', 'the fresh signature did not verify');
    return signature;
  },
  verify: (signature64, digest32, point65) =>
    orUndefined(() =>
      secp256k1.verify(signature64, digest32, point65, { prehash: false, lowS: true, format: 'compact' }),
    ) ?? false,
  recover(signature64, recovery, digest32) {
    // A wallet's signature can be a secret.
    const joined = concatBytes(Uint8Array.of(recovery), signature64);
    try {
      return orUndefined(() =>
        secp256k1.Signature.fromBytes(joined, 'recovered').recoverPublicKey(digest32).toBytes(false),
      );
    } finally {
      joined.fill(0);
    }
  },
};

/**
 * Whether the signature is the one this key gives: (hash + r d) / s must be a nonce whose point has r as its x, and the parity that
 * `recovery` says. The equation of `verify` with d put in for the public key, so one multiplication of the base point is enough.
 */
function isOwnSignature(
  { bytes, recovery }: { bytes: Uint8Array; recovery: number },
  digest32: Uint8Array,
  privateKey: Uint8Array,
): boolean {
  const { BASE, Fn } = secp256k1.Point;
  const { r, s } = secp256k1.Signature.fromBytes(bytes, 'compact');
  const hash = Fn.create(bytesToNumberBE(digest32));
  const nonce = Fn.mul(Fn.add(hash, Fn.mul(r, Fn.fromBytes(privateKey))), Fn.inv(s));
  const { x, y } = BASE.multiply(nonce).toAffine();
  return Fn.create(x) === r && Number(y & 1n) === recovery;
}
