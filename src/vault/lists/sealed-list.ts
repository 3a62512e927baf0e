// Append-only lists of sealed entries: conversations, V1 peers, preferences. Each entry is found by its name without opening others.
// Promises: adding writes what is new and nothing else; the first entry of a name wins unless a later one says that it replaces it;
// what was added is on disk before it is told; of what is stored no more than a page is in memory at once.
// Must not: know what an entry means, or delete an entry that opens but as lists/room.ts says. Segments are copies for reading many at once, never the only one.
import { VaultError } from '../../contract/errors';
import { bytesToHex, equalBytes } from '../../protocol/base/bytes';
import { step } from '../store/steps';
import type { Database, StoredEntry } from '../store/database';
import { readStores, writeStrict } from '../store/database';
import type { Bytes } from '../store/encoding';
import { asBytes } from '../store/encoding';
import { inGroups } from '../work/batches';
import type { VaultHost } from '../store/host';
import { keystoreLimits } from '../store/limits';
import { accessTo, nameOf, openRow, prepareKeys, sealRow, type Access, type ListName } from './access';
import { createListReading } from './reading';
import { createListRoom, markLength, numbersOf, numbersOfRow, ownMark } from './room';
import type { UnlockedSafes } from '../store/unlocked-safes';
import { createQueue, type Queue } from '../work/queue';
import { dropSegmentOf } from './segments';
import type { TakeSlice } from '../work/slices';

export type { ListName } from './access';

/** What is put into a list. `name` and `group` never touch the disk; their MACs do. */
export interface ListEntry {
  name: string;
  /** Entries of one group are found together; undefined for none. */
  group?: string;
  plain: Bytes;
  /** A stranger began it: the oldest such entries go when the list is full, unless they are kept. */
  isStrange?: boolean;
  /** Whether this entry takes the place of the one of its name that is there, whose plaintext is given. Absent: never. */
  replaces?: (stored: Bytes) => Promise<boolean>;
}

/** On whose behalf something is written or looked for: a site has a share of what it may write for good, and turns of its own. Absent: the extension itself. */
export interface Caller {
  readonly origin?: string | undefined;
  readonly take?: TakeSlice;
}

export interface SealedLists {
  /**
   * Adds entries whose names are new, in one transaction that is flushed before this settles. A name that is there already, or
   * came before in `entries`, keeps its first entry, unless a later one `replaces` it: then that one stands in its place, at its number.
   * A stored entry that no longer opens is replaced too. Returns which of `entries` are stored now and were not before.
   * Throws 'locked', 'not-found', 'limit' where there is no room or it is more than the share of the caller, 'storage-failed'; then
   * nothing was added.
   */
  add(safeId: string, list: ListName, entries: readonly ListEntry[], by?: Caller): Promise<boolean[]>;
  /** The plaintexts of these names, in order; undefined where there is none that opens. Throws 'locked', 'not-found', 'storage-failed'. */
  find(safeId: string, list: ListName, names: readonly string[], by?: Caller): Promise<(Bytes | undefined)[]>;
  /** The plaintexts of one group, in the order in which they were added. Throws as `find`. */
  findGroup(safeId: string, list: ListName, group: string): Promise<Bytes[]>;
  /** Shows all plaintexts, in the order in which they were added; entries that do not open are left out, and each is wiped once it was seen. Throws as `find`. */
  each(safeId: string, list: ListName, visit: (plain: Bytes) => void): Promise<void>;
  /** All plaintexts at once: for lists that are known to be short, and for what a person asks for. Throws as `find`. */
  all(safeId: string, list: ListName): Promise<Bytes[]>;
  /**
   * From now on these entries stay, even if strangers began them, as far as the caller's share goes; unknown names are left out.
   * Throws as `find`.
   */
  keep(safeId: string, list: ListName, names: readonly string[], by?: Caller): Promise<void>;
  /** Runs `task` while nothing is being added to a list of this safe. */
  inTurn<T>(safeId: string, task: () => Promise<T>): Promise<T>;
  /** The same for a task that deletes lists of this safe. */
  emptied<T>(safeId: string, task: () => Promise<T>): Promise<T>;
}

/** What is stored under a name. */
interface Known {
  row: Pick<StoredEntry, 'sequence' | 'mark'>;
  numbers: number;
  isBroken: boolean;
}

/** An entry that is to be written, and the number it gets. */
interface NewEntry {
  name: Bytes;
  entry: ListEntry;
  sequence: number;
  /** What it stands in the place of. */
  known?: Known;
}

/** Without turns: for the extension itself. */
const atOnce: TakeSlice = async (slice) => slice();

export function createSealedLists({
  db,
  host,
  open,
}: {
  db: Database;
  host: VaultHost;
  open: UnlockedSafes;
}): SealedLists {
  const queues = new Map<string, Queue>();
  const room = createListRoom(db);
  const reading = createListReading({ db, host, isThere: (safeId) => open.account(safeId) !== undefined });
  /** How often entries were replaced, by safe and list: a segment of rows that were read before is not written any more. */
  const replacements = new Map<string, number>();
  const replacementsOf = (safeId: string, list: ListName) => replacements.get(`${safeId} ${list}`) ?? 0;

  function inTurn<T>(safeId: string, task: () => Promise<T>): Promise<T> {
    const queue = queues.get(safeId) ?? createQueue();
    queues.set(safeId, queue);
    return queue(task);
  }

  /** `look` at what is stored under each name, a page of them at a time; its plaintext, undefined where it does not open, is wiped afterwards. */
  async function lookUp<T>(
    at: Access,
    list: ListName,
    { names, take = atOnce }: { names: readonly Bytes[]; take?: TakeSlice | undefined },
    look: (row: StoredEntry | undefined, plain: Bytes | undefined, index: number) => T | Promise<T>,
  ): Promise<T[]> {
    const results: T[] = [];
    for (let start = 0; start < names.length; start += keystoreLimits.rowsOfPage) {
      const page = names.slice(start, start + keystoreLimits.rowsOfPage);
      const rows = await readStores(db, ['entries'], async (transaction) => {
        const index = transaction.objectStore('entries').index('byName');
        return Promise.all(page.map((name) => index.get([at.safeId, list, name])));
      });
      await prepareKeys(at, rows);
      const looked = await take(() =>
        Promise.all(
          rows.map(async (row, index) => {
            const plain = row && (await openRow(at, row));
            const result = await look(row, plain, start + index);
            plain?.fill(0);
            return result;
          }),
        ),
      );
      results.push(...looked);
    }
    return results;
  }

  /** Once more from what the store says, when a number that was remembered is taken: nothing of the batch was written. */
  async function addOrRetry(
    safeId: string,
    list: ListName,
    entries: readonly ListEntry[],
    by: Caller,
  ): Promise<boolean[]> {
    const wasRemembered = room.remembers(safeId, list);
    try {
      return await addInTurn(safeId, list, entries, by);
    } catch (error) {
      const mayBeTaken = wasRemembered && error instanceof VaultError && error.reason === 'storage-failed';
      if (!mayBeTaken) throw error;
      return addInTurn(safeId, list, entries, by);
    }
  }

  async function addInTurn(
    safeId: string,
    list: ListName,
    entries: readonly ListEntry[],
    { origin, take = atOnce }: Caller,
  ): Promise<boolean[]> {
    const at = await accessTo(open, safeId);
    const named = new Map<string, { name: Bytes; entries: ListEntry[] }>();
    const names = await inGroups(entries, (entry) => nameOf(at, list, entry.name), { take });
    entries.forEach((entry, index) => {
      const name = names[index] as Bytes;
      const key = bytesToHex(name);
      const same = named.get(key);
      if (same) same.entries.push(entry);
      else named.set(key, { name, entries: [entry] });
    });
    const wanted = [...named.values()];
    const stored = await lookUp(
      at,
      list,
      { names: wanted.map(({ name }) => name), take },
      async (row, plain, index) => {
        const known: Known | undefined = row && {
          row: { sequence: row.sequence, ...(row.mark && { mark: row.mark }) },
          numbers: numbersOfRow(row),
          isBroken: plain === undefined,
        };
        return { known, winner: await winnerOf(wanted[index]?.entries ?? [], plain) };
      },
    );
    const fresh: NewEntry[] = [];
    const replacing: NewEntry[] = [];
    const broken: Known[] = [];
    let last = await room.lastOf(safeId, list);
    // A row that goes gives back what it took, and one that is replaced takes what the new one does.
    let growth = 0;
    stored.forEach(({ known, winner }, index) => {
      const { name } = wanted[index] as (typeof wanted)[number];
      if (winner === undefined) return;
      const numbers = numbersOf(winner.plain.length);
      if (known) growth += (known.isBroken ? 0 : numbers) - known.numbers;
      if (known?.isBroken) broken.push(known);
      if (known && !known.isBroken) replacing.push({ name, entry: winner, sequence: known.row.sequence, known });
      else fresh.push({ name, entry: winner, sequence: (last += numbers) });
    });
    const added = new Set(stored.map(({ winner }) => winner));
    const told = entries.map((entry) => added.has(entry));
    if (fresh.length + replacing.length === 0) return told;
    const owner = origin === undefined ? undefined : await ownerOf(at, list, origin);
    const kept = fresh.reduce((sum, { entry }) => sum + (entry.isStrange ? 0 : numbersOf(entry.plain.length)), 0);
    const plan = await room.plan({
      safeId,
      list,
      nameKey: at.nameKey,
      last,
      growth,
      spared: wanted.map(({ name }) => name),
      kept,
      owner,
      take,
    });
    const seal = async ({ name, entry, sequence, known }: NewEntry): Promise<StoredEntry> => {
      const row: StoredEntry = {
        safeId,
        list,
        sequence,
        name,
        bytes: await sealRow(at, list, { name, sequence }, entry.plain, host.randomBytes),
      };
      if (entry.group !== undefined) row.group = await nameOf(at, `${list} group`, entry.group);
      // What stands in the place of another is as strange as that one: also where it has no mark, because it is of before there were any.
      const strange = known ? known.row.mark : asBytes(host.randomBytes(markLength));
      const mark = entry.isStrange ? strange : await ownMark(at.nameKey, list, name);
      if (mark) row.mark = mark;
      return row;
    };
    const [rows, replaced] = [await inGroups(fresh, seal, { take }), await inGroups(replacing, seal, { take })];
    at.mustBeOpen();
    await step(host, `${list}.add`, () =>
      writeStrict(db, ['entries', 'segments', 'settings'], async (transaction) => {
        const store = transaction.objectStore('entries');
        await room.write(transaction, plan);
        for (const { row } of broken) {
          await store.delete([safeId, list, row.sequence]);
          // A segment may hold it whole: then it would be listed beside the one that takes its place.
          await dropSegmentOf(transaction, { safeId, list, sequence: row.sequence });
        }
        // `add`, not `put`: a number or a name that is taken fails the whole transaction, and nothing is written over.
        await Promise.all(rows.map(async (row) => store.add(row)));
        for (const row of replaced) {
          await store.put(row);
          await dropSegmentOf(transaction, row);
        }
      }),
    );
    if (replaced.length + broken.length + plan.evicted.length > 0)
      replacements.set(`${safeId} ${list}`, replacementsOf(safeId, list) + 1);
    const isStrange = (entry: NewEntry | undefined) => entry?.entry.isStrange ?? false;
    room.wrote(plan, [
      ...rows.map((row, index) => ({ row, isStrange: isStrange(fresh[index]) })),
      ...replaced.map((row, index) => ({ row, isStrange: isStrange(replacing[index]) })),
    ]);
    at.mustBeOpen();
    return told;
  }

  async function each(safeId: string, list: ListName, visit: (plain: Bytes) => void): Promise<void> {
    const at = await accessTo(open, safeId);
    const replacedBefore = replacementsOf(safeId, list);
    const runs = await reading.each(at, list, ({ plain }) => visit(plain));
    for (const run of runs) {
      const write = async () => {
        if (replacementsOf(safeId, list) === replacedBefore) await reading.writeSegment(at, list, run);
      };
      void inTurn(safeId, write).catch(() => undefined);
    }
    at.mustBeOpen();
  }

  async function keepInTurn(
    safeId: string,
    list: ListName,
    texts: readonly string[],
    { origin }: Caller,
  ): Promise<void> {
    const at = await accessTo(open, safeId);
    const owner = origin === undefined ? undefined : await ownerOf(at, list, origin);
    for (let start = 0; start < texts.length; start += keystoreLimits.rowsOfPage) {
      const known = await inGroups(texts.slice(start, start + keystoreLimits.rowsOfPage), async (text) => {
        const name = await nameOf(at, list, text);
        return { name, mark: await ownMark(at.nameKey, list, name) };
      });
      const rows = await readStores(db, ['entries'], (transaction) =>
        Promise.all(
          known.map(({ name }) => transaction.objectStore('entries').index('byName').get([safeId, list, name])),
        ),
      );
      const changed = rows.flatMap((row, index) => {
        const { mark } = known[index] as (typeof known)[number];
        return row && !(row.mark && equalBytes(row.mark, mark)) ? [{ ...row, mark }] : [];
      });
      if (changed.length === 0) continue;
      const shares = await room.share(
        safeId,
        list,
        owner,
        changed.reduce((sum, row) => sum + numbersOfRow(row), 0),
      );
      // More than its share: they stay as they were.
      if (!shares) return;
      at.mustBeOpen();
      await step(host, `${list}.keep`, () =>
        writeStrict(db, ['entries', 'settings'], async (transaction) => {
          for (const row of changed) await transaction.objectStore('entries').put(row);
          for (const [key, numbers] of shares) await transaction.objectStore('settings').put(numbers, key);
        }),
      );
      room.kept(
        safeId,
        list,
        changed.map(({ name }) => name),
      );
    }
  }

  return {
    add: (safeId, list, entries, by = {}) =>
      entries.length === 0 ? Promise.resolve([]) : inTurn(safeId, () => addOrRetry(safeId, list, entries, by)),
    async find(safeId, list, names, { take } = {}) {
      const at = await accessTo(open, safeId);
      const macs = await inGroups(names, (name) => nameOf(at, list, name), take && { take });
      const found = await lookUp(at, list, { names: macs, take }, (_row, plain) => plain?.slice());
      at.mustBeOpen();
      return found;
    },
    async findGroup(safeId, list, group) {
      const at = await accessTo(open, safeId);
      const key = await nameOf(at, `${list} group`, group);
      const rows = await readStores(db, ['entries'], (transaction) =>
        transaction.objectStore('entries').index('byGroup').getAll([safeId, list, key], keystoreLimits.entriesOfGroup),
      );
      const plains = await inGroups(rows, (row) => openRow(at, row));
      at.mustBeOpen();
      return plains.filter((plain) => plain !== undefined);
    },
    each,
    async all(safeId, list) {
      const plains: Bytes[] = [];
      await each(safeId, list, (plain) => plains.push(plain.slice()));
      return plains;
    },
    keep: (safeId, list, names, by = {}) => inTurn(safeId, () => keepInTurn(safeId, list, names, by)),
    inTurn,
    emptied: (safeId, task) =>
      inTurn(safeId, async () => {
        try {
          return await task();
        } finally {
          room.forget(safeId);
        }
      }),
  };
}

/** The name under which the share of a site is counted. */
async function ownerOf(at: Access, list: ListName, origin: string): Promise<string> {
  return bytesToHex((await nameOf(at, `${list} owner`, origin)).slice(0, 16));
}

/** Which of the entries of one name is to be stored, given in their order; undefined when what is stored stays. */
async function winnerOf(entries: readonly ListEntry[], stored: Bytes | undefined): Promise<ListEntry | undefined> {
  let standing = stored;
  let winner: ListEntry | undefined;
  for (const entry of entries) {
    if (standing !== undefined && !(await entry.replaces?.(standing))) continue;
    winner = entry;
    standing = entry.plain;
  }
  return winner;
}
