// Append-only lists of sealed entries: conversations, V1 peers, preferences. Each entry is found by its name without opening others.
// Promises: adding writes what is new and nothing else; the first entry of a name wins; what was added is on disk before it is told.
// Must not: know what an entry means, or delete one that opens. Segments are copies for reading many at once, never the only one.
import { VaultError } from '../contract/errors';
import { bytesToHex } from '../protocol/bytes';
import { step } from './checkpoint';
import type { Database, StoredEntry } from './database';
import { readStores, writeRelaxed, writeStrict } from './database';
import type { Bytes } from './encoding';
import { asBytes, lengthPrefixed } from './encoding';
import { inGroups } from './groups';
import type { VaultHost } from './host';
import { keystoreLimits } from './keystore-limits';
import { labels } from './labels';
import type { OpenSafes, RootKey } from './open-safes';
import { createQueue, type Queue } from './queue';
import { macKey, openRecordOfAnyEpoch, sealRecord, type RecordPlace } from './records';

/** What is put into a list. `name` and `group` never touch the disk; their MACs do. */
export interface ListEntry {
  name: string;
  /** Entries of one group are found together; undefined for none. */
  group?: string;
  plain: Bytes;
}

export interface SealedLists {
  /**
   * Adds entries whose names are new, in one transaction that is flushed before this settles. A name that is there already, or
   * came before in `entries`, keeps its first entry; a stored one that no longer opens is replaced. Returns which of `entries` were added.
   * Throws 'locked', 'not-found', 'limit', 'storage-failed'; then nothing was added.
   */
  add(safeId: string, list: ListName, entries: readonly ListEntry[]): Promise<boolean[]>;
  /** The plaintexts of these names, in order; undefined where there is none that opens. Throws 'locked', 'not-found', 'storage-failed'. */
  find(safeId: string, list: ListName, names: readonly string[]): Promise<(Bytes | undefined)[]>;
  /** The plaintexts of one group, in the order in which they were added. Throws as `find`. */
  findGroup(safeId: string, list: ListName, group: string): Promise<Bytes[]>;
  /** All plaintexts, in the order in which they were added; entries that do not open are left out. Throws as `find`. */
  all(safeId: string, list: ListName): Promise<Bytes[]>;
  /** Runs `task` while nothing is being added to a list of this safe. */
  inTurn<T>(safeId: string, task: () => Promise<T>): Promise<T>;
}

export type ListName = 'conversations' | 'peers' | 'preferences';

const schema = 1;

/** A safe that is open now. Never kept beyond one operation. */
interface Access {
  safeId: string;
  account: string;
  /** What new rows are sealed with. */
  current: RootKey;
  /** Names are made with the root key of the first epoch, always: so one text has one name however often the root key changes. */
  nameKey: CryptoKey;
  /** What opens a row of this epoch. Throws 'damaged' for an epoch that never was. */
  keyOf(epoch: number): CryptoKey | Promise<CryptoKey>;
  /** Throws 'locked' when the safe was locked since. */
  mustBeOpen(): void;
}

interface Row {
  sequence: number;
  name: Bytes;
  plain: Bytes;
}

export function createSealedLists({ db, host, open }: { db: Database; host: VaultHost; open: OpenSafes }): SealedLists {
  const queues = new Map<string, Queue>();
  /** Highest sequence known to be in the store, by safe and list. Missing when it must be read. */
  const lasts = new Map<string, number>();

  function inTurn<T>(safeId: string, task: () => Promise<T>): Promise<T> {
    const queue = queues.get(safeId) ?? createQueue();
    queues.set(safeId, queue);
    return queue(task);
  }

  async function access(safeId: string): Promise<Access> {
    const begun = open.generation(safeId);
    const current = await open.current(safeId);
    const nameKey = await macKey(current.epoch === 1 ? current.rootKey : await open.rootKeyOf(safeId, 1), labels.entryName);
    const keyOf = (epoch: number) => (epoch === current.epoch ? current.rootKey : open.rootKeyOf(safeId, epoch));
    const account = open.account(safeId);
    if (account === undefined) throw new VaultError('not-found');
    const mustBeOpen = () => {
      if (open.generation(safeId) !== begun) throw new VaultError('locked');
    };
    mustBeOpen();
    return { safeId, account, current, nameKey, keyOf, mustBeOpen };
  }

  async function lastSequence(safeId: string, list: ListName): Promise<number> {
    const known = lasts.get(`${safeId} ${list}`);
    if (known !== undefined) return known;
    return readStores(db, ['entries'], async (transaction) => {
      const cursor = await transaction.objectStore('entries').openKeyCursor(keysOfList(safeId, list), 'prev');
      return cursor ? cursor.primaryKey[2] : 0;
    });
  }

  /** What is stored under these names, and whether it opens. */
  async function readNames(at: Access, list: ListName, names: readonly Bytes[]): Promise<{ row: StoredEntry; plain: Bytes | undefined }[][]> {
    const rows = await readStores(db, ['entries'], async (transaction) => {
      const index = transaction.objectStore('entries').index('byName');
      return Promise.all(names.map((name) => index.get([at.safeId, list, name])));
    });
    return inGroups(rows, async (row) => (row ? [{ row, plain: await openRow(at, row) }] : []));
  }

  /** Once more from what the store says, when a number that was remembered is taken: nothing of the batch was written. */
  async function addOrRetry(safeId: string, list: ListName, entries: readonly ListEntry[]): Promise<boolean[]> {
    const wasRemembered = lasts.has(`${safeId} ${list}`);
    try {
      return await addInTurn(safeId, list, entries);
    } catch (error) {
      const mayBeTaken = wasRemembered && error instanceof VaultError && error.reason === 'storage-failed';
      if (!mayBeTaken) throw error;
      return addInTurn(safeId, list, entries);
    }
  }

  async function addInTurn(safeId: string, list: ListName, entries: readonly ListEntry[]): Promise<boolean[]> {
    const at = await access(safeId);
    const named = new Map<string, { name: Bytes; entry: ListEntry }>();
    const names = await inGroups(entries, (entry) => nameOf(at, list, entry.name));
    entries.forEach((entry, index) => {
      const name = names[index] as Bytes;
      const key = bytesToHex(name);
      if (!named.has(key)) named.set(key, { name, entry });
    });
    const wanted = [...named.values()];
    const stored = await readNames(at, list, wanted.map(({ name }) => name));
    const fresh = wanted.filter((_one, index) => stored[index]?.[0]?.plain === undefined);
    const broken = stored.flatMap((one) => one.filter(({ plain }) => plain === undefined).map(({ row }) => row.sequence));
    for (const one of stored) one[0]?.plain?.fill(0);
    const added = new Set(fresh.map(({ entry }) => entry));
    const told = entries.map((entry) => added.has(entry));
    if (fresh.length === 0) return told;
    const first = (await lastSequence(safeId, list)) + 1;
    const last = first + fresh.length - 1;
    if (last > keystoreLimits.entriesOfList) throw new VaultError('limit');
    const rows = await inGroups(fresh, async ({ name, entry }, index): Promise<StoredEntry> => {
      const sequence = first + index;
      const bytes = await sealRecord(at.current.rootKey, { ...placeOf(at, list, name, sequence), epoch: at.current.epoch }, entry.plain, host.randomBytes);
      const row: StoredEntry = { safeId, list, sequence, name, bytes };
      if (entry.group !== undefined) row.group = await nameOf(at, `${list} group`, entry.group);
      return row;
    });
    at.mustBeOpen();
    // Only the number is used after the write: it is set before, so that a failed write never leaves one too low.
    lasts.delete(`${safeId} ${list}`);
    await step(host, `${list}.add`, () =>
      writeStrict(db, ['entries'], async (transaction) => {
        const store = transaction.objectStore('entries');
        for (const sequence of broken) await store.delete([safeId, list, sequence]);
        // `add`, not `put`: a number or a name that is taken fails the whole transaction, and nothing is written over.
        await Promise.all(rows.map(async (row) => store.add(row)));
      }),
    );
    lasts.set(`${safeId} ${list}`, last);
    at.mustBeOpen();
    return told;
  }

  async function openRow(at: Access, row: StoredEntry): Promise<Bytes | undefined> {
    try {
      return await openRecordOfAnyEpoch(at.keyOf, placeOf(at, row.list as ListName, row.name, row.sequence), row.bytes);
    } catch (error) {
      return damagedIsUndefined(error);
    }
  }

  async function readSegments(at: Access, list: ListName): Promise<{ rows: Row[]; end: number; gaps: [number, number][] }> {
    const stored = await readStores(db, ['segments'], (transaction) => transaction.objectStore('segments').getAll(keysOfList(at.safeId, list)));
    const opened = await inGroups(stored, async ({ first, last, bytes }) => {
      try {
        return decodeSegment(await openRecordOfAnyEpoch(at.keyOf, segmentPlace(at, list, first, last), bytes), first);
      } catch (error) {
        return damagedIsUndefined(error);
      }
    });
    const gaps = stored.flatMap(({ first, last }, index): [number, number][] => (opened[index] ? [] : [[first, last]]));
    return { rows: opened.flatMap((rows) => rows ?? []), end: stored.at(-1)?.last ?? 0, gaps };
  }

  async function readRows(at: Access, list: ListName, from: number, to: number | undefined): Promise<Row[]> {
    const range = IDBKeyRange.bound([at.safeId, list, from], [at.safeId, list, to ?? []]);
    const stored = await readStores(db, ['entries'], (transaction) => transaction.objectStore('entries').getAll(range));
    const rows = await inGroups(stored, async (row) => ({ sequence: row.sequence, name: row.name, plain: await openRow(at, row) }));
    return rows.filter((row): row is Row => row.plain !== undefined);
  }

  async function all(safeId: string, list: ListName): Promise<Bytes[]> {
    const at = await access(safeId);
    const { rows: copied, end, gaps } = await readSegments(at, list);
    const missing = await Promise.all(gaps.map(([first, last]) => readRows(at, list, first, last)));
    const loose = await readRows(at, list, end + 1, undefined);
    if (loose.length >= keystoreLimits.entriesOfSegment) void inTurn(safeId, () => writeSegments(at, list, loose)).catch(() => undefined);
    const rows = [...copied, ...missing.flat(), ...loose];
    if (gaps.length > 0) rows.sort((a, b) => a.sequence - b.sequence);
    at.mustBeOpen();
    return firstOfEachName(rows).map(({ plain }) => plain);
  }

  /** Copies whole runs of entries into segments. They stay where they are, so that losing a segment loses nothing. */
  async function writeSegments(at: Access, list: ListName, loose: readonly Row[]): Promise<void> {
    const size = keystoreLimits.entriesOfSegment;
    const runs = Array.from({ length: Math.floor(loose.length / size) }, (_, index) => loose.slice(index * size, (index + 1) * size));
    const segments = await inGroups(runs, async (run) => {
      const [first, last] = [run[0]?.sequence ?? 0, run.at(-1)?.sequence ?? 0];
      const plain = encodeSegment(run);
      const bytes = await sealRecord(at.current.rootKey, { ...segmentPlace(at, list, first, last), epoch: at.current.epoch }, plain, host.randomBytes);
      plain.fill(0);
      return { safeId: at.safeId, list, first, last, bytes };
    });
    at.mustBeOpen();
    if (open.account(at.safeId) === undefined) return;
    await step(host, `${list}.segment`, () =>
      writeRelaxed(db, ['segments'], async (transaction) => {
        for (const segment of segments) await transaction.objectStore('segments').put(segment);
      }),
    );
  }

  return {
    add: (safeId, list, entries) => (entries.length === 0 ? Promise.resolve([]) : inTurn(safeId, () => addOrRetry(safeId, list, entries))),
    async find(safeId, list, names) {
      const at = await access(safeId);
      const found = await readNames(at, list, await inGroups(names, (name) => nameOf(at, list, name)));
      at.mustBeOpen();
      return found.map(([one]) => one?.plain);
    },
    async findGroup(safeId, list, group) {
      const at = await access(safeId);
      const key = await nameOf(at, `${list} group`, group);
      const rows = await readStores(db, ['entries'], (transaction) =>
        transaction.objectStore('entries').index('byGroup').getAll([safeId, list, key], keystoreLimits.entriesOfGroup),
      );
      const plains = await inGroups(rows, (row) => openRow(at, row));
      at.mustBeOpen();
      return plains.filter((plain) => plain !== undefined);
    },
    all,
    inTurn,
  };
}

async function nameOf({ nameKey }: Access, kind: string, text: string): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.sign('HMAC', nameKey, lengthPrefixed(kind, text)));
}

/** An entry that does not open is left out; one whose key could not be had, because of a lock or a store, is not judged. */
function damagedIsUndefined(error: unknown): undefined {
  if (!(error instanceof VaultError) || error.reason === 'damaged') return undefined;
  throw error;
}

type PlaceOfAnyEpoch = Omit<RecordPlace, 'epoch'>;

function placeOf(at: Access, list: ListName, name: Bytes, sequence: number): PlaceOfAnyEpoch {
  return { safeId: at.safeId, account: at.account, type: list, id: bytesToHex(name), schema, counter: sequence };
}

function segmentPlace(at: Access, list: ListName, first: number, last: number): PlaceOfAnyEpoch {
  return { safeId: at.safeId, account: at.account, type: `${list}-segment`, id: `${first}-${last}`, schema, counter: last };
}

function keysOfList(safeId: string, list: ListName): IDBKeyRange {
  return IDBKeyRange.bound([safeId, list], [safeId, list, []]);
}

function encodeSegment(rows: readonly Row[]): Bytes {
  return lengthPrefixed(...rows.flatMap(({ name, plain }) => [name, plain]));
}

/** Rows over the bytes themselves: a safe may have a hundred thousand, and copying each would cost more than opening all. */
function decodeSegment(bytes: Bytes, first: number): Row[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  const take = (): Bytes => {
    const end = at + 4 + view.getUint32(at);
    if (end > bytes.length) throw new VaultError('damaged');
    const part = bytes.subarray(at + 4, end);
    at = end;
    return part;
  };
  const rows: Row[] = [];
  // Numbers inside a segment only order it; entries that were missing when it was made have left no gap.
  while (at < bytes.length) rows.push({ sequence: first + rows.length, name: take(), plain: take() });
  return rows;
}

/** An entry that was replaced because it was damaged may still be whole in a segment; then the first one counts. */
function firstOfEachName(rows: readonly Row[]): Row[] {
  const seen = new Set<string>();
  return rows.filter(({ name }) => {
    const key = String.fromCharCode(...asBytes(name));
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
