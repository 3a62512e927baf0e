// A copy of a safe: its header and the records the header lists. Two are kept, one in IndexedDB and one in the mirror.
// Promises: a copy is readable only when every byte of it is as written; what cannot be read is 'bad', never 'absent' (R-H4); what a
// stranger puts into the mirror costs a bounded amount of memory. Must not: decide which copy wins. classify.ts does.
import { VaultError } from '../../contract/errors';
import { base64ToBytes, bytesToBase64, equalBytes } from '../../protocol/base/bytes';
import type { Database } from '../store/database';
import { keysOfSafe, readStores, writeStrict } from '../store/database';
import type { Bytes } from '../store/encoding';
import { createReader, lengthPrefixed } from '../store/encoding';
import type { Header } from './header';
import { parseHeader, salvageAccount, sha256 } from './header';
import type { KeyValueArea } from '../store/host';

/** A record as it is stored. */
export interface StoredRecord {
  type: string;
  id: string;
  bytes: Bytes;
}

/** A whole copy of a safe as it is stored. */
export interface StoredCopy {
  headerBytes: Bytes;
  records: StoredRecord[];
}

/** A copy that was read and found intact (checksum and digests; the MAC needs the root key). */
export interface Replica extends StoredCopy {
  header: Header;
}

/**
 * What one store holds of a safe. `account` is what could be salvaged, for showing and refusing only. `left`: what is there, with empty
 * header bytes when only records are. `header`: when the header is whole and only a record is not.
 */
export type ReadCopy =
  | { kind: 'intact'; copy: Replica }
  | { kind: 'absent' }
  | { kind: 'bad'; account: string | null; left: StoredCopy; header?: Header }
  | { kind: 'newer'; account: string | null };

/** Checks a copy against itself and against the id it is stored under. */
export async function readCopy(safeId: string, stored: StoredCopy): Promise<ReadCopy> {
  const account = salvageAccount(stored.headerBytes);
  try {
    const { header, bytes } = await parseHeader(stored.headerBytes);
    if (header.safeId !== safeId) return { kind: 'bad', account: null, left: stored };
    const records = await Promise.all(
      header.records.map(async ({ type, id, digest }) => {
        const record = stored.records.find((one) => one.type === type && one.id === id);
        return record && equalBytes(await sha256(record.bytes), digest) ? record : undefined;
      }),
    );
    const whole = records.filter((record) => record !== undefined);
    if (whole.length < records.length) return { kind: 'bad', account, left: stored, header };
    return { kind: 'intact', copy: { header, headerBytes: bytes, records: whole } };
  } catch (error) {
    const isNewer = error instanceof VaultError && error.reason === 'newer-format';
    return isNewer ? { kind: 'newer', account } : { kind: 'bad', account, left: stored };
  }
}

/** Whether two copies are the same to the last byte. */
export function isSameCopy(a: StoredCopy, b: StoredCopy): boolean {
  // The header lists the digest of every record.
  return equalBytes(a.headerBytes, b.headerBytes);
}

const mirrorPrefix = 'safe:';
/** Anything longer is not a copy of ours: keys, records of a few nodes and 1,000 prekeys are a tenth of it. In characters of the item. */
const longestItem = 8 * 1024 * 1024;
/** Items that are looked at when the mirror has to say itself which safes there are. */
const mostItems = 1_024;

/** Has the browser open the mirror, which takes it longer than to read an item, while other stores are read. Reads no item. Never rejects. */
export async function openMirror({ bytesOf }: KeyValueArea): Promise<void> {
  await bytesOf?.(mirrorPrefix).catch(() => undefined);
}

/**
 * The mirror's copies of these safes; those that are not there are left out. An item that is not text, too long, or not base64 is there and
 * bad. `beside`: what the database has, whose copy is not checked a second time where the mirror's is the same. Throws 'storage-failed'.
 */
export async function readMirror(
  mirror: KeyValueArea,
  safeIds: Iterable<string>,
  beside: ReadonlyMap<string, ReadCopy> = new Map(),
): Promise<Map<string, ReadCopy>> {
  const found = new Map<string, ReadCopy>();
  const lengths = await Promise.all(
    [...safeIds].map(async (safeId) => ({ safeId, length: await lengthOf(mirror, mirrorPrefix + safeId) })),
  );
  for (const { safeId } of lengths.filter(({ length }) => length > longestItem))
    found.set(safeId, { kind: 'bad', account: null, left: nothing });
  // As many at once as are together no longer than one may be: text and bytes of all are many times that.
  for (const safeIdsOfPart of parts(lengths.filter(({ length }) => length <= longestItem))) {
    const items = await guard(() => mirror.get(safeIdsOfPart.map((safeId) => mirrorPrefix + safeId)));
    for (const safeId of safeIdsOfPart) {
      const value = items[mirrorPrefix + safeId];
      if (value !== undefined) found.set(safeId, await readMirrorText(safeId, value, beside.get(safeId)));
    }
  }
  return found;
}

/** Lists of safes in their order, each no longer together than the longest item. */
function parts(items: readonly { safeId: string; length: number }[]): string[][] {
  const lists: string[][] = [];
  let room = 0;
  for (const { safeId, length } of items) {
    const list = lists.at(-1);
    if (list && length <= room) list.push(safeId);
    else lists.push([safeId]);
    room = (list && length <= room ? room : longestItem) - length;
  }
  return lists;
}

/** Safes of which the mirror has an item, by its own word; at most 1,024. Throws 'storage-failed'. */
export async function safeIdsInMirror(mirror: KeyValueArea): Promise<string[]> {
  const { keys } = mirror;
  const names = await guard(async () => (keys ? await keys() : Object.keys(await mirror.get(null))));
  const ids = names.flatMap((name) => (name.startsWith(mirrorPrefix) ? [name.slice(mirrorPrefix.length)] : []));
  return ids.filter((safeId) => /^[0-9a-f]{32}$/.test(safeId)).slice(0, mostItems);
}

/** Asked before the item is read. Where the browser cannot say it, it may be the longest there is. */
async function lengthOf(mirror: KeyValueArea, key: string): Promise<number> {
  const { bytesOf } = mirror;
  return bytesOf === undefined ? longestItem : await guard(() => bytesOf(key));
}

/** The mirror's copy of one safe. Throws 'storage-failed'. */
export async function readMirrorCopy(mirror: KeyValueArea, safeId: string): Promise<ReadCopy> {
  return (await readMirror(mirror, [safeId])).get(safeId) ?? { kind: 'absent' };
}

/** Writes the mirror's copy; one item, so wholly or not at all. Throws 'storage-failed'. */
export async function writeMirrorCopy(mirror: KeyValueArea, safeId: string, copy: StoredCopy): Promise<void> {
  const records = copy.records.flatMap((record) => [record.type, record.id, record.bytes]);
  const text = bytesToBase64(lengthPrefixed(copy.headerBytes, ...records));
  await guard(() => mirror.set({ [mirrorPrefix + safeId]: text }));
}

/** Removes the mirror's copy. Throws 'storage-failed'. */
export async function removeMirrorCopy(mirror: KeyValueArea, safeId: string): Promise<void> {
  await guard(() => mirror.remove([mirrorPrefix + safeId]));
}

async function readMirrorText(safeId: string, value: unknown, beside: ReadCopy | undefined): Promise<ReadCopy> {
  let account: string | null = null;
  const text = typeof value === 'string' && value.length <= longestItem ? value : '';
  try {
    const reader = createReader(base64ToBytes(text));
    const headerBytes = reader.prefixed();
    account = salvageAccount(headerBytes);
    const records: StoredRecord[] = [];
    while (reader.left() > 0) records.push({ type: reader.text(), id: reader.text(), bytes: reader.prefixed() });
    const stored = { headerBytes, records };
    return beside?.kind === 'intact' && isEqual(stored, beside.copy) ? beside : await readCopy(safeId, stored);
  } catch {
    return { kind: 'bad', account, left: nothing };
  }
}

/** Whether two copies hold the same bytes, records in the same order. */
function isEqual(a: StoredCopy, b: StoredCopy): boolean {
  return (
    equalBytes(a.headerBytes, b.headerBytes) &&
    a.records.length === b.records.length &&
    a.records.every(({ type, id, bytes }, at) => {
      const other = b.records[at];
      return other?.type === type && other.id === id && equalBytes(bytes, other.bytes);
    })
  );
}

const nothing: StoredCopy = { headerBytes: new Uint8Array(0), records: [] };

/** Every safe in IndexedDB; one with records but no header is there and bad. Throws 'storage-failed'. */
export async function readDatabase(db: Database): Promise<Map<string, ReadCopy>> {
  const stored = await readStores(db, ['headers', 'records'], async (transaction) => {
    const all = [transaction.objectStore('headers').getAll(), transaction.objectStore('records').getAll()] as const;
    const [headers, records] = await Promise.all(all);
    return { headers, records };
  });
  const found = new Map<string, ReadCopy>();
  const recordsOf = (safeId: string) => stored.records.filter((record) => record.safeId === safeId);
  for (const { safeId } of stored.records) found.set(safeId, withoutHeader(recordsOf(safeId)));
  const copies = await Promise.all(
    stored.headers.map(({ safeId, bytes }) => readCopy(safeId, { headerBytes: bytes, records: recordsOf(safeId) })),
  );
  for (const [at, { safeId }] of stored.headers.entries()) found.set(safeId, copies[at]!);
  return found;
}

/** IndexedDB's copy of one safe. Throws 'storage-failed'. */
export async function readDatabaseCopy(db: Database, safeId: string): Promise<ReadCopy> {
  const { header, records } = await readStores(db, ['headers', 'records'], async (transaction) => ({
    header: await transaction.objectStore('headers').get(safeId),
    records: await transaction.objectStore('records').getAll(keysOfSafe(safeId)),
  }));
  if (header) return readCopy(safeId, { headerBytes: header.bytes, records });
  return records.length > 0 ? withoutHeader(records) : { kind: 'absent' };
}

function withoutHeader(records: StoredRecord[]): ReadCopy {
  return { kind: 'bad', account: null, left: { headerBytes: nothing.headerBytes, records } };
}

/** Writes header and records of a safe and drops its other records, in one flushed transaction. Throws 'storage-failed'. */
export async function writeDatabaseCopy(db: Database, safeId: string, copy: StoredCopy): Promise<void> {
  await writeStrict(db, ['headers', 'records'], async (transaction) => {
    const records = transaction.objectStore('records');
    await records.delete(keysOfSafe(safeId));
    for (const { type, id, bytes } of copy.records) await records.put({ safeId, type, id, bytes });
    await transaction.objectStore('headers').put({ safeId, bytes: copy.headerBytes });
  });
}

/** Removes header and records. Throws 'storage-failed'. */
export async function removeDatabaseCopy(db: Database, safeId: string): Promise<void> {
  await writeStrict(db, ['headers', 'records'], async (transaction) => {
    await transaction.objectStore('records').delete(keysOfSafe(safeId));
    await transaction.objectStore('headers').delete(safeId);
  });
}

/** Any failure of a key-value area, whatever it is called, becomes 'storage-failed' (R-H3). */
export async function guard<T>(operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch {
    throw new VaultError('storage-failed');
  }
}
