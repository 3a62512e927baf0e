// Slices in turn, over many origins: how many of the others' anybody waits for, and what comes between.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSlices, inSlices } from './slices';

/** Keeps the processor busy. */
function burn(ms: number): void {
  const untilMs = performance.now() + ms;
  while (performance.now() < untilMs);
}

test('no origin waits for more than one slice of each other origin, and what is under way', async () => {
  const call = fc.record({
    origin: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    ticks: fc.integer({ min: 0, max: 3 }),
    fails: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(call, { maxLength: 12 }), { maxLength: 6 }), async (rounds) => {
      const slices = createSlices();
      const begun: { origin: string; at: number }[] = [];
      let underWay = 0;
      const all: Promise<unknown>[] = [];
      const queued: { origin: string; since: number; at: number | undefined; ahead: number }[] = [];
      for (const calls of rounds) {
        for (const { origin, ticks, fails } of calls) {
          const own = queued.filter((one) => one.origin === origin && one.at === undefined).length;
          const entry = { origin, since: begun.length, at: undefined as number | undefined, ahead: own };
          queued.push(entry);
          all.push(
            slices
              .of(origin)(async () => {
                underWay++;
                expect(underWay).toBeLessThanOrEqual(2);
                entry.at = begun.length;
                begun.push({ origin, at: begun.length });
                for (let tick = 0; tick < ticks; tick++) await new Promise((resolve) => setImmediate(resolve));
                underWay--;
                if (fails) throw new Error('no');
              })
              .catch((error: unknown) => expect(error).toEqual(new Error('no'))),
          );
        }
        await new Promise((resolve) => setImmediate(resolve));
      }
      await Promise.all(all);
      for (const { origin, since, at, ahead } of queued) {
        const others = begun.slice(since, at).filter((one) => one.origin !== origin);
        for (const other of new Set(others.map((one) => one.origin)))
          expect(others.filter((one) => one.origin === other).length).toBeLessThanOrEqual(ahead + 1);
      }
      expect(begun).toHaveLength(queued.length);
    }),
    { numRuns: 100 },
  );
});

test('hundreds of slices of one origin do not keep another, nor anything else of the worker, behind them', async () => {
  const { of } = createSlices();
  let junk = 0;
  const flood = Array.from({ length: 300 }, () =>
    of('junk')(() => {
      burn(1);
      junk++;
    }),
  );
  // Somebody presses a button, which is a task of its own.
  const pressed = new Promise<number>((resolve) => setTimeout(() => resolve(junk)));
  await of('honest')(() => undefined);
  expect(junk).toBeLessThanOrEqual(30);
  expect(await pressed).toBeLessThan(150);
  await Promise.all(flood);
});

test('one origin alone that takes slice after slice lets others begin in between', async () => {
  const { of } = createSlices();
  let ticks = 0;
  let isOver = false;
  const tick = (): void => {
    ticks++;
    if (!isOver) setImmediate(tick);
  };
  setImmediate(tick);
  const results = await inSlices(
    of('a'),
    Array.from({ length: 60 }, (_, at) => at),
    (item) => {
      burn(5);
      return item * 2;
    },
  );
  isOver = true;
  expect(results).toEqual(Array.from({ length: 60 }, (_, at) => at * 2));
  // 300 ms of work in slices of 10.
  expect(ticks).toBeGreaterThan(10);
});

test('a step that fails ends the rest', async () => {
  let steps = 0;
  const failing = inSlices(createSlices().of('a'), [1, 2, 3], (item) => {
    steps++;
    if (item === 2) throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  expect(steps).toBe(2);
  expect(await inSlices(createSlices().of('a'), [], () => 1)).toEqual([]);
});
