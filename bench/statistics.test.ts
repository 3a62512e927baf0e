// Checks the arithmetic under every published figure.
import { expect, test } from 'vitest';
import { median, quantile, summarize } from './statistics';

test('the median of an even number of values lies between the middle two', () => {
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([9, 1, 5])).toBe(5);
});

test('quantiles reach from the least to the greatest value', () => {
  expect([0, 0.95, 1].map((share) => quantile([30, 10, 20], share))).toEqual([10, 29, 30]);
});

test('a ratio is taken within each round, so a slow round of both changes nothing', () => {
  const summary = summarize({ subject: [2, 20, 2], reference: [1, 10, 1] });
  expect(summary).toEqual({ median: 2, min: 2, max: 20, referenceMedian: 1, ratio: 2, ratioOfMins: 2 });
});

test('rounds that are not paired, and no rounds, are errors', () => {
  expect(() => summarize({ subject: [1, 2], reference: [1] })).toThrow('not paired');
  expect(() => summarize({ subject: [], reference: [] })).toThrow('no values');
});

test('a baseline is taken off both sides within each round', () => {
  const summary = summarize({ subject: [12, 23], reference: [11, 22], baseline: [10, 20] });
  expect(summary).toMatchObject({ median: 2.5, min: 2, max: 3, referenceMedian: 1.5, ratio: 1.75, ratioOfMins: 2 });
});
