// What was done with each identity: append-only, sealed, newest first.
// Promises: entries are never lost, doubled or reordered by acts that happen at once or by a restart; a damaged one hides no other; what goes
// when there are too many is of the site that has most, and no site pushes out what the person did.
// Must not: hold a payload, a plaintext or a secret; ask UnlockedSafes while it writes: asking may lock, and a lock may wait for a write.
import { VaultError } from '../../contract/errors';
import { originLength } from '../../contract/limits';
import { bytesToHex } from '../../protocol/base/bytes';
import { step } from '../store/steps';
import { keysOfSafe, readStores, writeRelaxed, writeStrict, type Database } from '../store/database';
import { createReader, lengthPrefixed, u64, type Bytes } from '../store/encoding';
import type { VaultHost } from '../store/host';
import type { UnlockedSafes, RootKey } from '../store/unlocked-safes';
import { labels } from '../store/labels';
import { createQueue, type Queue } from '../work/queue';
import { macWith, openRecordOfAnyEpoch, sealRecord, type RecordPlace } from '../store/sealed-record';
import { surplus } from '../work/shares';
import type { ActivityOutcome, ActivityEntry } from '../../contract/pages/identity';

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
/** How many entries of one identity are kept, at most half of them of the person's own acts. */
export const keptEntries = 10_000;
const keptOwn = keptEntries / 2;

const schema = 1;
const pruneEvery = 256;
const largestBatch = 256;
/** Least time between two transactions of one log, in milliseconds. A worker that dies in it takes the entries of that moment along. */
const usualRestMs = 100;
const longest = { origin: originLength, method: 60, purpose: 300 } as const;
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
  /** Whose each entry is, oldest first; undefined until there may be too many. */
  owners: Map<number, string> | undefined;
}

/** Owner of the person's own acts, and of rows that do not say whose they are, which any site's newer ones may push out. */
const [person, unknown] = ['', 'unknown'];

/** Whose act it is: nobody's name, but the same for all acts of a site under one root key. Empty: the person's own, also about a site. */
async function ownerOf({ act: { origin, method }, rootKey }: Waiting): Promise<Bytes> {
  const isOfSite = origin !== null && /^(vault|xmtp)_/.test(method);
  return isOfSite
    ? (await macWith(rootKey, labels.entryName, lengthPrefixed('activity', origin))).slice(0, 8)
    : new Uint8Array(0);
}

/** Which entries go. What the person did counts apart, so that no site's acts push it out; of the sites the one with most loses its oldest. */
function surplusOf(owners: ReadonlyMap<number, string>): number[] {
  const own = [...owners].filter(([, owner]) => owner === person).map(([sequence]) => sequence);
  const tooManyOwn = own.slice(0, Math.max(0, own.length - keptOwn));
  const others = [...owners]
    .filter(([, owner]) => owner !== person)
    .map(([sequence, owner]): [string, string] => [String(sequence), owner]);
  return [...tooManyOwn, ...surplus(others, keptEntries - (own.length - tooManyOwn.length)).map(Number)];
}

function cut(text: string, length: number): string {
  // Whole code points only; what has no UTF-8 form is replaced.
  return Array.from(text.slice(0, 2 * length))
    .slice(0, length)
    .join('')
    .replace(/\p{Surrogate}/gu, '\u{fffd}');
}

function encodeAct({ atMs, origin, method, purpose, outcome }: Act): Bytes {
  const time = u64(Math.max(0, Math.floor(atMs)));
  return lengthPrefixed(
    time,
    cut(origin ?? '', longest.origin),
    cut(method, longest.method),
    cut(purpose, longest.purpose),
    outcome,
  );
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
  open: UnlockedSafes;
  onChange: () => void;
}): Activity {
  const { db, host, open, onChange } = options;
  const restMs = host.logRestMs ?? usualRestMs;
  const logs = new Map<string, Log>();

  function logOf(safeId: string): Log {
    const log = logs.get(safeId) ?? { inTurn: createQueue(), waiting: [], last: undefined, owners: undefined };
    logs.set(safeId, log);
    return log;
  }

  async function lastSequence(safeId: string): Promise<number> {
    return readStores(db, ['activity'], async (transaction) => {
      const cursor = await transaction.objectStore('activity').openKeyCursor(keysOfSafe(safeId), 'prev');
      return cursor ? cursor.primaryKey[1] : 0;
    });
  }

  /** Whose every entry is, read a page at a time. */
  async function readOwners(safeId: string): Promise<Map<number, string>> {
    const owners = new Map<number, string>();
    for (let after = 0; ;) {
      const range = IDBKeyRange.bound([safeId, after], [safeId, []], true);
      const page = await readStores(db, ['activity'], (transaction) =>
        transaction.objectStore('activity').getAll(range, pruneEvery),
      );
      for (const { sequence, by } of page) owners.set(sequence, by ? bytesToHex(by) : unknown);
      if (page.length < pruneEvery) return owners;
      after = page.at(-1)?.sequence ?? after;
    }
  }

  /** Writes a batch in one transaction and returns the number of its first entry. */
  async function write(safeId: string, log: Log, batch: readonly Waiting[]): Promise<number> {
    const first = (log.last ?? (await lastSequence(safeId))) + 1;
    const rows = await Promise.all(
      batch.map(async (waiting, at) => {
        const { act, rootKey, account, epoch } = waiting;
        const place = { ...placeOf(safeId, account, first + at), epoch };
        return {
          safeId,
          sequence: first + at,
          by: await ownerOf(waiting),
          bytes: await sealRecord(rootKey, place, encodeAct(act), host.randomBytes),
        };
      }),
    );
    const last = first + batch.length - 1;
    const isPruning = last > keptEntries && Math.floor(last / pruneEvery) > Math.floor((first - 1) / pruneEvery);
    if (isPruning) log.owners ??= await readOwners(safeId);
    for (const { sequence, by } of rows) log.owners?.set(sequence, bytesToHex(by));
    const going = isPruning && log.owners ? surplusOf(log.owners) : [];
    await step(host, 'activity.append', () =>
      writeRelaxed(db, ['activity'], async (transaction) => {
        const store = transaction.objectStore('activity');
        // `add`, not `put`: a number that is taken fails, and nothing is written over.
        await Promise.all(rows.map((row) => store.add(row)));
        await Promise.all(going.map((sequence) => store.delete([safeId, sequence])));
      }),
    );
    for (const sequence of going) log.owners?.delete(sequence);
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
        [log.last, log.owners] = [undefined, undefined];
        if (!(error instanceof VaultError)) throw error;
        first = await write(safeId, log, batch);
      }
      batch.forEach(({ done }, at) => done(first + at));
      onChange();
      // The next transaction takes what comes meanwhile: acts in quick succession must not each pay for a transaction.
      await new Promise((resolve) => setTimeout(resolve, restMs));
    } catch (error) {
      [log.last, log.owners] = [undefined, undefined];
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

  async function list(
    safeId: string,
    { before, limit }: { before?: number | undefined; limit: number },
  ): Promise<ActivityEntry[]> {
    if (!Number.isInteger(limit) || limit < 1) throw new VaultError('invalid-input');
    const lockCount = open.lockCount(safeId);
    await open.rootKey(safeId);
    const account = open.account(safeId);
    if (account === undefined) throw new VaultError('not-found');
    const range =
      before === undefined ? keysOfSafe(safeId) : IDBKeyRange.bound([safeId], [safeId, before], false, true);
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
          const plain = await openRecordOfAnyEpoch(
            (epoch) => open.rootKeyOf(safeId, epoch),
            placeOf(safeId, account, sequence),
            bytes,
          );
          return { sequence, ...decodeAct(plain) };
        } catch {
          return { sequence, atMs: 0, origin: null, method: damagedMethod, purpose: '', outcome: 'failed' };
        }
      }),
    );
    if (open.lockCount(safeId) !== lockCount) throw new VaultError('locked');
    return entries;
  }

  async function forget(safeId: string): Promise<void> {
    const log = logOf(safeId);
    await log.inTurn(async () => {
      [log.last, log.owners] = [undefined, undefined];
      await step(host, 'activity.forget', () =>
        writeStrict(db, ['activity'], (transaction) => transaction.objectStore('activity').delete(keysOfSafe(safeId))),
      );
    });
    onChange();
  }

  return { append, list, forget };
}
