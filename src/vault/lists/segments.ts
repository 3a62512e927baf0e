// Segments: copies of many entries of a sealed list in one record, for listing them all (adr/0007).
// Promises: a segment says which numbers it speaks for, and holds every entry that had one of them when it was made; it is as small as a page.
// Must not: be the only copy of anything. What is lost or dropped here is read from the entries.
import type { StoredEntry, Transaction } from '../store/database';
import type { Bytes } from '../store/encoding';
import { lengthPrefixed } from '../store/encoding';
import { keystoreLimits } from '../store/limits';

/** An entry that was opened. */
export interface Row {
  sequence: number;
  name: Bytes;
  plain: Bytes;
}

/** Numbers whose rows become one segment. */
export interface Run {
  first: number;
  last: number;
}

/**
 * Cuts rows, told one after the other, into runs that are worth a segment, from number `first` on. Only numbers are kept: whoever writes a
 * segment reads its rows again, when nothing is being added.
 */
export function createRuns(first: number): {
  add(row: Pick<Row, 'sequence' | 'plain'>): void;
  end(last: number | undefined): Run[];
} {
  const runs: Run[] = [];
  let run = { first, last: first, rows: 0, bytes: 0 };
  const isAtLeast = (share: number) =>
    run.rows >= keystoreLimits.entriesOfSegment / share || run.bytes >= keystoreLimits.bytesOfSegment / share;
  const close = (last: number) => {
    runs.push({ first: run.first, last });
    run = { first: last + 1, last, rows: 0, bytes: 0 };
  };
  return {
    add({ sequence, plain }) {
      if (isAtLeast(1)) close(run.last);
      run = { first: run.first, last: sequence, rows: run.rows + 1, bytes: run.bytes + plain.length };
    },
    /**
     * `last` undefined: the list goes on behind them, and only whole runs count. Between two segments the runs reach to both, so that no
     * gap is left, and half a run is worth its segment.
     */
    end(last) {
      if (isAtLeast(last === undefined ? 1 : 2)) close(last ?? run.last);
      return runs;
    },
  };
}

/** Deletes the segment that holds a copy of this row, if there is one: it is read from its rows until it is made again. */
export async function dropSegmentOf(
  transaction: Transaction<'entries' | 'segments' | 'settings', 'readwrite'>,
  { safeId, list, sequence }: Pick<StoredEntry, 'safeId' | 'list' | 'sequence'>,
): Promise<void> {
  const cursor = await transaction
    .objectStore('segments')
    .openCursor(IDBKeyRange.bound([safeId, list], [safeId, list, sequence]), 'prev');
  if (cursor && cursor.value.last >= sequence) await cursor.delete();
}

/** The plaintext of a segment. */
export function encodeSegment(rows: readonly Row[]): Bytes {
  return lengthPrefixed(...rows.flatMap(({ name, plain }) => [name, plain]));
}

/** Rows over the bytes themselves: a safe may have a hundred thousand, and copying each would cost more than opening all. Undefined for what is no segment. */
export function decodeSegment(bytes: Bytes, first: number): Row[] | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  const take = (): Bytes | undefined => {
    const end = at + 4 <= bytes.length ? at + 4 + view.getUint32(at) : Infinity;
    if (end > bytes.length) return undefined;
    const part = bytes.subarray(at + 4, end);
    at = end;
    return part;
  };
  const rows: Row[] = [];
  while (at < bytes.length) {
    const [name, plain] = [take(), take()];
    if (!name || !plain) return undefined;
    // Numbers inside a segment only order it; entries that were missing when it was made have left no gap.
    rows.push({ sequence: first + rows.length, name, plain });
  }
  return rows;
}
