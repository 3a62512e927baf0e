// The curve: key pairs, ECDSA over ready-made digests, recovery and Diffie-Hellman (protocol 0).
// Promises RFC 6979 signatures with low s, 65-byte points, and typed refusals; every point is checked to be on the curve. The one file that knows
// what computes: noble, unless `useCurve` put something else in its place, which is left for good when it fails.
// Must not let anybody tell from a result or a refusal which one it was.
import { secp256k1 } from '@noble/curves/secp256k1.js';
import type { Curve } from './curve';
import { ProtocolError } from './errors';
import { nobleCurve } from './noble-curve';

let curve: Curve = nobleCurve;
let onLeft = () => {};

/** Puts another implementation in noble's place, or noble back in its own. `left` is called once, if the other fails. */
export function useCurve(other: Curve = nobleCurve, left = () => {}): void {
  curve = other;
  onLeft = left;
}

/** A step of whatever computes. A fault is no answer: noble takes the step again, and all that follow. */
function compute<T>(step: (by: Curve) => T): T {
  if (curve === nobleCurve) return step(nobleCurve);
  try {
    return step(curve);
  } catch {
    curve = nobleCurve;
    onLeft();
    return step(nobleCurve);
  }
}

/** r and s as 64 bytes, and which of the two candidate points signed. As kept in XMTP keys (protocol 0.1, a.3). */
export interface EcdsaSignature {
  readonly bytes: Uint8Array;
  readonly recovery: 0 | 1;
}

/**
 * For whoever starts often: the table of the base point, which is made at the first use while somebody waits, gets windows of 4 bits instead of 6,
 * an eighth of the points. A signature takes an eighth longer from then on.
 */
export function preferSoonFirstUse(): void {
  secp256k1.Point.BASE.precompute(4);
}

/** Byte length of an uncompressed point. */
export const PUBLIC_KEY_LENGTH = 65;
/** Byte length of a private scalar. */
export const PRIVATE_KEY_LENGTH = 32;

/**
 * A private key from 32 bytes of the caller's randomness, as a copy.
 * Throws 'bad-private-key' when they are not a scalar in [1, n-1] (about once in 2^128): draw again.
 */
export function generatePrivateKey(random32: Uint8Array): Uint8Array {
  checkPrivateKey(random32);
  return random32.slice();
}

/** The 65-byte public key. Throws 'bad-private-key'. */
export function getPublicKey(privateKey: Uint8Array): Uint8Array {
  checkPrivateKey(privateKey);
  return compute((by) => by.pointOf(privateKey));
}

/** Whether `publicKey65` is an uncompressed point that lies on the curve. */
export function isPublicKey(publicKey65: Uint8Array): boolean {
  if (!hasPublicKeyShape(publicKey65)) return false;
  return compute((by) => by.isOnCurve(publicKey65));
}

/** Whether the bytes look like an uncompressed point: 65 of them, first 04. Does not look at the curve (protocol a.7). */
export function hasPublicKeyShape(publicKey65: Uint8Array): boolean {
  return publicKey65.length === PUBLIC_KEY_LENGTH && publicKey65[0] === 4;
}

/**
 * The whole shared point, `04 || X || Y`, unhashed, each coordinate 32 bytes with its leading zeros (protocol 0).
 * Throws 'bad-private-key' or 'bad-public-key'.
 */
export function ecdh65(privateKey: Uint8Array, publicKey65: Uint8Array): Uint8Array {
  checkPrivateKey(privateKey);
  if (!hasPublicKeyShape(publicKey65)) throw new ProtocolError('bad-public-key', 'not an uncompressed public key');
  const point = compute((by) => by.multiply(publicKey65, privateKey));
  if (!point) throw new ProtocolError('bad-public-key', 'public key is not on the curve');
  return point;
}

/**
 * Deterministic low-s ECDSA over the 32 bytes as given. The signature is checked before it is released, so that a fault
 * while signing cannot leak the key (R-D5). Throws 'bad-length' or 'bad-private-key'; 'signature-invalid' after a fault.
 */
export function signDigest(digest32: Uint8Array, privateKey: Uint8Array): EcdsaSignature {
  checkDigest(digest32);
  checkPrivateKey(privateKey);
  const { bytes, recovery } = compute((by) => by.sign(digest32, privateKey));
  return toEcdsaSignature(bytes, recovery);
}

/**
 * Whether the signature over the digest is by this key. High s counts as invalid and the recovery bit is ignored, as in
 * the field (protocol a.7). A key that is malformed or off the curve verifies nothing. Throws 'bad-length' for the digest.
 */
export function verifyDigest(signature: EcdsaSignature, digest32: Uint8Array, publicKey65: Uint8Array): boolean {
  checkDigest(digest32);
  if (signature.bytes.length !== 64 || !hasPublicKeyShape(publicKey65)) return false;
  return compute((by) => by.verify(signature.bytes, digest32, publicKey65));
}

/**
 * The 65-byte key that made the signature. High s is accepted. Almost every signature recovers to *some* key, so the
 * result only means something when compared with an expected one (protocol a.4). Throws 'bad-signature' or 'bad-length'.
 */
export function recoverPublicKey(signature: EcdsaSignature, digest32: Uint8Array): Uint8Array {
  checkDigest(digest32);
  const { bytes, recovery } = toEcdsaSignature(signature.bytes, signature.recovery);
  const point = compute((by) => by.recover(bytes, recovery, digest32));
  if (!point) throw new ProtocolError('bad-signature', 'no key can be recovered from the signature');
  return point;
}

/** Checks the shape: 64 bytes and a recovery bit of 0 or 1, else throws 'bad-signature' (protocol a.7). */
export function toEcdsaSignature(bytes: Uint8Array, recovery: number): EcdsaSignature {
  if (bytes.length !== 64) throw new ProtocolError('bad-signature', `signature has ${bytes.length} bytes, not 64`);
  if (recovery !== 0 && recovery !== 1) throw new ProtocolError('bad-signature', 'recovery bit is neither 0 nor 1');
  return { bytes, recovery };
}

/** Whether the 64 bytes hold r and s in [1, n-1]. */
export function hasScalarsInRange(bytes64: Uint8Array): boolean {
  try {
    secp256k1.Signature.fromBytes(bytes64, 'compact');
    return true;
  } catch {
    return false;
  }
}

/** Whether s, which is in range, is at most half of the order. */
export function isLowS({ bytes }: EcdsaSignature): boolean {
  return !secp256k1.Signature.fromBytes(bytes, 'compact').hasHighS();
}

/** The same signature with low s: s becomes n - s and the recovery bit flips when s was high. Throws 'bad-signature'. */
export function toLowS(signature: EcdsaSignature): EcdsaSignature {
  if (!hasScalarsInRange(signature.bytes)) throw new ProtocolError('bad-signature', 'r or s is out of range');
  const parsed = secp256k1.Signature.fromBytes(signature.bytes, 'compact');
  if (!parsed.hasHighS()) return signature;
  const low = new secp256k1.Signature(parsed.r, secp256k1.Point.Fn.neg(parsed.s));
  return { bytes: low.toBytes('compact'), recovery: signature.recovery === 0 ? 1 : 0 };
}

function checkPrivateKey(privateKey: Uint8Array): void {
  if (privateKey.length !== PRIVATE_KEY_LENGTH || !compute((by) => by.isPrivateKey(privateKey))) {
    throw new ProtocolError('bad-private-key', 'private key is not a 32-byte scalar in range');
  }
}

function checkDigest(digest32: Uint8Array): void {
  if (digest32.length !== 32) throw new ProtocolError('bad-length', `digest has ${digest32.length} bytes, not 32`);
}
