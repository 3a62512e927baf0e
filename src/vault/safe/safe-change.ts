// One change of a finished or drafted safe: fields of its header, records put or dropped, everything else carried over as it is.
// Promises: what is put was read back and opened before success is told (R-H1); a failure leaves the safe as it was.
// Must not: know what a record means, or change the root key (epochs.ts does).
import { VaultError } from '../../contract/errors';
import { equalBytes } from '../../protocol/base/bytes';
import type { Replica } from './replica';
import type { Bytes } from '../store/encoding';
import type { Header } from './header';
import type { VaultHost } from '../store/host';
import { openRecord, sealRecord } from '../store/sealed-record';
import type { Safes } from './safes';
import { openKeyRecord, type RecordKind } from './key-record';

export interface SafeChange {
  /** Prefix of the checkpoints of this write. */
  stage: string;
  safeId: string;
  header?: Partial<Pick<Header, 'state' | 'name' | 'wallet' | 'slots' | 'plan'>>;
  put?: readonly { kind: RecordKind; plain: Bytes }[];
  drop?: readonly RecordKind[];
}

export interface SafeChanges {
  /** Throws 'locked', 'not-found', 'damaged', 'newer-format' or 'storage-failed'. The caller wipes what it passed. */
  change(change: SafeChange): Promise<Replica>;
  /** The plaintext of a record, undefined when the safe has none. Throws as `change`. The caller wipes it when it is secret. */
  read(safeId: string, kind: RecordKind): Promise<Bytes | undefined>;
}

/** What it needs to know of unlocked safes. Both throw 'locked'. */
interface UnlockedRoots {
  rootKey(safeId: string): Promise<CryptoKey>;
  lockCount(safeId: string): number;
}

export function createSafeChanges(options: { host: VaultHost; safes: Safes; sessions: UnlockedRoots }): SafeChanges {
  const { host, safes, sessions } = options;

  async function openOf(copy: Replica, kind: RecordKind, rootKey: CryptoKey): Promise<Bytes | undefined> {
    const record = copy.records.find((one) => one.type === kind.type && one.id === kind.id);
    if (!record) return undefined;
    const { safeId, account, epoch } = copy.header;
    return openRecord(rootKey, { safeId, account, epoch, ...kind }, record.bytes);
  }

  return {
    async change({ stage, safeId, header = {}, put = [], drop = [] }) {
      const rootKey = await sessions.rootKey(safeId);
      const copy = safes.copyOf(safeId);
      const { account, epoch } = copy.header;
      const replaced = [...put.map(({ kind }) => kind), ...drop];
      const carried = copy.records.filter(
        (record) => !replaced.some(({ type, id }) => type === record.type && id === record.id),
      );
      return safes.write({
        stage,
        safeId,
        rootKey,
        make: async (counter) => {
          const sealed = await Promise.all(
            put.map(async ({ kind, plain }) => ({
              type: kind.type,
              id: kind.id,
              bytes: await sealRecord(rootKey, { safeId, account, epoch, counter, ...kind }, plain, host.randomBytes),
            })),
          );
          return { header: { ...copy.header, ...header }, records: [...carried, ...sealed] };
        },
        prove: async (written) => {
          (await openKeyRecord(written, rootKey)).fill(0);
          for (const { kind, plain } of put) {
            const back = await openOf(written, kind, rootKey);
            const isSame = back !== undefined && equalBytes(back, plain);
            back?.fill(0);
            if (!isSame) throw new VaultError('damaged');
          }
        },
      });
    },
    async read(safeId, kind) {
      const begun = sessions.lockCount(safeId);
      const rootKey = await sessions.rootKey(safeId);
      const plain = await openOf(safes.copyOf(safeId), kind, rootKey);
      if (sessions.lockCount(safeId) !== begun) throw new VaultError('locked');
      return plain;
    },
  };
}
