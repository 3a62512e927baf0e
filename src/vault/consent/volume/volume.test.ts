// The brake: what is usual, what is far more, who is never asked, and what a pause survives.
import 'fake-indexeddb/auto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { volume as limits } from '../../../contract/limits';
import { openDatabase } from '../../store/database';
import { createMemoryArea, createTestHost, testStartMs } from '../../testkit/memory-host.testkit';
import { allowed, dayOf, usualOf, withToday, type Day } from './habit';
import { createVolume, type VolumeOf } from './volume';

const dayMs = 86_400_000;
const reading: VolumeOf = { safeId: 'a1', origin: 'https://app.example', capability: 'messages.read' };
const signing: VolumeOf = { ...reading, capability: 'sign' };
let databases = 0;

function setUp() {
  const clock = { nowMs: testStartMs };
  const area = createMemoryArea();
  let writes = 0;
  const session: typeof area = { ...area, set: (items) => (writes++, area.set(items)) };
  const disk = { session, databaseName: `volume-${++databases}` };
  const db = openDatabase(disk.databaseName);
  const start = () => createVolume({ db, host: createTestHost({ clock, ...disk }) });
  const volume = start();
  /** So many days on which a site read this much in its busiest ten seconds. */
  const used = async (...busiest: number[]) => {
    for (const items of busiest) {
      expect(await volume.take(reading, items)).toBeNull();
      clock.nowMs += dayMs;
    }
  };
  /** Until what was written down in the background is on the disk: what is written now waits for all of it. */
  const rest = () => volume.forget('nobody');
  /** How often something was written to storage.session by now. */
  const sessionWrites = () => writes;
  return { clock, disk, start, volume, used, rest, sessionWrites };
}

describe('a site with a short history', () => {
  it('is never asked about, however much it reads at first', async () => {
    const { volume, clock } = setUp();
    // Looked at first, then read whole: the little of before is no habit yet.
    expect(await volume.take(reading, 40)).toBeNull();
    clock.nowMs += dayMs;
    for (let day = 1; day < limits.leastDays; day++) {
      for (let chunk = 0; chunk < 20; chunk++) expect(await volume.take(reading, 500)).toBeNull();
      clock.nowMs += dayMs;
    }
  });

  it('that read everything at first has the habit of the days after it', async () => {
    const { volume, used } = setUp();
    await used(10_000, 40, 50);
    expect(await volume.take(reading, 1_001)).toEqual({
      capability: 'messages.read',
      items: 1_001,
      inMs: 10_000,
      usual: 50,
    });
  });
});

describe('unusual volume', () => {
  it('R-B8 3,000 messages in ten seconds, usually 40: waits from the first that is beyond, and says both figures', async () => {
    const { volume, used } = setUp();
    await used(40, 30, 50);
    for (let chunk = 0; chunk < 2; chunk++) expect(await volume.take(reading, 500)).toBeNull();
    const facts = { capability: 'messages.read', items: 1_500, inMs: 10_000, usual: 40 };
    expect(await volume.take(reading, 500)).toEqual(facts);
    expect(await volume.take(reading, 1)).toEqual(facts);
    for (const other of [{ origin: 'https://other.example' }, { safeId: 'b2' }, { capability: 'sign' as const }])
      expect(await volume.take({ ...reading, ...other }, 1)).toBeNull();
  });

  it('R-B8 law: many small requests are worth as much as one large, in both windows', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 40 }), async (parts) => {
        const { volume, used } = setUp();
        await used(40, 40, 40);
        let sum = 0;
        for (const items of parts) {
          const facts = await volume.take(reading, items);
          expect([sum + items, facts !== null]).toEqual([sum + items, sum + items > 1_000]);
          if (facts) return;
          sum += items;
        }
      }),
      { numRuns: 20 },
    );
  });

  it('spread over an hour so that no ten seconds stand out, it waits all the same', async () => {
    const { volume, used, clock } = setUp();
    await used(40, 40, 40);
    let sum = 0;
    for (let at = 0; at < 340; at++, clock.nowMs += 10_000) {
      const facts = await volume.take(reading, 100);
      expect([sum, facts?.inMs]).toEqual([sum, sum + 100 > 10_000 ? 3_600_000 : undefined]);
      sum += 100;
    }
    expect(sum).toBe(34_000);
  });

  it('is more where more is usual, and a person who writes by hand is never asked', async () => {
    const { volume, used, clock } = setUp();
    await used(900, 900, 900);
    for (let chunk = 0; chunk < 18; chunk++) expect(await volume.take(reading, 500)).toBeNull();
    expect(await volume.take(reading, 500)).toMatchObject({ usual: 900 });
    const writing = { ...reading, capability: 'messages.write' as const };
    for (let day = 0; day < 9; day++, clock.nowMs += dayMs)
      for (let at = 0; at < 30; at++, clock.nowMs += 1_000) expect(await volume.take(writing, 1)).toBeNull();
  });

  it('law: what is usual is between the quietest and the fullest day, and what is allowed is never below what an app does', () => {
    const day = fc.record({ day: fc.nat(40), busiest: fc.tuple(fc.nat(9_999), fc.nat(9_999)) });
    fc.assert(
      fc.property(fc.array(day), fc.nat(40), fc.constantFrom(0 as const, 1 as const), (drawn, today, window) => {
        const days = drawn.reduce<Day[]>((all, one) => withToday(all, one.day, one.busiest), []);
        const before = days.filter((one) => one.day < today).map(({ busiest }) => busiest[window]);
        const usual = usualOf(days, today, window);
        expect(usual === undefined).toBe(before.length < limits.leastDays);
        const most = allowed(usual, 'messages.read', window);
        if (usual === undefined || most === undefined) return;
        expect(usual).toBeGreaterThanOrEqual(Math.min(...before));
        expect(usual).toBeLessThanOrEqual(Math.max(...before));
        expect(most).toBeGreaterThanOrEqual(Math.max(limits.least['messages.read'][window], usual));
      }),
    );
  });
});

describe('a pause', () => {
  async function paused() {
    const world = setUp();
    await world.used(40, 40, 40);
    await world.volume.take(reading, 1_000);
    // What was counted is written; the pause that comes now is not yet.
    await world.rest();
    expect(await world.volume.take(reading, 1)).not.toBeNull();
    return world;
  }

  it('outlives the worker with its figures, and so does what is usual', async () => {
    const { start, clock } = await paused();
    const next = start();
    // The ten seconds are over, the pause is not.
    clock.nowMs += 60_000;
    expect(await next.take(reading, 1)).toMatchObject({ items: 1_001, usual: 40 });
    clock.nowMs += limits.pausedMs;
    expect(await next.take(reading, 1_000)).toBeNull();
    expect(await next.take(reading, 1)).toMatchObject({ usual: 40 });
  });

  it('a worker that dies in the middle forgets less than a tenth of what is never asked about', async () => {
    const { volume, used, start, rest } = setUp();
    await used(40, 40, 40);
    for (let at = 0; at < 990; at++) await volume.take(reading, 1);
    await rest();
    const next = start();
    let more = 0;
    while (!(await next.take(reading, 1))) more++;
    expect(more).toBeLessThanOrEqual(110);
  });

  it('nothing is written for each use of a site that cannot be asked about yet, and soon enough of one that can', async () => {
    const { volume, used, rest, sessionWrites, clock } = setUp();
    for (let at = 0; at < 100; at++) await volume.take(signing, 1);
    clock.nowMs += 1_000;
    await volume.take(signing, 1);
    // The first, the last, and that of `rest`.
    await rest();
    expect(sessionWrites()).toBe(3);
    await used(40, 40, 40);
    const before = sessionWrites();
    for (let at = 0; at < 100; at++) await volume.take(reading, 10);
    await rest();
    expect(sessionWrites() - before).toBeGreaterThanOrEqual(9);
  });

  it('is over for as much again, or for a day', async () => {
    const { volume, clock } = await paused();
    await volume.lift(reading, 'once', clock.nowMs);
    expect(await volume.take(reading, 1_000)).toBeNull();
    expect(await volume.take(reading, 1)).toMatchObject({ usual: 40 });
    await volume.lift(reading, 'continue', clock.nowMs);
    for (let at = 0; at < 50; at++) expect(await volume.take(reading, 1_000)).toBeNull();
    clock.nowMs += limits.continueMs;
    expect(await volume.take(reading, 1_001)).toMatchObject({ usual: 40 });
  });

  it('holds up nothing that the person said of one request, and that counts all the same', async () => {
    const { volume, clock } = await paused();
    expect(await volume.take(reading, 5_000, true)).toBeNull();
    expect(await volume.take(reading, 1)).not.toBeNull();
    await volume.lift(reading, 'once', clock.nowMs);
    await volume.take(reading, 999, true);
    expect(await volume.take(reading, 2)).not.toBeNull();
  });

  it('goes with its identity, and with what the disk has that is no habit', async () => {
    const { volume, start, rest, clock, disk } = await paused();
    await volume.forget('a1');
    for (const one of [volume, start()]) expect(await one.take(reading, 5_000)).toBeNull();
    await rest();
    expect(dayOf(clock.nowMs)).toBeGreaterThan(0);
    const db = openDatabase(disk.databaseName);
    const { writeStrict } = await import('../../store/database');
    for (const rows of ['no list', [null, 7, {}, { ...reading, days: [{ day: 1 }] }]]) {
      await writeStrict(db, ['settings'], (transaction) => transaction.objectStore('settings').put(rows, 'habits'));
      disk.session.items.clear();
      expect(await start().take(reading, 50_000)).toBeNull();
      await rest();
    }
  });
});
