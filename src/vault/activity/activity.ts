// What was done with each identity: append-only, sealed, chained, newest first.
// Promises: entries are never lost, doubled or reordered by acts that happen at once or by a restart; a damaged one hides no other; one that is
// missing shows (chain.ts); what goes when there are too many is of the site that has most, and no site pushes out what the person did.
// Must not: hold a payload, a plaintext or a secret; ask UnlockedSafes while it writes: asking may lock, and a lock may wait for a write.
import { keptDays as allowedDays, type KeptDays } from '../../contract/choices';
import { VaultError } from '../../contract/errors';
import type { ActivityChain, ActivityEntry } from '../../contract/pages/identity';
import { step } from '../store/steps';
import { keysOfSafe, readStores, writeRelaxed, writeStrict, type Database } from '../store/database';
import type { VaultHost } from '../store/host';
import type { UnlockedSafes, RootKey } from '../store/unlocked-safes';
import { createQueue, type Queue } from '../work/queue';
import { agedLines, oldestKeptMs, withoutAged } from './age';
import { joined, newestRoot, sealLines, type Joined, type Waiting } from './batch';
import { gapAtEnd, gapBefore, newHead, type Head } from './chain';
import type { Act } from './line';
import { withRemoved } from './removed';
import { keptEntries, ownerName, readOwners, surplusOf, type Owners } from './room';
import * as stored from './state';

export type { Act } from './line';
export { keptEntries } from './room';

export interface Activity {
  /**
   * Adds an act and returns its sequence number, which is higher than any before. Acts of a site that wait to be written and are alike share a
   * line. Undefined while the identity is locked: without its root key nothing can be sealed, and acts of that time (a rejection, a
   * revocation) are not logged. Long texts are cut. Throws 'storage-failed'. `root`: for the lock itself, whose key was taken before it is dropped.
   */
  append(safeId: string, act: Act, root?: RootKey): Promise<number | undefined>;
  /**
   * The newest entries below the sequence number `before`, newest first, each with what is wrong between it and the next older one. An entry
   * that cannot be read is in its place with the method `damagedMethod`, time 0 and nothing else. Throws 'locked', 'not-found',
   * 'invalid-input' (limit), 'storage-failed'.
   */
  list(safeId: string, page: { before?: number | undefined; limit: number }): Promise<ActivityEntry[]>;
  /** What is known of the log as a whole. Throws 'locked', 'not-found', 'storage-failed'. */
  chain(safeId: string): Promise<ActivityChain>;
  /** Keeps entries for so many days from now on; what is older goes. Throws as `chain`, and 'invalid-input'. */
  keep(safeId: string, days: KeptDays): Promise<void>;
  /** Removes the log of an identity that is being forgotten, after what is being written. */
  forget(safeId: string): Promise<void>;
}

/** Method of an entry that cannot be read. No provider method and no act of ours has this name. */
export const damagedMethod = 'damaged';

const pruneEvery = 256;
const largestBatch = 256;
/** Least time between two transactions of one log, in milliseconds. A worker that dies in it takes the entries of that moment along. */
const usualRestMs = 100;
/** How often a worker looks for entries that are too old, in milliseconds. */
const ageLookedAtEveryMs = 3_600_000;

/** The log of one identity in this worker. */
interface Log {
  readonly inTurn: Queue;
  /** Lines that are too old go one time after the other, so that none is counted twice. */
  readonly inSweep: Queue;
  readonly waiting: Waiting[];
  /** Acts that are about to wait. */
  readonly entering: Set<Promise<unknown>>;
  /** Settles when `state` was read; undefined when it must be. */
  ready: Promise<void> | undefined;
  state: stored.StoredState | undefined;
  /** Whose each entry is, oldest first; undefined until there may be too many. */
  owners: Owners | undefined;
  ageLookedAtMs: number;
}

/** The logs of one database. `onChange` is told after entries were added or removed. */
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
    const fresh = { ready: undefined, state: undefined, owners: undefined, ageLookedAtMs: -Infinity };
    const log: Log = logs.get(safeId) ?? {
      inTurn: createQueue(),
      inSweep: createQueue(),
      waiting: [],
      entering: new Set(),
      ...fresh,
    };
    logs.set(safeId, log);
    return log;
  }

  /** What memory holds may not be what the store holds. */
  function forgetState(log: Log): void {
    [log.ready, log.state, log.owners] = [undefined, undefined, undefined];
  }

  /** Reads where the log ends, outside of any turn: an earlier epoch's key has to be asked for. */
  async function prepared(log: Log, opener: stored.Opener): Promise<void> {
    const mine = (log.ready ??= stored.loadState(db, opener).then((state) => void (log.state ??= state)));
    try {
      await mine;
    } catch (error) {
      if (log.ready === mine) log.ready = undefined;
      throw error;
    }
  }

  /** Writes lines in one transaction with the state of the log, and returns the number of the first. */
  async function write(safeId: string, account: string, log: Log, lines: readonly Joined[]): Promise<number> {
    const newest = newestRoot(lines);
    const where = { safeId, account };
    const state = log.state ?? (await stored.loadState(db, { ...where, rootKeyOf: keyAmong(lines) }));
    const first = state.last + 1;
    const last = first + lines.length - 1;
    const head = state.head ?? newHead({ since: first, sinceMs: host.nowMs(), isRestart: state.isLost });
    const { rows, link } = await sealLines(where, { lines, first, link: head.link }, host.randomBytes);
    const isPruning = last > keptEntries && Math.floor(last / pruneEvery) > Math.floor((first - 1) / pruneEvery);
    if (isPruning) log.owners ??= await readOwners(db, safeId);
    for (const { sequence, by } of rows) log.owners?.set(sequence, ownerName(by));
    const going = isPruning && log.owners ? surplusOf(log.owners) : [];
    const removed = { ranges: withRemoved(state.removed, going, head.from), isNew: going.length > 0 };
    const sealed = await stored.sealState(
      where,
      newest,
      { head: { ...head, last, link }, removed, last },
      host.randomBytes,
    );
    await step(host, 'activity.append', () =>
      writeRelaxed(db, ['activity'], async (transaction) => {
        await stored.mustBeUnchanged(transaction, safeId, state.headBytes);
        const store = transaction.objectStore('activity');
        // `add`, not `put`: a number that is taken fails, and nothing is written over.
        await Promise.all(rows.map((row) => store.add(row)));
        await Promise.all(going.map((sequence) => store.delete([safeId, sequence])));
        await Promise.all(sealed.rows.map((row) => store.put(row)));
      }),
    );
    for (const sequence of going) log.owners?.delete(sequence);
    log.state = sealed.state;
    return first;
  }

  /** Writes what waits, as much as possible in one transaction: acts that come faster than the disk share its turns. */
  async function flush(safeId: string, log: Log): Promise<void> {
    const batch = log.waiting.splice(0, largestBatch);
    const account = batch[0]?.account;
    if (account === undefined) return;
    const lines = joined(batch);
    try {
      let first: number;
      try {
        first = await write(safeId, account, log, lines);
      } catch (error) {
        // Nothing of the batch was written. Once more, from what the store says its last number is.
        forgetState(log);
        if (!(error instanceof VaultError)) throw error;
        first = await write(safeId, account, log, lines);
      }
      lines.forEach(({ waiting }, at) => waiting.forEach(({ done }) => done(first + at)));
      onChange();
      // The next transaction takes what comes meanwhile: acts in quick succession must not each pay for a transaction.
      await new Promise((resolve) => setTimeout(resolve, restMs));
    } catch (error) {
      forgetState(log);
      for (const { failed } of batch) failed(error);
    }
  }

  /** Hands an act in to be written. Undefined while the identity is locked. */
  async function enter(
    safeId: string,
    log: Log,
    { act, takenBefore }: { act: Act; takenBefore: RootKey | undefined },
  ): Promise<{ written: Promise<number> } | undefined> {
    try {
      const { rootKey, epoch } = takenBefore ?? (await open.current(safeId));
      const account = open.account(safeId);
      if (account === undefined) return undefined;
      await prepared(log, openerWith(safeId, account, { rootKey, epoch }));
      const written = new Promise<number>((done, failed) => {
        log.waiting.push({ act, rootKey, account, epoch, done, failed });
        void log.inTurn(() => flush(safeId, log));
      });
      return { written };
    } catch (error) {
      if (error instanceof VaultError && error.reason === 'locked') return undefined;
      throw error;
    }
  }

  async function append(safeId: string, act: Act, takenBefore?: RootKey): Promise<number | undefined> {
    const log = logOf(safeId);
    const entering = enter(safeId, log, { act, takenBefore });
    log.entering.add(entering);
    const entered = await entering.finally(() => log.entering.delete(entering));
    // Not for a lock: it has no key to open old entries with any more.
    if (entered && !takenBefore) void sweepNowAndThen(safeId, log).catch(() => undefined);
    return entered?.written;
  }

  /** Opens rows with the key that seals now, and asks for others. */
  const openerWith = (safeId: string, account: string, root: RootKey): stored.Opener => ({
    safeId,
    account,
    rootKeyOf: (epoch) => (epoch === root.epoch ? root.rootKey : open.rootKeyOf(safeId, epoch)),
  });

  /** What an unlocked safe is read with. */
  async function reading(safeId: string): Promise<{ opener: stored.Opener; root: RootKey; mustBeOpen: () => void }> {
    const lockCount = open.lockCount(safeId);
    const root = await open.current(safeId);
    const account = open.account(safeId);
    if (account === undefined) throw new VaultError('not-found');
    const mustBeOpen = () => {
      if (open.lockCount(safeId) !== lockCount) throw new VaultError('locked');
    };
    return { opener: openerWith(safeId, account, root), root, mustBeOpen };
  }

  async function list(
    safeId: string,
    { before, limit }: { before?: number | undefined; limit: number },
  ): Promise<ActivityEntry[]> {
    if (!Number.isInteger(limit) || limit < 1) throw new VaultError('invalid-input');
    const { opener, mustBeOpen } = await reading(safeId);
    const { rows, stateRows } = await readStores(db, ['activity'], async (transaction) => {
      const found: stored.StoredRow[] = [];
      let cursor = await transaction.objectStore('activity').openCursor(stored.linesOfSafe(safeId, before), 'prev');
      // One more than asked for: what the last one says of the line before it is compared as well.
      while (cursor) {
        found.push(cursor.value);
        cursor = found.length <= limit ? await cursor.continue() : null;
      }
      return { rows: found, stateRows: await stored.readStateRows(transaction, safeId) };
    });
    const state = await stored.openState(opener, stateRows);
    const read = await Promise.all(rows.map((row) => stored.readRow(opener, row)));
    mustBeOpen();
    return read.slice(0, limit).map((row, at) => {
      const { sequence, line } = row;
      const gap = gapBefore(row, read[at + 1], state);
      const act = line?.act ?? { atMs: 0, origin: null, method: damagedMethod, purpose: '', outcome: 'failed' };
      return { sequence, count: line?.count ?? 1, gap, ...act };
    });
  }

  async function chain(safeId: string): Promise<ActivityChain> {
    const { opener, mustBeOpen } = await reading(safeId);
    const rows = await readStores(db, ['activity'], (transaction) => stored.readStateRows(transaction, safeId));
    const [state, lines] = [await stored.openState(opener, rows), await stored.countLines(db, safeId)];
    const newest = rows.newest && (await stored.readRow(opener, rows.newest));
    mustBeOpen();
    const { head, removed, isLost } = state;
    const { aged = 0, agedUntilMs = 0, days = allowedDays[1], isRestart = false } = head ?? {};
    return {
      lines,
      since: isLost ? 'lost' : head ? { sequence: head.since, atMs: head.sinceMs } : null,
      isRestart,
      gapAtEnd: gapAtEnd(newest, state),
      aged: aged > 0 ? { lines: aged, untilMs: agedUntilMs } : null,
      removed: removed.reduce((sum, [first, last]) => sum + last - first + 1, 0),
      days,
    };
  }

  async function sweepNowAndThen(safeId: string, log: Log): Promise<void> {
    if (Math.abs(host.nowMs() - log.ageLookedAtMs) < ageLookedAtEveryMs) return;
    log.ageLookedAtMs = host.nowMs();
    await sweep(safeId, log);
  }

  /** Removes what is too old. Throws as `chain`. */
  const sweep = (safeId: string, log: Log): Promise<void> =>
    log.inSweep(async () => {
      const { opener, root } = await reading(safeId);
      const { head } = await stored.loadState(db, opener);
      const aged = head && (await agedLines(db, opener, oldestKeptMs(host.nowMs(), head.days)));
      if (aged)
        await changeHead('activity.sweep', { opener, root, log }, (now) => withoutAged(now, aged), aged.through);
    });

  async function keep(safeId: string, days: KeptDays): Promise<void> {
    if (!allowedDays.includes(days)) throw new VaultError('invalid-input');
    const log = logOf(safeId);
    const { opener, root } = await reading(safeId);
    await changeHead('activity.keep', { opener, root, log }, (head) => ({ ...head, days }));
    await sweep(safeId, log);
  }

  /** Writes the state anew, in one transaction with the removal of the lines up to `through`. Nothing where there is no state. */
  async function changeHead(
    label: string,
    { opener, root, log }: { opener: stored.Opener; root: RootKey; log: Log },
    change: (head: Head) => Head,
    through = 0,
  ): Promise<void> {
    const { safeId } = opener;
    await prepared(log, opener);
    await log.inTurn(async () => {
      const { state } = log;
      if (!state?.head) return;
      const head = change(state.head);
      const ranges = withRemoved(state.removed, [], head.from);
      const removed = { ranges, isNew: ranges.length !== state.removed.length };
      try {
        const sealed = await stored.sealState(opener, root, { head, removed, last: state.last }, host.randomBytes);
        await step(host, label, () =>
          writeRelaxed(db, ['activity'], async (transaction) => {
            await stored.mustBeUnchanged(transaction, safeId, state.headBytes);
            const store = transaction.objectStore('activity');
            if (through > 0) await store.delete(IDBKeyRange.bound([safeId, 1], [safeId, through]));
            await Promise.all(sealed.rows.map((row) => store.put(row)));
          }),
        );
        [log.state, log.owners] = [sealed.state, undefined];
      } catch (error) {
        forgetState(log);
        throw error;
      }
    });
    onChange();
  }

  async function forget(safeId: string): Promise<void> {
    const log = logOf(safeId);
    await Promise.allSettled(log.entering);
    await log.inTurn(async () => {
      forgetState(log);
      await step(host, 'activity.forget', () =>
        writeStrict(db, ['activity'], (transaction) => transaction.objectStore('activity').delete(keysOfSafe(safeId))),
      );
    });
    onChange();
  }

  return { append, list, chain, keep, forget };
}

/** The keys that came with acts, by epoch. Nothing else may be asked for while it is written: a state of another epoch is read by the next act. */
function keyAmong(lines: readonly RootKey[]): (epoch: number) => CryptoKey {
  return (epoch) => {
    const root = lines.find((one) => one.epoch === epoch);
    if (!root) throw new VaultError('storage-failed');
    return root.rootKey;
  };
}
