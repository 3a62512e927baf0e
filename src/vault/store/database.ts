// IndexedDB: the stores, one lazy connection, and transactions that either happen wholly or not at all.
// Promises: every failure is VaultError('storage-failed'), whatever name the browser gives it (R-H3); no in-memory stand-in.
// Must not: await anything but this database inside a transaction. Seal first, then write. The only file that imports idb.
import type { DBSchema, IDBPDatabase, IDBPTransaction, StoreNames } from 'idb';
import { openDB } from 'idb';
import { VaultError } from '../../contract/errors';
import type { Bytes } from './encoding';

/** One sealed entry of an append-only list. `name` and `group` are MACs: equal texts can be found, but not read. */
export interface StoredEntry {
  safeId: string;
  list: string;
  sequence: number;
  name: Bytes;
  /** Absent when the entry belongs to no group. */
  group?: Bytes;
  /** Whether the entry may go when the list is full, for the safe alone to tell (lists/room.ts). Absent: it may not. */
  mark?: Bytes;
  bytes: Bytes;
}

/** Shape at rest; docs/storage.md has every byte of it. */
export interface VaultSchema extends DBSchema {
  headers: { key: string; value: { safeId: string; bytes: Bytes } };
  records: {
    key: [safeId: string, type: string, id: string];
    value: { safeId: string; type: string; id: string; bytes: Bytes };
    indexes: { byType: [safeId: string, type: string] };
  };
  grants: {
    key: [safeId: string, origin: string];
    value: { safeId: string; origin: string; bytes: Bytes };
    indexes: { byOrigin: string };
  };
  activity: {
    key: [safeId: string, sequence: number];
    /** `by`: whose act it is (activity/activity.ts); absent in rows of before there were shares. Lines count from 1; what is below says of the log itself (activity/state.ts). */
    value: { safeId: string; sequence: number; by?: Bytes; bytes: Bytes };
  };
  entries: {
    key: [safeId: string, list: string, sequence: number];
    value: StoredEntry;
    indexes: {
      byName: [safeId: string, list: string, name: BufferSource];
      byGroup: [safeId: string, list: string, group: BufferSource];
    };
  };
  segments: {
    key: [safeId: string, list: string, first: number];
    value: { safeId: string; list: string; first: number; last: number; bytes: Bytes };
  };
  jobs: {
    key: [safeId: string, name: BufferSource];
    value: { safeId: string; name: Bytes; bytes: Bytes };
  };
  sessionKeys: { key: string; value: { safeId: string; sessionId: string; key: CryptoKey } };
  settings: { key: string; value: unknown };
}

export type StoreName = StoreNames<VaultSchema>;
export type Transaction<S extends StoreName, Mode extends IDBTransactionMode> = IDBPTransaction<VaultSchema, S[], Mode>;

/** One database, connected at the first use. A connection that fails or is closed by the browser is tried again at the next use. */
export interface Database {
  /** `closed`: a connection that turned out to be closed, of which the browser told nothing; it is not given out again. */
  connect(closed?: IDBPDatabase<VaultSchema>): Promise<IDBPDatabase<VaultSchema>>;
  /** Throws 'storage-failed' when the disk is full. */
  mustHaveRoom(): Promise<void>;
}

/**
 * Version of the layout of stores. Bytes inside carry their own format. Version 3 has the stores of 2: it keeps 0.1.0 away, which would leave records that it
 * does not know under an old root key.
 */
const databaseVersion = 3;

/**
 * Names the database; nothing is opened yet. `connect` throws 'newer-format' when a later version of ours has made it, 'storage-failed' when
 * it cannot be opened otherwise, or must not be for want of room.
 */
export function openDatabase(name: string, hasRoom: () => Promise<boolean> = async () => true): Database {
  const mustHaveRoom = async () => {
    if (!(await hasRoom())) throw new VaultError('storage-failed');
  };
  let connection: Promise<IDBPDatabase<VaultSchema>> | undefined;
  /** What `connection` has become: whoever finds an earlier connection closed is late, and must not end this one. */
  let current: IDBPDatabase<VaultSchema> | undefined;
  const forget = () => {
    connection = undefined;
    current = undefined;
  };
  const open = async () => {
    await mustHaveRoom();
    return openDB<VaultSchema>(name, databaseVersion, {
      upgrade: createStores,
      blocking: (_current, _blocked, event) => {
        forget();
        (event.target as IDBDatabase).close();
      },
      terminated: forget,
    });
  };
  const connect: Database['connect'] = async (closed) => {
    if (closed !== undefined && closed === current) forget();
    connection ??= open();
    try {
      current = await connection;
      return current;
    } catch (error) {
      forget();
      throw new VaultError(isOfNewerVersion(error) ? 'newer-format' : 'storage-failed');
    }
  };
  return { connect, mustHaveRoom };
}

/** The browser's word for a database that has a higher version than the one asked for; nothing was done to it then. */
const isOfNewerVersion = (error: unknown) => error instanceof DOMException && error.name === 'VersionError';

/** Each version only adds stores: nothing that is there is touched (R-H7). */
function createStores(database: IDBPDatabase<VaultSchema>, from: number): void {
  if (from < 1) createFirstStores(database);
  if (from < 2) createListStores(database);
}

function createListStores(database: IDBPDatabase<VaultSchema>): void {
  const entries = database.createObjectStore('entries', { keyPath: ['safeId', 'list', 'sequence'] });
  // Unique: the first of a name wins, whatever a worker believes.
  entries.createIndex('byName', ['safeId', 'list', 'name'], { unique: true });
  entries.createIndex('byGroup', ['safeId', 'list', 'group']);
  database.createObjectStore('segments', { keyPath: ['safeId', 'list', 'first'] });
  database.createObjectStore('jobs', { keyPath: ['safeId', 'name'] });
}

function createFirstStores(database: IDBPDatabase<VaultSchema>): void {
  database.createObjectStore('headers', { keyPath: 'safeId' });
  const records = database.createObjectStore('records', { keyPath: ['safeId', 'type', 'id'] });
  records.createIndex('byType', ['safeId', 'type']);
  const grants = database.createObjectStore('grants', { keyPath: ['safeId', 'origin'] });
  grants.createIndex('byOrigin', 'origin');
  database.createObjectStore('activity', { keyPath: ['safeId', 'sequence'] });
  database.createObjectStore('sessionKeys', { keyPath: 'safeId' });
  database.createObjectStore('settings');
}

/** One read-only transaction over `stores`. Throws 'storage-failed', or the VaultError that `job` threw. */
export function readStores<S extends StoreName, T>(
  db: Database,
  stores: S[],
  job: (transaction: Transaction<S, 'readonly'>) => Promise<T>,
): Promise<T> {
  return run(db, stores, 'readonly', 'relaxed', job);
}

interface AskedSettings {
  names: Set<string>;
  found: Promise<ReadonlyMap<string, unknown>>;
}
/** What is to be read in a transaction that has not begun yet. */
const askedSettings = new WeakMap<Database, AskedSettings>();

/** What `settings` holds under a name; undefined for nothing. Names that are asked for at once are read in one transaction. Throws 'storage-failed'. */
export async function readSetting(db: Database, name: string): Promise<unknown> {
  const asked = askedSettings.get(db) ?? askSettings(db);
  asked.names.add(name);
  return (await asked.found).get(name);
}

function askSettings(db: Database): AskedSettings {
  const names = new Set<string>();
  const forget = () => {
    if (askedSettings.get(db) === asked) askedSettings.delete(db);
  };
  const found = readStores(db, ['settings'], async (transaction) => {
    forget();
    const store = transaction.objectStore('settings');
    return new Map(await Promise.all([...names].map(async (name) => [name, await store.get(name)] as const)));
  });
  found.catch(forget);
  const asked = { names, found };
  askedSettings.set(db, asked);
  return asked;
}

/**
 * One read-write transaction, flushed to disk before the promise settles (R-H1). When `job` throws, nothing was written.
 * Throws 'storage-failed', or the VaultError that `job` threw.
 */
export function writeStrict<S extends StoreName, T>(
  db: Database,
  stores: S[],
  job: (transaction: Transaction<S, 'readwrite'>) => Promise<T>,
): Promise<T> {
  return run(db, stores, 'readwrite', 'strict', job);
}

/** As `writeStrict`, but the browser may flush later: for what may be lost in a power cut, such as activity. */
export function writeRelaxed<S extends StoreName, T>(
  db: Database,
  stores: S[],
  job: (transaction: Transaction<S, 'readwrite'>) => Promise<T>,
): Promise<T> {
  return run(db, stores, 'readwrite', 'relaxed', job);
}

async function run<S extends StoreName, Mode extends 'readonly' | 'readwrite', T>(
  db: Database,
  stores: S[],
  mode: Mode,
  durability: IDBTransactionDurability,
  job: (transaction: Transaction<S, Mode>) => Promise<T>,
): Promise<T> {
  try {
    const connection = await db.connect();
    if (mode === 'readwrite') await db.mustHaveRoom();
    const transaction = await begin(db, connection, stores, mode, durability);
    // `done` rejects as well when `job` fails; it is awaited below, so it must not count as unhandled before.
    transaction.done.catch(() => undefined);
    try {
      const result = await job(transaction);
      await transaction.done;
      return result;
    } catch (error) {
      abort(transaction);
      throw error;
    }
  } catch (error) {
    throw error instanceof VaultError ? error : new VaultError('storage-failed');
  }
}

/**
 * A browser may close a connection without a word; the next transaction says so. Nothing has been done then, so it is begun once more on a
 * new connection.
 */
async function begin<S extends StoreName, Mode extends 'readonly' | 'readwrite'>(
  db: Database,
  connection: IDBPDatabase<VaultSchema>,
  stores: S[],
  mode: Mode,
  durability: IDBTransactionDurability,
): Promise<Transaction<S, Mode>> {
  try {
    return connection.transaction(stores, mode, { durability });
  } catch (error) {
    if (!(error instanceof DOMException) || error.name !== 'InvalidStateError') throw error;
    return (await db.connect(connection)).transaction(stores, mode, { durability });
  }
}

function abort(transaction: { abort(): void }): void {
  try {
    transaction.abort();
  } catch {
    // It had ended by itself: the failure that brought us here has aborted it.
  }
}

/** All keys of one safe in a store whose key begins with the safe's id. */
export function keysOfSafe(safeId: string): IDBKeyRange {
  // In IndexedDB every array sorts after every string and number.
  return IDBKeyRange.bound([safeId], [safeId, []]);
}

/** The keys of one list of a safe in a store whose keys have a list and a number, from number `from` on. */
export function keysOfList(safeId: string, list: string, from: number): IDBKeyRange {
  return IDBKeyRange.bound([safeId, list, from], [safeId, list, []]);
}
