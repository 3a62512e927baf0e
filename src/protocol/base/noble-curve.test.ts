// The check before a signature of noble is released (R-D5), and what a wrong one does. The core's is in core-curve.test.ts.
import type * as Secp256k1 from '@noble/curves/secp256k1.js';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { getPublicKey, recoverPublicKey, signDigest, verifyDigest } from './secp256k1';

/** A fault in the machine while it signs: changes the bytes that noble returns. The library's own object is frozen. */
const fault = vi.hoisted(() => ({ apply: (bytes: Uint8Array) => bytes }));
vi.mock('@noble/curves/secp256k1.js', async (load) => {
  const real = await load<typeof Secp256k1>();
  const sign: typeof real.secp256k1.sign = (...input) =>
    fault.apply(real.secp256k1.sign(...input)) as ReturnType<typeof real.secp256k1.sign>;
  return { ...real, secp256k1: { ...real.secp256k1, sign } };
});
afterEach(() => {
  fault.apply = (bytes) => bytes;
});

const key = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .filter((bytes) => bytes[0] !== 255 && bytes.some((byte) => byte !== 0));
const digest = fc.uint8Array({ minLength: 32, maxLength: 32 });

describe('R-D5 a signature is checked before it is released', () => {
  test('R-D5 law: what is released verifies, and recovers to the key', () => {
    fc.assert(
      fc.property(key, digest, (privateKey, digest32) => {
        const signature = signDigest(digest32, privateKey);
        const publicKey = getPublicKey(privateKey);
        expect(verifyDigest(signature, digest32, publicKey)).toBe(true);
        expect(recoverPublicKey(signature, digest32)).toEqual(publicKey);
      }),
      { numRuns: 100 },
    );
  });

  test('R-D5 law: a signature with any flipped bit is never released', () => {
    fc.assert(
      fc.property(key, digest, fc.nat({ max: 64 * 8 - 1 }), (privateKey, digest32, bit) => {
        fault.apply = (bytes) => {
          bytes[1 + (bit >> 3)]! ^= 1 << (bit & 7);
          return bytes;
        };
        expect(() => signDigest(digest32, privateKey)).toThrow();
      }),
      { numRuns: 100 },
    );
  });

  test('R-D5 a wrong recovery bit is never released', () => {
    fault.apply = (bytes) => {
      bytes[0]! ^= 1;
      return bytes;
    };
    expect(() => signDigest(new Uint8Array(32).fill(7), new Uint8Array(32).fill(9))).toThrow('did not verify');
  });
});
