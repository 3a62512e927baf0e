// Queues and lines: one after the other, in the order of arrival, whatever fails and whoever leaves early.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createQueue, createTurns } from './queue';

describe('createQueue', () => {
  it('runs one task at a time, in order, and goes on after one that fails', async () => {
    const queue = createQueue();
    const seen: number[] = [];
    let running = 0;
    const tasks = [1, 2, 3].map((n) =>
      queue(async () => {
        expect(++running).toBe(1);
        await Promise.resolve();
        running--;
        seen.push(n);
        if (n === 2) throw new Error('two');
      }),
    );
    expect((await Promise.allSettled(tasks)).map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    expect(seen).toEqual([1, 2, 3]);
  });
});

describe('createTurns', () => {
  it('law: turns come in the order of entering and never two at once, whatever each awaits before, and whoever never takes his', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.record({ line: fc.constantFrom('a', 'b'), gives: fc.boolean() }), { maxLength: 8 }),
        async (scheduler, calls) => {
          const turns = createTurns();
          const begun: Record<string, number[]> = { a: [], b: [] };
          const busy = new Set<string>();
          const work = calls.map(async ({ line, gives }, n) => {
            const turn = turns.enter(line);
            try {
              await scheduler.schedule(Promise.resolve());
              if (gives) return;
              await turn.mine;
              expect(busy.has(line)).toBe(false);
              busy.add(line);
              begun[line]?.push(n);
              await scheduler.schedule(Promise.resolve());
              busy.delete(line);
            } finally {
              turn.leave();
            }
          });
          await scheduler.waitFor(Promise.all(work));
          for (const line of ['a', 'b'])
            expect(begun[line]).toEqual(calls.flatMap((one, n) => (one.line === line && !one.gives ? [n] : [])));
        },
      ),
    );
  });
});
