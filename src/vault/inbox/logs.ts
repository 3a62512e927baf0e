// What nodes showed of the inboxes: logs verified, kept, and compared with what was read before (docs/v3.md).
// Promises: only what every signature holds for is kept as the inbox's state; a log that shows less than was read before changes nothing.
// Must not: ask a node; decide who may sign, which stays with what was signed and said here.
import { VaultError } from '../../contract/errors';
import { bytesToHex, concatBytes, hexToBytes } from '../../protocol/base/bytes';
import { emptyReading, withUpdate, type LogReading } from '../../protocol/inbox/inbox-log';
import type { UnlockedIdentity } from '../keys/unlocked-identity';
import { sha256 } from '../safe/header';
import type { SafeChanges } from '../safe/safe-change';
import { createSlices, inSlices } from '../work/slices';
import { decodeLogs, encodeLogs, logRecord, mostLogs, type KnownLog } from './log-record';

/** A log as a node gave it. */
export interface ShownLog {
  safeId: string;
  inboxId: string;
  /** When it was asked. */
  atMs: number;
  nodeUrl: string;
  /** Oldest first. */
  updates: readonly Uint8Array[];
}

/** A log whose updates were verified as far as they can be. */
export type VerifiedLog = Omit<ShownLog, 'updates'> & { listed: number; reading: LogReading };

/** Methods that name an identity throw 'locked', 'not-found', 'damaged', 'newer-format', 'wrong-step' for a draft, and 'storage-failed'. */
export interface InboxLogs {
  all(safeId: string): Promise<KnownLog[]>;
  /** Looks at every signature, in slices: a long log takes a second. Touches no store. */
  verified(log: ShownLog): Promise<VerifiedLog>;
  /**
   * Keeps it instead of what was read before. Throws 'bad-answer': detail `no-inbox` for a log without updates, `older-log` for one that does not go
   * on from what was read before.
   */
  keep(log: VerifiedLog): Promise<void>;
  forget(input: { safeId: string; inboxId: string }): Promise<void>;
}

export function createInboxLogs(options: { changes: SafeChanges; unlockedIdentity: UnlockedIdentity }): InboxLogs {
  const { changes, unlockedIdentity } = options;
  const slices = createSlices();

  async function all(safeId: string): Promise<KnownLog[]> {
    const { mustStillBeOpen } = await unlockedIdentity(safeId);
    const plain = await changes.read(safeId, logRecord);
    mustStillBeOpen();
    return plain ? decodeLogs(plain) : [];
  }

  const write = (safeId: string, logs: readonly KnownLog[]) =>
    changes.change({ stage: 'inbox.logs', safeId, put: [{ kind: logRecord, plain: encodeLogs(logs) }] });

  return {
    all,
    async verified({ updates, ...log }) {
      let reading = emptyReading;
      await inSlices(slices.of(undefined), updates, (update) => {
        reading = withUpdate(reading, log.inboxId, update);
      });
      return { ...log, listed: updates.length, reading };
    },
    async keep({ safeId, inboxId, atMs, nodeUrl, listed, reading }) {
      const logs = await all(safeId);
      const before = logs.find((log) => log.inboxId === inboxId);
      if (before && !(await doesGoOn(before, listed, reading))) throw new VaultError('bad-answer', 'older-log');
      if (listed === 0) throw new VaultError('bad-answer', 'no-inbox');
      const { association, textDigests, end } = reading;
      const { recovery = '', members = new Map<string, string | undefined>() } = association ?? {};
      const [checked, trail] = [textDigests.length, await trailOf(textDigests)];
      const next = { inboxId, atMs, nodeUrl, listed, checked, end, trail, recovery, members };
      // The one that was read last stands at the end.
      const others = logs.filter((log) => log !== before).slice(1 - mostLogs);
      await write(safeId, [...others, next]);
    },
    async forget({ safeId, inboxId }) {
      const logs = await all(safeId);
      const others = logs.filter((log) => log.inboxId !== inboxId);
      if (others.length < logs.length) await write(safeId, others);
    },
  };
}

/** Whether a log has everything that was read before, in the same order: logs only grow. */
async function doesGoOn(before: KnownLog, listed: number, { textDigests }: LogReading): Promise<boolean> {
  // What did not hold then may be gone: it was never part of the log. What only could not be verified was.
  if (before.end !== 'wrong' && listed < before.listed) return false;
  return textDigests.length >= before.checked && (await trailOf(textDigests.slice(0, before.checked))) === before.trail;
}

async function trailOf(textDigests: readonly string[]): Promise<string> {
  return bytesToHex(await sha256(concatBytes(...textDigests.map(hexToBytes))));
}
