// The core against noble, through the functions that everybody calls: drawn cases, the numbers where something ends, and the cases of Wycheproof.
// Promises equal bytes and equal refusals of both, and that it was the core that answered.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { sha256 } from '@noble/hashes/sha2.js';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { numberToBytesBE } from '@noble/curves/utils.js';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lawOf, sizeOf } from '../../../scripts/campaign/size';
import { bytesToHex, hexToBytes } from '../base/bytes';
import type { Curve } from '../base/curve';
import { ProtocolError } from '../base/errors';
import {
  ecdh65,
  generatePrivateKey,
  getPublicKey,
  isPublicKey,
  recoverPublicKey,
  signDigest,
  useCurve,
  verifyDigest,
} from '../base/secp256k1';
import { loadCore, watched } from '../testkit/curves.testkit';

const CASES = lawOf('curve', 'cases');
/** Of the cases of Wycheproof noble answers each in the campaign, and every so many in npm test; the core answers all. */
const every = sizeOf('curve', 'step');

let core: ReturnType<typeof watched>;
beforeAll(async () => {
  core = watched(await loadCore());
});
afterAll(() => {
  useCurve();
  expect(core.faults).toEqual([]);
});

/** What a step gives or refuses with. Anything else that it throws is a bug, and passes through. */
function outcome(step: () => Uint8Array | boolean | object): unknown {
  try {
    return step();
  } catch (error) {
    if (error instanceof ProtocolError) return { reason: error.reason, message: error.message };
    throw error;
  }
}

/** The same outcome of both, which is returned. */
function bothWays<T extends Uint8Array | boolean | object>(name: keyof Curve | undefined, step: () => T): T {
  useCurve(core.curve);
  const before = name === undefined ? 0 : (core.steps.get(name) ?? 0);
  const ours = outcome(step);
  if (name !== undefined) expect(core.steps.get(name)).toBe(before + 1);
  useCurve();
  expect(ours).toEqual(outcome(step));
  return ours as T;
}

const order = secp256k1.Point.Fn.ORDER;
const field = secp256k1.Point.Fp.ORDER;
const scalar = (value: bigint) => numberToBytesBE(value, 32);
const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
/** Scalars where something ends, bytes that begin with zeros, and any others. */
const edges = [0n, 1n, 2n, 1n << 128n, order >> 1n, (order >> 1n) + 1n, order - 2n, order - 1n, order, order + 1n];
const someBytes32 = fc.oneof(
  { weight: 4, arbitrary: bytes32 },
  { weight: 1, arbitrary: fc.constantFrom(...edges, (1n << 256n) - 1n, field - 1n, field).map(scalar) },
  {
    weight: 1,
    arbitrary: fc.tuple(bytes32, fc.integer({ min: 1, max: 31 })).map(([bytes, zeros]) => bytes.fill(0, 0, zeros)),
  },
);
const validKey = someBytes32.filter((bytes) => secp256k1.utils.isValidSecretKey(bytes));
/** Keys, and points that are none: off the curve, beyond the field, compressed, of another length. */
const point = fc.oneof(
  { weight: 6, arbitrary: validKey.map((key) => secp256k1.getPublicKey(key, false)) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(validKey, fc.nat({ max: 65 * 8 - 1 }))
      .map(([key, bit]) =>
        secp256k1.getPublicKey(key, false).map((byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte)),
      ),
  },
  { weight: 1, arbitrary: fc.tuple(bytes32, bytes32).map(([x, y]) => Uint8Array.of(4, ...x, ...y)) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(new Uint8Array(65), Uint8Array.of(4, ...scalar(field), ...scalar(1n)), new Uint8Array(0))
      .map((bytes) => bytes.slice()),
  },
  { weight: 1, arbitrary: validKey.map((key) => secp256k1.getPublicKey(key, true)) },
);
const negated = (bytes: Uint8Array): Uint8Array => {
  const { r, s } = secp256k1.Signature.fromBytes(bytes, 'compact');
  return new secp256k1.Signature(r, order - s).toBytes('compact');
};

describe('the core and noble agree', () => {
  it('R-D4 on which scalars are private keys, and on their points', () => {
    for (const edge of [...edges, (1n << 256n) - 1n])
      bothWays('isPrivateKey', () => getPublicKey(scalar(edge % (1n << 256n))));
    fc.assert(
      fc.property(someBytes32, (key) => {
        bothWays('isPrivateKey', () => generatePrivateKey(key));
        bothWays(undefined, () => getPublicKey(key));
      }),
      CASES,
    );
  });

  it('R-D4 on which bytes are points', () => {
    fc.assert(
      fc.property(point, (bytes) => void bothWays(undefined, () => isPublicKey(bytes))),
      { ...CASES, numRuns: CASES.numRuns * 5 },
    );
  });

  it('R-D4 on shared points, leading zeros kept, and on who has none', () => {
    fc.assert(
      fc.property(someBytes32, point, (key, bytes) => void bothWays(undefined, () => ecdh65(key, bytes))),
      CASES,
    );
  });

  it('R-D4 on shared points whose X or Y begins with zeros', () => {
    const peer = secp256k1.getPublicKey(sha256(new TextEncoder().encode('leading zero peer')), false);
    for (const name of [43, 146, 218, 252, 730, 735, 897]) {
      const key = sha256(new TextEncoder().encode(`leading zero ${name}`));
      const shared = bothWays('multiply', () => ecdh65(key, peer));
      expect(shared[1] === 0 || shared[33] === 0).toBe(true);
    }
  });

  it('R-D4 on signatures, byte for byte, and on the keys that cannot make one', () => {
    fc.assert(
      fc.property(someBytes32, someBytes32, (digest, key) => void bothWays(undefined, () => signDigest(digest, key))),
      CASES,
    );
  });

  it('R-D4 on what verifies: high s, changed bits, other keys, scalars out of range', () => {
    const change = fc.oneof(
      fc.constant('none' as const),
      fc.constant('high s' as const),
      fc.nat({ max: 64 * 8 - 1 }),
      fc.tuple(fc.constantFrom(0, 32), someBytes32),
    );
    fc.assert(
      fc.property(validKey, someBytes32, change, fc.option(point, { nil: undefined }), (key, digest, what, other) => {
        useCurve(core.curve);
        const { bytes } = signDigest(digest, key);
        let changed = Uint8Array.from(bytes);
        if (what === 'high s') changed = Uint8Array.from(negated(bytes));
        else if (typeof what === 'number') changed[what >> 3]! ^= 1 << (what & 7);
        else if (what !== 'none') changed.set(what[1], what[0]);
        const by = other ?? getPublicKey(key);
        bothWays(undefined, () => verifyDigest({ bytes: changed, recovery: 0 }, digest, by));
      }),
      CASES,
    );
  });

  it('R-D4 on who made a signature: both recovery bits, high s, any bytes', () => {
    const some = fc.oneof(
      fc.tuple(validKey, someBytes32, fc.boolean()).map(([key, digest, isHigh]) => {
        useCurve(core.curve);
        const signature = signDigest(digest, key);
        return { digest, bytes: isHigh ? negated(signature.bytes) : signature.bytes };
      }),
      fc
        .tuple(someBytes32, someBytes32, someBytes32)
        .map(([digest, r, s]) => ({ digest, bytes: Uint8Array.of(...r, ...s) })),
    );
    fc.assert(
      fc.property(some, fc.constantFrom(0, 1, 2, 27), ({ digest, bytes }, recovery) => {
        bothWays(undefined, () => recoverPublicKey({ bytes, recovery: recovery as 0 | 1 }, digest));
      }),
      CASES,
    );
  });
});

interface WycheproofGroup<Test> {
  publicKey: { uncompressed: string };
  tests: (Test & { tcId: number; comment: string; result: 'valid' | 'invalid' | 'acceptable' })[];
}
/** The folder with the files of C2SP/wycheproof, which are not in this repository; without it these cases are skipped. */
const wycheproof = process.env['WYCHEPROOF'] ?? '';
function groupsOf<Test>(name: string): WycheproofGroup<Test>[] | undefined {
  try {
    return (JSON.parse(readFileSync(path.join(wycheproof, name), 'utf8')) as { testGroups: WycheproofGroup<Test>[] })
      .testGroups;
  } catch {
    return undefined;
  }
}
const hasFiles = groupsOf('ecdh_secp256k1_test.json') !== undefined;

/** By both where it is their turn, else by the core alone. */
function answer<T extends Uint8Array | boolean>(id: number, step: () => T): T | { reason: string } {
  if (id % every === 0) return bothWays(undefined, step);
  useCurve(core.curve);
  return outcome(step) as T;
}

describe.skipIf(!hasFiles)('the cases of Wycheproof', () => {
  const isPoint = (shared: unknown): shared is Uint8Array => shared instanceof Uint8Array;

  it('R-D4 ECDH: equal X for what is valid, refused what is not a point of this curve', () => {
    let valid = 0;
    // A point is the last 65 bytes of its DER; what is written in another way is refused by whoever reads it, before it comes here.
    const prefix = '3056301006072a8648ce3d020106052b8104000a034200';
    for (const { tests } of groupsOf<{ public: string; private: string; shared: string }>('ecdh_secp256k1_test.json')!)
      for (const { tcId, public: der, private: key, shared, result } of tests) {
        const bytes = hexToBytes(der.startsWith(prefix) ? der.slice(prefix.length) : der);
        const scalarHex = key.padStart(64, '0').slice(-64);
        const point65 = answer(tcId, () => ecdh65(hexToBytes(scalarHex), bytes));
        if (result === 'valid') expect(isPoint(point65) && bytesToHex(point65.slice(1, 33)), `${tcId}`).toBe(shared);
        else if (result === 'invalid') expect(isPoint(point65), `${tcId}`).toBe(false);
        if (isPoint(point65)) valid++;
      }
    expect(valid).toBeGreaterThan(400);
  });

  it('R-D4 ECDH of JWK: the same, and points off the curve', () => {
    interface Jwk {
      public: { crv: string; x: string; y: string };
      private: { d: string };
      shared: string;
    }
    const hexOf = (text: string) => Buffer.from(text, 'base64url').toString('hex').padStart(64, '0');
    for (const { tests } of groupsOf<Jwk>('ecdh_secp256k1_webcrypto_test.json')!)
      for (const { tcId, public: of, private: key, shared, result } of tests) {
        const bytes = hexToBytes(of.crv === 'P-256K' ? `04${hexOf(of.x)}${hexOf(of.y)}` : '');
        const point65 = answer(tcId, () => ecdh65(hexToBytes(hexOf(key.d)), bytes));
        if (result === 'valid') expect(isPoint(point65) && bytesToHex(point65.slice(1, 33)), `${tcId}`).toBe(shared);
        else if (result === 'invalid') expect(isPoint(point65), `${tcId}`).toBe(false);
      }
  });

  it('R-D4 ECDSA of 64 bytes: valid with low s, invalid else', () => {
    let valid = 0;
    for (const { publicKey, tests } of groupsOf<{ msg: string; sig: string }>(
      'ecdsa_secp256k1_sha256_p1363_test.json',
    )!)
      for (const { tcId, msg, sig, result } of tests) {
        const bytes = hexToBytes(sig);
        const isHigh = bytes.length === 64 && BigInt(`0x${sig.slice(64)}`) > order >> 1n;
        const digest = sha256(hexToBytes(msg));
        const verifies = answer(tcId, () =>
          verifyDigest({ bytes, recovery: 0 }, digest, hexToBytes(publicKey.uncompressed)),
        );
        expect(verifies, `${tcId}`).toBe(result === 'valid' && !isHigh);
        if (verifies === true) valid++;
      }
    expect(valid).toBeGreaterThan(90);
  });

  it('R-D4 ECDSA of Bitcoin, read from DER: valid exactly where they say so', () => {
    for (const { publicKey, tests } of groupsOf<{ msg: string; sig: string }>(
      'ecdsa_secp256k1_sha256_bitcoin_test.json',
    )!)
      for (const { tcId, msg, sig, result } of tests) {
        let bytes: Uint8Array;
        try {
          bytes = secp256k1.Signature.fromBytes(hexToBytes(sig), 'der').toBytes('compact');
        } catch {
          // Not read, so never asked.
          expect(result, `${tcId}`).toBe('invalid');
          continue;
        }
        const digest = sha256(hexToBytes(msg));
        const verifies = answer(tcId, () =>
          verifyDigest({ bytes, recovery: 0 }, digest, hexToBytes(publicKey.uncompressed)),
        );
        expect(verifies, `${tcId}`).toBe(result === 'valid');
      }
  });
});
