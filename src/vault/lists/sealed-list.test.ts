// Append-only sealed lists: what adding costs, what a name tells, what damage does, and what a dead worker leaves.
import 'fake-indexeddb/auto';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { VaultError } from '../../contract/errors';
import { bytesToHex, bytesToUtf8, utf8ToBytes } from '../../protocol/base/bytes';
import { openDatabase, readStores, writeStrict } from '../store/database';
import type { Bytes } from '../store/encoding';
import { asBytes } from '../store/encoding';
import { keystoreLimits } from '../store/limits';
import { createTestHost, testStartMs, type TestClock } from '../testkit/memory-host.testkit';
import { createTestSafes } from '../testkit/open-safes.testkit';
import { claimsOf } from '../store/sealed-record';
import { createSealedLists, type ListEntry, type SealedLists } from './sealed-list';
import { freezeAt } from '../testkit/vault.testkit';

const safeId = 'ab'.repeat(16);
const otherId = 'cd'.repeat(16);
/** Where it stands how many numbers of the list of peers are free again. */
const freedKey = `room:${safeId}:peers:freed`;
const plain = (words: string): Bytes => asBytes(utf8ToBytes(words));
const entry = (name: string, words = `of ${name}`, group?: string) => ({
  name,
  plain: plain(words),
  ...(group !== undefined && { group }),
});
const words = (plains: readonly (Bytes | undefined)[]) => plains.map((one) => one && bytesToUtf8(one));

async function setUp() {
  const clock: TestClock = { nowMs: testStartMs };
  const host = createTestHost({ clock });
  const open = createTestSafes();
  await open.add(safeId, `0x${'1'.repeat(40)}`);
  await open.add(otherId, `0x${'2'.repeat(40)}`);
  const db = openDatabase(host.databaseName);
  const start = (checkpoint?: (label: string) => Promise<void>): SealedLists =>
    createSealedLists({ db, open, host: { ...host, checkpoint } });
  return { host, open, db, start, lists: start() };
}

/** Counts rows read and written, and transactions begun, from now on. */
function countDatabaseWork() {
  const counts = { transactions: 0, written: 0, read: 0 };
  const originals = {
    transaction: IDBDatabase.prototype.transaction,
    add: IDBObjectStore.prototype.add,
    put: IDBObjectStore.prototype.put,
    get: IDBIndex.prototype.get,
    all: IDBObjectStore.prototype.getAll,
  };
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
    expect(await lists.add(safeId, 'conversations', [entry('a', '1'), entry('b', '2'), entry('a', '3')])).toEqual([
      true,
      true,
      false,
    ]);
    expect(await lists.add(safeId, 'conversations', [entry('b', '4'), entry('c', '5')])).toEqual([false, true]);
    expect(await lists.add(safeId, 'conversations', [])).toEqual([]);
    for (const worker of [lists, start()]) {
      expect(words(await worker.find(safeId, 'conversations', ['c', 'a', 'x', 'b']))).toEqual([
        '5',
        '1',
        undefined,
        '2',
      ]);
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
    await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        lists.add(safeId, 'conversations', [entry(`n${n % 10}`, `by ${n}`), entry(`own ${n}`)]),
      ),
    );
    expect(await start().all(safeId, 'conversations')).toHaveLength(30);
  });

  it('is a map that never forgets: any sequence of batches', async () => {
    const { lists, start } = await setUp();
    const model = new Map<string, string>();
    const names = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', '/xmtp/0/m-ü/proto', '');
    const batches = fc.array(fc.record({ name: names, words: fc.string({ maxLength: 8 }) }), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(batches, async (batch) => {
        const told = await lists.add(
          safeId,
          'peers',
          batch.map(({ name, words: text }) => entry(name, text)),
        );
        expect(told).toEqual(
          batch.map(({ name, words: text }) => !model.has(name) && model.set(name, text) !== undefined),
        );
        expect(words(await start().all(safeId, 'peers'))).toEqual([...model.values()]);
      }),
      { numRuns: 25 },
    );
  });

  it('costs the same at 3,000 as at 100: the same rows and transactions, and no other row is read', async () => {
    const { lists, start } = await setUp();
    const costs: unknown[] = [];
    let added = 0;
    for (const size of [100, 3_000]) {
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
  });

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
    await lists.add(
      safeId,
      'conversations',
      Array.from({ length: 1000 }, (_, n) => entry(`n${n}`)),
    );
    expect(durabilities).toEqual(['strict']);
  });

  it('groups find every entry of theirs, in order', async () => {
    const { lists } = await setUp();
    await lists.add(safeId, 'conversations', [
      entry('a', '1', 'g'),
      entry('b', '2', 'h'),
      entry('c', '3', 'g'),
      entry('d', '4'),
    ]);
    expect(words(await lists.findGroup(safeId, 'conversations', 'g'))).toEqual(['1', '3']);
    expect(await lists.findGroup(safeId, 'peers', 'g')).toEqual([]);
  });
});

describe('replacing', () => {
  const better = (name: string, text: string, group?: string) => ({
    ...entry(name, text, group),
    replaces: async (stored: Bytes) => bytesToUtf8(stored) < text,
  });

  it('stands in the place of what it replaces: number, order and group, in one batch and between batches', async () => {
    const { lists, start } = await setUp();
    expect(
      await lists.add(safeId, 'conversations', [
        better('a', '1', 'g'),
        better('b', '5', 'g'),
        better('a', '3', 'h'),
        better('a', '2', 'g'),
      ]),
    ).toEqual([false, true, true, false]);
    expect(
      await lists.add(safeId, 'conversations', [
        better('b', '4', 'x'),
        better('c', '1', 'g'),
        better('b', '7', 'h'),
        entry('b', '9', 'y'),
      ]),
    ).toEqual([false, true, true, false]);
    for (const worker of [lists, start()]) {
      expect(words(await worker.all(safeId, 'conversations'))).toEqual(['3', '7', '1']);
      expect(words(await worker.find(safeId, 'conversations', ['c', 'b', 'a']))).toEqual(['1', '7', '3']);
      expect(words(await worker.findGroup(safeId, 'conversations', 'h'))).toEqual(['3', '7']);
      expect(words(await worker.findGroup(safeId, 'conversations', 'g'))).toEqual(['1']);
    }
  });

  it('law: a list with segments tells what its entries tell, whatever was replaced before and after, and while it was being listed', async () => {
    const { lists, start, db } = await setUp();
    const size = keystoreLimits.entriesOfSegment;
    const total = 2 * size + 3;
    await lists.add(
      safeId,
      'peers',
      Array.from({ length: total }, (_, n) => entry(`${n}`, '0')),
    );
    const model = Array.from({ length: total }, () => '0');
    let version = 100;
    for (const at of [[size - 1], [0, size, total - 1]]) {
      // Listing copies rows into segments; what is replaced meanwhile must not be copied as it was.
      const listing = lists.all(safeId, 'peers');
      version++;
      await lists.add(
        safeId,
        'peers',
        at.map((n) => better(`${n}`, `${version}`)),
      );
      for (const n of at) model[n] = `${version}`;
      await listing;
      await lists.inTurn(safeId, async () => undefined);
      const next = start();
      expect(words(await next.all(safeId, 'peers'))).toEqual(model);
      // One worker at a time: what this one still copies is not copied while the other adds.
      await next.inTurn(safeId, async () => undefined);
    }
    await lists.all(safeId, 'peers');
    await lists.inTurn(safeId, async () => undefined);
    const segments = await readStores(db, ['segments'], (transaction) => transaction.objectStore('segments').getAll());
    expect(segments.map(({ first, last }) => [first, last])).toEqual([
      [1, size],
      [size + 1, 2 * size],
    ]);
    expect(words(await start().all(safeId, 'peers'))).toEqual(model);
  });
});

describe('at rest', () => {
  it('neither name nor group nor text is readable, and equal names of two safes look different', async () => {
    const { lists, db } = await setUp();
    await lists.add(safeId, 'conversations', [entry('canary-name', 'canary-text', 'canary-group')]);
    await lists.add(otherId, 'conversations', [entry('canary-name', 'canary-text', 'canary-group')]);
    const rows = await (await db.connect()).getAll('entries');
    expect(rows).toHaveLength(2);
    const stored = JSON.stringify(rows, (_key, value: unknown) =>
      value instanceof Uint8Array ? String.fromCharCode(...value) : value,
    );
    expect(stored).toContain(safeId);
    expect(stored).not.toContain('canary');
    expect(rows[0]?.name).not.toEqual(rows[1]?.name);
    expect(rows[0]?.group).not.toEqual(rows[1]?.group);
    expect(rows[0]?.name).not.toEqual(rows[0]?.group);
  });

  it('a damaged, displaced or renamed entry is not opened, hides no other, and is replaced when it is added again', async () => {
    const { lists, db, start } = await setUp();
    await lists.add(
      safeId,
      'conversations',
      ['a', 'b', 'c'].map((name) => entry(name)),
    );
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
    await lists.add(
      safeId,
      'conversations',
      names.map((name) => entry(name)),
    );
    const expected = names.map((name) => `of ${name}`);
    expect(words(await lists.all(safeId, 'conversations'))).toEqual(expected);
    await lists.inTurn(safeId, async () => undefined);
    const connection = await db.connect();
    const segments = await connection.getAll('segments');
    expect(segments.map(({ first, last }) => [first, last])).toEqual([
      [1, size],
      [size + 1, 2 * size],
    ]);
    await lists.add(safeId, 'conversations', [entry('late')]);
    const reads = { rows: 0 };
    const original = IDBObjectStore.prototype.getAll;
    onTestFinished(() => {
      IDBObjectStore.prototype.getAll = original;
    });
    IDBObjectStore.prototype.getAll = function (...input) {
      const request = original.apply(this, input);
      if (this.name === 'entries')
        request.addEventListener('success', () => void (reads.rows += request.result.length));
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

  it('R-D6 what is shown of a list is overwritten after it was shown, from rows and from segments', async () => {
    // Where nothing is given back one can look at what was left.
    const transfer = vi.spyOn(ArrayBuffer.prototype as unknown as { transfer: () => ArrayBuffer }, 'transfer');
    transfer.mockReturnValue(new ArrayBuffer(0));
    onTestFinished(() => transfer.mockRestore());
    const { lists, db } = await setUp();
    const count = keystoreLimits.entriesOfSegment + 5;
    await lists.add(
      safeId,
      'peers',
      Array.from({ length: count }, (_, at) => entry(`n${at}`)),
    );
    // The first time from rows, which are copied into a segment then.
    for (const segments of [0, 1]) {
      expect(await (await db.connect()).count('segments')).toBe(segments);
      const shown: Uint8Array[] = [];
      let whole = 0;
      await lists.each(safeId, 'peers', (one) => {
        if (bytesToUtf8(one).startsWith('of n')) whole++;
        shown.push(one);
      });
      expect([whole, shown.filter((one) => one.some((byte) => byte !== 0))]).toEqual([count, []]);
      await lists.inTurn(safeId, async () => undefined);
    }
  });
});

describe('across epochs of the root key', () => {
  it('every entry stays where it is and as it was sealed; names are found, groups are whole, the first still wins', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.nat({ max: 12 }), { maxLength: 5 }), { minLength: 2, maxLength: 5 }),
        async (batches) => {
          const { open, db, lists } = await setUp();
          const model: string[] = [];
          const rows = () => readStores(db, ['entries'], (transaction) => transaction.objectStore('entries').getAll());
          for (const batch of batches) {
            const before = await rows();
            const told = await lists.add(
              safeId,
              'conversations',
              batch.map((n) => entry(String(n), `text ${n}`, 'all')),
            );
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
        },
      ),
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
    expect(words(await lists.find(safeId, 'conversations', ['n3', 'n20', 'other']))).toEqual([
      'of n3',
      'of n20',
      undefined,
    ]);
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
    open.rootKeyOf = async (id, epoch) =>
      ++asked > 1 ? Promise.reject(new VaultError('storage-failed')) : rootKeyOf(id, epoch);
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
    for (const call of [
      lists.add(safeId, 'peers', [entry('b')]),
      lists.find(safeId, 'peers', ['a']),
      lists.all(safeId, 'peers'),
      lists.findGroup(safeId, 'peers', 'g'),
    ]) {
      await expect(call).rejects.toMatchObject({ reason: 'locked' });
    }
    open.unlock(safeId);
    for (const call of [
      () => lists.find(safeId, 'peers', ['a']),
      () => lists.all(safeId, 'peers'),
      () => lists.add(safeId, 'peers', [entry('c')]),
    ]) {
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
    await expect(lists.add(safeId, 'peers', [entry('b'), entry('c')])).rejects.toMatchObject({
      reason: 'storage-failed',
    });
    IDBObjectStore.prototype.add = original;
    expect(words(await lists.all(safeId, 'peers'))).toEqual(['of a']);
    expect(await lists.add(safeId, 'peers', [entry('c'), entry('b')])).toEqual([true, true]);
    expect(words(await lists.all(safeId, 'peers'))).toEqual(['of a', 'of c', 'of b']);
  });

  it('P3 a worker killed before or after the write leaves all of the batch or none, and another goes on', async () => {
    for (const [label, expected] of [
      ['conversations.add:before', []],
      ['conversations.add:after', ['of a', 'of b']],
    ] as const) {
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
    const { start, db } = await setUp();
    await start().add(safeId, 'peers', [entry('own')]);
    // Moved to the end: its mark is of its name alone, so it still counts as own.
    const connection = await db.connect();
    const [own] = await connection.getAll('entries');
    if (!own) throw new Error('nothing stored');
    await connection.delete('entries', [safeId, 'peers', own.sequence]);
    await connection.put('entries', { ...own, sequence: keystoreLimits.numbersOfList.peers - 1 });
    await connection.put('settings', 0, freedKey);
    const lists = start();
    await expect(lists.add(safeId, 'peers', [entry('a'), entry('b')])).rejects.toMatchObject({ reason: 'limit' });
    expect(await lists.add(safeId, 'peers', [entry('a')])).toEqual([true]);
    await expect(lists.add(safeId, 'peers', [entry('b')])).rejects.toMatchObject({ reason: 'limit' });
  });
});

describe('a list that strangers fill', () => {
  /** What an entry that takes `numbers` of them holds. */
  const of = (name: string, numbers: number, more: Partial<ListEntry> = {}): ListEntry => ({
    name,
    plain: new Uint8Array(numbers * keystoreLimits.bytesOfNumber),
    ...more,
  });
  const strange = (name: string, numbers = 1): ListEntry => of(name, numbers, { isStrange: true });
  const room = keystoreLimits.numbersOfList.peers;

  /** As if so much had been stored and nothing of it were there any more: filling a list for real takes minutes. */
  async function startNear(last: number) {
    const setup = await setUp();
    const connection = await setup.db.connect();
    await connection.put('entries', {
      safeId,
      list: 'peers',
      sequence: last,
      name: new Uint8Array(32),
      bytes: new Uint8Array(80),
    });
    await connection.put('settings', 0, freedKey);
    return setup;
  }

  it('loses the oldest of theirs, and never what is the person’s own or was kept, nor what is of before there were marks while theirs suffice', async () => {
    const { lists, db } = await startNear(room - 200);
    await lists.add(safeId, 'peers', [
      of('own', 1),
      strange('kept', 60),
      strange('old', 60),
      strange('older than new', 60),
    ]);
    await lists.keep(safeId, 'peers', ['kept', 'unknown']);
    // 181 of 200: the next does not fit.
    expect(await lists.add(safeId, 'peers', [strange('new', 30), strange('newer', 1)])).toEqual([true, true]);
    const found = await lists.find(safeId, 'peers', ['own', 'kept', 'old', 'older than new', 'new', 'newer']);
    expect(found.map((plain) => plain !== undefined)).toEqual([true, true, false, false, true, true]);
    expect(await (await db.connect()).count('entries')).toBe(5);
  });

  it('refuses where nothing may go, and loses nothing then', async () => {
    const { lists } = await startNear(room - 100);
    await lists.add(safeId, 'peers', [of('own', 60), strange('theirs', 30)]);
    await expect(lists.add(safeId, 'peers', [of('too much', 60)])).rejects.toMatchObject({ reason: 'limit' });
    const found = await lists.find(safeId, 'peers', ['own', 'theirs', 'too much']);
    expect(found.map((plain) => plain !== undefined)).toEqual([true, true, false]);
  });

  it('of a list of an earlier version above the bound the oldest without a mark go, after those of strangers', async () => {
    const { lists, start, db } = await setUp();
    const names = Array.from({ length: 700 }, (_, index) => `earlier ${index}`);
    await lists.add(safeId, 'peers', [
      ...names.map((name) => of(name, 64)),
      of('own', 1),
      strange('theirs', 1),
      of('earlier last', 1),
    ]);
    await lists.keep(safeId, 'peers', ['earlier 0']);
    const connection = await db.connect();
    const rows = await connection.getAll('entries');
    for (const [index, row] of rows.entries()) {
      if (index === 0 || index === 700 || index === 701) continue;
      delete row.mark;
      if (index === 702) await connection.delete('entries', [safeId, 'peers', row.sequence]);
      await connection.put('entries', index === 702 ? { ...row, sequence: room + 500 } : row);
    }
    await connection.put('settings', 0, freedKey);
    const next = start();
    expect(await next.add(safeId, 'peers', [strange('new')])).toEqual([true]);
    expect(await next.add(safeId, 'peers', [of('newer', 1)])).toEqual([true]);
    const found = await next.find(safeId, 'peers', [
      'earlier 0',
      'earlier 1',
      'earlier 699',
      'own',
      'theirs',
      'new',
      'newer',
    ]);
    expect(found.map((plain) => plain !== undefined)).toEqual([true, false, true, true, false, true, true]);
    // What was listed from copies goes too.
    expect((await next.all(safeId, 'peers')).length).toBeLessThan(names.length);
  });

  it('keeps what the batch itself names, tells the rest from segments and rows alike, and forgets nothing at a restart', async () => {
    const { lists, start } = await startNear(room - 700);
    const names = Array.from({ length: 600 }, (_, index) => `theirs ${index}`);
    await lists.add(
      safeId,
      'peers',
      names.map((name) => strange(name)),
    );
    expect(await lists.all(safeId, 'peers')).toHaveLength(600);
    await lists.inTurn(safeId, async () => undefined);
    expect(
      await lists.add(safeId, 'peers', [strange('theirs 0'), strange('large', 64), strange('larger', 64)]),
    ).toEqual([false, true, true]);
    const left = await lists.find(safeId, 'peers', names);
    const gone = left.filter((plain) => plain === undefined).length;
    expect(left[0]).toBeDefined();
    expect(left[1]).toBeUndefined();
    expect(gone).toBeGreaterThan(28);
    const again = start();
    expect(await again.all(safeId, 'peers')).toHaveLength(602 - gone);
    // What was freed is counted, also by the next worker: nothing more goes before it is used up.
    await again.add(safeId, 'peers', [strange('one more', 60)]);
    expect((await again.find(safeId, 'peers', names)).filter((plain) => plain === undefined)).toHaveLength(gone);
  });

  it('does not tell on the disk which are theirs', async () => {
    const { lists, db } = await setUp();
    await lists.add(safeId, 'peers', [of('own', 1), strange('theirs')]);
    const marks = async () =>
      (await (await db.connect()).getAll('entries')).map(({ mark }) => bytesToHex(mark ?? new Uint8Array()));
    const [own, theirs] = await marks();
    expect([own?.length, theirs?.length]).toEqual([16, 16]);
    await lists.keep(safeId, 'peers', ['theirs']);
    expect((await marks())[0]).toBe(own);
    expect((await marks())[1]).not.toBe(theirs);
  });

  it('law: whatever is added and kept, what is stored never takes more than the bound, and only strangers’ entries go, the oldest first', async () => {
    const step = fc.record({
      numbers: fc.integer({ min: 1, max: 1_500 }),
      isStrange: fc.boolean(),
      isKept: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 6, maxLength: 16 }), async (steps) => {
        const { lists } = await startNear(room - 6_000);
        const added: { name: string; numbers: number; mayGo: boolean }[] = [];
        for (const [index, { numbers, isStrange, isKept }] of steps.entries()) {
          const name = String(index);
          const isAdded = await lists
            .add(safeId, 'peers', [of(name, numbers, { isStrange })])
            .catch((error: { reason: string }) => error.reason);
          if (isAdded === 'limit') continue;
          if (isKept) await lists.keep(safeId, 'peers', [name]);
          added.push({ name, numbers, mayGo: isStrange && !isKept });
        }
        const found = await lists.find(
          safeId,
          'peers',
          added.map(({ name }) => name),
        );
        const there = added.filter((_one, index) => found[index] !== undefined);
        // The row that stands for what was stored before has no mark: it may go as well, and takes one.
        expect(there.reduce((sum, { numbers }) => sum + numbers, 0)).toBeLessThanOrEqual(6_001);
        const gone = added.filter((_one, index) => found[index] === undefined);
        expect(gone.every(({ mayGo }) => mayGo)).toBe(true);
        const goers = added.filter(({ mayGo }) => mayGo);
        expect(goers.slice(0, gone.length)).toEqual(gone);
      }),
      { numRuns: 12 },
    );
  });
});
