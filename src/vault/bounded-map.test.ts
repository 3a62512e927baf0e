// Never more than the limit, and what was used longest ago goes first.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBoundedMap } from './bounded-map';

describe('a bounded map', () => {
  it('forgets what was used longest ago; reading counts as use', () => {
    const map = createBoundedMap<number>(2);
    map.set('a', 1);
    map.set('b', 2);
    expect(map.get('a')).toBe(1);
    map.set('c', 3);
    expect([map.get('a'), map.get('b'), map.get('c'), map.size]).toEqual([1, undefined, 3, 2]);
    map.clear();
    expect([map.get('a'), map.size]).toEqual([undefined, 0]);
  });

  it('holds at most its limit and always what was set last', () => {
    const keys = fc.constantFrom('a', 'b', 'c', 'd', 'e');
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.array(fc.tuple(keys, fc.integer(), fc.boolean())), (limit, steps) => {
        const map = createBoundedMap<number>(limit);
        const newest: string[] = [];
        const values = new Map<string, number>();
        for (const [key, value, isWrite] of steps) {
          const isKnown = newest.slice(-limit).includes(key);
          if (isWrite) {
            map.set(key, value);
            values.set(key, value);
          } else expect(map.get(key)).toBe(isKnown ? values.get(key) : undefined);
          if (isWrite || isKnown) {
            if (newest.includes(key)) newest.splice(newest.indexOf(key), 1);
            newest.push(key);
          }
          expect(map.size).toBe(Math.min(limit, newest.length));
        }
      }),
    );
  });
});
