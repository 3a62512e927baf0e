// The core beside its answers: the check before a signature is released, what multiplies in variable time, what stays in its memory, and its end.
// That the answers are noble's is in differential/curve.test.ts.
import {
  ContextFlag,
  instantiateSecp256k1WasmBytes,
  type Secp256k1Wasm,
} from '@bitauth/libauth/build/lib/bin/secp256k1/secp256k1-wasm.js';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { bytesToNumberBE, numberToBytesBE } from '@noble/curves/utils.js';
import fc from 'fast-check';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { readCore } from '../../../scripts/curve-core.mjs';
import { randomBytes, watched } from '../testkit/curves.testkit';
import { reasonOf } from '../testkit/refusal.testkit';
import { coreCurve, createCoreCurve } from './core-curve';
import type { Curve } from './curve';
import { nobleCurve } from './noble-curve';
import { ecdh65, getPublicKey, recoverPublicKey, signDigest, useCurve, verifyDigest } from './secp256k1';

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const key = bytes32.filter((bytes) => bytes[0] !== 255 && bytes.some((byte) => byte !== 0));
const hash = Uint8Array.from(randomBytes(32));
const one = numberToBytesBE(1n, 32);

/** An instance of the core whose parts a test may replace, and whose memory it may read. */
let core: Secp256k1Wasm;
let curve: Curve;
beforeAll(async () => {
  core = await instantiateSecp256k1WasmBytes(Uint8Array.from(readCore()).buffer);
  curve = coreCurve(core, randomBytes);
});
afterEach(() => useCurve());

/** The core with a fault: what it hands out of a signature is changed. */
function faulty(change: (heap: Uint8Array, signatureAt: number, recoveryAt: number) => void): Curve {
  const serialize: Secp256k1Wasm['recoverableSignatureSerialize'] = (context, signatureAt, recoveryAt, made) => {
    const answer = core.recoverableSignatureSerialize(context, signatureAt, recoveryAt, made);
    change(core.heapU8, signatureAt, recoveryAt);
    return answer;
  };
  return coreCurve({ ...core, recoverableSignatureSerialize: serialize }, randomBytes);
}

describe('R-D5 a signature of the core is checked before it is released', () => {
  test('R-D5 law: what the core releases verifies, and recovers to the key', () => {
    useCurve(curve);
    fc.assert(
      fc.property(key, bytes32, (privateKey, digest32) => {
        const signature = signDigest(digest32, privateKey);
        const publicKey = getPublicKey(privateKey);
        expect(verifyDigest(signature, digest32, publicKey)).toBe(true);
        expect(recoverPublicKey(signature, digest32)).toEqual(publicKey);
      }),
      { numRuns: 100 },
    );
  });

  test('R-D5 law: a signature of the core with any flipped bit is never released', () => {
    let at = 0;
    const broken = faulty((heap, signatureAt) => void (heap[signatureAt + (at >> 3)]! ^= 1 << (at & 7)));
    fc.assert(
      fc.property(key, bytes32, fc.nat({ max: 64 * 8 - 1 }), (privateKey, digest32, bit) => {
        at = bit;
        expect(() => broken.sign(digest32, privateKey)).toThrow();
      }),
      { numRuns: 100 },
    );
  });

  test('R-D5 a wrong recovery bit of the core is never released', () => {
    const broken = faulty((heap, _at, recoveryAt) => void (heap[recoveryAt]! ^= 1));
    expect(() => broken.sign(hash, one)).toThrow('did not verify');
  });

  test('R-D5 a core that signs wrongly is left, and noble signs', () => {
    const broken = watched(faulty((heap, signatureAt) => void (heap[signatureAt + 5]! ^= 1)));
    let left = 0;
    useCurve(broken.curve, () => left++);
    const signature = signDigest(hash, one);
    expect(nobleCurve.sign(hash, one)).toEqual(signature);
    signDigest(hash, one);
    expect(broken.steps.get('sign')).toBe(1);
    expect(left).toBe(1);
  });
});

describe('what the core is given', () => {
  test('a private key is never given bare to what multiplies in variable time, nor any scalar twice', () => {
    const seen: bigint[] = [];
    const multiply: Secp256k1Wasm['pubkeyTweakMul'] = (context, point, scalar) => {
      seen.push(bytesToNumberBE(core.heapU8.slice(scalar, scalar + 32)));
      return core.pubkeyTweakMul(context, point, scalar);
    };
    const split = coreCurve({ ...core, pubkeyTweakMul: multiply }, randomBytes);
    const peer = getPublicKey(numberToBytesBE(7n, 32));
    for (const privateKey of [one, hash]) for (let i = 0; i < 50; i++) split.multiply(peer, privateKey);
    expect(seen.length).toBe(200);
    expect(new Set(seen).size).toBe(200);
    expect(seen).not.toContain(1n);
    expect(seen).not.toContain(bytesToNumberBE(hash));
    // The two of a pair multiply to the key.
    for (let i = 0; i < 200; i += 2)
      expect(secp256k1.Point.Fn.mul(seen[i]!, seen[i + 1]!)).toBe(i < 100 ? 1n : bytesToNumberBE(hash));
  });

  test('its context is randomised at the start, and anew every 1,000 uses', () => {
    const seeds: string[] = [];
    let uses = 0;
    const count =
      <Input extends unknown[], Result>(step: (...input: Input) => Result) =>
      (...input: Input) => {
        uses++;
        return step(...input);
      };
    const randomised = coreCurve(
      {
        ...core,
        signRecoverable: count(core.signRecoverable),
        pubkeyCreate: count(core.pubkeyCreate),
        contextRandomize: (context, seed) => {
          expect(uses % 1_000).toBe(0);
          seeds.push(Buffer.from(core.heapU8.slice(seed, seed + 32)).toString('hex'));
          return core.contextRandomize(context, seed);
        },
      },
      randomBytes,
    );
    expect(seeds).toEqual([]);
    randomised.pointOf(one);
    expect(seeds.length).toBe(1);
    while (uses <= 3_000) randomised.pointOf(one);
    expect(new Set(seeds).size).toBe(4);
  });

  test('zero bytes of randomness are no factor: others are drawn', () => {
    const drawn: Uint8Array[] = [new Uint8Array(32), new Uint8Array(32).fill(255), randomBytes(32), randomBytes(32)];
    const peer = getPublicKey(hash);
    const other = coreCurve(core, (length) => drawn.shift() ?? randomBytes(length));
    expect(other.multiply(peer, one)).toEqual(peer);
    expect(drawn.length).toBe(1);
  });
});

describe('R-D6 what stays in the memory of the core', () => {
  /** Pairs of words of the value, as it is and turned round, as a machine keeps numbers. */
  const pieces = (value: Uint8Array): Buffer[] =>
    [value, value.toReversed()].flatMap((bytes) =>
      [0, 4, 8, 12, 16, 20, 24].map((at) => Buffer.from(bytes.slice(at, at + 8))),
    );
  /** What was ever written to: the rest of the 16 MiB is zero. */
  const memory = () => Buffer.from(core.heapU8.buffer, 0, core.heapU8.findLastIndex((byte) => byte !== 0) + 1);
  const found = (value: Uint8Array) => {
    const written = memory();
    return pieces(value).filter((piece) => written.includes(piece)).length;
  };

  test('R-D6 neither key, nonce nor shared point is in it after a step', () => {
    const privateKey = randomBytes(32);
    const peer = getPublicKey(randomBytes(32));
    const signature = curve.sign(hash, privateKey);
    const { Fn } = secp256k1.Point;
    const [r, s] = [signature.bytes.slice(0, 32), signature.bytes.slice(32)].map(bytesToNumberBE) as [bigint, bigint];
    const nonce = Fn.mul(Fn.add(Fn.create(bytesToNumberBE(hash)), Fn.mul(r, bytesToNumberBE(privateKey))), Fn.inv(s));
    for (const scalar of [nonce, Fn.neg(nonce)]) expect(found(numberToBytesBE(scalar, 32))).toBe(0);
    curve.pointOf(privateKey);
    const shared = curve.multiply(peer, privateKey)!;
    expect(found(shared.slice(1, 33)) + found(shared.slice(33))).toBe(0);
    curve.isPrivateKey(privateKey);
    expect(found(privateKey)).toBe(0);
    // The search would have found it.
    core.heapU8.set(privateKey, core.malloc(32));
    expect(found(privateKey)).toBeGreaterThan(0);
  });

  test('R-D6 the part of the stack that is overwritten is the part that is used', () => {
    const mark = 0xa5;
    const [at, bytes] = [68_752, 5_242_880];
    const used = (step: () => unknown): number => {
      core.heapU8.fill(mark, at, at + bytes);
      step();
      return (
        bytes -
        core.heapU8
          .subarray(at, at + bytes)
          .toReversed()
          .findIndex((byte) => byte !== mark)
      );
    };
    const raw = { key: core.malloc(32), hash: core.malloc(32), made: core.malloc(65), point: core.malloc(64) };
    core.heapU8.set(hash, raw.key);
    core.heapU8.set(hash, raw.hash);
    const [base, points] = [core.contextCreate(ContextFlag.SIGN), core.contextCreate(ContextFlag.VERIFY)];
    const steps = [
      () => core.signRecoverable(base, raw.made, raw.hash, raw.key),
      () => core.pubkeyCreate(base, raw.point, raw.key),
      () => core.recover(points, raw.point, raw.made, raw.hash),
      () => core.pubkeyTweakMul(points, raw.point, raw.key),
    ];
    const most = Math.max(...steps.map(used));
    expect(most).toBeGreaterThan(1_000);
    expect(most).toBeLessThan(8_192);
    // All of it is zero after a step, and nothing above was touched.
    expect(used(() => curve.sign(hash, one))).toBe(8_192);
    expect(core.heapU8.subarray(at, at + 8_192).every((byte) => byte === 0)).toBe(true);
  });
});

describe('a core that cannot run', () => {
  test('other bytes are no core', async () => {
    await expect(createCoreCurve(new Uint8Array([0, 1, 2]).buffer, randomBytes)).rejects.toThrow();
  });

  test('a core that stops in the middle of a step is left for good, and the step is taken by noble', () => {
    const stopped = watched(
      coreCurve(
        {
          ...core,
          pubkeyTweakMul: () => {
            throw new Error('unreachable');
          },
        },
        randomBytes,
      ),
    );
    useCurve(stopped.curve);
    const peer = getPublicKey(hash);
    expect(ecdh65(one, peer)).toEqual(peer);
    expect(stopped.faults.length).toBe(1);
    expect(ecdh65(one, peer)).toEqual(peer);
    expect(stopped.steps.get('multiply')).toBe(1);
  });

  test('bad input is refused by the core itself, which stays', () => {
    const { curve: counted, steps, faults } = watched(curve);
    useCurve(counted);
    const off = getPublicKey(hash);
    off[64]! ^= 1;
    expect(reasonOf(() => ecdh65(one, off))).toBe('bad-public-key');
    expect(reasonOf(() => getPublicKey(new Uint8Array(32)))).toBe('bad-private-key');
    expect(reasonOf(() => recoverPublicKey({ bytes: new Uint8Array(64), recovery: 0 }, hash))).toBe('bad-signature');
    expect(faults).toEqual([]);
    expect(steps.get('recover')).toBe(1);
  });
});
