// storage.session within its bound: counted like the area itself, whatever is written, replaced, removed or fails.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createMemoryArea } from '../testkit/memory-host.testkit';
import { withinBytes } from './session-room';

const bytesIn = (items: Map<string, string>): number =>
  [...items].reduce((all, [key, text]) => all + new TextEncoder().encode(key + text).length, 0);

test('never more than the bound is in the area, and nothing is refused that would fit', async () => {
  const key = fc.constantFrom('a', 'b', 'ключ');
  const act = fc.oneof(
    fc.record({
      do: fc.constant('set' as const),
      keys: fc.uniqueArray(key, { minLength: 1 }),
      value: fc.oneof(fc.string({ maxLength: 60 }), fc.constant('é'.repeat(20)), fc.constant(null)),
    }),
    fc.record({ do: fc.constant('remove' as const), key }),
    fc.record({ do: fc.constant('fail' as const), key, value: fc.string({ maxLength: 60 }) }),
    fc.record({ do: fc.constant('restart' as const) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 30 }), fc.integer({ min: 10, max: 200 }), async (acts, total) => {
      const area = createMemoryArea();
      let fails = false;
      const inner = {
        ...area,
        set: (items: Record<string, unknown>) => (fails ? Promise.reject(new Error('full')) : area.set(items)),
      };
      let bounded = withinBytes(inner, total);
      for (const one of acts) {
        const before = new Map(area.items);
        if (one.do === 'set') {
          const wanted = Object.fromEntries(one.keys.map((name) => [name, one.value]));
          const then = bytesIn(
            new Map([...before, ...one.keys.map((name): [string, string] => [name, JSON.stringify(one.value)])]),
          );
          if (then <= total) await bounded.set(wanted);
          else {
            await expect(bounded.set(wanted)).rejects.toMatchObject({ reason: 'limit' });
            expect(area.items).toEqual(before);
          }
        } else if (one.do === 'remove') await bounded.remove([one.key]);
        else if (one.do === 'fail') {
          fails = true;
          await expect(bounded.set({ [one.key]: one.value })).rejects.toThrow();
          fails = false;
          expect(area.items).toEqual(before);
        } else bounded = withinBytes(inner, total);
        expect(bytesIn(area.items)).toBeLessThanOrEqual(total);
      }
    }),
  );
});

test('writes that overlap are counted together', async () => {
  const area = createMemoryArea();
  const bounded = withinBytes(area, 50);
  const outcomes = await Promise.allSettled(['a', 'b', 'c'].map((name) => bounded.set({ [name]: 'x'.repeat(20) })));
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
  expect(bytesIn(area.items)).toBeLessThanOrEqual(50);
});
