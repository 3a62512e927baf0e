// The bytes at rest of the vault, read and damaged from one of its own pages (docs/storage.md).
// Promises: connections are closed again, so that the worker is never blocked. Must not: know what the bytes mean beyond their place.
import type { Page } from 'playwright';
import type { Chromium } from './chromium';

export interface Stored {
  /** Rows of each object store of IndexedDB, as JSON; bytes are arrays of numbers. */
  database: Record<string, Record<string, unknown>[]>;
  /** storage.local. */
  local: Record<string, unknown>;
  /** storage.session without what the tests put there. */
  session: Record<string, unknown>;
}

/** Everything the vault keeps now. `page` is one of its pages. */
export async function everythingStored(browser: Chromium, page: Page): Promise<Stored> {
  const { database, local } = await page.evaluate(async () => {
    const done = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) =>
        Object.assign(request, { onsuccess: () => resolve(request.result), onerror: () => reject(request.error) }),
      );
    const connection = await done(indexedDB.open('prekey-vault'));
    const rows: Record<string, Record<string, unknown>[]> = {};
    for (const name of connection.objectStoreNames) {
      const all = await done(connection.transaction(name).objectStore(name).getAll());
      rows[name] = all.map((row: Record<string, unknown>) =>
        Object.fromEntries(
          Object.entries(Object(row)).map(([key, value]) => [
            key,
            value instanceof Uint8Array ? [...value] : value instanceof CryptoKey ? 'CryptoKey' : value,
          ]),
        ),
      );
    }
    connection.close();
    return { database: rows, local: await chrome.storage.local.get(null) };
  });
  const session = Object.fromEntries(
    Object.entries(await browser.session()).filter(([key]) => !key.startsWith('test:')),
  );
  return { database, local, session };
}

/** Puts the rows back as `everythingStored` gave them, header and records only, and the mirror with them. */
export async function putBack(page: Page, { database, local }: Stored): Promise<void> {
  await page.evaluate(
    async ([rows, items]) => {
      const connection = await new Promise<IDBDatabase>((resolve) => {
        const request = indexedDB.open('prekey-vault');
        request.onsuccess = () => resolve(request.result);
      });
      const transaction = connection.transaction(['headers', 'records'], 'readwrite', { durability: 'strict' });
      for (const name of ['headers', 'records'] as const) {
        transaction.objectStore(name).clear();
        for (const row of rows[name]!)
          transaction.objectStore(name).put({ ...row, bytes: Uint8Array.from(row['bytes'] as number[]) });
      }
      await new Promise((resolve) => (transaction.oncomplete = resolve));
      connection.close();
      await chrome.storage.local.clear();
      await chrome.storage.local.set(items);
    },
    [database, local] as const,
  );
}

/** Deletes the whole database, as a browser that gave up on it would. */
export async function deleteDatabase(page: Page): Promise<void> {
  await page.evaluate(
    () =>
      new Promise<void>((resolve, reject) => {
        const request = indexedDB.deleteDatabase('prekey-vault');
        request.onsuccess = () => resolve();
        request.onerror = () => reject(request.error);
      }),
  );
}

/** Bytes as they stand in a profile of an earlier version (e2e/fixtures). */
interface KeptProfile {
  database: Record<string, Record<string, unknown>[]>;
  local: Record<string, unknown>;
}

/** Fills the empty stores of a browser with the rows of a kept profile. Rows that hold a key of the browser itself are left out. */
export async function fillStores(page: Page, { database, local }: KeptProfile): Promise<void> {
  await page.evaluate(
    async ([stores, items]) => {
      const connection = await new Promise<IDBDatabase>((resolve) => {
        const request = indexedDB.open('prekey-vault');
        request.onsuccess = () => resolve(request.result);
      });
      const bytesOf = (value: any) =>
        value && typeof value.base64 === 'string'
          ? Uint8Array.from(atob(value.base64), (character) => character.charCodeAt(0))
          : value;
      const transaction = connection.transaction([...connection.objectStoreNames], 'readwrite', {
        durability: 'strict',
      });
      for (const [name, rows] of Object.entries(stores)) {
        if (name === 'sessionKeys') continue;
        const store = transaction.objectStore(name);
        for (const row of rows) {
          const value = Object.fromEntries(Object.entries(row).map(([key, item]) => [key, bytesOf(item)]));
          if (store.keyPath === null) store.put(value, name);
          else store.put(value);
        }
      }
      await new Promise((resolve) => (transaction.oncomplete = resolve));
      connection.close();
      await chrome.storage.local.set(items);
    },
    [database, local] as const,
  );
}
