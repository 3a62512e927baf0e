// What an earlier version left in a browser (e2e/fixtures), laid into the stores of a test.
// Promises: stores and indexes are made as that version made them, so that a later version's own upgrade runs.
// Must not: be imported by anything but tests.
import 'fake-indexeddb/auto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { base64ToBytes } from '../../protocol/base/bytes';
import type { Bytes } from '../store/encoding';
import type { TestClock } from './memory-host.testkit';
import { createMemoryArea } from './memory-host.testkit';
import type { VaultHost } from '../store/host';

export interface EarlierProfile {
  extensionOrigin: string;
  account: string;
  safeId: string;
  /** Recovery code and passphrase of the identity. */
  code: string;
  passphrase: string;
  /** When the profile was taken, in milliseconds since 1970. */
  atMs: number;
  /** Origin of the site that was connected. */
  site: string;
  database: Record<string, Record<string, unknown>[]>;
  local: Record<string, unknown>;
  session: Record<string, unknown>;
}

const folder = path.resolve(import.meta.dirname, '..', '..', '..', 'e2e', 'fixtures');

export const earlierFile = (version: string, name: string): Bytes =>
  Uint8Array.from(readFileSync(path.join(folder, version, name)));

export function earlierProfile(version: string): EarlierProfile {
  return JSON.parse(readFileSync(path.join(folder, version, 'profile.json'), 'utf8')) as EarlierProfile;
}

/** Layout of the database in version 0.1.0. */
function createStoresOfFirstVersion(database: IDBDatabase): void {
  database.createObjectStore('headers', { keyPath: 'safeId' });
  database
    .createObjectStore('records', { keyPath: ['safeId', 'type', 'id'] })
    .createIndex('byType', ['safeId', 'type']);
  database.createObjectStore('grants', { keyPath: ['safeId', 'origin'] }).createIndex('byOrigin', 'origin');
  database.createObjectStore('activity', { keyPath: ['safeId', 'sequence'] });
  database.createObjectStore('sessionKeys', { keyPath: 'safeId' });
  database.createObjectStore('settings');
  const entries = database.createObjectStore('entries', { keyPath: ['safeId', 'list', 'sequence'] });
  entries.createIndex('byName', ['safeId', 'list', 'name'], { unique: true });
  entries.createIndex('byGroup', ['safeId', 'list', 'group']);
  database.createObjectStore('segments', { keyPath: ['safeId', 'list', 'first'] });
  database.createObjectStore('jobs', { keyPath: ['safeId', 'name'] });
}
const databaseVersionOf: Record<string, number> = { '0.1.0': 2 };
const settingsKey = 'settings';

let browsers = 0;

/** A host whose stores hold the profile. `session`: what storage.session holds; a browser that was started anew has none. */
export async function hostOfEarlierProfile(
  version: string,
  profile: EarlierProfile,
  session: Record<string, unknown> = {},
): Promise<{ host: VaultHost; clock: TestClock }> {
  const databaseName = `earlier-${++browsers}`;
  const database = await new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(databaseName, databaseVersionOf[version]);
    request.onupgradeneeded = () => createStoresOfFirstVersion(request.result);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('open failed'));
  });
  const transaction = database.transaction([...database.objectStoreNames], 'readwrite');
  for (const [name, rows] of Object.entries(profile.database)) {
    const store = transaction.objectStore(name);
    // A key that could not be exported left only its name behind.
    if (name === 'sessionKeys') continue;
    for (const row of rows) {
      const value = Object.fromEntries(Object.entries(row).map(([key, item]) => [key, bytesOf(item)]));
      if (store.keyPath === null) store.put(value, settingsKey);
      else store.put(value);
    }
  }
  await new Promise((resolve) => (transaction.oncomplete = resolve));
  database.close();
  const clock = { nowMs: profile.atMs };
  const [mirror, sessionArea] = [createMemoryArea(), createMemoryArea()];
  await mirror.set(profile.local);
  await sessionArea.set(session);
  return {
    clock,
    host: {
      nowMs: () => clock.nowMs,
      randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
      databaseName,
      session: sessionArea,
      mirror,
      extensionOrigin: profile.extensionOrigin,
      checkpoint: undefined,
    },
  };
}

function bytesOf(item: unknown): unknown {
  const base64 = typeof item === 'object' && item !== null ? (item as { base64?: unknown }).base64 : undefined;
  return typeof base64 === 'string' ? base64ToBytes(base64) : item;
}
