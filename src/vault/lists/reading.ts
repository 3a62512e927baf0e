// Reading whole lists of a safe, a page at a time.
// Promises: at most one page of rows or one segment is in memory at once, however long the list and however large its entries; what was read is
// given back at once, not when the collector comes round. Order is kept.
// Must not: hand out bytes that stay. What is visited is wiped with its page.
import { step } from '../store/steps';
import type { Database, StoredEntry } from '../store/database';
import { readStores, writeRelaxed } from '../store/database';
import { inGroups } from '../work/batches';
import { release } from '../work/release';
import type { VaultHost } from '../store/host';
import { keystoreLimits } from '../store/limits';
import { openRow, openSegment, sealSegment, type Access, type ListName } from './access';
import { createRuns, decodeSegment, encodeSegment, type Row, type Run } from './segments';

/** Rows in their order, in pages of few: each may have 64 KiB. `to` undefined: to the end. */
export async function* rowPages(
  db: Database,
  { safeId, list, from, to }: { safeId: string; list: string; from: number; to: number | undefined },
): AsyncGenerator<StoredEntry[]> {
  for (let next = from; ;) {
    const range = IDBKeyRange.bound([safeId, list, next], [safeId, list, to ?? []]);
    const rows = await readStores(db, ['entries'], (transaction) =>
      transaction.objectStore('entries').getAll(range, keystoreLimits.rowsOfPage),
    );
    const end = rows.at(-1)?.sequence;
    if (end === undefined) return;
    yield rows;
    if (rows.length < keystoreLimits.rowsOfPage || (to !== undefined && end >= to)) return;
    next = end + 1;
  }
}

export interface ListReading {
  /** Shows every entry that opens, in the order in which they were added; what it is shown is wiped afterwards. Returns the numbers that would be worth a segment. */
  each(at: Access, list: ListName, visit: (row: Row) => void): Promise<Run[]>;
  /** Copies the rows that have these numbers into one segment. Only while nothing is being added. They stay where they are, so that losing it loses nothing. */
  writeSegment(at: Access, list: ListName, run: Run): Promise<void>;
}

/** `isThere`: whether a safe was not forgotten meanwhile. */
export function createListReading({
  db,
  host,
  isThere,
}: {
  db: Database;
  host: VaultHost;
  isThere: (safeId: string) => boolean;
}): ListReading {
  async function eachRow(
    at: Access,
    list: ListName,
    { from, to }: { from: number; to: number | undefined },
    visit: (row: Row) => void,
  ): Promise<void> {
    for await (const page of rowPages(db, { safeId: at.safeId, list, from, to })) {
      const plains = await inGroups(page, (row) => openRow(at, row));
      plains.forEach((plain, index) => {
        if (!plain) return;
        const { sequence, name } = page[index] as StoredEntry;
        visit({ sequence, name, plain });
        plain.fill(0);
        release(plain);
      });
      for (const { bytes } of page) release(bytes);
    }
  }

  /** False when the segment does not open, or is larger than they are made now: then its rows are read. */
  async function eachOfSegment(
    at: Access,
    list: ListName,
    segment: Parameters<typeof openSegment>[2],
    visit: (row: Row) => void,
  ): Promise<boolean> {
    if (segment.bytes.length > 2 * keystoreLimits.bytesOfSegment + keystoreLimits.entryBytes) return false;
    const plain = await openSegment(at, list, segment);
    if (!plain) return false;
    const rows = decodeSegment(plain, segment.first);
    for (const row of rows ?? []) visit(row);
    plain.fill(0);
    release(plain);
    return rows !== undefined;
  }

  return {
    async each(at, list, visit) {
      const runs: Run[] = [];
      const eachLoose = async (from: number, to: number | undefined) => {
        const cut = createRuns(from);
        await eachRow(at, list, { from, to }, (row) => {
          cut.add(row);
          visit(row);
        });
        runs.push(...cut.end(to));
      };
      let end = 0;
      for (;;) {
        const range = IDBKeyRange.bound([at.safeId, list, end + 1], [at.safeId, list, []]);
        const segment = await readStores(db, ['segments'], (transaction) =>
          transaction.objectStore('segments').get(range),
        );
        if (!segment) break;
        // Between two segments: one that is missing, or numbers that nothing has any more.
        if (segment.first > end + 1) await eachLoose(end + 1, segment.first - 1);
        const isRead = await eachOfSegment(at, list, segment, visit);
        release(segment.bytes);
        if (!isRead) await eachLoose(segment.first, segment.last);
        end = segment.last;
      }
      await eachLoose(end + 1, undefined);
      return runs;
    },
    async writeSegment(at, list, { first, last }) {
      const rows: Row[] = [];
      let bytes = 0;
      await eachRow(at, list, { from: first, to: last }, (row) => {
        bytes += row.plain.length;
        if (bytes <= 2 * keystoreLimits.bytesOfSegment) rows.push({ ...row, plain: row.plain.slice() });
      });
      const plain = encodeSegment(rows);
      for (const row of rows) row.plain.fill(0);
      const sealed = await sealSegment(at, list, { first, last }, plain, host.randomBytes);
      plain.fill(0);
      at.mustBeOpen();
      // Larger: some were replaced since, and are read from the rows as before.
      if (bytes > 2 * keystoreLimits.bytesOfSegment || !isThere(at.safeId)) return;
      await step(host, `${list}.segment`, () =>
        writeRelaxed(db, ['segments'], async (transaction) => {
          await transaction.objectStore('segments').put({ safeId: at.safeId, list, first, last, bytes: sealed });
        }),
      );
    },
  };
}
