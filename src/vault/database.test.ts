// The layout of stores grows by versions: what an older one has written is there afterwards, untouched (R-H7).
import 'fake-indexeddb/auto';
import { describe, expect, it } from 'vitest';
import { openDatabase, readStores, writeStrict } from './database';

const firstStores = ['activity', 'grants', 'headers', 'records', 'sessionKeys', 'settings'];

/** The stores of version 1, as its extension made them. */
function openVersion1(name: string): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => {
      const database = request.result;
      database.createObjectStore('headers', { keyPath: 'safeId' });
      database.createObjectStore('records', { keyPath: ['safeId', 'type', 'id'] }).createIndex('byType', ['safeId', 'type']);
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
    const rows = { headers: { safeId: 'a', bytes: Uint8Array.of(1) }, records: { safeId: 'a', type: 't', id: 'i', bytes: Uint8Array.of(2) } };
    const transaction = old.transaction(['headers', 'records'], 'readwrite');
    for (const name of ['headers', 'records'] as const) transaction.objectStore(name).put(rows[name]);
    await new Promise<void>((resolve) => {
      transaction.oncomplete = () => resolve();
    });
    old.close();
    const upgraded = await openDatabase('upgrade').connect();
    expect(upgraded.version).toBe(2);
    expect([...upgraded.objectStoreNames]).toEqual([...firstStores, 'entries', 'jobs', 'segments'].toSorted());
    expect([await upgraded.getAll('headers'), await upgraded.getAll('records')]).toEqual([[rows.headers], [rows.records]]);
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
