// Where the state of a log lies: two sealed rows beside its lines, with numbers that no line has.
// Promises: what was read together belongs together; a state that does not open is told apart from none.
// Must not: be written in another transaction than the lines it speaks of.
import { VaultError } from '../../contract/errors';
import { equalBytes } from '../../protocol/base/bytes';
import { readStores, type Database, type Transaction } from '../store/database';
import type { Bytes } from '../store/encoding';
import type { VaultHost } from '../store/host';
import { claimsOf, openRecordOfAnyEpoch, sealRecord, type RecordPlace } from '../store/sealed-record';
import type { RootKey } from '../store/unlocked-safes';
import { decodeHead, encodeHead, type Chain, type Head, type ReadRow } from './chain';
import { chained, decodeLine, linkOf, unchained } from './line';
import { decodeRanges, encodeRanges, type Ranges } from './removed';

/** Numbers of the two rows. Lines count from 1. */
export const [headRow, removedRow] = [0, -1] as const;

export interface StoredRow {
  safeId: string;
  sequence: number;
  by?: Bytes;
  bytes: Bytes;
}

/** What opens rows: whose they are, and the root key of each epoch. */
export interface Opener {
  safeId: string;
  account: string;
  rootKeyOf: (epoch: number) => CryptoKey | Promise<CryptoKey>;
}

/** The lines of a safe, without the rows about them. `before`: those with lower numbers. */
export const linesOfSafe = (safeId: string, before?: number): IDBKeyRange =>
  IDBKeyRange.bound([safeId, 0], [safeId, before === undefined ? [] : Math.max(1, before)], true, before !== undefined);

/** A log as the store has it, beside its lines. */
export interface StoredState extends Chain {
  /** The row as it was read, to see whether it is still the same; undefined for none. */
  headBytes: Bytes | undefined;
  /** A row is there that does not open, or chained lines without one. */
  isLost: boolean;
  /** The highest number that is taken. */
  last: number;
}

type Where = Pick<Opener, 'safeId' | 'account'>;

const placeOf = ({ safeId, account }: Where, type: string, id: string, counter: number) => ({
  safeId,
  account,
  type,
  id,
  schema: 1,
  counter,
});

/** Place of a line, all but its epoch. */
export function placeOfLine(where: Where, sequence: number, schema: number = chained): Omit<RecordPlace, 'epoch'> {
  return { ...placeOf(where, 'activity', String(sequence), sequence), schema };
}

/** Opens a line, of whichever schema and epoch. One that does not open, moved, or of another safe has no line. Throws 'locked', 'storage-failed'. */
export async function readRow(opener: Opener, { sequence, by, bytes }: StoredRow): Promise<ReadRow> {
  try {
    const schema = claimsOf(bytes).schema === unchained ? unchained : chained;
    const plain = await openRecordOfAnyEpoch(opener.rootKeyOf, placeOfLine(opener, sequence, schema), bytes);
    const line = decodeLine(schema, plain);
    return { sequence, line, link: line.previous && (await linkOf(sequence, by ?? new Uint8Array(0), plain)) };
  } catch (error) {
    if (!(error instanceof VaultError) || error.reason !== 'damaged') throw error;
    return { sequence, line: undefined, link: undefined };
  }
}

/** The three rows that `openState` needs, in a transaction of whoever reads. */
export async function readStateRows<Mode extends IDBTransactionMode>(
  transaction: Transaction<'activity', Mode>,
  safeId: string,
) {
  const store = transaction.objectStore('activity');
  const head: StoredRow | undefined = await store.get([safeId, headRow]);
  const removed: StoredRow | undefined = await store.get([safeId, removedRow]);
  const newest: StoredRow | undefined = (await store.openCursor(linesOfSafe(safeId), 'prev'))?.value;
  return { head, removed, newest };
}

export type StateRows = Awaited<ReturnType<typeof readStateRows>>;

/** Opens what was read. Throws 'locked', 'storage-failed'. */
export async function openState(opener: Opener, { head, removed, newest }: StateRows): Promise<StoredState> {
  const known = head && (await openHead(opener, head.bytes));
  const hasChainedLine = newest !== undefined && isChained(newest.bytes);
  const state = { headBytes: head?.bytes, last: Math.max(newest?.sequence ?? 0, known?.last ?? 0) };
  if (!known) return { ...state, head: undefined, removed: [], isLost: head !== undefined || hasChainedLine };
  const ranges = known.removed.length === 0 ? [] : removed && (await openRanges(opener, removed.bytes, known.removed));
  // Without the list of what was removed on purpose nothing can be said of what is missing.
  return { ...state, head: ranges && known, removed: ranges ?? [], isLost: !ranges };
}

function isChained(bytes: Bytes): boolean {
  try {
    return claimsOf(bytes).schema === chained;
  } catch {
    return false;
  }
}

async function openHead(opener: Opener, bytes: Bytes): Promise<Head | undefined> {
  return await orDamaged(async () => {
    const { counter } = claimsOf(bytes);
    const place = placeOf(opener, 'activity-head', 'head', counter);
    return decodeHead(await openRecordOfAnyEpoch(opener.rootKeyOf, place, bytes), counter);
  });
}

async function openRanges(opener: Opener, bytes: Bytes, digest: Bytes): Promise<Ranges | undefined> {
  return await orDamaged(async () => {
    if (!equalBytes(await sha256(bytes), digest)) throw new VaultError('damaged');
    const place = placeOf(opener, 'activity-removed', 'removed', claimsOf(bytes).counter);
    return decodeRanges(await openRecordOfAnyEpoch(opener.rootKeyOf, place, bytes));
  });
}

async function orDamaged<T>(open: () => Promise<T>): Promise<T | undefined> {
  try {
    return await open();
  } catch (error) {
    if (error instanceof VaultError && error.reason === 'damaged') return undefined;
    throw error;
  }
}

const sha256 = async (bytes: Bytes): Promise<Bytes> => new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));

/** The state that is to be written, sealed: its rows, and what memory holds of it from then on. `removed` only where it changed. */
export async function sealState(
  where: Where,
  { rootKey, epoch }: RootKey,
  { head, removed, last }: { head: Head; removed: { ranges: Ranges; isNew: boolean }; last: number },
  randomBytes: VaultHost['randomBytes'],
): Promise<{ rows: StoredRow[]; state: StoredState }> {
  const { safeId } = where;
  const writes = head.writes + 1;
  const rows: StoredRow[] = [];
  let digest = head.removed;
  if (removed.isNew) {
    const place = { ...placeOf(where, 'activity-removed', 'removed', writes), epoch };
    const bytes = await sealRecord(rootKey, place, encodeRanges(removed.ranges), randomBytes);
    rows.push({ safeId, sequence: removedRow, bytes });
    digest = await sha256(bytes);
  }
  const next = { ...head, writes, removed: digest };
  const place = { ...placeOf(where, 'activity-head', 'head', writes), epoch };
  const bytes = await sealRecord(rootKey, place, encodeHead(next), randomBytes);
  rows.push({ safeId, sequence: headRow, bytes });
  return { rows, state: { head: next, headBytes: bytes, removed: removed.ranges, isLost: false, last } };
}

/** Fails when another worker has written meanwhile: what was sealed does not go on where the log ends. */
export async function mustBeUnchanged(
  transaction: Transaction<'activity', 'readwrite'>,
  safeId: string,
  known: Bytes | undefined,
): Promise<void> {
  const row = await transaction.objectStore('activity').get([safeId, headRow]);
  const isSame = known === undefined ? row === undefined : row !== undefined && equalBytes(row.bytes, known);
  if (!isSame) throw new VaultError('storage-failed');
}

/** Reads and opens the state of a log. Throws 'locked', 'storage-failed'. */
export async function loadState(db: Database, opener: Opener): Promise<StoredState> {
  return openState(
    opener,
    await readStores(db, ['activity'], (transaction) => readStateRows(transaction, opener.safeId)),
  );
}

/** How many lines a safe has. */
export async function countLines(db: Database, safeId: string): Promise<number> {
  return readStores(db, ['activity'], (transaction) => transaction.objectStore('activity').count(linesOfSafe(safeId)));
}
