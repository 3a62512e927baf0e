// Which requests may begin, over many origins: nobody is kept back by what others sent.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { limits, workerLimits } from '../../contract/limits';
import { createAdmission, loadOf, type Load } from './admission';

/** Work that ends when it is told to. */
function held(): { work: () => Promise<void>; hasBegun: () => boolean; end: () => Promise<void> } {
  let begun = false;
  let end = () => {};
  const over = new Promise<void>((resolve) => (end = resolve));
  return {
    work: () => {
      begun = true;
      return over;
    },
    hasBegun: () => begun,
    end: async () => {
      end();
      await new Promise((resolve) => setTimeout(resolve));
    },
  };
}

const load = (kind: Load['kind'], bytes = kind === 'large' ? workerLimits.largeAtOnce : 1_000): Load => ({
  kind,
  bytes,
  lane: 'keys',
});

describe('in turn', () => {
  test('a few of one origin at a time, in the order they came; another origin begins at once', async () => {
    const { inTurn } = createAdmission();
    const flood = Array.from({ length: 100 }, held);
    for (const { work } of flood) void inTurn('a', load('small'), work);
    expect(flood.map(({ hasBegun }) => hasBegun())).toEqual(flood.map((_one, at) => at < workerLimits.atOnce));
    const honest = held();
    void inTurn('b', load('small'), honest.work);
    expect(honest.hasBegun()).toBe(true);
    await flood[2]!.end();
    expect(flood[workerLimits.atOnce]!.hasBegun()).toBe(true);
    expect(flood[workerLimits.atOnce + 1]!.hasBegun()).toBe(false);
  });

  test('what waits for the network does not keep back what does not', async () => {
    const { inTurn } = createAdmission();
    for (let at = 0; at < 10; at++) void inTurn('a', { ...load('small'), lane: 'network' }, held().work);
    const read = held();
    void inTurn('a', load('small'), read.work);
    expect(read.hasBegun()).toBe(true);
  });

  test('large ones one after the other, origin by origin; small ones are never behind them', async () => {
    const { inTurn } = createAdmission();
    const [a1, a2, a3, b1, c1] = [held(), held(), held(), held(), held()];
    for (const { work } of [a1, a2, a3]) void inTurn('a', load('large'), work);
    void inTurn('b', load('large'), b1.work);
    void inTurn('c', load('small'), c1.work);
    const begun = () => [a1, a2, a3, b1, c1].map(({ hasBegun }) => hasBegun());
    expect(begun()).toEqual([true, false, false, false, true]);
    await a1.end();
    expect(begun()).toEqual([true, true, false, false, true]);
    // The third was there before it, and does not come before it.
    await a2.end();
    expect(begun()).toEqual([true, true, false, true, true]);
    await b1.end();
    expect(a3.hasBegun()).toBe(true);
  });

  test('the largest of the large ones is not overtaken by smaller ones that would fit', async () => {
    const { inTurn } = createAdmission();
    const half = workerLimits.largeAtOnce / 2;
    const [a, b, c] = [held(), held(), held()];
    void inTurn('a', load('large', half), a.work);
    void inTurn('b', load('large'), b.work);
    void inTurn('c', load('large', half), c.work);
    const begun = () => [a, b, c].map(({ hasBegun }) => hasBegun());
    expect(begun()).toEqual([true, false, false]);
    await a.end();
    expect(begun()).toEqual([true, true, false]);
    await b.end();
    expect(begun()).toEqual([true, true, true]);
  });

  test('work that fails gives its place back', async () => {
    const { inTurn } = createAdmission();
    for (let at = 0; at < 3 * workerLimits.atOnce; at++)
      await expect(inTurn('a', load('large'), () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    const next = held();
    void inTurn('a', load('list'), next.work);
    expect(next.hasBegun()).toBe(true);
  });

  test('whatever comes and ends: bounds hold, nothing that may begin waits, and an origin waits for at most one large one of each other', async () => {
    const origins = ['a', 'b', 'c', 'd'];
    const act = fc.oneof(
      fc.record({ origin: fc.constantFrom(...origins), kind: fc.constantFrom<Load['kind']>('small', 'large', 'list') }),
      fc.record({ end: fc.nat() }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 80 }), async (acts) => {
        const { inTurn } = createAdmission();
        const all: {
          origin: string;
          kind: Load['kind'];
          one: ReturnType<typeof held>;
          isOver: boolean;
          overtakenBy: Map<string, number>;
        }[] = [];
        const running = () => all.filter(({ one, isOver }) => one.hasBegun() && !isOver);
        const waiting = () => all.filter(({ one }) => !one.hasBegun());
        const firstOf = (origin: string) => waiting().find((one) => one.origin === origin);
        for (const next of acts) {
          const before = running();
          const heads = origins.flatMap((origin) => firstOf(origin) ?? []);
          if ('end' in next) {
            const ending = before[next.end % Math.max(before.length, 1)];
            if (!ending) continue;
            ending.isOver = true;
            await ending.one.end();
          } else {
            const entry = { ...next, one: held(), isOver: false, overtakenBy: new Map<string, number>() };
            all.push(entry);
            void inTurn(next.origin, load(next.kind), entry.one.work);
          }
          const begun = running().filter((one) => !before.includes(one));
          for (const head of heads.filter(
            ({ origin }) => before.filter((other) => other.origin === origin).length < workerLimits.atOnce,
          ))
            for (const { origin, kind } of begun)
              if (!head.one.hasBegun() && origin !== head.origin && kind === head.kind)
                head.overtakenBy.set(origin, (head.overtakenBy.get(origin) ?? 0) + 1);
          for (const origin of origins)
            expect(running().filter((one) => one.origin === origin).length).toBeLessThanOrEqual(workerLimits.atOnce);
          for (const kind of ['large', 'list'] as const)
            expect(running().filter((one) => one.kind === kind).length).toBeLessThanOrEqual(1);
          for (const origin of origins)
            if (running().filter((one) => one.origin === origin).length < workerLimits.atOnce)
              expect(firstOf(origin)?.kind).not.toBe('small');
          for (const { overtakenBy } of all)
            for (const times of overtakenBy.values()) expect(times).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 100 },
    );
  });
});

test('a load is the bytes behind the parameters, also behind a short view of many', () => {
  const { requestBase, large } = workerLimits;
  expect(loadOf('xmtp_decryptV2', { request: new Uint8Array(100), account: '0x1' })).toEqual({
    bytes: 100 + requestBase,
    kind: 'small',
    lane: 'keys',
  });
  expect(
    loadOf('xmtp_decryptV2', { request: new Uint8Array(new ArrayBuffer(limits.requestBytes), 5, 3) }),
  ).toMatchObject({ bytes: limits.requestBytes + requestBase, kind: 'large' });
  expect(loadOf('xmtp_encryptV2', { request: new Uint8Array(large) }).kind).toBe('large');
  expect(loadOf('xmtp_getV2Conversations', { request: new Uint8Array(0) })).toMatchObject({ kind: 'list' });
  expect(loadOf('xmtp_publish', { request: new Uint8Array(9) })).toMatchObject({ lane: 'network' });
  expect(loadOf('vault_accounts', undefined)).toEqual({ bytes: requestBase, kind: 'small', lane: 'keys' });
});

test('room that is given back is told once, after the step that gave it', async () => {
  const { take, give, onRoom, used } = createAdmission();
  let told = 0;
  const stop = onRoom(() => told++);
  expect([take('a', 10), take('a', 20), take('a', workerLimits.underWay)]).toEqual([true, true, false]);
  give('a', 10);
  give('a', 20);
  expect([told, used()]).toEqual([0, 0]);
  await Promise.resolve();
  expect(told).toBe(1);
  stop();
  take('a', 1);
  give('a', 1);
  await Promise.resolve();
  expect(told).toBe(1);
});
