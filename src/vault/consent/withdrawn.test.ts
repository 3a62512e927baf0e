// Taking back the end of a grant: what comes back, and all that must not.
import 'fake-indexeddb/auto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Duration } from '../../contract/grants';
import { undoMs } from '../../contract/limits';
import { openDatabase, readStores } from '../store/database';
import { createMemoryArea, createTestHost, killAt, Killed, testStartMs } from '../testkit/memory-host.testkit';
import { createTestSafes } from '../testkit/open-safes.testkit';
import { createGrants, type Grants, type NewGrant } from './grants';

const alice = 'a1'.repeat(16);
const bob = 'b2'.repeat(16);
const origin = 'https://app.example';
const other = 'https://other.example';
let databases = 0;
let requests = 0;

const asked = (change: Partial<NewGrant> = {}): NewGrant => ({
  origin,
  safeId: alice,
  capabilities: ['identity', 'sign', 'messages.read'],
  duration: '1d',
  documentKey: 'doc-1',
  requestId: (++requests).toString(16).padStart(32, '0'),
  remember: 'until-locked',
  ...change,
});

async function setUp() {
  const clock = { nowMs: testStartMs };
  const open = createTestSafes();
  await open.add(alice, '0xA');
  await open.add(bob, '0xB');
  const disk = { session: createMemoryArea(), databaseName: `withdrawn-${++databases}` };
  const db = openDatabase(disk.databaseName);
  const start = (checkpoint?: (label: string) => Promise<void>): Grants =>
    createGrants({
      db,
      host: createTestHost({ clock, ...disk, ...(checkpoint ? { checkpoint } : {}) }),
      open,
      onChange: () => undefined,
    });
  const rows = () => readStores(db, ['grants'], (transaction) => transaction.objectStore('grants').getAll());
  const grants = start();
  open.onLocked = (safeId) => grants.endedByLock(safeId);
  const undoOf = async (ended: ReturnType<Grants['revoke']>) => (await ended) ?? expect.fail('nothing to take back');
  return { clock, open, start, rows, grants, undoOf };
}

const fault = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: { reason?: string }) => error.reason ?? error,
  );
const use = (grants: Grants, capability: 'sign' | 'messages.read' = 'sign') =>
  fault(grants.use(origin, alice, capability, 'doc-1'));

describe('R-B7 taking back the end of a grant', () => {
  it('has ended it until then, on the disk as well, and brings back its very bytes', async () => {
    const { grants, rows, start, undoOf, clock } = await setUp();
    await grants.put(asked());
    await grants.use(origin, alice, 'sign', 'doc-1');
    const [before, listed] = [await rows(), await grants.list()];
    const undo = await undoOf(grants.revoke(origin, alice));
    expect(undo.untilMs).toBe(testStartMs + undoMs);
    expect(await use(grants)).toBe('not-found');
    expect([await rows(), await start().list()]).toEqual([[], []]);
    clock.nowMs += undoMs;
    expect(await grants.undo(undo.id)).toEqual([{ origin, safeId: alice }]);
    expect([await rows(), await grants.list()]).toEqual([before, listed]);
    expect(await use(grants)).toBeUndefined();
    expect(await use(start())).toBeUndefined();
    // Asked again, as by a page whose answer was lost: the same, and nothing is done twice.
    expect(await grants.undo(undo.id)).toEqual([{ origin, safeId: alice }]);
    expect(await rows()).toEqual(before);
  });

  it('ends with its time, also by a clock that was set back', async () => {
    const { grants, rows, undoOf, clock } = await setUp();
    await grants.put(asked());
    const undo = await undoOf(grants.revoke(origin));
    for (const nowMs of [testStartMs + undoMs + 1, testStartMs - 1]) {
      clock.nowMs = nowMs;
      expect(await fault(grants.undo(undo.id))).toBe('stale');
    }
    expect(await rows()).toEqual([]);
    expect(await fault(grants.undo('00'.repeat(16)))).toBe('stale');
  });

  it('P3 is not known to another worker: what was ended when one dies has ended', async () => {
    const { grants, start, rows, undoOf } = await setUp();
    await grants.put(asked());
    const undo = await undoOf(grants.revoke(origin));
    expect(await fault(start().undo(undo.id))).toBe('stale');
    expect(await rows()).toEqual([]);
  });

  it('P3 killed at its write it is as it was before, or back whole', async () => {
    for (const [moment, count] of [
      ['before', 0],
      ['after', 1],
    ] as const) {
      const { start, rows } = await setUp();
      const killed = start(killAt(`grants.undo:${moment}`));
      await killed.put(asked());
      const before = await rows();
      const undo = await killed.revoke(origin);
      expect(await fault(killed.undo(undo?.id ?? ''))).toBeInstanceOf(Killed);
      expect(await rows()).toEqual(before.slice(0, count));
      expect(await start().list()).toHaveLength(count);
    }
  });

  it('never comes over a newer grant, nor after one that has ended by then', async () => {
    const { grants, undoOf } = await setUp();
    await grants.put(asked());
    const undo = await undoOf(grants.revoke(origin));
    await grants.put(asked({ capabilities: ['identity'] }));
    expect(await grants.undo(undo.id)).toEqual([]);
    expect((await grants.list()).map(({ capabilities }) => capabilities)).toEqual([['identity']]);
    const second = await undoOf(grants.revoke(origin));
    await grants.put(asked({ capabilities: ['sign'] }));
    const third = await undoOf(grants.revoke(origin));
    expect(await grants.undo(second.id)).toEqual([]);
    expect(await grants.list()).toEqual([]);
    expect(await grants.undo(third.id)).toHaveLength(1);
    expect((await grants.list()).map(({ capabilities }) => capabilities)).toEqual([['sign']]);
  });

  it('brings nothing back that a lock, a document, a forgotten identity or the time has ended meanwhile', async () => {
    const cases: [Duration, (world: Awaited<ReturnType<typeof setUp>>) => Promise<unknown>][] = [
      ['until-locked', ({ open }) => open.lock(alice)],
      [
        'until-locked',
        async ({ open }) => {
          await open.lock(alice);
          open.unlock(alice);
        },
      ],
      ['once', ({ grants }) => grants.documentGone('doc-1')],
      ['until-revoked', ({ grants }) => grants.forget(alice)],
    ];
    for (const [duration, meanwhile] of cases) {
      const world = await setUp();
      await world.grants.put(asked({ duration }));
      const undo = await world.undoOf(world.grants.revoke(origin));
      await meanwhile(world);
      expect(await world.grants.undo(undo.id)).toEqual([]);
      expect(await world.rows()).toEqual([]);
    }
    const { grants, clock, rows, undoOf } = await setUp();
    await grants.put(asked({ duration: '1h' }));
    clock.nowMs += 3_600_000 - 1000;
    const undo = await undoOf(grants.revoke(origin));
    clock.nowMs += 2000;
    expect(await grants.undo(undo.id)).toEqual([]);
    expect(await rows()).toEqual([]);
  });

  it('after a lock brings back what outlives locks, without what was remembered until the lock', async () => {
    const { grants, open, undoOf } = await setUp();
    await grants.put(asked({ duration: 'until-revoked' }));
    expect((await grants.list())[0]?.withoutAskingUntil['messages.read']).toBe('until-locked');
    const undo = await undoOf(grants.revoke(origin));
    await open.lock(alice);
    expect(await grants.undo(undo.id)).toHaveLength(1);
    expect(await use(grants)).toBe('locked');
    open.unlock(alice);
    expect(await use(grants)).toBeUndefined();
    expect((await grants.list())[0]?.withoutAskingUntil['messages.read']).toBe(null);
  });

  it('a grant that was spent, or a row that no MAC fits, does not come back', async () => {
    const { grants, rows, undoOf } = await setUp();
    await grants.put(asked({ duration: 'once' }));
    await grants.consumeOnce(origin, alice, 'aa'.repeat(16));
    expect(await grants.revoke(origin)).toBeNull();
    await grants.put(asked());
    await grants.put(asked({ origin: other, safeId: bob }));
    const undo = await undoOf(grants.revokeAll());
    expect(await rows()).toEqual([]);
    expect(await grants.undo(undo.id)).toHaveLength(2);
    expect(await grants.revoke('https://nobody.example')).toBeNull();
  });

  it('law: whatever is given, ended and taken back in any order, no more is given than before the end', async () => {
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom('put small', 'put large', 'revoke', 'undo', 'undo') },
      { weight: 1, arbitrary: fc.constantFrom('lock', 'unlock', 'document', 'late') },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
        const { grants, open, clock } = await setUp();
        /** What may hold: the grant that was last given, or nothing. */
        let given: string[] = [];
        const undos: string[] = [];
        for (const one of steps) {
          clock.nowMs += 1;
          if (one.startsWith('put')) {
            const capabilities = one === 'put small' ? (['identity'] as const) : (['identity', 'sign'] as const);
            // Nothing stays of an earlier one: everything was asked about.
            if (
              (await fault(grants.put(asked({ capabilities, duration: 'until-locked', remember: undefined })))) ===
              undefined
            )
              given = [...capabilities];
          } else if (one === 'revoke') undos.push((await grants.revoke(origin))?.id ?? '');
          else if (one === 'undo') await fault(grants.undo(undos[Math.floor(undos.length / 2)] ?? ''));
          else if (one === 'lock') {
            await open.lock(alice);
            given = [];
          } else if (one === 'unlock') open.unlock(alice);
          else if (one === 'document') await grants.documentGone('doc-2');
          else clock.nowMs += undoMs;
          for (const { capabilities } of await grants.list()) expect(capabilities).toEqual(given);
          if (given.length === 0) expect(await grants.list()).toEqual([]);
        }
      }),
      { numRuns: 60 },
    );
  });
});
