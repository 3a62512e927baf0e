// The curve by libsecp256k1, which @bitauth/libauth has as WebAssembly: in the worker, put in noble's place by `useCurve` (adr/0021).
// Promises what `Curve` says. No private key is given bare to what multiplies in variable time: it is split by a random factor that is used once.
// After each step its places and the stack are zero, so that neither key, nonce nor shared point rests in the memory of the core (R-D6).
// Must not: make a number of a private key, which nobody could overwrite; or load the rest of the package.
import {
  CompressionFlag,
  ContextFlag,
  instantiateSecp256k1WasmBytes,
  type Secp256k1Wasm,
} from '@bitauth/libauth/build/lib/bin/secp256k1/secp256k1-wasm.js';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { bytesToNumberBE, numberToBytesBE } from '@noble/curves/utils.js';
import type { Curve } from './curve';

/** Bytes of randomness. */
export type RandomBytes = (length: number) => Uint8Array;

/** Steps with the base point between two randomisations of their context. */
const usesOfBlinding = 1_000;

/** Where the stack of the core begins, and more than any step of it takes (6,120 bytes, of recovery). */
const stack = { at: 68_752, bytes: 8_192 };

const { Fn } = secp256k1.Point;

/** The core as a `Curve`. Throws where WebAssembly cannot run, or the bytes are not the core. */
export async function createCoreCurve(wasm: ArrayBuffer, randomBytes: RandomBytes): Promise<Curve> {
  return coreCurve(await instantiateSecp256k1WasmBytes(wasm), randomBytes);
}

/** A scalar in [1, n-1]. */
function randomScalar(randomBytes: RandomBytes): bigint {
  for (;;) {
    const scalar = bytesToNumberBE(randomBytes(32));
    if (Fn.isValidNot0(scalar)) return scalar;
  }
}

/** The same over an instance of the core. */
export function coreCurve(core: Secp256k1Wasm, randomBytes: RandomBytes): Curve {
  const { heapU8, heapU32 } = core;
  const blinded = core.contextCreate(ContextFlag.SIGN);
  /** Its tables take some ten milliseconds, so it is made when something has to be multiplied by it. */
  let tables: number | undefined;
  const forPoints = () => (tables ??= core.contextCreate(ContextFlag.VERIFY));

  const places = { bytes: 512, at: core.malloc(512) };
  const [scalar, factor, digest, point, parsed, made, bytes, number] = [0, 32, 64, 96, 160, 232, 304, 376].map(
    (offset) => places.at + offset,
  ) as [number, number, number, number, number, number, number, number];

  const put = (place: number, value: Uint8Array) => heapU8.set(value, place);
  const putNumber = (place: number, value: bigint) => put(place, numberToBytesBE(value, 32));
  const take = (length: number) => heapU8.slice(bytes, bytes + length);
  /** What cannot be refused with the numbers that were given. */
  const must = (answer: number) => {
    if (answer !== 1) throw new Error('the core refused what it must not refuse');
  };

  /** A step, after which nothing of it is left. */
  function clean<T>(step: () => T): T {
    try {
      return step();
    } finally {
      heapU8.fill(0, places.at, places.at + places.bytes);
      heapU8.fill(0, stack.at, stack.at + stack.bytes);
    }
  }

  let usesLeft = 0;
  /** The context for the base point, with a blinding that is not older than it may be. */
  function forBase(): number {
    if (usesLeft-- > 0) return blinded;
    usesLeft = usesOfBlinding - 1;
    put(bytes, randomBytes(32));
    must(core.contextRandomize(blinded, bytes));
    return blinded;
  }

  const parsePoint = (point65: Uint8Array) => {
    put(bytes, point65);
    return core.pubkeyParse(blinded, point, bytes, 65) === 1;
  };
  const takePoint = () => {
    heapU32[number >> 2] = 65;
    must(core.pubkeySerialize(blinded, bytes, number, point, CompressionFlag.UNCOMPRESSED));
    return take(65);
  };

  /**
   * Whether the signature is the one this key gives: -(hash + r d) / s must be a scalar whose point has r as its x, and the other parity than
   * `recovery` says. The negative, so that a table with a fault gives other entries than it gave to the nonce itself. d stays in the core.
   */
  function isOwnSignature(signature64: Uint8Array, recovery: number, hash: bigint, privateKey: Uint8Array): boolean {
    const [r, s] = [signature64.subarray(0, 32), signature64.subarray(32)];
    const negative = Fn.neg(Fn.inv(bytesToNumberBE(s)));
    put(scalar, privateKey);
    putNumber(factor, Fn.mul(bytesToNumberBE(r), negative));
    if (core.privkeyTweakMul(blinded, scalar, factor) !== 1) return false;
    putNumber(factor, Fn.mul(hash, negative));
    if (core.privkeyTweakAdd(blinded, scalar, factor) !== 1) return false;
    if (core.pubkeyCreate(forBase(), point, scalar) !== 1) return false;
    const found = takePoint();
    return r.every((byte, at) => byte === found[1 + at]) && ((found[64] as number) & 1) === 1 - recovery;
  }

  return {
    isPrivateKey: (bytes32) =>
      clean(() => {
        put(scalar, bytes32);
        return core.seckeyVerify(blinded, scalar) === 1;
      }),
    isOnCurve: (point65) => clean(() => parsePoint(point65)),
    pointOf: (privateKey) =>
      clean(() => {
        put(scalar, privateKey);
        must(core.pubkeyCreate(forBase(), point, scalar));
        return takePoint();
      }),
    multiply: (point65, privateKey) =>
      clean(() => {
        if (!parsePoint(point65)) return undefined;
        const context = forPoints();
        const random = randomScalar(randomBytes);
        putNumber(factor, random);
        must(core.pubkeyTweakMul(context, point, factor));
        put(scalar, privateKey);
        putNumber(factor, Fn.inv(random));
        must(core.privkeyTweakMul(blinded, scalar, factor));
        must(core.pubkeyTweakMul(context, point, scalar));
        return takePoint();
      }),
    sign: (digest32, privateKey) =>
      clean(() => {
        // Below n, as RFC 6979 has it before the nonce is drawn; the core itself takes all bits as they are.
        const hash = Fn.create(bytesToNumberBE(digest32));
        putNumber(digest, hash);
        put(scalar, privateKey);
        must(core.signRecoverable(forBase(), made, digest, scalar));
        must(core.recoverableSignatureSerialize(blinded, bytes, number, made));
        const signature = { bytes: take(64), recovery: heapU32[number >> 2] as number };
        if (!isOwnSignature(signature.bytes, signature.recovery, hash, privateKey))
          throw new Error('the fresh signature did not verify');
        return signature;
      }),
    verify: (signature64, digest32, point65) =>
      clean(() => {
        if (!parsePoint(point65)) return false;
        put(bytes, signature64);
        put(digest, digest32);
        if (core.signatureParseCompact(blinded, parsed, bytes) !== 1) return false;
        return core.verify(forPoints(), parsed, digest, point) === 1;
      }),
    recover: (signature64, recovery, digest32) =>
      clean(() => {
        put(bytes, signature64);
        put(digest, digest32);
        if (core.recoverableSignatureParse(blinded, made, bytes, recovery) !== 1) return undefined;
        return core.recover(forPoints(), point, made, digest) === 1 ? takePoint() : undefined;
      }),
  };
}
