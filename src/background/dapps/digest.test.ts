import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { requestDigest } from './digest';

const values = fc.letrec((tie) => ({
  node: fc.oneof(
    { maxDepth: 3 },
    fc.uint8Array({ maxLength: 6 }),
    fc.string({ maxLength: 4 }),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('node'), { maxLength: 3 }),
    fc.dictionary(
      fc.string({ maxLength: 3 }).filter((key) => key !== '__proto__'),
      tie('node'),
      { maxKeys: 3, noNullPrototype: true },
    ),
  ),
})).node;

describe('R-C3 what was shown is what runs', () => {
  test('R-C3 law: the digest does not depend on the order of keys', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(
          fc.string({ maxLength: 3 }).filter((key) => key !== '__proto__'),
          values,
          { noNullPrototype: true },
        ),
        async (object) => {
          const turned = Object.fromEntries(Object.entries(object).reverse());
          expect(await requestDigest('https://a', 'm', turned)).toBe(await requestDigest('https://a', 'm', object));
        },
      ),
      { numRuns: 200 },
    );
  });
  test('R-C3 law: different requests have different digests', async () => {
    await fc.assert(
      fc.asyncProperty(values, values, async (left, right) => {
        let same = true;
        try {
          expect(left).toStrictEqual(right);
        } catch {
          same = false;
        }
        if (same) return;
        expect(await requestDigest('https://a', 'm', left)).not.toBe(await requestDigest('https://a', 'm', right));
      }),
      { numRuns: 500 },
    );
  });
  test('R-C3 a list is not what is in it, and where one list ends is part of what is shown', async () => {
    const digests = [['a'], 'a', [['a']], ['a', []], [['a'], []], [[], 'a'], [['a', []]]].map((value) =>
      requestDigest('https://a', 'm', { value }),
    );
    expect(new Set(await Promise.all(digests)).size).toBe(digests.length);
  });

  test('R-C3 the same bytes under another type, origin or method differ', async () => {
    const all = await Promise.all([
      requestDigest('https://a', 'm', { a: 'AB' }),
      requestDigest('https://a', 'm', { a: Uint8Array.of(65, 66) }),
      requestDigest('https://a', 'm', { a: ['A', 'B'] }),
      requestDigest('https://a', 'm', ['a', 'AB']),
      requestDigest('https://b', 'm', { a: 'AB' }),
      requestDigest('https://a', 'n', { a: 'AB' }),
      requestDigest('https://a', 'm', { a: '1' }),
      requestDigest('https://a', 'm', { a: 1 }),
    ]);
    expect(new Set(all).size).toBe(all.length);
  });
});
