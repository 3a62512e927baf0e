// Rows that were gathered for an archive, as they came from a node or a file, sealed in the safe's own part of the disk.
// Promises: a row that was there already is kept once; rows, and how far their source was read, are written in one step, so that whoever dies in between
// loses neither; what the disk does not give back is counted. Bounded in number and in bytes.
// Must not: open a message, or say on the disk which topics there are.
import { VaultError } from '../../contract/errors';
import { bytesToUtf8, utf8ToBytes } from '../../protocol/base/bytes';
import { sha256 } from '../safe/header';
import { keysOfList, readStores, writeStrict, type Database } from '../store/database';
import { asBytes, concat, createReader, lengthPrefixed, u32, type Bytes } from '../store/encoding';
import type { VaultHost } from '../store/host';
import { openRecordOfAnyEpoch, sealRecord } from '../store/sealed-record';
import { step } from '../store/steps';
import type { UnlockedSafes } from '../store/unlocked-safes';
import { createQueue, type Queue } from '../work/queue';

/** One row as a node has it. Its message is sealed by who wrote it. */
export interface GatheredRow {
  contentTopic: string;
  timestampNs: bigint;
  message: Uint8Array;
}

/** How far something was read, by its name. What it means is for the reader of that source. */
export interface SourceState {
  /** Where to go on; null when it was read to its end. */
  next: string | null;
  /** Rows that were seen, among them those that were there already. */
  rows: number;
  badLines: number;
  otherRows: number;
}

export interface ArchiveState {
  rows: number;
  bytes: number;
  /** Invitations among them that did not open. */
  invitationsLeft: number;
  sources: Record<string, SourceState>;
}

/** Rows of one record on the disk: undefined where the disk does not give them back, then `count` says how many there were. */
export type RowBatch = { first: number; last: number } & ({ rows: GatheredRow[] } | { rows: undefined; count: number });

/** Every method throws 'locked', 'not-found', 'storage-failed'. */
export interface ArchiveRows {
  state(safeId: string): Promise<ArchiveState>;
  /** Which of these are not there yet; of two that are equal the first. */
  newAmong(safeId: string, rows: readonly GatheredRow[]): Promise<GatheredRow[]>;
  /** Adds those that are new, with what `change` makes of the state, all in one step. Throws 'limit' when there is no room; then nothing changed. */
  add(safeId: string, rows: readonly GatheredRow[], change: (state: ArchiveState) => void): Promise<{ added: number }>;
  /** The next rows from number `from` on, in the order in which they came; undefined at the end. */
  read(safeId: string, from: number): Promise<RowBatch | undefined>;
  /** Deletes all of it. */
  clear(safeId: string): Promise<void>;
  /** What memory holds of safes that were locked since goes. */
  dropLocked(): void;
}

export const archiveLimits = {
  rows: 500_000,
  bytes: 1024 * 1024 * 1024,
  recordBytes: 1024 * 1024,
  sources: 500,
} as const;

const lists = { rows: 'archive', names: 'archive-names', state: 'archive-state' } as const;
const schema = 1;
const nameLength = 16;

interface Held {
  lockCount: number;
  names: Set<string>;
  next: number;
  state: ArchiveState;
}

const nothing = (): ArchiveState => ({ rows: 0, bytes: 0, invitationsLeft: 0, sources: {} });

export function createArchiveRows({
  db,
  host,
  open,
}: {
  db: Database;
  host: VaultHost;
  open: UnlockedSafes;
}): ArchiveRows {
  const held = new Map<string, Held>();
  const queues = new Map<string, Queue>();

  function inTurn<T>(safeId: string, task: () => Promise<T>): Promise<T> {
    const queue = queues.get(safeId) ?? createQueue();
    queues.set(safeId, queue);
    return queue(task);
  }

  function placeOf(safeId: string, list: string, first: number) {
    const account = open.account(safeId);
    if (account === undefined) throw new VaultError('not-found');
    return { safeId, account, type: list, id: String(first), schema };
  }

  async function seal(safeId: string, list: string, first: number, plain: Bytes): Promise<Bytes> {
    const { rootKey, epoch } = await open.current(safeId);
    return sealRecord(rootKey, { ...placeOf(safeId, list, first), epoch, counter: 1 }, plain, host.randomBytes);
  }

  async function unseal(safeId: string, list: string, { first, bytes }: { first: number; bytes: Bytes }) {
    return openRecordOfAnyEpoch((epoch) => open.rootKeyOf(safeId, epoch), placeOf(safeId, list, first), bytes);
  }

  const segment = (safeId: string, list: string, from: number) =>
    readStores(db, ['segments'], (transaction) =>
      transaction.objectStore('segments').get(keysOfList(safeId, list, from)),
    );

  /** What its record says; undefined where there is none that opens. */
  async function saidState(safeId: string): Promise<ArchiveState | undefined> {
    const stored = await segment(safeId, lists.state, 0);
    const plain = stored && (await unseal(safeId, lists.state, stored).catch(nothingIfDamaged));
    return plain && stateOf(plain);
  }

  /** What is there, read once for each unlock. */
  async function holdings(safeId: string): Promise<Held> {
    // Asked for its checks: deadline and clock come before anything is opened.
    await open.rootKey(safeId);
    const lockCount = open.lockCount(safeId);
    const known = held.get(safeId);
    if (known?.lockCount === lockCount) return known;
    const names = new Set<string>();
    let next = 1;
    for (;;) {
      const one = await segment(safeId, lists.names, next);
      if (!one) break;
      next = one.last + 1;
      // A record of names that is lost lets its rows be gathered once more; they are told apart when they are read.
      const plain = await unseal(safeId, lists.names, one).catch(nothingIfDamaged);
      for (let at = 0; plain && at < plain.length; at += nameLength)
        names.add(nameText(plain.subarray(at, at + nameLength)));
    }
    const state = (await saidState(safeId)) ?? nothing();
    // The rows are what counts, also where the record about them is lost.
    state.rows = Math.max(state.rows, next - 1);
    const fresh = { lockCount, names, next, state };
    mustBeOpen(safeId, lockCount);
    held.set(safeId, fresh);
    return fresh;
  }

  function mustBeOpen(safeId: string, lockCount: number): void {
    if (open.lockCount(safeId) !== lockCount) throw new VaultError('locked');
  }

  async function namesOf(rows: readonly GatheredRow[]): Promise<Bytes[]> {
    const digests = await Promise.all(
      rows.map(({ contentTopic, timestampNs, message }) =>
        sha256(lengthPrefixed(contentTopic, String(timestampNs), message)),
      ),
    );
    return digests.map((digest) => digest.slice(0, nameLength));
  }

  async function freshOf({ names }: Held, rows: readonly GatheredRow[]) {
    const seen = new Set<string>();
    return (await namesOf(rows)).flatMap((name, index) => {
      const text = nameText(name);
      if (names.has(text) || seen.has(text)) return [];
      seen.add(text);
      return [{ name, text, row: rows[index] as GatheredRow }];
    });
  }

  return {
    state: (safeId) =>
      inTurn(safeId, async () => {
        await open.rootKey(safeId);
        const known = held.get(safeId);
        if (known?.lockCount === open.lockCount(safeId)) return structuredClone(known.state);
        // Mostly the one record says it all, and names need not be read.
        return (await saidState(safeId)) ?? structuredClone((await holdings(safeId)).state);
      }),
    newAmong: (safeId, rows) =>
      inTurn(safeId, async () => (await freshOf(await holdings(safeId), rows)).map(({ row }) => row)),
    add: (safeId, rows, change) =>
      inTurn(safeId, async () => {
        const now = await holdings(safeId);
        const fresh = await freshOf(now, rows);
        const state = structuredClone(now.state);
        state.rows += fresh.length;
        for (const { row } of fresh) state.bytes += row.message.length + row.contentTopic.length;
        change(state);
        const isFull = state.rows > archiveLimits.rows || state.bytes > archiveLimits.bytes;
        if ((fresh.length > 0 && isFull) || Object.keys(state.sources).length > archiveLimits.sources)
          throw new VaultError('limit');
        const puts: { list: string; first: number; last: number; bytes: Bytes }[] = [];
        let next = now.next;
        for (const group of groupsOf(fresh, ({ row }) => row.message.length + row.contentTopic.length)) {
          const [first, last] = [next, next + group.length - 1];
          const plain = encodeRows(group.map(({ row }) => row));
          puts.push({ list: lists.rows, first, last, bytes: await seal(safeId, lists.rows, first, plain) });
          const names = concat(...group.map(({ name }) => name));
          puts.push({ list: lists.names, first, last, bytes: await seal(safeId, lists.names, first, names) });
          next = last + 1;
        }
        const said = await seal(safeId, lists.state, 0, asBytes(utf8ToBytes(JSON.stringify(state))));
        puts.push({ list: lists.state, first: 0, last: 0, bytes: said });
        mustBeOpen(safeId, now.lockCount);
        await step(host, 'archive.add', () =>
          writeStrict(db, ['headers', 'segments'], async (transaction) => {
            // It may be forgotten by now, and what came later would stay behind.
            if (!(await transaction.objectStore('headers').get(safeId))) throw new VaultError('not-found');
            for (const put of puts) await transaction.objectStore('segments').put({ safeId, ...put });
          }),
        );
        for (const { text } of fresh) now.names.add(text);
        now.next = next;
        now.state = state;
        return { added: fresh.length };
      }),
    async read(safeId, from) {
      await open.rootKey(safeId);
      const stored = await segment(safeId, lists.rows, from);
      if (!stored) {
        // Rows whose record is gone altogether have left their number.
        const { next } = await inTurn(safeId, () => holdings(safeId));
        return from < next ? { first: from, last: next - 1, rows: undefined, count: next - from } : undefined;
      }
      const { first, last } = stored;
      if (first > from) return { first: from, last: first - 1, rows: undefined, count: first - from };
      const plain = await unseal(safeId, lists.rows, stored).catch(nothingIfDamaged);
      const rows = plain && decodeRows(plain);
      return rows ? { first, last, rows } : { first, last, rows: undefined, count: last - first + 1 };
    },
    clear: (safeId) =>
      inTurn(safeId, async () => {
        await open.rootKey(safeId);
        await step(host, 'archive.clear', () =>
          writeStrict(db, ['segments'], async (transaction) => {
            for (const list of Object.values(lists))
              await transaction.objectStore('segments').delete(keysOfList(safeId, list, 0));
          }),
        );
        held.delete(safeId);
      }),
    dropLocked() {
      for (const [safeId, { lockCount }] of held) if (open.lockCount(safeId) !== lockCount) held.delete(safeId);
    },
  };
}

function nothingIfDamaged(error: unknown): undefined {
  if (error instanceof VaultError && error.reason === 'damaged') return undefined;
  throw error;
}

/** Sixteen characters of one byte each. */
const nameText = (name: Uint8Array): string => String.fromCharCode(...name);

function* groupsOf<T>(items: readonly T[], sizeOf: (item: T) => number): Generator<T[]> {
  let [group, bytes] = [[] as T[], 0];
  for (const item of items) {
    if (group.length > 0 && bytes + sizeOf(item) > archiveLimits.recordBytes) {
      yield group;
      [group, bytes] = [[], 0];
    }
    group.push(item);
    bytes += sizeOf(item);
  }
  if (group.length > 0) yield group;
}

function encodeRows(rows: readonly GatheredRow[]): Bytes {
  return concat(
    u32(rows.length),
    ...rows.map(({ contentTopic, timestampNs, message }) => lengthPrefixed(contentTopic, String(timestampNs), message)),
  );
}

/** Undefined for what is not rows. */
function decodeRows(bytes: Bytes): GatheredRow[] | undefined {
  try {
    const reader = createReader(bytes);
    const rows = Array.from({ length: reader.u32() }, () => ({
      contentTopic: reader.text(),
      timestampNs: BigInt(reader.text()),
      message: reader.prefixed(),
    }));
    reader.end();
    return rows;
  } catch {
    return undefined;
  }
}

/** Sealed by us, so it has the form that we gave it. */
function stateOf(plain: Bytes): ArchiveState {
  return { ...nothing(), ...(JSON.parse(bytesToUtf8(plain)) as Partial<ArchiveState>) };
}
