// Ranges of removed numbers against a plain set of numbers.
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { countWithin, decodeRanges, encodeRanges, withRemoved, type Ranges } from './removed';

const numbers = fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 30 });

it('law: ranges hold exactly the numbers that were removed and are not below the beginning, as few as can be', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(numbers, fc.integer({ min: 1, max: 40 })), { maxLength: 5 }), (steps) => {
      let ranges: Ranges = [];
      let set = new Set<number>();
      for (const [removed, from] of steps) {
        ranges = withRemoved(ranges, removed, from);
        set = new Set([...set, ...removed].filter((one) => one >= from));
      }
      const held = ranges.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, at) => first + at));
      expect(held).toEqual([...set].sort((a, b) => a - b));
      for (const [at, [first]] of ranges.entries()) if (at > 0) expect(first).toBeGreaterThan(ranges[at - 1]![1] + 1);
      expect(countWithin(ranges, 10, 30)).toBe([...set].filter((one) => one >= 10 && one <= 30).length);
      expect(decodeRanges(encodeRanges(ranges))).toEqual(ranges);
    }),
  );
});

it('what is not written so is damaged', () => {
  for (const ranges of [
    [[5, 4]],
    [
      [1, 3],
      [4, 6],
    ],
    [
      [5, 6],
      [1, 2],
    ],
  ] as Ranges[])
    expect(() => decodeRanges(encodeRanges(ranges))).toThrow('damaged');
  expect(() => decodeRanges(encodeRanges([[1, 2]]).slice(1))).toThrow('damaged');
});
