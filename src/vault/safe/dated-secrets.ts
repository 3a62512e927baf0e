// A record of a safe that is a list of secrets of 32 bytes, each with the time it was made: the oldest first, none ever goes.
// Promises: a list is lent for one synchronous step and wiped after it, also where it cannot be read. Must not: know what the secrets are for.
import { VaultError } from '../../contract/errors';
import type { Bytes } from '../store/encoding';
import { concat, createReader, u32, u64 } from '../store/encoding';
import type { RecordKind } from './key-record';
import type { SafeChanges } from './safe-change';

export interface DatedSecret {
  createdAtMs: number;
  secret: Bytes;
}

/** Every method throws what `open` throws, 'damaged', and 'storage-failed'. */
export interface DatedSecrets {
  /** Lends the secrets for one synchronous step; an empty list when there is no record. */
  lend<T>(safeId: string, use: (secrets: readonly DatedSecret[]) => T): Promise<T>;
  /** Takes one more, wipes it, and answers what `use` made of it. Throws 'limit'. */
  add<T>(safeId: string, draw: () => DatedSecret, use: (made: DatedSecret) => T): Promise<T>;
  /** The record as it lies in the safe; undefined when there is none. Secret; the caller wipes it. */
  record(safeId: string): Promise<Bytes | undefined>;
}

export function createDatedSecrets(options: {
  kind: RecordKind;
  /** Prefix of the checkpoints of a write. */
  stage: string;
  most: number;
  changes: SafeChanges;
  /** Throws unless the identity is finished and unlocked; what it gives throws once that is over. */
  open: (safeId: string) => Promise<{ mustStillBeOpen: () => void }>;
}): DatedSecrets {
  const { kind, stage, most, changes, open } = options;

  async function record(safeId: string): Promise<Bytes | undefined> {
    const { mustStillBeOpen } = await open(safeId);
    const recordSecret = await changes.read(safeId, kind);
    try {
      mustStillBeOpen();
    } catch (error) {
      recordSecret?.fill(0);
      throw error;
    }
    return recordSecret;
  }

  async function lend<T>(safeId: string, use: (secrets: readonly DatedSecret[]) => T): Promise<T> {
    const recordSecret = await record(safeId);
    return recordSecret ? withDatedSecrets(recordSecret, most, use) : use([]);
  }

  return {
    lend,
    record,
    async add(safeId, draw, use) {
      const { made, recordSecret } = await lend(safeId, (secrets) => {
        if (secrets.length >= most) throw new VaultError('limit');
        const drawn = draw();
        try {
          return { made: use(drawn), recordSecret: encode([...secrets, drawn]) };
        } finally {
          drawn.secret.fill(0);
        }
      });
      const put = [{ kind, plain: recordSecret }];
      await changes.change({ stage, safeId, put }).finally(() => recordSecret.fill(0));
      return made;
    },
  };
}

/** Lends the secrets of a record that somebody read, and wipes both. Throws 'damaged'. */
export function withDatedSecrets<T>(
  recordSecret: Uint8Array,
  most: number,
  use: (secrets: readonly DatedSecret[]) => T,
): T {
  const secrets: DatedSecret[] = [];
  try {
    const reader = createReader(recordSecret);
    const count = reader.u32();
    if (count === 0 || count > most) throw new VaultError('damaged');
    for (let at = 0; at < count; at++) {
      const createdAtMs = reader.timeMs();
      secrets.push({ createdAtMs, secret: reader.take(32) });
    }
    reader.end();
    return use(secrets);
  } finally {
    recordSecret.fill(0);
    for (const { secret } of secrets) secret.fill(0);
  }
}

/** Their number (4 bytes); of each: when it was made (8), the secret (32). */
function encode(secrets: readonly DatedSecret[]): Bytes {
  return concat(u32(secrets.length), ...secrets.flatMap(({ createdAtMs, secret }) => [u64(createdAtMs), secret]));
}
