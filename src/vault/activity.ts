// What was done with each identity: append-only, sealed, newest first.
// Promises: entries are never lost, doubled or reordered by acts that happen at once or by a restart; a damaged one hides no other.
// Must not: hold a payload, a plaintext or a secret; ask OpenSafes while it writes: asking may lock, and a lock may wait for a write.
import { VaultError } from '../contract/errors';
import type { ActivityEntry, ActivityOutcome } from '../contract/internal';
import { step } from './checkpoint';
import { keysOfSafe, readStores, writeRelaxed, writeStrict, type Database } from './database';
import { createReader, lengthPrefixed, u64, type Bytes } from './encoding';
import type { VaultHost } from './host';
import type { OpenSafes, RootKey } from './open-safes';
import { createQueue, type Queue } from './queue';
import { openRecordOfAnyEpoch, sealRecord, type RecordPlace } from './records';

/** One act, before it has a place in the log. */
export type Act = Omit<ActivityEntry, 'sequence'>;

export interface Activity {
  /**
   * Adds an act and returns its sequence number, which is higher than any before. Undefined while the identity is locked: without its
   * root key nothing can be sealed, and acts of that time (a rejection, a revocation) are not logged.
   * Long texts are cut. Throws 'storage-failed'. `root`: for the lock itself, whose key was taken before it is dropped.
   */
  append(safeId: string, act: Act, root?: RootKey): Promise<number | undefined>;
  /**
   * The newest entries below the sequence number `before`, newest first. An entry that cannot be read is in its place with the method
   * `damagedMethod`, time 0 and nothing else. Throws 'locked', 'not-found', 'invalid-input' (limit), 'storage-failed'.
   */
  list(safeId: string, page: { before?: number | undefined; limit: number }): Promise<ActivityEntry[]>;
  /** Removes the log of an identity that is being forgotten, after what is being written. */
  forget(safeId: string): Promise<void>;
}

/** Method of an entry that cannot be read. No provider method and no act of ours has this name. */
export const damagedMethod = 'damaged';
/** How many entries of one identity are kept; the oldest go. */
export const keptEntries = 10_000;

const schema = 1;
const pruneEvery = 256;
const largestBatch = 256;
/** Least time between two transactions of one log, in milliseconds. A worker that dies in it takes the entries of that moment along. */
const usualRestMs = 100;
const longest = { origin: 300, method: 60, purpose: 300 } as const;
const outcomes: readonly ActivityOutcome[] = ['done', 'rejected', 'expired', 'failed'];

interface Waiting extends RootKey {
  act: Act;
  account: string;
  done: (sequence: number) => void;
  failed: (error: unknown) => void;
}

/** The log of one identity in this worker. */
interface Log {
  readonly inTurn: Queue;
  readonly waiting: Waiting[];
  /** The highest number in the store; undefined when it must be read. */
  last: number | undefined;
}

function cut(text: string, length: number): string {
  // Whole code points only; what has no UTF-8 form is replaced.
  return Array.from(text.slice(0, 2 * length)).slice(0, length).join('').replace(/\p{Surrogate}/gu, '\u{fffd}');
}

function encodeAct({ atMs, origin, method, purpose, outcome }: Act): Bytes {
  const time = u64(Math.max(0, Math.floor(atMs)));
  return lengthPrefixed(time, cut(origin ?? '', longest.origin), cut(method, longest.method), cut(purpose, longest.purpose), outcome);
}

function decodeAct(bytes: Bytes): Act {
  const reader = createReader(bytes);
  const time = createReader(reader.prefixed());
  const atMs = time.u64();
  time.end();
  const [origin, method, purpose, word] = [reader.text(), reader.text(), reader.text(), reader.text()];
  reader.end();
  const outcome = outcomes.find((one) => one === word);
  if (outcome === undefined) throw new VaultError('damaged');
  return { atMs, origin: origin === '' ? null : origin, method, purpose, outcome };
}

function placeOf(safeId: string, account: string, sequence: number): Omit<RecordPlace, 'epoch'> {
  return { safeId, account, type: 'activity', id: String(sequence), schema, counter: sequence };
}

/** The logs of one database. `onChange` is told after entries were added. */
export function createActivity(options: {
  db: Database;
  host: VaultHost;
  open: OpenSafes;
  onChange: () => void;
  restMs?: number;
}): Activity {
  const { db, host, open, onChange, restMs = usualRestMs } = options;
  const logs = new Map<string, Log>();

  function logOf(safeId: string): Log {
    const log = logs.get(safeId) ?? { inTurn: createQueue(), waiting: [], last: undefined };
    logs.set(safeId, log);
    return log;
  }

  async function lastSequence(safeId: string): Promise<number> {
    return readStores(db, ['activity'], async (transaction) => {
      const cursor = await transaction.objectStore('activity').openKeyCursor(keysOfSafe(safeId), 'prev');
      return cursor ? cursor.primaryKey[1] : 0;
    });
  }

  /** Writes a batch in one transaction and returns the number of its first entry. */
  async function write(safeId: string, log: Log, batch: readonly Waiting[]): Promise<number> {
    const first = (log.last ?? (await lastSequence(safeId))) + 1;
    const rows = await Promise.all(
      batch.map(async ({ act, rootKey, account, epoch }, at) => {
        const place = { ...placeOf(safeId, account, first + at), epoch };
        return { safeId, sequence: first + at, bytes: await sealRecord(rootKey, place, encodeAct(act), host.randomBytes) };
      }),
    );
    const last = first + batch.length - 1;
    const isPruning = Math.floor(last / pruneEvery) > Math.floor((first - 1) / pruneEvery);
    await step(host, 'activity.append', () =>
      writeRelaxed(db, ['activity'], async (transaction) => {
        const store = transaction.objectStore('activity');
        // `add`, not `put`: a number that is taken fails, and nothing is written over.
        await Promise.all(rows.map((row) => store.add(row)));
        if (isPruning) await store.delete(IDBKeyRange.bound([safeId], [safeId, last - keptEntries]));
      }),
    );
    log.last = last;
    return first;
  }

  /** Writes what waits, as much as possible in one transaction: acts that come faster than the disk share its turns. */
  async function flush(safeId: string, log: Log): Promise<void> {
    const batch = log.waiting.splice(0, largestBatch);
    if (batch.length === 0) return;
    try {
      let first: number;
      try {
        first = await write(safeId, log, batch);
      } catch (error) {
        // Nothing of the batch was written. Once more, from what the store says its last number is.
        log.last = undefined;
        if (!(error instanceof VaultError)) throw error;
        first = await write(safeId, log, batch);
      }
      batch.forEach(({ done }, at) => done(first + at));
      onChange();
      // The next transaction takes what comes meanwhile: acts in quick succession must not each pay for one.
      await new Promise((resolve) => setTimeout(resolve, restMs));
    } catch (error) {
      log.last = undefined;
      for (const { failed } of batch) failed(error);
    }
  }

  async function append(safeId: string, act: Act, takenBefore?: RootKey): Promise<number | undefined> {
    let root: RootKey;
    try {
      root = takenBefore ?? (await open.current(safeId));
    } catch (error) {
      if (error instanceof VaultError && error.reason === 'locked') return undefined;
      throw error;
    }
    const account = open.account(safeId);
    if (account === undefined) return undefined;
    const { rootKey, epoch } = root;
    const log = logOf(safeId);
    return new Promise((done, failed) => {
      log.waiting.push({ act, rootKey, account, epoch, done, failed });
      void log.inTurn(() => flush(safeId, log));
    });
  }

  async function list(safeId: string, { before, limit }: { before?: number | undefined; limit: number }): Promise<ActivityEntry[]> {
    if (!Number.isInteger(limit) || limit < 1) throw new VaultError('invalid-input');
    const generation = open.generation(safeId);
    await open.rootKey(safeId);
    const account = open.account(safeId);
    if (account === undefined) throw new VaultError('not-found');
    const range = before === undefined ? keysOfSafe(safeId) : IDBKeyRange.bound([safeId], [safeId, before], false, true);
    const rows = await readStores(db, ['activity'], async (transaction) => {
      const found: { sequence: number; bytes: Bytes }[] = [];
      let cursor = await transaction.objectStore('activity').openCursor(range, 'prev');
      while (cursor && found.length < limit) {
        found.push(cursor.value);
        cursor = found.length < limit ? await cursor.continue() : null;
      }
      return found;
    });
    const entries = await Promise.all(
      rows.map(async ({ sequence, bytes }): Promise<ActivityEntry> => {
        try {
          const plain = await openRecordOfAnyEpoch((epoch) => open.rootKeyOf(safeId, epoch), placeOf(safeId, account, sequence), bytes);
          return { sequence, ...decodeAct(plain) };
        } catch {
          return { sequence, atMs: 0, origin: null, method: damagedMethod, purpose: '', outcome: 'failed' };
        }
      }),
    );
    if (open.generation(safeId) !== generation) throw new VaultError('locked');
    return entries;
  }

  async function forget(safeId: string): Promise<void> {
    const log = logOf(safeId);
    await log.inTurn(async () => {
      log.last = undefined;
      await step(host, 'activity.forget', () =>
        writeStrict(db, ['activity'], (transaction) => transaction.objectStore('activity').delete(keysOfSafe(safeId))),
      );
    });
    onChange();
  }

  return { append, list, forget };
}
