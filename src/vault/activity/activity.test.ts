// Tests of the log: order, concurrency, restarts, damage, and what it must not say.
import 'fake-indexeddb/auto';
import * as fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { createActivity, damagedMethod, keptEntries, type Act } from './activity';
import { openDatabase } from '../store/database';
import { createTestHost, killAt, Killed, testStartMs } from '../testkit/memory-host.testkit';
import { createTestSafes } from '../testkit/open-safes.testkit';

const alice = 'a1'.repeat(16);
const bob = 'b2'.repeat(16);

function act(change: Partial<Act> = {}): Act {
  return {
    atMs: testStartMs,
    origin: 'https://app.example',
    method: 'vault_sign',
    purpose: 'log in',
    outcome: 'done',
    ...change,
  };
}

async function setUp() {
  const open = createTestSafes();
  await open.add(alice, '0xA');
  await open.add(bob, '0xB');
  const clock = { nowMs: testStartMs };
  const { databaseName } = createTestHost({ clock });
  const db = openDatabase(databaseName);
  const notices: string[] = [];
  const start = (checkpoint?: (label: string) => Promise<void>) =>
    createActivity({
      db,
      open,
      host: createTestHost({ clock, databaseName, ...(checkpoint ? { checkpoint } : {}) }),
      onChange: () => notices.push('activity'),
    });
  return { open, db, start, notices, activity: start() };
}

const purposes = (entries: { purpose: string }[]) => entries.map((entry) => entry.purpose);
const fault = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: { reason?: string }) => error.reason ?? error,
  );

describe('the log', () => {
  it('lists newest first, page by page, each identity apart', async () => {
    const { activity } = await setUp();
    for (let n = 1; n <= 7; n++)
      expect(await activity.append(alice, act({ purpose: `p${n}`, atMs: testStartMs + n }))).toBe(n);
    expect(
      await activity.append(bob, act({ origin: null, method: 'unlock', purpose: 'wallet', outcome: 'failed' })),
    ).toBe(1);
    const first = await activity.list(alice, { limit: 3 });
    expect(first[0]).toEqual({ sequence: 7, count: 1, gap: null, ...act({ purpose: 'p7', atMs: testStartMs + 7 }) });
    expect(purposes(first)).toEqual(['p7', 'p6', 'p5']);
    expect(purposes(await activity.list(alice, { before: 5, limit: 3 }))).toEqual(['p4', 'p3', 'p2']);
    expect(purposes(await activity.list(alice, { before: 2, limit: 3 }))).toEqual(['p1']);
    expect(await activity.list(alice, { before: 1, limit: 3 })).toEqual([]);
    expect(await activity.list(bob, { before: undefined, limit: 200 })).toMatchObject([
      { sequence: 1, origin: null, method: 'unlock' },
    ]);
    expect(await fault(activity.list(alice, { limit: 0 }))).toBe('invalid-input');
  });

  it('loses and doubles nothing when many acts happen at once, and writes them in few transactions', async () => {
    const { activity, notices } = await setUp();
    const numbers = await Promise.all(
      Array.from({ length: 150 }, (_, n) => activity.append(n % 3 === 0 ? bob : alice, act({ purpose: `p${n}` }))),
    );
    expect(numbers.filter((_, n) => n % 3 !== 0)).toEqual(Array.from({ length: 100 }, (_, n) => n + 1));
    const listed = [...(await activity.list(alice, { limit: 200 })), ...(await activity.list(bob, { limit: 200 }))];
    expect(listed).toHaveLength(150);
    expect(new Set(purposes(listed)).size).toBe(150);
    expect(notices.length).toBeLessThan(20);
  });

  it('any mix of acts, pauses and restarts keeps order and numbers', async () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom('append' as const) },
      { weight: 1, arbitrary: fc.constantFrom('settle' as const, 'restart' as const) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const { start } = await setUp();
        let activity = start();
        let pending: Promise<unknown>[] = [];
        const wanted: string[] = [];
        for (const [at, name] of steps.entries()) {
          if (name === 'append') {
            wanted.unshift(`p${at}`);
            pending.push(activity.append(alice, act({ purpose: `p${at}` })));
            continue;
          }
          await Promise.all(pending);
          pending = [];
          if (name === 'restart') activity = start();
        }
        await Promise.all(pending);
        const entries = await start().list(alice, { limit: 200 });
        expect(purposes(entries)).toEqual(wanted);
        expect(entries.map((entry) => entry.sequence)).toEqual(wanted.map((_, at) => wanted.length - at));
      }),
      { numRuns: 60 },
    );
  });

  it('P3 stopped before or after the write: the entry is there once, or not at all, and the next one follows it', async () => {
    for (const [label, count] of [
      ['activity.append:before', 0],
      ['activity.append:after', 1],
    ] as const) {
      const { start } = await setUp();
      await start().append(alice, act({ purpose: 'first' }));
      expect(await fault(start(killAt(label)).append(alice, act({ purpose: 'second' })))).toBeInstanceOf(Killed);
      expect(await start().append(alice, act({ purpose: 'third' }))).toBe(2 + count);
      expect(purposes(await start().list(alice, { limit: 9 }))).toEqual(
        count === 1 ? ['third', 'second', 'first'] : ['third', 'first'],
      );
    }
  });

  it('writes over nothing when the store is ahead of memory', async () => {
    const { start, activity } = await setUp();
    await activity.append(alice, act({ purpose: 'first' }));
    expect(await start().append(alice, act({ purpose: 'by another worker' }))).toBe(2);
    expect(await activity.append(alice, act({ purpose: 'third' }))).toBe(3);
    expect(purposes(await activity.list(alice, { limit: 9 }))).toEqual(['third', 'by another worker', 'first']);
  });

  it('reports a write that failed, and goes on when the disk does', async () => {
    const { activity, db } = await setUp();
    await activity.append(alice, act({ purpose: 'first' }));
    const connect = vi.spyOn(db, 'connect').mockRejectedValue(new DOMException('full', 'DataError'));
    expect(await fault(activity.append(alice, act({ purpose: 'lost' })))).toBe('storage-failed');
    connect.mockRestore();
    expect(await activity.append(alice, act({ purpose: 'second' }))).toBe(2);
  });

  /** Rows as if they had been written: of the owner `by`, from number `from` on; undefined: of before rows said whose they are. */
  async function fill(db: ReturnType<typeof openDatabase>, runs: { from: number; count: number; by?: number[] }[]) {
    const transaction = (await db.connect()).transaction('activity', 'readwrite');
    for (const { from, count, by } of runs) {
      for (let at = 0; at < count; at++)
        void transaction.store.put({
          safeId: alice,
          sequence: from + at,
          ...(by && { by: Uint8Array.from(by) }),
          bytes: new Uint8Array(1),
        });
    }
    await transaction.done;
  }
  const left = async (db: ReturnType<typeof openDatabase>) =>
    (await (await db.connect()).getAllKeys('activity'))
      .filter(([safeId, sequence]) => safeId === alice && sequence > 0)
      .map(([, sequence]) => sequence);
  /** One below a multiple of 256, where entries go. */
  const beforePruning = keptEntries + 239;

  it('keeps a bounded number of entries; of before they said whose they are, the newest', async () => {
    const { db, start } = await setUp();
    await fill(db, [{ from: 1, count: beforePruning }]);
    await (await db.connect()).put('activity', { safeId: bob, sequence: 1, bytes: new Uint8Array(1) });
    expect(await start().append(alice, act())).toBe(beforePruning + 1);
    const kept = await left(db);
    expect([kept.length, kept[0], kept.at(-1)]).toEqual([keptEntries, 241, beforePruning + 1]);
    // Lines of another identity are no part of it.
    expect(await (await db.connect()).count('activity', [bob, 1])).toBe(1);
  });

  it('R-B8 a site that does much pushes out its own oldest lines, not those of others nor what the person did', async () => {
    const { db, start } = await setUp();
    const [greedy, modest, own] = [[1], [2], []];
    await fill(db, [
      { from: 1, count: 50, by: own },
      { from: 51, count: 50, by: modest },
      { from: 101, count: beforePruning - 100, by: greedy },
    ]);
    const activity = start();
    expect(await activity.append(alice, act())).toBe(beforePruning + 1);
    const kept = await left(db);
    expect(kept).toHaveLength(keptEntries);
    expect(kept.slice(0, 101)).toEqual([...Array.from({ length: 100 }, (_, at) => at + 1), 341]);
    // Known from then on: the next time nothing is read again, and the same holds.
    const read = vi.spyOn(IDBObjectStore.prototype, 'getAll');
    await Promise.all(Array.from({ length: 256 }, (_, n) => activity.append(alice, act({ purpose: `p${n}` }))));
    expect(read).not.toHaveBeenCalled();
    read.mockRestore();
    expect((await left(db)).slice(0, 101)).toEqual([...Array.from({ length: 100 }, (_, at) => at + 1), 341 + 256]);
    expect(await left(db)).toHaveLength(keptEntries);
  });

  it('what the person did is bounded as well, and goes by its own age alone', async () => {
    const { db, start } = await setUp();
    await fill(db, [
      { from: 1, count: 100, by: [1] },
      { from: 101, count: beforePruning - 100, by: [] },
    ]);
    await start().append(alice, act({ origin: null, method: 'unlock' }));
    const kept = await left(db);
    expect(kept.slice(0, 100)).toEqual(Array.from({ length: 100 }, (_, at) => at + 1));
    expect(kept.length).toBe(100 + keptEntries / 2);
  });

  it('says whose acts are alike, and nothing more: those of one site, and those of the person, also about a site', async () => {
    const { activity, db } = await setUp();
    const acts = [
      act(),
      act({ origin: 'https://b.example' }),
      act({ method: 'xmtp_decryptV2' }),
      act({ method: 'revoke' }),
      act({ origin: null, method: 'unlock' }),
    ];
    for (const one of acts) await activity.append(alice, one);
    const rows = await (await db.connect()).getAll('activity', IDBKeyRange.lowerBound([alice, 1]));
    const by = rows.map((row) => row.by && [...row.by]);
    expect(by[2]).toEqual(by[0]);
    expect(by[1]).not.toEqual(by[0]);
    expect([by[0]?.length, by[3], by[4]]).toEqual([8, [], []]);
  });
});

describe('while locked', () => {
  it('nothing is read, and an act is dropped rather than kept open', async () => {
    const { activity, open, db } = await setUp();
    await activity.append(alice, act());
    await open.lock(alice);
    expect(await activity.append(alice, act())).toBeUndefined();
    expect(await fault(activity.list(alice, { limit: 5 }))).toBe('locked');
    open.unlock(alice);
    expect(await activity.append(alice, act())).toBe(2);
    expect(await (await db.connect()).count('activity', IDBKeyRange.lowerBound([alice, 1]))).toBe(2);
    expect(await activity.append('ff'.repeat(16), act())).toBeUndefined();
  });

  it('R-F3 a lock while entries are being opened gives none of them out', async () => {
    const { activity, open } = await setUp();
    await activity.append(alice, act());
    const decrypt = crypto.subtle.decrypt.bind(crypto.subtle);
    const spy = vi.spyOn(crypto.subtle, 'decrypt').mockImplementation(async (...parameters) => {
      await open.lock(alice);
      return decrypt(...parameters);
    });
    expect(await fault(activity.list(alice, { limit: 5 }))).toBe('locked');
    spy.mockRestore();
  });

  it('R-F5 a lock that comes due while it is asked for waits for nothing', async () => {
    const { activity, open } = await setUp();
    open.onLocked = (safeId) => activity.append(safeId, act({ method: 'lock' }));
    const before = activity.append(alice, act());
    open.lockWhenAsked = alice;
    expect([await activity.append(alice, act()), await before]).toContain(undefined);
  });
});

describe('across epochs of the root key', () => {
  it('is one list, in one order; entries stay under the key they were sealed with', async () => {
    const { open, start, activity } = await setUp();
    for (let n = 1; n <= 4; n++) {
      await activity.append(alice, act({ purpose: `p${n}` }));
      await open.nextEpoch(alice);
    }
    expect(purposes(await activity.list(alice, { limit: 9 }))).toEqual(['p4', 'p3', 'p2', 'p1']);
    expect(purposes(await start().list(alice, { limit: 9 }))).toEqual(['p4', 'p3', 'p2', 'p1']);
  });
});

describe('at rest', () => {
  it('is sealed: no word of an entry is in the store', async () => {
    const { activity, db } = await setUp();
    await activity.append(alice, act({ purpose: 'canary-purpose', origin: 'https://canary.example' }));
    const rows = JSON.stringify(await (await db.connect()).getAll('activity'), (_key, value: unknown) =>
      value instanceof Uint8Array ? String.fromCharCode(...value) : value,
    );
    expect(rows).toContain(alice);
    expect(rows).not.toContain('canary');
  });

  it('one damaged or displaced entry is shown as such and hides no other', async () => {
    const { activity, db } = await setUp();
    for (let n = 1; n <= 4; n++) await activity.append(alice, act({ purpose: `p${n}` }));
    const connection = await db.connect();
    const row = await connection.get('activity', [alice, 2]);
    if (!row) throw new Error('a row expected');
    for (const bytes of [
      new Uint8Array(0),
      row.bytes.map((byte, at) => (at === 60 ? byte ^ 1 : byte)),
      (await connection.get('activity', [alice, 3]))!.bytes,
    ]) {
      await connection.put('activity', { ...row, bytes });
      const entries = await activity.list(alice, { limit: 9 });
      expect(purposes(entries)).toEqual(['p4', 'p3', '', 'p1']);
      expect(entries[2]).toEqual({
        sequence: 2,
        count: 1,
        gap: null,
        atMs: 0,
        origin: null,
        method: damagedMethod,
        purpose: '',
        outcome: 'failed',
      });
    }
    await connection.put('activity', { ...row, safeId: bob });
    expect(await activity.list(bob, { limit: 9 })).toMatchObject([{ sequence: 2, method: damagedMethod }]);
  });

  it('any text comes back, cut to a length and well formed', async () => {
    const { activity } = await setUp();
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 100 }), async (purpose) => {
        await activity.append(alice, act({ purpose }));
        expect((await activity.list(alice, { limit: 1 }))[0]?.purpose).toBe(purpose);
      }),
      { numRuns: 60 },
    );
    await activity.append(
      alice,
      act({ purpose: '\ud800' + '😀'.repeat(1000), method: 'm'.repeat(500), origin: 'o'.repeat(500) }),
    );
    const [entry] = await activity.list(alice, { limit: 1 });
    expect(entry?.purpose).toBe('\ufffd' + '😀'.repeat(299));
    expect([entry?.method.length, entry?.origin?.length]).toEqual([60, 300]);
  });

  it('forgetting removes the log of that identity, also what was still being written', async () => {
    const { activity, db } = await setUp();
    await activity.append(bob, act());
    const writing = activity.append(alice, act());
    await Promise.resolve();
    await Promise.resolve();
    await activity.forget(alice);
    await writing;
    // Bob's line, and what is kept beside his lines.
    expect(await (await db.connect()).getAllKeys('activity')).toEqual([
      [bob, 0],
      [bob, 1],
    ]);
  });
});
