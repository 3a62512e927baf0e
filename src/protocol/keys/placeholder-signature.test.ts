// The placeholder carries its digest and is not a signature of any key.
import { sha256 } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesToHex, utf8ToBytes } from '../base/bytes';
import { placeholderDigest, placeholderSignature } from './placeholder-signature';
import { reasonOf } from '../testkit/refusal.testkit';
import { getPublicKey, signDigest, verifyDigest } from '../base/secp256k1';

const digests = fc.uint8Array({ minLength: 32, maxLength: 32 });

describe('placeholder signatures', () => {
  it('carry their digest, whichever it is', () => {
    fc.assert(
      fc.property(digests, (digest) => {
        expect(bytesToHex(placeholderDigest(placeholderSignature(digest)) ?? new Uint8Array())).toBe(
          bytesToHex(digest),
        );
      }),
    );
  });

  it('have the bytes that both sides agreed on', () => {
    const { kind, bytes, recovery } = placeholderSignature(new Uint8Array(32).fill(7));
    expect([kind, recovery]).toEqual(['ecdsaCompact', 0]);
    expect(bytesToHex(bytes)).toBe(bytesToHex(sha256(utf8ToBytes('prekey-vault/placeholder/v1'))) + '07'.repeat(32));
  });

  it('verify under no key, and no real signature is taken for one', () => {
    fc.assert(
      fc.property(digests, fc.integer({ min: 1, max: 255 }), (digest, seed) => {
        const privateKey = new Uint8Array(32).fill(seed % 250 || 1);
        const real = signDigest(digest, privateKey);
        expect(verifyDigest(placeholderSignature(digest), digest, getPublicKey(privateKey))).toBe(false);
        expect(placeholderDigest({ kind: 'ecdsaCompact', ...real })).toBeUndefined();
      }),
      { numRuns: 20 },
    );
  });

  it('differ from a placeholder in kind, recovery or one byte of the tag: none', () => {
    const placeholder = placeholderSignature(sha256(utf8ToBytes('x')));
    expect(placeholderDigest({ ...placeholder, kind: 'walletEcdsaCompact' })).toBeUndefined();
    expect(placeholderDigest({ ...placeholder, recovery: 1 })).toBeUndefined();
    for (let at = 0; at < 32; at++) {
      const bytes = placeholder.bytes.slice();
      bytes[at] = (bytes[at] as number) ^ 1;
      expect(placeholderDigest({ ...placeholder, bytes })).toBeUndefined();
    }
  });

  it('are never made of anything but 32 bytes', () => {
    for (const length of [0, 31, 33, 64])
      expect(reasonOf(() => placeholderSignature(new Uint8Array(length)))).toBe('bad-length');
  });
});
