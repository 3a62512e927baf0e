// Fields as records hold them: read as they were written, and nothing is read that is not there.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createReader, lengthPrefixed, u32, u64, u8 } from './encoding';

const damaged = expect.objectContaining({ reason: 'damaged' });
const refusal = (read: () => unknown): unknown => {
  try {
    read();
    return 'read';
  } catch (error) {
    return error;
  }
};

describe('a reader', () => {
  it('law: gives the fields that were written, and is at the end then', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 40 }),
        fc.string({ unit: 'grapheme' }),
        fc.maxSafeNat(),
        (bytes, text, n) => {
          const own = Uint8Array.from(bytes);
          const reader = createReader(
            Uint8Array.from([...u8(7), ...lengthPrefixed(own, text), ...u32(n % 2 ** 32), ...u64(n)]),
          );
          expect([reader.u8(), reader.prefixed(), reader.text(), reader.u32(), reader.u64(), reader.left()]).toEqual([
            7,
            own,
            text,
            n % 2 ** 32,
            n,
            0,
          ]);
          reader.end();
        },
      ),
    );
  });

  it('refuses a field that reaches past the end, by its length or by being cut off', () => {
    const whole = lengthPrefixed(Uint8Array.of(1, 2, 3));
    for (let length = 0; length < whole.length; length++)
      expect(refusal(() => createReader(whole.subarray(0, length)).prefixed())).toEqual(damaged);
    expect(refusal(() => createReader(Uint8Array.of(255, 255, 255, 255, 1)).prefixed())).toEqual(damaged);
    expect(refusal(() => createReader(Uint8Array.of(0, 0, 0, 9, 65)).text())).toEqual(damaged);
    for (const read of ['u8', 'u32', 'u64'] as const)
      expect(refusal(() => createReader(new Uint8Array(0))[read]())).toEqual(damaged);
  });

  it('refuses what stands behind the last field', () => {
    const reader = createReader(Uint8Array.of(1, 2));
    reader.u8();
    expect(refusal(() => reader.end())).toEqual(damaged);
    reader.u8();
    expect(refusal(() => reader.end())).toBe('read');
  });

  it('reads a time up to the latest date, and refuses a later one', () => {
    expect(new Date(createReader(u64(8.64e15)).timeMs()).toISOString()).toBe('+275760-09-13T00:00:00.000Z');
    expect(refusal(() => createReader(u64(8.64e15 + 1)).timeMs())).toEqual(damaged);
    expect(refusal(() => createReader(new Uint8Array(8).fill(255)).timeMs())).toEqual(damaged);
  });

  it('refuses a number that is not safe, and text that is not UTF-8', () => {
    expect(refusal(() => createReader(new Uint8Array(8).fill(255)).u64())).toEqual(damaged);
    expect(refusal(() => createReader(Uint8Array.of(0, 0, 0, 1, 0xff)).text())).toEqual(damaged);
  });
});
