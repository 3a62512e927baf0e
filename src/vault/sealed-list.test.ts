// Append-only sealed lists: what adding costs, what a name tells, what damage does, and what a dead worker leaves.
import 'fake-indexeddb/auto';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { VaultError } from '../contract/errors';
import { bytesToUtf8, utf8ToBytes } from '../protocol/bytes';
import { openDatabase, readStores, writeStrict } from './database';
import type { Bytes } from './encoding';
import { asBytes } from './encoding';
import { keystoreLimits } from './keystore-limits';
import { createTestHost, testStartMs, type TestClock } from './memory-host.testkit';
import { createTestSafes } from './open-safes.testkit';
import { claimsOf } from './records';
import { createSealedLists, type SealedLists } from './sealed-list';
import { freezeAt } from './vault.testkit';

const safeId = 'ab'.repeat(16);
const otherId = 'cd'.repeat(16);
const plain = (words: string): Bytes => asBytes(utf8ToBytes(words));
const entry = (name: string, words = `of ${name}`, group?: string) => ({ name, plain: plain(words), ...(group !== undefined && { group }) });
const words = (plains: readonly (Bytes | undefined)[]) => plains.map((one) => one && bytesToUtf8(one));

async function setUp() {
  const clock: TestClock = { nowMs: testStartMs };
  const host = createTestHost({ clock });
  const open = createTestSafes();
  await open.add(safeId, `0x${'1'.repeat(40)}`);
  await open.add(otherId, `0x${'2'.repeat(40)}`);
  const db = openDatabase(host.databaseName);
  const start = (checkpoint?: (label: string) => Promise<void>): SealedLists => createSealedLists({ db, open, host: { ...host, checkpoint } });
  return { host, open, db, start, lists: start() };
}

/** Counts rows read and written, and transactions begun, from now on. */
function countDatabaseWork() {
  const counts = { transactions: 0, written: 0, read: 0 };
  const originals = { transaction: IDBDatabase.prototype.transaction, add: IDBObjectStore.prototype.add, put: IDBObjectStore.prototype.put, get: IDBIndex.prototype.get, all: IDBObjectStore.prototype.getAll };
  IDBDatabase.prototype.transaction = function (...input) {
    counts.transactions++;
    return originals.transaction.apply(this, input);
  };
  for (const name of ['add', 'put'] as const) {
    IDBObjectStore.prototype[name] = function (...input) {
      counts.written++;
      return originals[name].apply(this, input);
    };
  }
  IDBIndex.prototype.get = function (...input) {
    counts.read++;
    return originals.get.apply(this, input);
  };
  onTestFinished(() => {
    IDBDatabase.prototype.transaction = originals.transaction;
    IDBObjectStore.prototype.add = originals.add;
    IDBObjectStore.prototype.put = originals.put;
    IDBIndex.prototype.get = originals.get;
  });
  return counts;
}

describe('adding', () => {
  it('the first of a name wins, in one batch and between batches; what was added is told', async () => {
    const { lists, start } = await setUp();
    expect(await lists.add(safeId, 'conversations', [entry('a', '1'), entry('b', '2'), entry('a', '3')])).toEqual([true, true, false]);
    expect(await lists.add(safeId, 'conversations', [entry('b', '4'), entry('c', '5')])).toEqual([false, true]);
    expect(await lists.add(safeId, 'conversations', [])).toEqual([]);
    for (const worker of [lists, start()]) {
      expect(words(await worker.find(safeId, 'conversations', ['c', 'a', 'x', 'b']))).toEqual(['5', '1', undefined, '2']);
      expect(words(await worker.all(safeId, 'conversations'))).toEqual(['1', '2', '5']);
    }
  });

  it('lists and safes do not see each other', async () => {
    const { lists } = await setUp();
    await lists.add(safeId, 'conversations', [entry('a')]);
    await lists.add(safeId, 'peers', [entry('a', 'peer')]);
    await lists.add(otherId, 'peers', [entry('a', 'other')]);
    expect(words(await lists.find(safeId, 'peers', ['a']))).toEqual(['peer']);
    expect(words(await lists.all(otherId, 'peers'))).toEqual(['other']);
    expect(await lists.all(otherId, 'conversations')).toEqual([]);
  });

  it('at once from many sides: every name once, nothing lost', async () => {
    const { lists, start } = await setUp();
    await Promise.all(Array.from({ length: 20 }, (_, n) => lists.add(safeId, 'conversations', [entry(`n${n % 10}`, `by ${n}`), entry(`own ${n}`)])));
    expect(await start().all(safeId, 'conversations')).toHaveLength(30);
  });

  it('is a map that never forgets: any sequence of batches', async () => {
    const { lists, start } = await setUp();
    const model = new Map<string, string>();
    const names = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', '/xmtp/0/m-ü/proto', '');
    const batches = fc.array(fc.record({ name: names, words: fc.string({ maxLength: 8 }) }), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(batches, async (batch) => {
        const told = await lists.add(safeId, 'peers', batch.map(({ name, words: text }) => entry(name, text)));
        expect(told).toEqual(batch.map(({ name, words: text }) => !model.has(name) && model.set(name, text) !== undefined));
        expect(words(await start().all(safeId, 'peers'))).toEqual([...model.values()]);
      }),
      { numRuns: 25 },
    );
  });

  it('costs the same at 10,000 as at 100: the same rows and transactions, and no other row is read', async () => {
    const { lists, start } = await setUp();
    const costs: unknown[] = [];
    let added = 0;
    for (const size of [100, 10_000]) {
      while (added < size) {
        const batch = Array.from({ length: Math.min(1000, size - added) }, () => entry(`t${added++}`));
        await lists.add(safeId, 'conversations', batch);
      }
      const worker = start();
      await worker.add(safeId, 'conversations', [entry(`warm ${size}`)]);
      const counts = countDatabaseWork();
      await worker.add(safeId, 'conversations', [entry(`one more at ${size}`)]);
      costs.push({ ...counts });
    }
    expect(costs[0]).toEqual({ transactions: 2, written: 1, read: 1 });
    expect(costs[1]).toEqual(costs[0]);
  }, 120_000);

  it('1,000 entries are one flushed transaction', async () => {
    const { lists } = await setUp();
    await lists.add(safeId, 'conversations', [entry('first')]);
    const durabilities: unknown[] = [];
    const original = IDBDatabase.prototype.transaction;
    onTestFinished(() => {
      IDBDatabase.prototype.transaction = original;
    });
    IDBDatabase.prototype.transaction = function (stores, mode, options) {
      if (mode === 'readwrite') durabilities.push(options?.durability);
      return original.call(this, stores, mode, options);
    };
    await lists.add(safeId, 'conversations', Array.from({ length: 1000 }, (_, n) => entry(`n${n}`)));
    expect(durabilities).toEqual(['strict']);
  });

  it('groups find every entry of theirs, in order', async () => {
    const { lists } = await setUp();
    await lists.add(safeId, 'conversations', [entry('a', '1', 'g'), entry('b', '2', 'h'), entry('c', '3', 'g'), entry('d', '4')]);
    expect(words(await lists.findGroup(safeId, 'conversations', 'g'))).toEqual(['1', '3']);
    expect(await lists.findGroup(safeId, 'peers', 'g')).toEqual([]);
  });
});

describe('at rest', () => {
  it('neither name nor group nor text is readable, and equal names of two safes look different', async () => {
    const { lists, db } = await setUp();
    await lists.add(safeId, 'conversations', [entry('canary-name', 'canary-text', 'canary-group')]);
    await lists.add(otherId, 'conversations', [entry('canary-name', 'canary-text', 'canary-group')]);
    const rows = await (await db.connect()).getAll('entries');
    expect(rows).toHaveLength(2);
    const stored = JSON.stringify(rows, (_key, value: unknown) => (value instanceof Uint8Array ? String.fromCharCode(...value) : value));
    expect(stored).toContain(safeId);
    expect(stored).not.toContain('canary');
    expect(rows[0]?.name).not.toEqual(rows[1]?.name);
    expect(rows[0]?.group).not.toEqual(rows[1]?.group);
    expect(rows[0]?.name).not.toEqual(rows[0]?.group);
  });

  it('a damaged, displaced or renamed entry is not opened, hides no other, and is replaced when it is added again', async () => {
    const { lists, db, start } = await setUp();
    await lists.add(safeId, 'conversations', ['a', 'b', 'c'].map((name) => entry(name)));
    const connection = await db.connect();
    const [a, b] = await connection.getAll('entries');
    if (!a || !b) throw new Error('rows expected');
    for (const bytes of [a.bytes.map((byte, at) => (at === 70 ? byte ^ 1 : byte)), b.bytes, new Uint8Array()]) {
      await connection.put('entries', { ...a, bytes: asBytes(bytes) });
      expect(words(await start().find(safeId, 'conversations', ['a', 'b']))).toEqual([undefined, 'of b']);
      expect(words(await start().all(safeId, 'conversations'))).toEqual(['of b', 'of c']);
    }
    expect(await start().add(safeId, 'conversations', [entry('a', 'again'), entry('b', 'no')])).toEqual([true, false]);
    expect(words(await start().find(safeId, 'conversations', ['a', 'b']))).toEqual(['again', 'of b']);
    expect(words(await start().all(safeId, 'conversations'))).toEqual(['of b', 'of c', 'again']);
  });

  it('many are read from segments, which are copies: damaged or missing ones cost nothing', async () => {
    const { lists, db, start } = await setUp();
    const size = keystoreLimits.entriesOfSegment;
    const names = Array.from({ length: 2 * size + 5 }, (_, n) => `n${n}`);
    await lists.add(safeId, 'conversations', names.map((name) => entry(name)));
    const expected = names.map((name) => `of ${name}`);
    expect(words(await lists.all(safeId, 'conversations'))).toEqual(expected);
    await lists.inTurn(safeId, async () => undefined);
    const connection = await db.connect();
    const segments = await connection.getAll('segments');
    expect(segments.map(({ first, last }) => [first, last])).toEqual([[1, size], [size + 1, 2 * size]]);
    await lists.add(safeId, 'conversations', [entry('late')]);
    const reads = { rows: 0 };
    const original = IDBObjectStore.prototype.getAll;
    onTestFinished(() => {
      IDBObjectStore.prototype.getAll = original;
    });
    IDBObjectStore.prototype.getAll = function (...input) {
      const request = original.apply(this, input);
      if (this.name === 'entries') request.addEventListener('success', () => void (reads.rows += request.result.length));
      return request;
    };
    expect(words(await start().all(safeId, 'conversations'))).toEqual([...expected, 'of late']);
    expect(reads.rows).toBe(6);
    IDBObjectStore.prototype.getAll = original;
    const [first, second] = segments;
    if (!first || !second) throw new Error('two segments expected');
    await connection.put('segments', { ...first, bytes: second.bytes });
    expect(words(await start().all(safeId, 'conversations'))).toEqual([...expected, 'of late']);
    await connection.delete('segments', [safeId, 'conversations', second.first]);
    expect(words(await start().all(safeId, 'conversations'))).toEqual([...expected, 'of late']);
  });
});

describe('across epochs of the root key', () => {
  it('every entry stays where it is and as it was sealed; names are found, groups are whole, the first still wins', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(fc.nat({ max: 12 }), { maxLength: 5 }), { minLength: 2, maxLength: 5 }), async (batches) => {
        const { open, db, lists } = await setUp();
        const model: string[] = [];
        const rows = () => readStores(db, ['entries'], (transaction) => transaction.objectStore('entries').getAll());
        for (const batch of batches) {
          const before = await rows();
          const told = await lists.add(safeId, 'conversations', batch.map((n) => entry(String(n), `text ${n}`, 'all')));
          const isNew = batch.map((n, at) => !model.includes(String(n)) && batch.indexOf(n) === at);
          expect(told).toEqual(isNew);
          model.push(...batch.filter((_n, at) => isNew[at]).map(String));
          expect((await rows()).slice(0, before.length)).toEqual(before);
          await open.nextEpoch(safeId);
        }
        const texts = model.map((name) => `text ${name}`);
        expect(words(await lists.find(safeId, 'conversations', model))).toEqual(texts);
        expect(words(await lists.all(safeId, 'conversations'))).toEqual(texts);
        expect(words(await lists.findGroup(safeId, 'conversations', 'all'))).toEqual(texts);
      }),
      { numRuns: 30 },
    );
  });

  it('one look-up is one query, however many root keys there were', async () => {
    const { open, lists } = await setUp();
    for (let epoch = 1; epoch <= 20; epoch++) {
      await lists.add(safeId, 'conversations', [entry(`n${epoch}`)]);
      await open.nextEpoch(safeId);
    }
    const counts = countDatabaseWork();
    expect(words(await lists.find(safeId, 'conversations', ['n3', 'n20', 'other']))).toEqual(['of n3', 'of n20', undefined]);
    expect(counts).toEqual({ transactions: 1, written: 0, read: 3 });
  });

  it('segments of every epoch are read, and new ones are made under the present root key', async () => {
    const { open, db, lists } = await setUp();
    const size = keystoreLimits.entriesOfSegment;
    const named = (from: number) => Array.from({ length: size }, (_, at) => entry(`n${from + at}`));
    const expected: string[] = [];
    for (let epoch = 0; epoch < 3; epoch++) {
      await lists.add(safeId, 'peers', named(epoch * size));
      expected.push(...named(epoch * size).map(({ name }) => `of ${name}`));
      expect(words(await lists.all(safeId, 'peers'))).toEqual(expected);
      await lists.inTurn(safeId, async () => undefined);
      await open.nextEpoch(safeId);
    }
    const segments = await readStores(db, ['segments'], (transaction) => transaction.objectStore('segments').getAll());
    expect(segments.map(({ bytes }) => claimsOf(bytes).epoch)).toEqual([1, 2, 3]);
    expect(words(await lists.all(safeId, 'peers'))).toEqual(expected);
  });

  it('a row that claims an epoch that never was is damaged, and hides no other', async () => {
    const { db, lists } = await setUp();
    await lists.add(safeId, 'peers', [entry('a'), entry('b')]);
    await writeStrict(db, ['entries'], async (transaction) => {
      const store = transaction.objectStore('entries');
      const row = await store.get([safeId, 'peers', 1]);
      if (!row) throw new Error('no row');
      row.bytes[8] = 9;
      await store.put(row);
    });
    expect(words(await lists.all(safeId, 'peers'))).toEqual(['of b']);
    expect(await lists.add(safeId, 'peers', [entry('a')])).toEqual([true]);
    expect(words(await lists.all(safeId, 'peers'))).toEqual(['of b', 'of a']);
  });

  it('a root key that cannot be had for the moment damages no entry: nothing is replaced', async () => {
    const { open, lists, db } = await setUp();
    await lists.add(safeId, 'peers', [entry('a')]);
    await open.nextEpoch(safeId);
    const { rootKeyOf } = open;
    let asked = 0;
    // The first question is for the key of names.
    open.rootKeyOf = async (id, epoch) => (++asked > 1 ? Promise.reject(new VaultError('storage-failed')) : rootKeyOf(id, epoch));
    await expect(lists.add(safeId, 'peers', [entry('a')])).rejects.toMatchObject({ reason: 'storage-failed' });
    open.rootKeyOf = rootKeyOf;
    expect(words(await lists.all(safeId, 'peers'))).toEqual(['of a']);
    expect(await readStores(db, ['entries'], (transaction) => transaction.objectStore('entries').count())).toBe(1);
  });
});

describe('locks and failures', () => {
  it('R-F3 nothing is read or added while locked, and nothing is told after a lock', async () => {
    const { lists, open } = await setUp();
    await lists.add(safeId, 'peers', [entry('a')]);
    await open.lock(safeId);
    for (const call of [lists.add(safeId, 'peers', [entry('b')]), lists.find(safeId, 'peers', ['a']), lists.all(safeId, 'peers'), lists.findGroup(safeId, 'peers', 'g')]) {
      await expect(call).rejects.toMatchObject({ reason: 'locked' });
    }
    open.unlock(safeId);
    for (const call of [() => lists.find(safeId, 'peers', ['a']), () => lists.all(safeId, 'peers'), () => lists.add(safeId, 'peers', [entry('c')])]) {
      const running = call();
      await Promise.resolve();
      await open.lock(safeId);
      await expect(running).rejects.toMatchObject({ reason: 'locked' });
      open.unlock(safeId);
    }
    expect(words(await lists.all(safeId, 'peers'))).toEqual(['of a']);
  });

  it('R-H3 a write that fails adds nothing, and the next one goes on', async () => {
    const { lists } = await setUp();
    await lists.add(safeId, 'peers', [entry('a')]);
    const original = IDBObjectStore.prototype.add;
    IDBObjectStore.prototype.add = () => {
      throw new DOMException('Failed to write blobs.', 'DataError');
    };
    await expect(lists.add(safeId, 'peers', [entry('b'), entry('c')])).rejects.toMatchObject({ reason: 'storage-failed' });
    IDBObjectStore.prototype.add = original;
    expect(words(await lists.all(safeId, 'peers'))).toEqual(['of a']);
    expect(await lists.add(safeId, 'peers', [entry('c'), entry('b')])).toEqual([true, true]);
    expect(words(await lists.all(safeId, 'peers'))).toEqual(['of a', 'of c', 'of b']);
  });

  it('P3 a worker killed before or after the write leaves all of the batch or none, and another goes on', async () => {
    for (const [label, expected] of [['conversations.add:before', []], ['conversations.add:after', ['of a', 'of b']]] as const) {
      const { start } = await setUp();
      const { checkpoint, reached } = freezeAt(label);
      const dying = start(checkpoint);
      const outcome = await Promise.race([reached, dying.add(safeId, 'conversations', [entry('a'), entry('b')])]);
      expect(outcome).toBe('frozen');
      const next = start();
      expect(words(await next.all(safeId, 'conversations'))).toEqual(expected);
      await next.add(safeId, 'conversations', [entry('b'), entry('a'), entry('c')]);
      expect((await next.all(safeId, 'conversations')).length).toBe(3);
    }
  });

  it('a list has an end: what would go beyond it is refused, and nothing of it is added', async () => {
    const { lists, db } = await setUp();
    const name = crypto.getRandomValues(new Uint8Array(32));
    await (await db.connect()).put('entries', { safeId, list: 'peers', sequence: keystoreLimits.entriesOfList - 1, name, bytes: new Uint8Array() });
    await expect(lists.add(safeId, 'peers', [entry('a'), entry('b')])).rejects.toMatchObject({ reason: 'limit' });
    expect(await lists.add(safeId, 'peers', [entry('a')])).toEqual([true]);
    await expect(lists.add(safeId, 'peers', [entry('b')])).rejects.toMatchObject({ reason: 'limit' });
  });
});
