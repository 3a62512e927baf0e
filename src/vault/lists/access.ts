// What an operation on a list of a safe works with: keys, names and places of its entries.
// Promises: names are those of the first epoch, whatever the epoch is; a row that does not open hides no other.
// Must not: be kept beyond one operation.
import { VaultError } from '../../contract/errors';
import { bytesToHex } from '../../protocol/base/bytes';
import type { StoredEntry } from '../store/database';
import type { Bytes } from '../store/encoding';
import { lengthPrefixed } from '../store/encoding';
import { labels } from '../store/labels';
import type { UnlockedSafes, RootKey } from '../store/unlocked-safes';
import {
  claimsOf,
  macKey,
  openRecordOfAnyEpoch,
  sealRecord,
  type RandomBytes,
  type RecordPlace,
} from '../store/sealed-record';

export type ListName = 'conversations' | 'peers' | 'preferences' | 'begun';

/** A safe that is open now. */
export interface Access {
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

const schema = 1;

/** Throws 'locked', 'not-found', 'storage-failed'. */
export async function accessTo(open: UnlockedSafes, safeId: string): Promise<Access> {
  const begun = open.lockCount(safeId);
  const current = await open.current(safeId);
  const nameKey = await macKey(
    current.epoch === 1 ? current.rootKey : await open.rootKeyOf(safeId, 1),
    labels.entryName,
  );
  const keyOf = (epoch: number) => (epoch === current.epoch ? current.rootKey : open.rootKeyOf(safeId, epoch));
  const account = open.account(safeId);
  if (account === undefined) throw new VaultError('not-found');
  const mustBeOpen = () => {
    if (open.lockCount(safeId) !== begun) throw new VaultError('locked');
  };
  mustBeOpen();
  return { safeId, account, current, nameKey, keyOf, mustBeOpen };
}

/** The name of a text of this kind, as rows carry it. */
export async function nameOf({ nameKey }: Access, kind: string, text: string): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.sign('HMAC', nameKey, lengthPrefixed(kind, text)));
}

/** A plaintext as the row of its place. */
export function sealRow(
  at: Access,
  list: ListName,
  { name, sequence }: { name: Bytes; sequence: number },
  plain: Bytes,
  randomBytes: RandomBytes,
): Promise<Bytes> {
  return sealRecord(
    at.current.rootKey,
    { ...placeOf(at, list, name, sequence), epoch: at.current.epoch },
    plain,
    randomBytes,
  );
}

/** Has the keys of these rows ready, so that opening them is work for the processor alone. Rows whose key cannot be had say so when they are opened. */
export async function prepareKeys(at: Access, rows: readonly (StoredEntry | undefined)[]): Promise<void> {
  const epochs = new Set(rows.flatMap((row) => epochOf(row) ?? []));
  await Promise.allSettled([...epochs].map(async (epoch) => at.keyOf(epoch)));
}

function epochOf(row: StoredEntry | undefined): number | undefined {
  try {
    return row && claimsOf(row.bytes).epoch;
  } catch {
    return undefined;
  }
}

/** The plaintext of a row; undefined when it does not open. One whose key could not be had, because of a lock or a store, is not judged. */
export async function openRow(at: Access, row: StoredEntry): Promise<Bytes | undefined> {
  try {
    return await openRecordOfAnyEpoch(at.keyOf, placeOf(at, row.list as ListName, row.name, row.sequence), row.bytes);
  } catch (error) {
    return damagedIsUndefined(error);
  }
}

export function sealSegment(
  at: Access,
  list: ListName,
  { first, last }: { first: number; last: number },
  plain: Bytes,
  randomBytes: RandomBytes,
): Promise<Bytes> {
  return sealRecord(
    at.current.rootKey,
    { ...segmentPlace(at, list, first, last), epoch: at.current.epoch },
    plain,
    randomBytes,
  );
}

/** As `openRow`. */
export async function openSegment(
  at: Access,
  list: ListName,
  { first, last, bytes }: { first: number; last: number; bytes: Bytes },
): Promise<Bytes | undefined> {
  try {
    return await openRecordOfAnyEpoch(at.keyOf, segmentPlace(at, list, first, last), bytes);
  } catch (error) {
    return damagedIsUndefined(error);
  }
}

function damagedIsUndefined(error: unknown): undefined {
  if (!(error instanceof VaultError) || error.reason === 'damaged') return undefined;
  throw error;
}

type PlaceOfAnyEpoch = Omit<RecordPlace, 'epoch'>;

function placeOf(at: Access, list: ListName, name: Bytes, sequence: number): PlaceOfAnyEpoch {
  return { safeId: at.safeId, account: at.account, type: list, id: bytesToHex(name), schema, counter: sequence };
}

function segmentPlace(at: Access, list: ListName, first: number, last: number): PlaceOfAnyEpoch {
  return {
    safeId: at.safeId,
    account: at.account,
    type: `${list}-segment`,
    id: `${first}-${last}`,
    schema,
    counter: last,
  };
}

export function keysOfList(safeId: string, list: ListName): IDBKeyRange {
  return IDBKeyRange.bound([safeId, list], [safeId, list, []]);
}
