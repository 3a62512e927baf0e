// The records of requests that wait for a person, in storage.session and in memory.
// Promises: memory never says more than the area does; what cannot be read counts as absent; a record is written before it is believed, and none
// goes beyond the share of its origin.
// Must not: decide what becomes of a record.
import { VaultError } from '../../../contract/errors';
import { workerLimits } from '../../../contract/limits';
import type { Quiet } from '../../../contract/pages/sites';
import { bytesToHex } from '../../../protocol/base/bytes';
import type { VaultHost } from '../../store/host';
import { step } from '../../store/steps';
import { fitsShare } from '../../work/shares';
import {
  atTime,
  fromStored,
  isRecordKey,
  keptOf,
  recordKey,
  storedBytes,
  toStored,
  type ApprovalRecord,
} from './approval-record';
import { createFates, type Ending, type Fates } from './fates';

/** By the id of each record, oldest first. */
export type Records = Map<string, ApprovalRecord>;

export interface ApprovalStore {
  readonly host: VaultHost;
  readonly fates: Fates;
  /** Whether the person wants to hear nothing of an origin, as it stands now. */
  quietOf(origin: string): Quiet | undefined;
  /** What this worker is carrying out. Lost with the worker, on purpose: that is what makes a second attempt possible. */
  readonly running: Set<string>;
  /** Reads the area once. Throws 'storage-failed'. */
  load(): Promise<Records>;
  /** Writes these in one step. Throws 'storage-failed'. */
  put(label: string, records: Records, changed: readonly ApprovalRecord[]): Promise<void>;
  /** Removes these in one step, and notes how each ended. Throws 'storage-failed'. */
  drop(
    label: string,
    records: Records,
    gone: readonly ApprovalRecord[],
    endingOf: (record: ApprovalRecord) => Ending,
  ): Promise<void>;
  /** All records as time has them now. */
  now(records: Records): ApprovalRecord[];
  /** Those of them that a person can be shown. */
  waiting(records: Records): ApprovalRecord[];
  freshNonce(): string;
  /** Refuses a record that would take more of storage.session than the share of its origin, before it is written. `before`: what it replaces. */
  mustFit(records: Records, record: ApprovalRecord, before?: ApprovalRecord): ApprovalRecord;
}

/** The store over one session area. Two at a time over the same area are not supported: the worker is the only writer. */
export function createApprovalStore(options: {
  host: VaultHost;
  quietOf?: ((origin: string) => Quiet | undefined) | undefined;
  onChange: () => void;
}): ApprovalStore {
  const { host, quietOf = () => undefined, onChange } = options;
  const fates = createFates(host);
  const running = new Set<string>();
  let loading: Promise<Records> | undefined;

  async function read(): Promise<Records> {
    const items = Object.entries(await host.session.get(null)).filter(([key]) => isRecordKey(key));
    const unread: string[] = [];
    const records = items.flatMap(([key, value]) => {
      const record = fromStored(key, value);
      if (!record) unread.push(key);
      return record ?? [];
    });
    // What cannot be read cannot be decided: its frame is refused or recorded anew when it is sent again.
    if (unread.length > 0) await host.session.remove(unread).catch(() => undefined);
    return new Map(records.sort((a, b) => a.order - b.order).map((record) => [record.id, record]));
  }

  async function load(): Promise<Records> {
    loading ??= read();
    try {
      return await loading;
    } catch {
      loading = undefined;
      throw new VaultError('storage-failed');
    }
  }

  /** Runs a write, and forgets what memory holds when it did not end well: then only the store knows what is true. */
  async function write(label: string, operation: () => Promise<void>): Promise<void> {
    try {
      await step(host, label, () =>
        operation().catch(() => {
          throw new VaultError('storage-failed');
        }),
      );
    } catch (error) {
      loading = undefined;
      throw error;
    }
  }

  const now: ApprovalStore['now'] = (records) => {
    const nowMs = host.nowMs();
    return [...records.values()].map((record) => atTime(record, nowMs, running.has(record.id)));
  };

  return {
    host,
    fates,
    quietOf,
    running,
    load,
    async put(label, records, changed) {
      if (changed.length === 0) return;
      await write(label, () =>
        host.session.set(Object.fromEntries(changed.map((record) => [recordKey(record.id), toStored(record)]))),
      );
      for (const record of changed) {
        records.set(record.id, keptOf(record));
        if (record.state !== 'executing') running.delete(record.id);
      }
      onChange();
    },
    async drop(label, records, gone, endingOf) {
      if (gone.length === 0) return;
      for (const ending of new Set(gone.map(endingOf)))
        await fates.note(
          gone.filter((record) => endingOf(record) === ending).map((record) => record.id),
          ending,
        );
      await write(label, () => host.session.remove(gone.map((record) => recordKey(record.id))));
      for (const record of gone) {
        records.delete(record.id);
        running.delete(record.id);
      }
      onChange();
    },
    now,
    // A worker may have died after a site was silenced, and before its records were ended.
    waiting: (records) =>
      now(records).filter((record) => record.state === 'waiting' && quietOf(record.origin) === undefined),
    freshNonce: () => bytesToHex(host.randomBytes(16)),
    mustFit(records, record, before) {
      const stored = [...records.values()].filter((other) => other.id !== before?.id);
      const sum = (list: ApprovalRecord[]) => list.reduce((bytes, one) => bytes + storedBytes(one), 0);
      const held = sum(stored.filter(({ origin }) => origin === record.origin));
      if (!fitsShare(workerLimits.approvalRecords, { used: sum(stored), held, more: storedBytes(record) }))
        throw new VaultError('limit');
      return record;
    },
  };
}
