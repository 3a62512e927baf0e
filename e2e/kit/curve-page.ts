// Runs in a page of its own: times steps of the curve with one scalar against others, and says how sure it is that they differ.
// Promises Welch's t of every class of outliers (none, and all that took longer than a share of the first calls), and that the core and noble agree.
// Must not: hold anything but numbers of the test.
import { instantiateSecp256k1WasmBytes, ContextFlag } from '@bitauth/libauth/build/lib/bin/secp256k1/secp256k1-wasm.js';
import { createCoreCurve } from '../../src/protocol/base/core-curve';
import { nobleCurve } from '../../src/protocol/base/noble-curve';

export interface TimingWish {
  /** What computes. `bare` is the core's multiplication in variable time with the scalar as it is: what a difference looks like. */
  by: 'core' | 'noble' | 'bare';
  step: 'sign' | 'multiply';
  /** The scalar that comes again and again: one that was drawn, or 1. */
  fixed: 'drawn' | 'one';
  calls: number;
}

export interface Timing {
  /** Welch's t by the share of the first calls that a call may not take longer than; 1 is all calls. */
  t: Record<string, number>;
  /** The middle of all calls, in µs. */
  medianUs: number;
}

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
const core = await fetch('/secp256k1.wasm').then((file) => file.arrayBuffer());

/** Mean and spread of what was added. */
function createSpread() {
  let [count, mean, squares] = [0, 0, 0];
  return {
    add(value: number) {
      const step = value - mean;
      mean += step / ++count;
      squares += step * (value - mean);
    },
    of: () => ({ mean, error: squares / (count - 1) / count }),
  };
}

async function stepOf({ by, step }: TimingWish): Promise<(scalar: Uint8Array) => void> {
  const peers = Array.from({ length: 16 }, () => nobleCurve.pointOf(random(32)));
  let at = 0;
  const peer = () => peers[++at % peers.length]!;
  if (by !== 'bare') {
    const curve = by === 'core' ? await createCoreCurve(core.slice(), random) : nobleCurve;
    if (step === 'multiply') return (scalar) => void curve.multiply(peer(), scalar);
    const digests = Array.from({ length: 1_000 }, () => random(32));
    return (scalar) => void curve.sign(digests[++at % digests.length]!, scalar);
  }
  const raw = await instantiateSecp256k1WasmBytes(core.slice());
  const context = raw.contextCreate(ContextFlag.VERIFY);
  const [point, bytes, factor] = [raw.malloc(64), raw.malloc(65), raw.malloc(32)];
  return (scalar) => {
    raw.heapU8.set(peer(), bytes);
    raw.pubkeyParse(context, point, bytes, 65);
    raw.heapU8.set(scalar, factor);
    raw.pubkeyTweakMul(context, point, factor);
  };
}

async function time(wish: TimingWish): Promise<Timing> {
  const step = await stepOf(wish);
  const fixed = wish.fixed === 'one' ? Uint8Array.of(...new Uint8Array(31), 1) : random(32);
  const first = Math.min(1_000, wish.calls);
  const timed = (scalar: Uint8Array): number => {
    const begun = performance.now();
    step(scalar);
    return (performance.now() - begun) * 1_000;
  };
  // Until the machine code is what it will be.
  for (let i = 0; i < first; i++) step(random(32));
  const sample = Array.from({ length: first }, () => timed(random(32))).sort((a, b) => a - b);
  const shares = [0.5, 0.75, 0.9, 0.99, 1];
  const classes = shares.map((share) => ({
    share,
    most: share === 1 ? Infinity : sample[Math.floor(share * (first - 1))]!,
    fixed: createSpread(),
    others: createSpread(),
  }));
  for (let i = 0; i < wish.calls; i++) {
    const isFixed = Math.random() < 0.5;
    // Made anew for both, so that both are as near to the processor.
    const scalar = isFixed ? fixed.slice() : random(32);
    if (isFixed) random(32);
    const us = timed(scalar);
    for (const one of classes) if (us <= one.most) (isFixed ? one.fixed : one.others).add(us);
  }
  const t = classes.map(({ share, fixed: a, others: b }) => {
    const [one, other] = [a.of(), b.of()];
    return [String(share), (one.mean - other.mean) / Math.sqrt(one.error + other.error)] as const;
  });
  return { t: Object.fromEntries(t), medianUs: sample[first >> 1]! };
}

/** How many of the drawn cases the core and noble answer alike, in this browser. */
async function agree(cases: number): Promise<number> {
  const curve = await createCoreCurve(core.slice(), random);
  let alike = 0;
  for (let i = 0; i < cases; i++) {
    const [one, other, digest] = [random(32), random(32), random(32)];
    const point = nobleCurve.pointOf(other);
    const [mine, theirs] = [curve, nobleCurve].map((by) => {
      const { bytes, recovery } = by.sign(digest, one);
      const own = by.pointOf(one);
      return [
        own,
        bytes,
        recovery,
        by.multiply(point, one),
        by.recover(bytes, recovery as 0 | 1, digest),
        by.verify(bytes, digest, own),
        by.verify(bytes, digest, point),
      ].join();
    });
    if (mine === theirs) alike++;
  }
  return alike;
}

Object.assign(window, { curveTiming: { time, agree } });
