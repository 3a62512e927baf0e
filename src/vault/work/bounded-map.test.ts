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
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.tuple(keys, fc.integer(), fc.boolean())),
        (limit, steps) => {
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
        },
      ),
    );
  });

  it('of many owners: who has more than a fair part never pushes out what somebody with less put there', () => {
    const map = createBoundedMap<number>(10);
    for (let n = 0; n < 4; n++) map.set(`honest ${n}`, n, 'honest');
    for (let n = 0; n < 1_000; n++) map.set(`junk ${n}`, n, 'junk');
    for (let n = 0; n < 4; n++) expect(map.get(`honest ${n}`)).toBe(n);
    expect([map.size, map.get('junk 999'), map.get('junk 993')]).toEqual([10, 999, undefined]);
    fc.assert(
      fc.property(
        fc.array(fc.record({ owner: fc.constantFrom('a', 'b', 'c'), key: fc.nat(20) }), { maxLength: 80 }),
        fc.integer({ min: 1, max: 9 }),
        (steps, limit) => {
          const bounded = createBoundedMap<string>(limit);
          let held = new Map<string, string>();
          for (const { owner, key } of steps) {
            bounded.set(String(key), owner, owner);
            const after = new Map(
              [...held, [String(key), owner]].filter(([name]) => bounded.get(String(name)) !== undefined) as [
                string,
                string,
              ][],
            );
            expect(bounded.get(String(key))).toBe(owner);
            expect(bounded.size).toBe(after.size);
            expect(after.size).toBeLessThanOrEqual(limit);
            const count = (map: Map<string, string>, name: string) =>
              [...map.values()].filter((one) => one === name).length;
            for (const [name, loser] of held)
              if (!after.has(name))
                for (const other of ['a', 'b', 'c'])
                  expect(count(after, loser) + 1).toBeGreaterThanOrEqual(count(after, other));
            held = after;
          }
        },
      ),
    );
  });
});
