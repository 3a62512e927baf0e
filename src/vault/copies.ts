// A copy of a safe: its header and the records the header lists. Two are kept, one in IndexedDB and one in the mirror.
// Promises: a copy is readable only when every byte of it is as written; what cannot be read is 'bad', never 'absent' (R-H4).
// Must not: decide which copy wins. safes.ts does.
import { VaultError } from '../contract/errors';
import { base64ToBytes, bytesToBase64, equalBytes } from '../protocol/bytes';
import type { Database } from './database';
import { keysOfSafe, readStores, writeStrict } from './database';
import type { Bytes } from './encoding';
import { createReader, lengthPrefixed } from './encoding';
import type { Header } from './header';
import { parseHeader, salvageAccount, sha256 } from './header';
import type { KeyValueArea } from './host';

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
export interface SafeCopy extends StoredCopy {
  header: Header;
}

/** What one store holds of a safe. `account` is what could be salvaged, for showing and refusing only. */
export type ReadCopy =
  | { kind: 'intact'; copy: SafeCopy }
  | { kind: 'absent' }
  | { kind: 'bad'; account: string | null }
  | { kind: 'newer'; account: string | null };

/** Checks a copy against itself and against the id it is stored under. */
export async function readCopy(safeId: string, stored: StoredCopy): Promise<ReadCopy> {
  const account = salvageAccount(stored.headerBytes);
  try {
    const { header, bytes } = await parseHeader(stored.headerBytes);
    if (header.safeId !== safeId) return { kind: 'bad', account: null };
    const records: StoredRecord[] = [];
    for (const { type, id, digest } of header.records) {
      const record = stored.records.find((one) => one.type === type && one.id === id);
      if (!record || !equalBytes(await sha256(record.bytes), digest)) return { kind: 'bad', account };
      records.push(record);
    }
    return { kind: 'intact', copy: { header, headerBytes: bytes, records } };
  } catch (error) {
    const isNewer = error instanceof VaultError && error.reason === 'newer-format';
    return { kind: isNewer ? 'newer' : 'bad', account };
  }
}

/** Whether two copies are the same to the last byte. */
export function isSameCopy(a: StoredCopy, b: StoredCopy): boolean {
  // The header lists the digest of every record.
  return equalBytes(a.headerBytes, b.headerBytes);
}

const mirrorPrefix = 'safe:';

/** Every safe in the mirror. An item that is no text, or no base64, is there and bad. Throws 'storage-failed'. */
export async function readMirror(mirror: KeyValueArea, keys: string[] | null = null): Promise<Map<string, ReadCopy>> {
  const found = new Map<string, ReadCopy>();
  for (const [key, value] of Object.entries(await guard(() => mirror.get(keys)))) {
    const safeId = key.startsWith(mirrorPrefix) ? key.slice(mirrorPrefix.length) : '';
    if (!/^[0-9a-f]{32}$/.test(safeId)) continue;
    found.set(safeId, await readMirrorText(safeId, value));
  }
  return found;
}

/** The mirror's copy of one safe. Throws 'storage-failed'. */
export async function readMirrorCopy(mirror: KeyValueArea, safeId: string): Promise<ReadCopy> {
  return (await readMirror(mirror, [mirrorPrefix + safeId])).get(safeId) ?? { kind: 'absent' };
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

async function readMirrorText(safeId: string, value: unknown): Promise<ReadCopy> {
  let account: string | null = null;
  try {
    const reader = createReader(base64ToBytes(String(value)));
    const headerBytes = reader.prefixed();
    account = salvageAccount(headerBytes);
    const records: StoredRecord[] = [];
    while (reader.left() > 0) records.push({ type: reader.text(), id: reader.text(), bytes: reader.prefixed() });
    return await readCopy(safeId, { headerBytes, records });
  } catch {
    return { kind: 'bad', account };
  }
}

/** Every safe in IndexedDB; one with records but no header is there and bad. Throws 'storage-failed'. */
export async function readDatabase(db: Database): Promise<Map<string, ReadCopy>> {
  const stored = await readStores(db, ['headers', 'records'], async (transaction) => ({
    headers: await transaction.objectStore('headers').getAll(),
    records: await transaction.objectStore('records').getAll(),
  }));
  const found = new Map<string, ReadCopy>();
  for (const { safeId } of stored.records) found.set(safeId, { kind: 'bad', account: null });
  for (const { safeId, bytes } of stored.headers) {
    const records = stored.records.filter((record) => record.safeId === safeId);
    found.set(safeId, await readCopy(safeId, { headerBytes: bytes, records }));
  }
  return found;
}

/** IndexedDB's copy of one safe. Throws 'storage-failed'. */
export async function readDatabaseCopy(db: Database, safeId: string): Promise<ReadCopy> {
  const { header, records } = await readStores(db, ['headers', 'records'], async (transaction) => ({
    header: await transaction.objectStore('headers').get(safeId),
    records: await transaction.objectStore('records').getAll(keysOfSafe(safeId)),
  }));
  if (header) return readCopy(safeId, { headerBytes: header.bytes, records });
  return records.length > 0 ? { kind: 'bad', account: null } : { kind: 'absent' };
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
