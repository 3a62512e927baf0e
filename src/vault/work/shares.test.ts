// Room shared between origins: what anybody may take, whatever the others did.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRoom, surplus } from './shares';

test('alone an owner gets half, the next a quarter, and a small one always finds something', () => {
  const room = createRoom(32);
  expect(room.take('a', 17)).toBe(false);
  expect(room.take('a', 16)).toBe(true);
  expect(room.take('a', 1)).toBe(false);
  expect(room.take('b', 9)).toBe(false);
  expect(room.take('b', 8)).toBe(true);
  expect(room.take('c', 4)).toBe(true);
  room.give('a', 16);
  expect([room.used(), room.used('a'), room.used('b')]).toEqual([12, 0, 8]);
});

test('never more than the total, never more for one than is free beside it, and giving everything back leaves nothing', () => {
  const acts = fc.array(
    fc.record({ owner: fc.constantFrom('a', 'b', 'c', 'd'), amount: fc.integer({ min: 1, max: 40 }) }),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(acts, fc.integer({ min: 1, max: 100 }), (list, total) => {
      const room = createRoom(total);
      const taken = list.filter(({ owner, amount }) => {
        const free = total - room.used();
        const mine = room.used(owner);
        const got = room.take(owner, amount);
        expect(got).toBe(mine + amount <= free - amount);
        expect(room.used()).toBeLessThanOrEqual(total);
        return got;
      });
      for (const { owner, amount } of taken) room.give(owner, amount);
      expect([room.used(), ...['a', 'b', 'c', 'd'].map((owner) => room.used(owner))]).toEqual([0, 0, 0, 0, 0]);
    }),
  );
});

test('what is dropped is the oldest of whoever has most, until as many are left as may be', () => {
  const list = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 40 });
  fc.assert(
    fc.property(list, fc.integer({ min: 0, max: 12 }), (owners, most) => {
      const entries = owners.map((owner, at): [string, string] => [String(at), owner]);
      const left = entries.slice();
      // One at a time, as the words say it.
      while (left.length > most) {
        const counts = new Map<string, number>();
        for (const [, owner] of left) counts.set(owner, (counts.get(owner) ?? 0) + 1);
        const largest = Math.max(...counts.values());
        // Of several that have most: whose first entry is the oldest.
        const firsts = entries.filter(
          ([, owner], at) => counts.get(owner) === largest && entries.findIndex(([, other]) => other === owner) === at,
        );
        left.splice(
          left.findIndex(([, owner]) => owner === firsts[0]![1]),
          1,
        );
      }
      const dropped = new Set(surplus(entries, most));
      expect(entries.filter(([key]) => !dropped.has(key))).toEqual(left);
    }),
  );
});
