// The secrets behind the keys of message archives: drawn here, sealed in a record of their own, lent as one derived key (docs/v3.md).
// Promises: a secret that was ever made stays, so that every archive made with it opens. Must not: know who asks; the caller wipes a key it gets.
import { limits } from '../../contract/limits';
import { VaultError } from '../../contract/errors';
import { archiveKeyOf } from '../../protocol/inbox/archive-key';
import type { UnlockedIdentity } from '../keys/unlocked-identity';
import { createDatedSecrets, withDatedSecrets, type DatedSecret } from '../safe/dated-secrets';
import type { SafeChanges } from '../safe/safe-change';
import type { Bytes } from '../store/encoding';
import { asBytes } from '../store/encoding';
import type { RandomBytes } from '../store/sealed-record';

export const archiveSecretsRecord = { type: 'archive-secrets', id: 'secrets', schema: 1 } as const;

/** Which key is meant: of today's secret (0), or of the one that was so many times before it; and when that was made, null when none was yet. */
export interface WhichArchiveKey {
  inboxId: string;
  earlier: number;
  madeAtMs: number | null;
}

/** Every method throws 'locked', 'not-found', 'damaged', 'newer-format', 'wrong-step' for a draft, and 'storage-failed'. */
export interface ArchiveSecrets {
  /** When each was made, oldest first. */
  madeAtMs(safeId: string): Promise<number[]>;
  /** Makes one more, of which today's keys come from now on. Throws 'limit'. */
  add(safeId: string, nowMs: number): Promise<void>;
  /** The key of an inbox, 32 bytes. Throws 'stale' when another one was made since it was shown. Secret. */
  keyOf(safeId: string, which: WhichArchiveKey): Promise<Bytes>;
  /** The record as it lies in the safe, for a backup file; undefined when there is none. Secret. */
  recordOf(safeId: string): Promise<Bytes | undefined>;
}

export function createArchiveSecrets(options: {
  randomBytes: RandomBytes;
  changes: SafeChanges;
  unlockedIdentity: UnlockedIdentity;
}): ArchiveSecrets {
  const { randomBytes, changes, unlockedIdentity } = options;
  const kept = createDatedSecrets({
    kind: archiveSecretsRecord,
    stage: 'inbox.archive',
    most: limits.archiveKeys,
    changes,
    open: unlockedIdentity,
  });
  return {
    madeAtMs: (safeId) => kept.lend(safeId, timesOf),
    add: (safeId, createdAtMs) =>
      kept.add(
        safeId,
        () => ({ createdAtMs, secret: asBytes(randomBytes(32)) }),
        () => undefined,
      ),
    keyOf: (safeId, { inboxId, earlier, madeAtMs }) =>
      kept.lend(safeId, (secrets) => {
        const found = secrets.at(-1 - earlier);
        if (!found || (madeAtMs !== null && found.createdAtMs !== madeAtMs)) throw new VaultError('stale');
        return asBytes(archiveKeyOf(found.secret, inboxId));
      }),
    recordOf: kept.record,
  };
}

/** When each secret of a record in a backup file was made, oldest first. A copy of it is read, and wiped. Throws 'damaged'. */
export function archiveSecretsMadeIn(recordSecret: Uint8Array): number[] {
  return withDatedSecrets(recordSecret.slice(), limits.archiveKeys, timesOf);
}

const timesOf = (secrets: readonly DatedSecret[]): number[] => secrets.map(({ createdAtMs }) => createdAtMs);
