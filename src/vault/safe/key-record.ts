// The kinds of records that hold a safe's keys, and the one place that opens them.
// Promises: a safe has exactly one such record. Must not: know what a bundle is, or keep what it opened.
import { VaultError } from '../../contract/errors';
import type { Bytes } from '../store/encoding';
import { openRecord } from '../store/sealed-record';
import type { Replica } from './replica';

/** Type, id and schema of a record that a safe holds besides its keys. One record per type. */
export interface RecordKind {
  type: string;
  id: string;
  schema: number;
}

/** The keys of a draft before the account has signed them. */
export const draftKeysRecord = { type: 'draft-keys', id: 'keys', schema: 1 } as const;
/** In a draft whose keys come from the network or a file, until they are there. Its plaintext is one zero byte. */
export const awaitedKeysRecord = { type: 'draft-awaiting', id: 'keys', schema: 1 } as const;
/** The whole bundle of a finished safe. */
export const bundleRecord = { type: 'bundle', id: 'keys', schema: 1 } as const;

/** The key record of a copy: the whole bundle, the bare keys of a draft, or what keeps their place. Throws 'damaged' when there is none. */
export function keyRecordOf(copy: Replica): { place: RecordKind; bytes: Bytes } {
  for (const place of [bundleRecord, draftKeysRecord, awaitedKeysRecord]) {
    const record = copy.records.find((one) => one.type === place.type && one.id === place.id);
    if (record) return { place, bytes: record.bytes };
  }
  throw new VaultError('damaged');
}

/** The plaintext of a copy's key record. Throws 'damaged'. The caller wipes it. */
export function openKeyRecord(copy: Replica, rootKey: CryptoKey): Promise<Bytes> {
  const { safeId, account, epoch } = copy.header;
  const { place, bytes } = keyRecordOf(copy);
  return openRecord(rootKey, { safeId, account, epoch, ...place }, bytes);
}
