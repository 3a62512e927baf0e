import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeSecret } from './encode-secret';
import * as wire from './gen/keys';

/** The place where the writer of the library builds what it writes. */
const bufferOf = (writer: unknown) => (writer as { buffer: Uint8Array }).buffer;

const key = fc.record({
  timestamp: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
  secp256k1: fc.record({ bytes: fc.uint8Array({ minLength: 32, maxLength: 32 }) }),
  publicKey: fc.constant({
    timestamp: 1n,
    signature: { ecdsaCompact: { bytes: new Uint8Array(64).fill(7), recovery: 1 }, walletEcdsaCompact: undefined },
    secp256k1Uncompressed: { bytes: new Uint8Array(65).fill(4) },
  }),
});

test('R-D6 law: a secret message is written as any other, by a writer that never grows and is all zeros afterwards', () => {
  const bundles = fc.record({ identityKey: key, preKeys: fc.array(key, { maxLength: 20 }) });
  fc.assert(
    fc.property(bundles, (bundle) => {
      const buffers: Uint8Array[] = [];
      const codec: Parameters<typeof encodeSecret<wire.PrivateKeyBundleV1>>[0] = {
        encode(message, writer) {
          buffers.push(bufferOf(writer));
          const written = wire.PrivateKeyBundleV1.encode(message, writer);
          buffers.push(bufferOf(writer));
          return written;
        },
      };
      expect(encodeSecret(codec, bundle)).toEqual(wire.PrivateKeyBundleV1.encode(bundle).finish());
      const [before, after] = buffers;
      expect(before!.length).toBeGreaterThan(0);
      expect(after).toBe(before);
      expect(before!.every((byte) => byte === 0)).toBe(true);
    }),
    { numRuns: 30 },
  );
});
