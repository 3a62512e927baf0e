// What a backup file has of inboxes of XMTP V3: keys, archive secrets, and the ledger with what the person said.
// Promises: what a file brings was read whole before anything of it is used; a text that stands in it twice comes in once.
// Must not: keep a secret; the caller wipes the parts.
import { VaultError } from '../../contract/errors';
import type { BackupInboxes } from '../../protocol/ours/backup';
import type { ArchiveSecrets } from '../inbox/archive-secrets';
import { archiveSecretsMadeIn, archiveSecretsRecord } from '../inbox/archive-secrets';
import type { Inboxes } from '../inbox/inboxes';
import { merged } from '../inbox/ledger';
import { decodeLedger, emptyLedger, encodeLedger, ledgerRecord, type Ledger } from '../inbox/ledger-record';
import type { InboxKeys } from '../keys/inbox-keys';
import { inboxKeysRecord, inboxKeyViewsOf } from '../keys/inbox-keys';
import type { RecordKind } from '../safe/key-record';
import type { Bytes } from '../store/encoding';
import { asBytes } from '../store/encoding';

/** What the part says without its secrets: addresses of the keys, when each archive secret was made, and what is remembered. */
export interface InboxPartViews {
  addresses: string[];
  archivesMadeAtMs: number[];
  ledger: Ledger;
}

/** Of a file without the part. */
export const noInboxes: InboxPartViews = { addresses: [], archivesMadeAtMs: [], ledger: emptyLedger };

/** The part of a file after it was read whole: what it says, and its secrets. */
export interface InboxPart extends InboxPartViews {
  keysSecret: Uint8Array;
  archiveSecrets: Uint8Array;
}

export interface InboxParts {
  /** Of an unlocked identity, for a file. Secret. */
  gather(safeId: string): Promise<BackupInboxes>;
  views(safeId: string): Promise<InboxPartViews>;
}

export function createInboxParts(options: {
  inboxKeys: InboxKeys;
  archives: ArchiveSecrets;
  inboxes: Pick<Inboxes, 'ledgerOf'>;
}): InboxParts {
  const { inboxKeys, archives, inboxes } = options;
  return {
    async gather(safeId) {
      const ledger = await inboxes.ledgerOf(safeId);
      const isEmpty = ledger.entries.length + ledger.notes.length === 0;
      const keysSecret = (await inboxKeys.recordOf(safeId)) ?? new Uint8Array(0);
      try {
        return {
          keysSecret,
          archiveSecrets: (await archives.recordOf(safeId)) ?? new Uint8Array(0),
          ledger: isEmpty ? new Uint8Array(0) : encodeLedger(ledger),
        };
      } catch (error) {
        keysSecret.fill(0);
        throw error;
      }
    },
    async views(safeId) {
      const addresses = (await inboxKeys.views(safeId)).map(({ address }) => address);
      const archivesMadeAtMs = await archives.madeAtMs(safeId);
      return { addresses, archivesMadeAtMs, ledger: await inboxes.ledgerOf(safeId) };
    },
  };
}

/** Throws 'bad-file' (`changed`) for a part that cannot be read. */
export function readInboxPart({ keysSecret, archiveSecrets, ledger }: BackupInboxes): InboxPart {
  try {
    const addresses = keysSecret.length === 0 ? [] : inboxKeyViewsOf(keysSecret).map(({ address }) => address);
    const read = ledger.length === 0 ? emptyLedger : decodeLedger(ledger);
    // Nothing was ever signed or marked with a key that is not there.
    const named = [...read.entries, ...read.notes.flatMap(({ recovery }) => recovery ?? [])];
    if (!named.every(({ identifier }) => addresses.includes(identifier))) throw new VaultError('damaged');
    return {
      keysSecret,
      archiveSecrets,
      addresses,
      archivesMadeAtMs: archiveSecrets.length === 0 ? [] : archiveSecretsMadeIn(archiveSecrets),
      ledger: merged(emptyLedger, read),
    };
  } catch (error) {
    if (error instanceof VaultError && error.reason === 'damaged') throw new VaultError('bad-file', 'changed');
    throw error;
  }
}

/** What of `here` is not in `there`: texts and marks, and whether any of them is from before `createdAtMs`. */
export function missingFrom(
  here: Ledger,
  there: Ledger,
  createdAtMs: number | null,
): { count: number; hasOld: boolean } {
  const digests = new Set(there.entries.map(({ textDigest }) => textDigest));
  const marked = new Set(there.notes.flatMap(({ inboxId, recovery }) => (recovery ? [inboxId] : [])));
  const times = [
    ...here.entries.filter(({ textDigest }) => !digests.has(textDigest)).map(({ atMs }) => atMs),
    ...here.notes.flatMap(({ inboxId, recovery }) => (recovery && !marked.has(inboxId) ? recovery.sinceMs : [])),
  ];
  return { count: times.length, hasOld: times.some((atMs) => createdAtMs === null || atMs <= createdAtMs) };
}

/** The records that the part becomes in a safe that has none of them yet. Those with secrets are views of the part, and are wiped with it. */
export function recordsOfInboxes({
  keysSecret,
  archiveSecrets,
  ledger,
}: InboxPart): { kind: RecordKind; plain: Bytes }[] {
  const isRemembered = ledger.entries.length + ledger.notes.length > 0;
  const records = [
    { kind: inboxKeysRecord, plain: asBytes(keysSecret) },
    { kind: archiveSecretsRecord, plain: asBytes(archiveSecrets) },
    { kind: ledgerRecord, plain: isRemembered ? encodeLedger(ledger) : new Uint8Array(0) },
  ];
  return records.filter(({ plain }) => plain.length > 0);
}
