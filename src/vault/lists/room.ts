// How much a list of a safe may hold, what one site may write of it, and what goes when strangers have filled it.
// Promises: a list takes a bounded part of the disk; only entries that strangers began go, the oldest first, then those of before there were
// marks, and never what is marked as the person's own. A list in which nothing may go is looked through once, not for each entry that is refused.
// Must not: open an entry, or tell on the disk which are strangers'.
import { VaultError } from '../../contract/errors';
import { bytesToHex, equalBytes } from '../../protocol/base/bytes';
import type { Database, StoredEntry, Transaction } from '../store/database';
import { readStores } from '../store/database';
import type { Bytes } from '../store/encoding';
import { lengthPrefixed } from '../store/encoding';
import { keystoreLimits } from '../store/limits';
import { keysOfList, type ListName } from './access';
import { rowPages } from './reading';
import { fitsShare } from '../work/shares';
import type { TakeSlice } from '../work/slices';

/** What a record takes besides its plaintext, in bytes (sealed-record.ts). */
const recordOverhead = 77;
/** Length of a mark. */
export const markLength = 8;
/** Of a full list so much is freed at once, so that the next entries need no look at it. */
const freedShare = 32;
/** Above so many numbers a list that was never measured is: its entries may be of a version that gave one number for each KiB. */
const unmeasuredNumbers = 4_096;

/** How many numbers an entry takes. So the numbers given out measure what is stored. */
export function numbersOf(plainLength: number): number {
  return Math.max(1, Math.ceil(plainLength / keystoreLimits.bytesOfNumber));
}

/** The same, of a row as it is stored. */
export function numbersOfRow({ bytes }: StoredEntry): number {
  return numbersOf(bytes.length - recordOverhead);
}

/** The mark of an entry that may not go: a MAC. That of a stranger's is random, so that only the safe can tell them apart. */
export async function ownMark(nameKey: CryptoKey, list: string, name: Bytes): Promise<Bytes> {
  const mac = await crypto.subtle.sign('HMAC', nameKey, lengthPrefixed(`${list} own`, bytesToHex(name)));
  return new Uint8Array(mac).slice(0, markLength);
}

const freedKey = (safeId: string, list: string) => `room:${safeId}:${list}:freed`;
/** Without an owner: what all sites have written together. */
const shareKey = (safeId: string, list: string, owner = '') => `room:${safeId}:${list}:share:${owner}`;

/** All rows of settings that tell of the lists of a safe, for one that is being forgotten. */
export function roomKeysOfSafe(safeId: string): IDBKeyRange {
  return IDBKeyRange.bound(`room:${safeId}:`, `room:${safeId}:\uffff`);
}

/** How far a list is. */
interface Count {
  last: number;
  /** Numbers given out that nothing takes any more; fewer than none when entries were replaced by larger ones. */
  freed: number;
  /** As it stands in the store; undefined: it does not. */
  storedFreed: number | undefined;
}

/** An entry that may go. */
interface Evictable {
  sequence: number;
  numbers: number;
  /** Of before there were marks. */
  isUnmarked: boolean;
}

/** What somebody is about to write. */
export interface Wish {
  safeId: string;
  list: ListName;
  nameKey: CryptoKey;
  /** The highest number that is to be given out. */
  last: number;
  /** By how many numbers replaced entries grow. */
  growth: number;
  /** Entries of these names stay. */
  spared: readonly Bytes[];
  /** What of it stays for good, in numbers, and the name of the site that wrote it; no name: the extension itself. */
  kept: number;
  owner: string | undefined;
  take: TakeSlice;
}

/** What has to be written besides the entries. */
export interface Plan {
  readonly wish: Wish;
  /** Entries that go, ascending. */
  readonly evicted: readonly number[];
  readonly count: Count;
  readonly shares: readonly [key: string, numbers: number][];
}

type Writing = Transaction<'entries' | 'segments' | 'settings', 'readwrite'>;

export interface ListRoom {
  /** Whether the numbers of a list are known without reading. */
  remembers(safeId: string, list: ListName): boolean;
  lastOf(safeId: string, list: ListName): Promise<number>;
  /**
   * What has to go so that `wish` has room: strangers', the oldest first, then, where they do not suffice, the oldest without a mark.
   * Throws 'limit' when not enough may go or when it is more than the share of its owner, 'storage-failed'.
   */
  plan(wish: Wish): Promise<Plan>;
  /** In the transaction that adds what the room is for. Nothing is remembered until `wrote`. */
  write(transaction: Writing, plan: Plan): Promise<void>;
  /** After it. `rows`: the entries that were written. */
  wrote(plan: Plan, rows: readonly { row: StoredEntry; isStrange: boolean }[]): void;
  /** Whether `numbers` more of what stays fit into the share of `owner`, and what to write then. */
  share(
    safeId: string,
    list: ListName,
    owner: string | undefined,
    numbers: number,
  ): Promise<Plan['shares'] | undefined>;
  /** These entries may not go any more. */
  kept(safeId: string, list: ListName, names: readonly Bytes[]): void;
  /** Forgets what was remembered, because somebody else deleted entries. */
  forget(safeId: string): void;
}

export function createListRoom(db: Database): ListRoom {
  const counts = new Map<string, Count>();
  /** All that may go of a list, by name, oldest first: known once it was looked through to its end. */
  const evictables = new Map<string, Map<string, Evictable>>();
  const keyOf = (safeId: string, list: ListName) => `${safeId} ${list}`;

  async function countOf(safeId: string, list: ListName): Promise<Count> {
    const known = counts.get(keyOf(safeId, list));
    if (known) return known;
    const { last, storedFreed } = await readStores(db, ['entries', 'settings'], async (transaction) => {
      const cursor = await transaction.objectStore('entries').openKeyCursor(keysOfList(safeId, list), 'prev');
      const stored: unknown = await transaction.objectStore('settings').get(freedKey(safeId, list));
      return { last: cursor ? cursor.primaryKey[2] : 0, storedFreed: typeof stored === 'number' ? stored : undefined };
    });
    const freed = storedFreed ?? (last > unmeasuredNumbers ? last - (await measured(safeId, list)) : 0);
    const count = { last, freed, storedFreed };
    counts.set(keyOf(safeId, list), count);
    return count;
  }

  async function measured(safeId: string, list: ListName): Promise<number> {
    let numbers = 0;
    for await (const page of rowPages(db, { safeId, list, from: 0, to: undefined }))
      for (const row of page) numbers += numbersOfRow(row);
    return numbers;
  }

  /** Everything that may go, oldest first, until enough was seen. */
  async function* evictablesOf({ safeId, list, nameKey, take }: Wish): AsyncGenerator<[name: string, Evictable]> {
    const known = evictables.get(keyOf(safeId, list));
    if (known) {
      yield* known;
      return;
    }
    const seen = new Map<string, Evictable>();
    for await (const page of rowPages(db, { safeId, list, from: 0, to: undefined })) {
      const theirs = await take(async () => {
        const found: StoredEntry[] = [];
        for (const row of page) {
          if (!row.mark) {
            found.push(row);
            continue;
          }
          if (equalBytes(row.mark, await ownMark(nameKey, list, row.name))) continue;
          found.push(row);
        }
        return found;
      });
      for (const row of theirs) {
        const one: [string, Evictable] = [
          bytesToHex(row.name),
          { sequence: row.sequence, numbers: numbersOfRow(row), isUnmarked: row.mark === undefined },
        ];
        if (seen.size <= keystoreLimits.rememberedEvictable) seen.set(...one);
        yield one;
      }
    }
    if (seen.size <= keystoreLimits.rememberedEvictable) evictables.set(keyOf(safeId, list), seen);
  }

  /** What goes so that at least `missing` numbers are free. */
  async function choose(wish: Wish, missing: number): Promise<{ sequences: number[]; freed: number }> {
    const wanted = missing + Math.floor(keystoreLimits.numbersOfList[wish.list] / freedShare);
    const spared = new Set(wish.spared.map(bytesToHex));
    const sequences: number[] = [];
    const unmarked: Evictable[] = [];
    let freed = 0;
    for await (const [name, one] of evictablesOf(wish)) {
      if (spared.has(name)) continue;
      if (one.isUnmarked) {
        unmarked.push(one);
        continue;
      }
      sequences.push(one.sequence);
      freed += one.numbers;
      if (freed >= wanted) break;
    }
    if (freed < missing) {
      for (const { sequence, numbers } of unmarked) {
        sequences.push(sequence);
        freed += numbers;
        if (freed >= wanted) break;
      }
    }
    if (freed < missing) throw new VaultError('limit');
    return { sequences: sequences.sort((a, b) => a - b), freed };
  }

  const share: ListRoom['share'] = async (safeId, list, owner, numbers) => {
    if (numbers === 0 || owner === undefined) return [];
    const keys = [shareKey(safeId, list), shareKey(safeId, list, owner)] as const;
    const stored = await readStores(db, ['settings'], (transaction) =>
      Promise.all(keys.map((key) => transaction.objectStore('settings').get(key))),
    );
    const [used = 0, held = 0] = stored.map((value) => (typeof value === 'number' ? value : 0));
    if (!fitsShare(keystoreLimits.numbersOfList[list], { used, held, more: numbers })) return undefined;
    return [
      [keys[0], used + numbers],
      [keys[1], held + numbers],
    ];
  };

  return {
    remembers: (safeId, list) => counts.has(keyOf(safeId, list)),
    lastOf: async (safeId, list) => (await countOf(safeId, list)).last,
    async plan(wish) {
      const { safeId, list, last, growth, owner, kept } = wish;
      const shares = await share(safeId, list, owner, kept);
      if (!shares) throw new VaultError('limit');
      const count = await countOf(safeId, list);
      const missing = last - count.freed + growth - keystoreLimits.numbersOfList[list];
      const { sequences, freed } = missing > 0 ? await choose(wish, missing) : { sequences: [], freed: 0 };
      return { wish, evicted: sequences, shares, count: { ...count, last, freed: count.freed - growth + freed } };
    },
    async write(transaction, { wish: { safeId, list }, evicted, count, shares }) {
      // Only the number is used after the write: it is set before, so that a failed write never leaves one too low.
      counts.delete(keyOf(safeId, list));
      const entries = transaction.objectStore('entries');
      await Promise.all(evicted.map((sequence) => entries.delete([safeId, list, sequence])));
      // Copies of what goes, and of what stood between; the rest is copied anew when it is listed.
      if (evicted.length > 0)
        await transaction
          .objectStore('segments')
          .delete(IDBKeyRange.bound([safeId, list], [safeId, list, evicted.at(-1)!]));
      const settings = transaction.objectStore('settings');
      // A short list need not say that nothing was freed.
      const isTold =
        count.storedFreed === undefined
          ? count.freed === 0 && count.last <= unmeasuredNumbers
          : count.freed === count.storedFreed;
      if (!isTold) await settings.put(count.freed, freedKey(safeId, list));
      for (const [key, numbers] of shares) await settings.put(numbers, key);
    },
    wrote({ wish: { safeId, list }, evicted, count }, rows) {
      counts.set(keyOf(safeId, list), { ...count, storedFreed: count.freed });
      const known = evictables.get(keyOf(safeId, list));
      if (!known) return;
      const gone = new Set(evicted);
      for (const [name, { sequence }] of known) if (gone.has(sequence)) known.delete(name);
      for (const { row, isStrange } of rows) {
        const name = bytesToHex(row.name);
        if (isStrange)
          known.set(name, { sequence: row.sequence, numbers: numbersOfRow(row), isUnmarked: row.mark === undefined });
        else known.delete(name);
      }
      if (known.size > keystoreLimits.rememberedEvictable) evictables.delete(keyOf(safeId, list));
    },
    share,
    kept(safeId, list, names) {
      for (const name of names) evictables.get(keyOf(safeId, list))?.delete(bytesToHex(name));
    },
    forget(safeId) {
      for (const map of [counts, evictables])
        for (const key of map.keys()) if (key.startsWith(`${safeId} `)) map.delete(key);
    },
  };
}
