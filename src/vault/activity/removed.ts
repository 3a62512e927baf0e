// Numbers of lines that the vault itself removed to make room: ascending ranges that do not touch.
// Promises: pure; what was removed is told apart from what is missing. Must not: say why, or whose lines they were.
import { VaultError } from '../../contract/errors';
import { concat, createReader, u64, type Bytes } from '../store/encoding';

/** From the first to the last number of each range, both included. */
export type Ranges = readonly (readonly [first: number, last: number])[];

/** With these numbers besides, and without what is below `from`. */
export function withRemoved(ranges: Ranges, numbers: readonly number[], from: number): Ranges {
  const all = [...ranges, ...numbers.map((one): [number, number] => [one, one])].sort((a, b) => a[0] - b[0]);
  const merged: [number, number][] = [];
  for (const [start, last] of all) {
    const first = Math.max(start, from);
    if (first > last) continue;
    const before = merged.at(-1);
    if (before && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else merged.push([first, last]);
  }
  return merged;
}

/** How many of the numbers from `first` to `last`, both included, are in the ranges. */
export function countWithin(ranges: Ranges, first: number, last: number): number {
  return ranges.reduce((sum, range) => sum + Math.max(0, Math.min(last, range[1]) - Math.max(first, range[0]) + 1), 0);
}

export function encodeRanges(ranges: Ranges): Bytes {
  return concat(...ranges.flatMap(([first, last]) => [u64(first), u64(last)]));
}

/** Throws 'damaged' for anything but what `encodeRanges` makes. */
export function decodeRanges(bytes: Bytes): Ranges {
  const reader = createReader(bytes);
  const ranges: [number, number][] = [];
  while (reader.left() > 0) {
    const [first, last] = [reader.u64(), reader.u64()];
    if (first > last || first <= (ranges.at(-1)?.[1] ?? -2) + 1) throw new VaultError('damaged');
    ranges.push([first, last]);
  }
  return ranges;
}
