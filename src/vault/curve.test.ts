// The start of what computes on the curve: the core where it is to be had, and noble, without a word, where it is not.
import { afterEach, expect, test } from 'vitest';
import { signDigest, useCurve } from '../protocol/base/secp256k1';
import { readCore } from '../../scripts/curve-core.mjs';
import { createTestHost } from './testkit/memory-host.testkit';
import { createCurveStart } from './curve';

const file = () => Promise.resolve(Uint8Array.from(readCore()).buffer);
const hash = new Uint8Array(32).fill(7);
const expected = signDigest(hash, hash);

afterEach(() => useCurve());

/** Starts it over this file, and resolves with what computes then. */
function startOver(curveCore: () => Promise<ArrayBuffer>): Promise<string> {
  return new Promise((resolve) => {
    const host = createTestHost({ clock: { nowMs: 0 } });
    createCurveStart({ ...host, curveCore, onCurve: resolve })();
    // Nobody waits for it.
    expect(signDigest(hash, hash)).toEqual(expected);
  });
}

test('the core computes as soon as it is there', async () => {
  expect(await startOver(file)).toBe('core');
  expect(signDigest(hash, hash)).toEqual(expected);
});

test.each([
  ['that cannot be read', () => Promise.reject(new Error('no such file'))],
  ['of other bytes', () => Promise.resolve(new Uint8Array([0, 97, 115, 109, 9, 9, 9, 9]).buffer)],
  ['cut short', async () => (await file()).slice(0, 100_000)],
])('noble computes where the file is one %s', async (_what, curveCore) => {
  expect(await startOver(curveCore)).toBe('noble');
  expect(signDigest(hash, hash)).toEqual(expected);
});

test('a start that is tried again reads the file once', () => {
  let reads = 0;
  const start = createCurveStart({
    ...createTestHost({ clock: { nowMs: 0 } }),
    curveCore: () => {
      reads++;
      return file();
    },
  });
  start();
  start();
  expect(reads).toBe(1);
});

test('without a core nothing is begun', () => {
  expect(() => createCurveStart(createTestHost({ clock: { nowMs: 0 } }))()).not.toThrow();
});
