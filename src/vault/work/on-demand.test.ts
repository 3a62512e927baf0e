// Parts made on demand: once, at the first call, and again after a failure.
import { expect, test } from 'vitest';
import { once, onDemand } from './on-demand';

test('parts are made by the first call of one, once, and answer as they would have', async () => {
  let made = 0;
  const parts = once(async () => {
    made++;
    return { sum: { of: async (one: number, other: number) => one + other }, word: { get: async () => 'word' } };
  });
  const [sum, word] = [onDemand(parts, 'sum'), onDemand(parts, 'word')];
  const { of } = sum;
  expect(made).toBe(0);
  expect(await Promise.all([of(1, 2), sum.of(3, 4), word.get()])).toEqual([3, 7, 'word']);
  expect(made).toBe(1);
  // Handed on by something asynchronous, it is no promise.
  expect(await (await Promise.resolve(sum)).of(5, 6)).toBe(11);
});

test('a failure goes to everybody who waited, and the next call tries again', async () => {
  let fails = true;
  const parts = once(async () => {
    if (fails) throw new Error('not there');
    return { word: { get: async () => 'word' } };
  });
  const word = onDemand(parts, 'word');
  const both = await Promise.allSettled([word.get(), word.get()]);
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  fails = false;
  expect(await word.get()).toBe('word');
});
