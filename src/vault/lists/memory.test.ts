// Lists as large as strangers can make them: how much of them is in memory at once, and what each number of them costs.
import 'fake-indexeddb/auto';
import { expect, it, onTestFinished } from 'vitest';
import { encodeEncodedConversations } from '../../protocol/keystore/calls';
import { openDatabase } from '../store/database';
import { asBytes } from '../store/encoding';
import { keystoreLimits } from '../store/limits';
import { createGathering } from './listing';
import { createTestHost, testStartMs } from '../testkit/memory-host.testkit';
import { createTestSafes } from '../testkit/open-safes.testkit';
import { createSealedLists, type ListEntry } from './sealed-list';

const safeId = 'ab'.repeat(16);
const mebibyte = 1_048_576;
const unit = keystoreLimits.bytesOfNumber;
const freedKey = `room:${safeId}:peers:freed`;

async function setUp() {
  const host = createTestHost({ clock: { nowMs: testStartMs } });
  const open = createTestSafes();
  await open.add(safeId, `0x${'1'.repeat(40)}`);
  const db = openDatabase(host.databaseName);
  const start = () => createSealedLists({ db, open, host });
  return { db, start, lists: start() };
}

const strange = (name: string, bytes: number, more: Partial<ListEntry> = {}): ListEntry => ({
  name,
  plain: new Uint8Array(bytes).fill(7),
  isStrange: true,
  ...more,
});

/** Bytes of rows and segments that the database gives out in one answer, at most, and how often whole rows are asked for. */
function watchReads() {
  const seen = { most: 0, pages: 0 };
  const sizeOf = (value: unknown): number =>
    Array.isArray(value)
      ? value.reduce((sum: number, one) => sum + sizeOf(one), 0)
      : ((value as { bytes?: Uint8Array } | undefined)?.bytes?.length ?? 0);
  const originals = { all: IDBObjectStore.prototype.getAll, get: IDBObjectStore.prototype.get };
  const watch = (request: IDBRequest) =>
    request.addEventListener('success', () => void (seen.most = Math.max(seen.most, sizeOf(request.result))));
  IDBObjectStore.prototype.getAll = function (...input) {
    const request = originals.all.apply(this, input);
    seen.pages++;
    watch(request);
    return request;
  };
  IDBObjectStore.prototype.get = function (...input) {
    const request = originals.get.apply(this, input);
    watch(request);
    return request;
  };
  onTestFinished(() => {
    IDBObjectStore.prototype.getAll = originals.all;
    IDBObjectStore.prototype.get = originals.get;
  });
  return seen;
}

it('R-B8 a list of large entries is read in pages of a few MiB, from rows and from segments, and segments are no larger', async () => {
  const { lists, start } = await setUp();
  const count = 200;
  for (let from = 0; from < count; from += 50)
    await lists.add(
      safeId,
      'peers',
      Array.from({ length: 50 }, (_, at) => strange(`n${from + at}`, keystoreLimits.entryBytes)),
    );
  const seen = watchReads();
  for (const worker of [lists, start()]) {
    let told = 0;
    await worker.each(safeId, 'peers', (plain) => {
      told += plain.length;
      expect(plain[plain.length - 1]).toBe(7);
    });
    expect(told).toBe(count * keystoreLimits.entryBytes);
    await worker.inTurn(safeId, async () => undefined);
  }
  expect(seen.most).toBeLessThan(4.5 * mebibyte);
});

it('R-B8 adding names that are stored reads a page of them at a time', async () => {
  const { lists } = await setUp();
  const names = Array.from({ length: 200 }, (_, at) => `n${at}`);
  for (let from = 0; from < 200; from += 50)
    await lists.add(
      safeId,
      'peers',
      names.slice(from, from + 50).map((name) => strange(name, keystoreLimits.entryBytes)),
    );
  let [now, most] = [0, 0];
  const original = IDBIndex.prototype.get;
  onTestFinished(() => void (IDBIndex.prototype.get = original));
  IDBIndex.prototype.get = function (...input) {
    const request = original.apply(this, input);
    request.addEventListener('success', () => void (most = Math.max(most, (now += request.result?.bytes.length ?? 0))));
    this.objectStore.transaction.addEventListener('complete', () => void (now = 0));
    return request;
  };
  expect(
    await lists.add(
      safeId,
      'peers',
      names.map((name) => strange(name, 10)),
    ),
  ).toEqual(names.map(() => false));
  expect((await lists.find(safeId, 'peers', names)).every((plain) => plain?.length === keystoreLimits.entryBytes)).toBe(
    true,
  );
  expect(most).toBeLessThan(4.5 * mebibyte);
});

it('R-B8 an answer of a hundred thousand is gathered in little more than its bytes, in order of rank, then of arrival', () => {
  const gathering = createGathering();
  const ranks = [5n, 2n ** 63n, 5n, 0n, 2n ** 32n, 2n ** 32n - 1n];
  ranks.forEach((rank, at) => gathering.add(Uint8Array.of(at), rank));
  const large = new Uint8Array(3 * mebibyte).fill(9);
  gathering.add(large, 1n);
  gathering.add(new Uint8Array(0), 2n);
  const listing = gathering.sorted();
  expect([...listing].map((bytes) => (bytes.length === 1 ? bytes[0] : bytes.length))).toEqual([
    3,
    large.length,
    0,
    0,
    2,
    5,
    4,
    1,
  ]);
  expect(listing.length).toBe(8);
  const encoded = encodeEncodedConversations(listing);
  expect(encoded.length).toBe([...listing].reduce((sum, { length }) => sum + 1 + (length > 127 ? 4 : 1) + length, 0));
  expect(encoded.subarray(0, 7)).toEqual(Uint8Array.of(10, 1, 3, 10, 0x80, 0x80, 0xc0));
});

it('R-B8 a list in which nothing may go is looked through once: entries that are refused after that cost nothing', async () => {
  const { db, lists, start } = await setUp();
  await lists.add(
    safeId,
    'peers',
    Array.from({ length: 300 }, (_, at) => strange(`own ${at}`, 10, { isStrange: false })),
  );
  await lists.add(safeId, 'peers', [strange('theirs', 10)]);
  const connection = await db.connect();
  await connection.put('settings', 301 - keystoreLimits.numbersOfList.peers, freedKey);
  const next = start();
  const refused = (name: string, numbers: number) =>
    expect(next.add(safeId, 'peers', [strange(name, numbers * keystoreLimits.bytesOfNumber)])).rejects.toMatchObject({
      reason: 'limit',
    });
  await refused('first', 2);
  const seen = watchReads();
  for (let at = 0; at < 5; at++) await refused(`again ${at}`, 2 + at);
  // Also where what may go is what the batch itself names.
  await expect(next.add(safeId, 'peers', [strange('theirs', 10), strange('x', 10)])).rejects.toMatchObject({
    reason: 'limit',
  });
  expect(seen.pages).toBe(0);
  // What may go is known as well, and what takes its place may go in its turn, without another look.
  for (const name of ['a', 'b', 'c']) expect(await next.add(safeId, 'peers', [strange(name, 10)])).toEqual([true]);
  expect((await next.find(safeId, 'peers', ['theirs', 'a', 'b', 'c'])).map((plain) => plain !== undefined)).toEqual([
    false,
    false,
    false,
    true,
  ]);
  await next.keep(safeId, 'peers', ['c']);
  await refused('d', 1);
  expect(seen.pages).toBe(0);
});

it('R-B8 looking for what may go takes turns: its work is in slices of few rows, and nothing is read inside one', async () => {
  const { db, lists, start } = await setUp();
  await lists.add(
    safeId,
    'peers',
    Array.from({ length: 300 }, (_, at) => strange(`own ${at}`, 10, { isStrange: false })),
  );
  await (await db.connect()).put('settings', 300 - keystoreLimits.numbersOfList.peers, freedKey);
  const next = start();
  let [inside, slices, readInside] = [0, 0, 0];
  const original = IDBDatabase.prototype.transaction;
  onTestFinished(() => void (IDBDatabase.prototype.transaction = original));
  IDBDatabase.prototype.transaction = function (...input) {
    if (inside > 0) readInside++;
    return original.apply(this, input);
  };
  const take = async <T>(slice: () => T | Promise<T>): Promise<T> => {
    [inside, slices] = [inside + 1, slices + 1];
    try {
      return await slice();
    } finally {
      inside--;
    }
  };
  await expect(
    next.add(safeId, 'peers', [strange('new', 10)], { origin: 'https://a.example', take }),
  ).rejects.toMatchObject({ reason: 'limit' });
  expect(slices).toBeGreaterThanOrEqual(5);
  await next.find(safeId, 'peers', ['own 1', 'own 2'], { take });
  expect(readInside).toBe(0);
});

it('an entry that no longer opens gives back its numbers when it is replaced, and one that is replaced by a larger one takes more', async () => {
  const { db, lists, start } = await setUp();
  const freed = async () => (await (await db.connect()).get('settings', freedKey)) ?? 0;
  await lists.add(safeId, 'peers', [strange('a', unit * 10), strange('b', unit)]);
  const connection = await db.connect();
  const row = (await connection.getAll('entries'))[0]!;
  await connection.put('entries', {
    ...row,
    bytes: asBytes(row.bytes.map((byte, at) => (at === 70 ? byte ^ 1 : byte))),
  });
  const next = start();
  expect(await next.add(safeId, 'peers', [strange('a', unit)])).toEqual([true]);
  expect(await freed()).toBe(10);
  expect(await next.add(safeId, 'peers', [strange('b', unit * 4, { replaces: async () => true })])).toEqual([true]);
  expect(await freed()).toBe(7);
  expect(await start().add(safeId, 'peers', [strange('c', unit)])).toEqual([true]);
  expect(await freed()).toBe(7);
});

it('a row of before there were marks keeps none when a stranger’s takes its place, and the mark it has otherwise', async () => {
  const { db, lists, start } = await setUp();
  await lists.add(safeId, 'peers', [
    strange('a', 10, { isStrange: false }),
    strange('b', 10),
    strange('c', 10, { isStrange: false }),
  ]);
  const connection = await db.connect();
  const [a, b, c] = await connection.getAll('entries');
  delete a!.mark;
  await connection.put('entries', a!);
  await start().add(
    safeId,
    'peers',
    ['a', 'b', 'c'].map((name) => strange(name, 20, { replaces: async () => true })),
  );
  expect((await connection.getAll('entries')).map(({ mark }) => mark)).toEqual([undefined, b!.mark, c!.mark]);
});

it('a list of an earlier version, whose numbers stood for more, is measured once', async () => {
  const { db, lists, start } = await setUp();
  await lists.add(safeId, 'peers', [strange('a', unit * 100), strange('b', unit)]);
  const connection = await db.connect();
  const rows = await connection.getAll('entries');
  await connection.clear('entries');
  // As if each had been given one number, after many others that are gone.
  for (const [at, row] of rows.entries()) await connection.put('entries', { ...row, sequence: 10_000 + at });
  await start().add(safeId, 'peers', [strange('c', unit)]);
  expect(await connection.get('settings', freedKey)).toBe(10_001 - 101);
  const seen = watchReads();
  await start().add(safeId, 'peers', [strange('d', unit)]);
  expect(seen.pages).toBe(0);
});
