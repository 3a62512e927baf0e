// What computes on the curve: the few steps that take long, for `secp256k1.ts`, which checks what goes in and names what is refused.
// Promises: lengths are right, scalars are in range, and points have their shape before a step is asked. A step answers undefined or false where
// the numbers have no answer, and throws for a fault of its own only.
// Must not: be used by anything but `secp256k1.ts`.

export interface Curve {
  /** Whether the 32 bytes are a scalar in [1, n-1]. */
  isPrivateKey(bytes32: Uint8Array): boolean;
  /** Whether the 65 bytes, which begin with 04, are a point of the curve. */
  isOnCurve(point65: Uint8Array): boolean;
  /** The point of a private key. */
  pointOf(privateKey: Uint8Array): Uint8Array;
  /** The point multiplied by a private key, whole; undefined when it is not on the curve. */
  multiply(point65: Uint8Array, privateKey: Uint8Array): Uint8Array | undefined;
  /** RFC 6979 with low s. Throws when what came out is not what this key gives (R-D5). */
  sign(digest32: Uint8Array, privateKey: Uint8Array): { bytes: Uint8Array; recovery: number };
  /** Whether the key made the signature, which counts only with low s. */
  verify(signature64: Uint8Array, digest32: Uint8Array, point65: Uint8Array): boolean;
  /** The point that made the signature, whose s may be high; undefined when there is none. */
  recover(signature64: Uint8Array, recovery: 0 | 1, digest32: Uint8Array): Uint8Array | undefined;
}
