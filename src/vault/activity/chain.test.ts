// The chain of a log: what shows when rows of the store are taken away, exchanged or put back, and what does not: age, room, restarts, kills.
import 'fake-indexeddb/auto';
import * as fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { createActivity, damagedMethod, keptEntries, type Act, type Activity } from './activity';
import { openDatabase } from '../store/database';
import { lengthPrefixed, u64 } from '../store/encoding';
import { sealRecord } from '../store/sealed-record';
import { createTestHost, killAt, Killed, testStartMs } from '../testkit/memory-host.testkit';
import { createTestSafes } from '../testkit/open-safes.testkit';

const alice = 'a1'.repeat(16);
const dayMs = 24 * 3_600_000;
const [headRow, removedRow] = [0, -1];

const act = (purpose: string, change: Partial<Act> = {}): Act => ({
  atMs: testStartMs,
  origin: 'https://app.example',
  method: 'vault_sign',
  purpose,
  outcome: 'done',
  ...change,
});

async function setUp() {
  const open = createTestSafes();
  await open.add(alice, '0xA');
  const clock = { nowMs: testStartMs };
  const { databaseName } = createTestHost({ clock });
  const db = openDatabase(databaseName);
  const start = (checkpoint?: (label: string) => Promise<void>): Activity =>
    createActivity({
      db,
      open,
      host: createTestHost({ clock, databaseName, ...(checkpoint ? { checkpoint } : {}) }),
      onChange: () => undefined,
    });
  const connection = await db.connect();
  const get = async (sequence: number) => {
    const row = await connection.get('activity', [alice, sequence]);
    if (!row) throw new Error(`no row ${sequence}`);
    return row;
  };
  const drop = (sequence: number) => connection.delete('activity', [alice, sequence]);
  const filled = async (count: number) => {
    const activity = start();
    for (let n = 1; n <= count; n++) await activity.append(alice, act(`p${n}`, { atMs: clock.nowMs }));
    return activity;
  };
  return { open, db, clock, start, connection, get, drop, filled };
}

/** What a person is told: gaps by the number of the line above, and the one at the end. */
async function told(activity: Activity) {
  const entries = await activity.list(alice, { limit: 100 });
  const { gapAtEnd, since } = await activity.chain(alice);
  const gaps = entries.flatMap(({ sequence, gap }) => (gap ? [[sequence, gap.missing]] : []));
  return { gaps, atEnd: gapAtEnd?.missing ?? null, since: since === null || since === 'lost' ? since : since.sequence };
}
const whole = { gaps: [], atEnd: null, since: 1 };

describe('R-K1 a line that is missing shows', () => {
  it('whichever lines are taken away: exactly at their places, and nowhere else', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.integer({ min: 1, max: 8 }), { maxLength: 8 }), async (gone) => {
        const { filled, drop, start } = await setUp();
        await filled(8);
        for (const sequence of gone) await drop(sequence);
        const left = [1, 2, 3, 4, 5, 6, 7, 8].filter((one) => !gone.includes(one));
        const gaps = left
          .map((sequence, at): [number, number] => [sequence, sequence - 1 - (left[at - 1] ?? 0)])
          .filter(([, missing]) => missing > 0)
          .reverse();
        const missingAtEnd = 8 - (left.at(-1) ?? 0);
        expect(await told(start())).toEqual({ gaps, atEnd: missingAtEnd || null, since: 1 });
      }),
      { numRuns: 40 },
    );
  });

  it('the last lines stay missing when the log goes on, in numbers that are not given out again', async () => {
    const { filled, drop, start } = await setUp();
    await filled(5);
    await drop(4);
    await drop(5);
    expect(await start().append(alice, act('next'))).toBe(6);
    expect(await told(start())).toEqual({ gaps: [[6, 2]], atEnd: null, since: 1 });
  });

  it('also over the border between two pages', async () => {
    const { filled, drop, start } = await setUp();
    await filled(8);
    await drop(5);
    const [newer, older] = [
      await start().list(alice, { limit: 3 }),
      await start().list(alice, { before: 6, limit: 3 }),
    ];
    expect(newer.map(({ sequence, gap }) => [sequence, gap?.missing])).toEqual([
      [8, undefined],
      [7, undefined],
      [6, 1],
    ]);
    expect(older.every(({ gap }) => gap === null)).toBe(true);
  });

  it('the state taken away with all lines leaves a log that is checked from the next line on only', async () => {
    const { filled, connection, clock, start } = await setUp();
    await filled(3);
    await connection.clear('activity');
    clock.nowMs += dayMs;
    await start().append(alice, act('next'));
    expect((await start().chain(alice)).since).toEqual({ sequence: 1, atMs: testStartMs + dayMs });
  });

  it('the state taken away or changed is told, and told on after it begins anew', async () => {
    for (const harm of ['drop', 'change', 'exchange'] as const) {
      const { filled, drop, get, connection, start } = await setUp();
      await filled(3);
      const row = await get(headRow);
      if (harm === 'drop') await drop(headRow);
      else if (harm === 'change')
        await connection.put('activity', { ...row, bytes: row.bytes.map((byte, at) => (at === 70 ? byte ^ 1 : byte)) });
      else await connection.put('activity', { ...(await get(2)), sequence: headRow });
      expect(await start().chain(alice)).toMatchObject({ since: 'lost' });
      expect(await start().list(alice, { limit: 9 })).toHaveLength(3);
      expect(await start().append(alice, act('next'))).toBe(4);
      expect(await start().chain(alice)).toMatchObject({ since: { sequence: 4 }, isRestart: true });
      expect(await told(start())).toEqual({ gaps: [], atEnd: null, since: 4 });
    }
  });
});

describe('R-K1 a line that is not of this chain shows', () => {
  it('a line and a state of another copy of the disk do not fit to those of this one', async () => {
    const { filled, get, connection, start } = await setUp();
    await filled(3);
    const saved = [headRow, 1, 2, 3].map(async (sequence) => get(sequence));
    const before = await Promise.all(saved);
    await start().append(alice, act('one way'));
    const other = await get(4);
    // The disk as it was, and another fourth line.
    await connection.delete('activity', [alice, 4]);
    for (const row of before) await connection.put('activity', row);
    await start().append(alice, act('another way'));
    await start().append(alice, act('fifth'));
    expect(await told(start())).toEqual(whole);
    await connection.put('activity', other);
    expect(await told(start())).toEqual({ ...whole, gaps: [[5, 0]] });
    // At the end it is the state that tells.
    await connection.delete('activity', [alice, 5]);
    expect(await told(start())).toEqual({ ...whole, atEnd: 1 });
  });

  it('whose a line is cannot be changed to have it removed as a surplus', async () => {
    const { filled, get, connection, start } = await setUp();
    await filled(3);
    await connection.put('activity', { ...(await get(2)), by: Uint8Array.of(1) });
    expect(await told(start())).toEqual({ ...whole, gaps: [[3, 0]] });
  });

  it('another worker that wrote meanwhile is gone on from, not written beside', async () => {
    const { filled, start } = await setUp();
    const activity = await filled(2);
    await start().keep(alice, 365);
    await activity.append(alice, act('p3'));
    expect(await start().chain(alice)).toMatchObject({ days: 365 });
    expect(await told(start())).toEqual(whole);
  });

  it('a damaged line is shown as damaged, and once', async () => {
    const { filled, get, connection, start } = await setUp();
    await filled(3);
    const row = await get(2);
    await connection.put('activity', { ...row, bytes: row.bytes.map((byte, at) => (at === 70 ? byte ^ 1 : byte)) });
    expect(await told(start())).toEqual(whole);
    expect((await start().list(alice, { limit: 9 })).map(({ method }) => method)).toEqual([
      'vault_sign',
      damagedMethod,
      'vault_sign',
    ]);
  });
});

describe('no gap', () => {
  it('P3 any mix of acts, restarts and kills before and after the write leaves a whole chain', async () => {
    const step = fc.constantFrom('append', 'burst', 'restart', 'before', 'after', 'epoch');
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
        const { start, open } = await setUp();
        await start().append(alice, act('first'));
        let activity = start();
        for (const [at, one] of steps.entries()) {
          if (one === 'restart') activity = start();
          else if (one === 'epoch') await open.nextEpoch(alice);
          else if (one === 'append') await activity.append(alice, act(`p${at}`));
          else if (one === 'burst') await Promise.all([1, 2, 3].map((n) => activity.append(alice, act(`p${at} ${n}`))));
          else {
            const killed = start(killAt(`activity.append:${one}`)).append(alice, act(`p${at}`));
            await expect(killed).rejects.toBeInstanceOf(Killed);
            // There is one worker at a time: what came before the killed one is gone as well.
            activity = start();
          }
        }
        expect(await told(start())).toEqual(whole);
      }),
      { numRuns: 40 },
    );
  });

  it('a flood of one site that is alike is one line with its number, and no act of a person is joined', async () => {
    const { start } = await setUp();
    const activity = start();
    await activity.append(alice, act('first'));
    await Promise.all([
      ...Array.from({ length: 20 }, () => activity.append(alice, act('the same', { outcome: 'rejected' }))),
      activity.append(alice, act('', { origin: null, method: 'unlock' })),
      activity.append(alice, act('', { origin: null, method: 'unlock' })),
    ]);
    const lines = (await start().list(alice, { limit: 50 })).map(({ method, count }) => [method, count]);
    // The first goes out at once, and the rest while it is written.
    expect(lines.filter(([method]) => method === 'unlock')).toEqual([
      ['unlock', 1],
      ['unlock', 1],
    ]);
    const flood = lines.slice(0, -1).filter(([method]) => method === 'vault_sign');
    expect(flood.length).toBeLessThanOrEqual(2);
    expect(flood.reduce((sum, [, count]) => sum + Number(count), 0)).toBe(20);
    expect(await told(start())).toEqual(whole);
  });

  it('lines that went to make room are counted as that, and one that is taken away beside them shows', async () => {
    const { filled, connection, drop, start } = await setUp();
    await filled(3);
    // As if more lines than are kept had been written: the numbers are what counts.
    const transaction = connection.transaction('activity', 'readwrite');
    const rows = Array.from({ length: keptEntries + 10 }, (_, at) => 4 + at);
    for (const sequence of rows)
      void transaction.store.put({ safeId: alice, sequence, by: Uint8Array.of(9), bytes: new Uint8Array(1) });
    await transaction.done;
    const activity = start();
    const last = (await activity.append(alice, act('on'))) ?? 0;
    const border = Math.ceil(last / 256) * 256;
    await Promise.all(
      Array.from({ length: border - last }, (_, n) => activity.append(alice, act(`p${n}`, { origin: null }))),
    );
    const { removed, lines } = await start().chain(alice);
    expect(lines).toBeLessThanOrEqual(keptEntries);
    expect(removed).toBe(border - lines);
    expect(await connection.get('activity', [alice, removedRow])).toBeDefined();
    expect((await start().list(alice, { limit: 200 })).filter(({ gap }) => (gap?.missing ?? 0) > 0)).toEqual([]);
    const oldest = (await connection.getAllKeys('activity'))
      .map(([, sequence]) => sequence)
      .filter((one) => one > 3)[0]!;
    const below = await start().list(alice, { before: oldest + 2, limit: 5 });
    expect(below.filter(({ gap }) => (gap?.missing ?? 0) > 0)).toEqual([]);
    await drop(oldest);
    const after = await start().list(alice, { before: oldest + 2, limit: 5 });
    expect(after[0]).toMatchObject({ sequence: oldest + 1, gap: { missing: 1 } });
    // An older list of what was removed, or none, is not that of this state.
    const list = await connection.get('activity', [alice, removedRow]);
    const more = Array.from({ length: 256 }, (_, n) => activity.append(alice, act(`q${n}`, { origin: null })));
    await Promise.all(more);
    expect((await start().chain(alice)).removed).toBeGreaterThan(removed);
    await connection.put('activity', list!);
    expect(await start().chain(alice)).toMatchObject({ since: 'lost' });
    await drop(removedRow);
    expect(await start().chain(alice)).toMatchObject({ since: 'lost' });
  }, 60_000);
});

describe('age', () => {
  it('lines older than 90 days go, are told apart from a gap, and the chain goes on', async () => {
    const { filled, clock, drop, start } = await setUp();
    const activity = await filled(3);
    clock.nowMs += 60 * dayMs;
    for (let n = 4; n <= 6; n++) await activity.append(alice, act(`p${n}`, { atMs: clock.nowMs }));
    clock.nowMs += 31 * dayMs;
    await start().append(alice, act('p7', { atMs: clock.nowMs }));
    await expect.poll(() => start().list(alice, { limit: 9 })).toHaveLength(4);
    expect(await told(start())).toEqual(whole);
    expect(await start().chain(alice)).toMatchObject({
      lines: 4,
      aged: { lines: 3, untilMs: testStartMs },
      since: { sequence: 1, atMs: testStartMs },
      days: 90,
    });
    // The first that is left: without it, it is a gap, for the state says where the log begins.
    await drop(4);
    expect(await told(start())).toEqual({ ...whole, gaps: [[5, 1]] });
  });

  it('a line that was exchanged at the border of age shows', async () => {
    const { filled, clock, connection, get, start } = await setUp();
    await filled(1);
    const [first, head] = [await get(1), await get(headRow)];
    clock.nowMs += 60 * dayMs;
    await start().append(alice, act('second', { atMs: clock.nowMs }));
    const other = await get(2);
    await connection.delete('activity', [alice, 2]);
    await connection.put('activity', head);
    // Another first line, so that the second of the other copy does not follow it.
    await connection.put('activity', { ...first, by: Uint8Array.of(3) });
    await start().append(alice, act('second', { atMs: clock.nowMs }));
    clock.nowMs += 31 * dayMs;
    await start().append(alice, act('third', { atMs: clock.nowMs }));
    await expect.poll(() => start().list(alice, { limit: 9 })).toHaveLength(2);
    await connection.put('activity', other);
    expect((await told(start())).gaps.length).toBeGreaterThan(0);
  });

  it('P3 a sweep that is killed leaves the log as it was or as it is to be', async () => {
    for (const moment of ['before', 'after'] as const) {
      const { filled, clock, start } = await setUp();
      await filled(3);
      clock.nowMs += 91 * dayMs;
      await start(killAt(`activity.sweep:${moment}`)).append(alice, act('p4', { atMs: clock.nowMs }));
      await expect.poll(() => start().list(alice, { limit: 9 })).toHaveLength(moment === 'after' ? 1 : 4);
      expect(await told(start())).toEqual(whole);
      await start().append(alice, act('p5', { atMs: clock.nowMs }));
      await expect.poll(() => start().list(alice, { limit: 9 })).toHaveLength(2);
      expect(await told(start())).toEqual(whole);
      expect((await start().chain(alice)).aged?.lines).toBe(3);
    }
  });

  it('is looked for once an hour, and how long lines are kept is the person’s choice', async () => {
    const { filled, clock, start } = await setUp();
    const activity = await filled(3);
    clock.nowMs += 40 * dayMs;
    await activity.append(alice, act('p4', { atMs: clock.nowMs }));
    await activity.keep(alice, 30);
    expect(await start().list(alice, { limit: 9 })).toHaveLength(1);
    expect(await start().chain(alice)).toMatchObject({ days: 30, aged: { lines: 3 } });
    await activity.keep(alice, 365);
    clock.nowMs += 100 * dayMs;
    await activity.append(alice, act('p5', { atMs: clock.nowMs }));
    await start().append(alice, act('p6', { atMs: clock.nowMs }));
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(await start().list(alice, { limit: 9 })).toHaveLength(3);
    await expect(activity.keep(alice, 7 as never)).rejects.toMatchObject({ reason: 'invalid-input' });
    expect(await told(start())).toEqual(whole);
  });

  it('a line that cannot be read goes with those behind it, and not before', async () => {
    const { filled, clock, connection, get, start } = await setUp();
    const activity = await filled(2);
    clock.nowMs += 91 * dayMs;
    await connection.put('activity', { ...(await get(2)), bytes: new Uint8Array(9) });
    await activity.append(alice, act('p3', { atMs: clock.nowMs }));
    await expect.poll(() => start().list(alice, { limit: 9 })).toHaveLength(2);
    expect((await start().list(alice, { limit: 9 })).map(({ method }) => method)).toEqual([
      'vault_sign',
      damagedMethod,
    ]);
  });
});

describe('a log of version 0.1.0', () => {
  /** Lines as that version wrote them: without a chain, and with nothing beside them. */
  async function oldLines(count: number) {
    const world = await setUp();
    const rootKey = await world.open.rootKey(alice);
    const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
    for (let sequence = 1; sequence <= count; sequence++) {
      const plain = lengthPrefixed(u64(testStartMs), 'https://app.example', 'vault_sign', `old ${sequence}`, 'done');
      const place = { safeId: alice, account: '0xA', type: 'activity', id: String(sequence), schema: 1, epoch: 1 };
      const bytes = await sealRecord(rootKey, { ...place, counter: sequence }, plain, random);
      await world.connection.put('activity', { safeId: alice, sequence, bytes });
    }
    return world;
  }

  it('R-H7 opens, says that it is not checked, and is checked from the next line on', async () => {
    const { start, drop } = await oldLines(3);
    expect((await start().list(alice, { limit: 9 })).map(({ purpose }) => purpose)).toEqual([
      'old 3',
      'old 2',
      'old 1',
    ]);
    expect(await told(start())).toEqual({ gaps: [], atEnd: null, since: null });
    expect(await start().append(alice, act('new'))).toBe(4);
    await start().append(alice, act('newer'));
    expect(await told(start())).toEqual({ gaps: [], atEnd: null, since: 4 });
    expect(await start().chain(alice)).toMatchObject({ lines: 5, isRestart: false });
    await drop(2);
    expect(await told(start())).toEqual({ gaps: [], atEnd: null, since: 4 });
    await drop(4);
    expect(await told(start())).toEqual({ gaps: [[5, 1]], atEnd: null, since: 4 });
  });

  it('goes by age like any other', async () => {
    const { start, clock } = await oldLines(3);
    clock.nowMs += 91 * dayMs;
    await start().append(alice, act('new', { atMs: clock.nowMs }));
    await start().append(alice, act('newer', { atMs: clock.nowMs }));
    await expect.poll(() => start().list(alice, { limit: 9 })).toHaveLength(2);
    expect(await told(start())).toEqual({ gaps: [], atEnd: null, since: 4 });
    expect((await start().chain(alice)).aged).toEqual({ lines: 3, untilMs: testStartMs });
  });
});

it('costs one transaction for a batch, as before, and the state is read once for each worker', async () => {
  const { start, db } = await setUp();
  const activity = start();
  await activity.append(alice, act('first'));
  await new Promise((resolve) => setTimeout(resolve, 20));
  const connect = vi.spyOn(db, 'connect');
  await activity.append(alice, act('second'));
  await Promise.all(Array.from({ length: 200 }, (_, n) => activity.append(alice, act(`p${n}`))));
  expect(connect.mock.calls.length).toBeLessThanOrEqual(4);
});
