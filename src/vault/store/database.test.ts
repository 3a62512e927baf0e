// The layout of stores grows by versions: what an older one has written is there afterwards, untouched (R-H7).
import 'fake-indexeddb/auto';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { openDatabase, readSetting, readStores, writeStrict, type Database } from './database';
import { createTestBrowser, createTestWallet, enrol, signRequest } from '../testkit/vault.testkit';

const firstStores = ['activity', 'grants', 'headers', 'records', 'sessionKeys', 'settings'];

/** The stores of version 1, as its extension made them. */
function openVersion1(name: string): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => {
      const database = request.result;
      database.createObjectStore('headers', { keyPath: 'safeId' });
      database
        .createObjectStore('records', { keyPath: ['safeId', 'type', 'id'] })
        .createIndex('byType', ['safeId', 'type']);
      database.createObjectStore('grants', { keyPath: ['safeId', 'origin'] }).createIndex('byOrigin', 'origin');
      database.createObjectStore('activity', { keyPath: ['safeId', 'sequence'] });
      database.createObjectStore('sessionKeys', { keyPath: 'safeId' });
      database.createObjectStore('settings');
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('open failed'));
  });
}

describe('R-H7 the database', () => {
  it('of version 1 gets new stores, and keeps every row it had', async () => {
    const old = await openVersion1('upgrade');
    const rows = {
      headers: { safeId: 'a', bytes: Uint8Array.of(1) },
      records: { safeId: 'a', type: 't', id: 'i', bytes: Uint8Array.of(2) },
    };
    const transaction = old.transaction(['headers', 'records'], 'readwrite');
    for (const name of ['headers', 'records'] as const) transaction.objectStore(name).put(rows[name]);
    await new Promise<void>((resolve) => {
      transaction.oncomplete = () => resolve();
    });
    old.close();
    const upgraded = await openDatabase('upgrade').connect();
    expect(upgraded.version).toBe(3);
    expect([...upgraded.objectStoreNames]).toEqual([...firstStores, 'entries', 'jobs', 'segments'].toSorted());
    expect([await upgraded.getAll('headers'), await upgraded.getAll('records')]).toEqual([
      [rows.headers],
      [rows.records],
    ]);
  });

  it('of a later version is refused as that, left as it is, and opened again by what made it', async () => {
    const openLater = () =>
      new Promise<IDBDatabase>((resolve, reject) => {
        const request = indexedDB.open('later', 4);
        request.onupgradeneeded = () => request.result.createObjectStore('of-later').put('a row', 'one');
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error ?? new Error('open failed'));
      });
    (await openLater()).close();
    const database = openDatabase('later');
    for (let again = 0; again < 2; again++)
      await expect(database.connect()).rejects.toMatchObject({ reason: 'newer-format' });
    await expect(
      writeStrict(database, ['settings'], (tx) => tx.objectStore('settings').put(1, 'one')),
    ).rejects.toMatchObject({ reason: 'newer-format' });
    const later = await openLater();
    expect([later.version, [...later.objectStoreNames]]).toEqual([4, ['of-later']]);
    later.close();
  });

  it('that is new has the same stores and indexes', async () => {
    await openVersion1('old').then((old) => old.close());
    const [grown, fresh] = await Promise.all(['old', 'new'].map((name) => openDatabase(name).connect()));
    const layout = (database: typeof grown) =>
      [...(database?.objectStoreNames ?? [])].map((name) => {
        const store = database?.transaction(name).objectStore(name);
        return [name, store?.keyPath, [...(store?.indexNames ?? [])]];
      });
    expect(layout(fresh)).toEqual(layout(grown));
    expect(layout(fresh)).toHaveLength(9);
  });

  it('R-H3 is left alone while the disk has no room for it, and opened once there is some', async () => {
    let room = 0;
    const database = openDatabase('full', async () => room > 0);
    await expect(database.connect()).rejects.toMatchObject({ reason: 'storage-failed' });
    expect((await indexedDB.databases()).map(({ name }) => name)).not.toContain('full');
    room = 1;
    const connection = await database.connect();
    expect(connection.name).toBe('full');
    const write = () => writeStrict(database, ['settings'], (tx) => tx.objectStore('settings').put(1, 'one'));
    const read = () => readStores(database, ['settings'], (tx) => tx.objectStore('settings').get('one'));
    await write();
    room = 0;
    // Open already: reading needs no room, and a write never reaches the disk.
    expect(await read()).toBe(1);
    await expect(write()).rejects.toMatchObject({ reason: 'storage-failed' });
    room = 1;
    await write();
  });
});

/** Closes every connection there is as a browser may: no event comes, only an error at the next transaction. */
function closeInSilence(): { opened: number } {
  const counts = { opened: 0 };
  const open = indexedDB.open.bind(indexedDB);
  const { transaction } = IDBDatabase.prototype;
  const since = new WeakSet<IDBDatabase>();
  indexedDB.open = (...input) => {
    counts.opened++;
    const request = open(...input);
    request.addEventListener('success', () => since.add(request.result));
    return request;
  };
  IDBDatabase.prototype.transaction = function (...input) {
    if (!since.has(this)) throw new DOMException('The database connection is closing.', 'InvalidStateError');
    return transaction.apply(this, input);
  };
  onTestFinished(() => {
    indexedDB.open = open;
    IDBDatabase.prototype.transaction = transaction;
  });
  return counts;
}

describe('what settings hold', () => {
  const put = (database: Database, value: number, name: string) =>
    writeStrict(database, ['settings'], (tx) => tx.objectStore('settings').put(value, name));

  it('is read in one transaction when it is asked for at once, as it was not before it was asked for', async () => {
    const database = openDatabase('asked at once');
    await put(database, 1, 'one');
    const begun = vi.spyOn(IDBDatabase.prototype, 'transaction');
    onTestFinished(() => begun.mockRestore());
    expect(await Promise.all(['one', 'two', 'one'].map((name) => readSetting(database, name)))).toEqual([
      1,
      undefined,
      1,
    ]);
    expect(begun).toHaveBeenCalledTimes(1);
    const before = readSetting(database, 'one');
    await put(database, 2, 'one');
    expect(
      await Promise.all([before.then((value) => [1, 2].includes(value as number)), readSetting(database, 'one')]),
    ).toEqual([true, 2]);
  });

  it('R-H3 is read anew after it could not be read, by all who asked', async () => {
    let room = 0;
    const database = openDatabase('asked in vain', async () => room > 0);
    const ask = () => Promise.allSettled(['one', 'two'].map((name) => readSetting(database, name)));
    for (const one of await ask())
      expect(one).toMatchObject({ status: 'rejected', reason: { reason: 'storage-failed' } });
    room = 1;
    expect(await ask()).toEqual([
      { status: 'fulfilled', value: undefined },
      { status: 'fulfilled', value: undefined },
    ]);
  });
});

describe('R-H3 a connection that the browser closed without a word', () => {
  it('is opened again by the call that finds it closed, once for all calls that do', async () => {
    const database = openDatabase('silent');
    const write = (value: number) =>
      writeStrict(database, ['settings'], (tx) => tx.objectStore('settings').put(value, 'one'));
    const read = () => readStores(database, ['settings'], (tx) => tx.objectStore('settings').get('one'));
    await write(1);
    const counts = closeInSilence();
    expect(await Promise.all([read(), read(), write(2)])).toEqual([1, 1, 'one']);
    expect(await read()).toBe(2);
    expect(counts.opened).toBe(1);
  });

  it('and cannot be opened again is storage-failed, once, and tried again at the next call', async () => {
    const database = openDatabase('silent and gone');
    const read = () => readStores(database, ['settings'], (tx) => tx.objectStore('settings').get('one'));
    await read();
    const { transaction } = IDBDatabase.prototype;
    const open = indexedDB.open.bind(indexedDB);
    onTestFinished(() => {
      IDBDatabase.prototype.transaction = transaction;
      indexedDB.open = open;
    });
    let begun = 0;
    IDBDatabase.prototype.transaction = () => {
      begun++;
      throw new DOMException('The database connection is closing.', 'InvalidStateError');
    };
    await expect(read()).rejects.toMatchObject({ reason: 'storage-failed' });
    expect(begun).toBe(2);
    IDBDatabase.prototype.transaction = transaction;
    await expect(read()).resolves.toBeUndefined();
  });

  it('costs an open identity nothing: what it is asked next is answered', async () => {
    const browser = createTestBrowser();
    const vault = browser.startWorker();
    const wallet = createTestWallet();
    const { safeId } = await enrol(vault, wallet);
    closeInSilence();
    await expect(vault.keys.sign(safeId, signRequest)).resolves.toBeDefined();
    await vault.identity.rename({ safeId, name: 'Bea' });
    expect((await browser.startWorker().state()).identities).toMatchObject([{ name: 'Bea', status: 'unlocked' }]);
    await vault.lock();
  });
});
