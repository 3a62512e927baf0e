// Which lines of a log are older than they are kept for.
// Promises: they are the oldest, without one left out between them; a line that does not open goes only with a readable one behind it.
// Must not: remove anything; activity.ts does, in one transaction with the state that says so.
import { readStores, type Database } from '../store/database';
import type { Bytes } from '../store/encoding';
import type { Head } from './chain';
import { linesOfSafe, readRow, type Opener, type StoredRow } from './state';

const dayMs = 24 * 3_600_000;
const pageLength = 256;

/** The last of the lines that go, how many they are, and what the next line holds of the last. */
export interface Aged {
  through: number;
  /** When the latest of them was written, in milliseconds since 1970. */
  untilMs: number;
  lines: number;
  /** Undefined for a line without a chain. */
  link: Bytes | undefined;
}

/** Everything up to the last line of before `beforeMs`; undefined when nothing is that old. Throws 'locked', 'storage-failed'. */
export async function agedLines(db: Database, opener: Opener, beforeMs: number): Promise<Aged | undefined> {
  let aged: Aged | undefined;
  let seen = 0;
  for (let after = 0, length = 1; ; length = pageLength) {
    const rows = await readOldest(db, opener.safeId, after, length);
    for (const stored of rows) {
      seen++;
      const { sequence, line, link } = await readRow(opener, stored);
      if (line && line.act.atMs >= beforeMs) return aged;
      if (line) aged = { through: sequence, untilMs: Math.max(line.act.atMs, aged?.untilMs ?? 0), lines: seen, link };
    }
    if (rows.length < length) return aged;
    after = rows.at(-1)?.sequence ?? after;
  }
}

export const oldestKeptMs = (nowMs: number, days: number): number => nowMs - days * dayMs;

function readOldest(db: Database, safeId: string, after: number, length: number): Promise<StoredRow[]> {
  return readStores(db, ['activity'], async (transaction) => {
    const range = IDBKeyRange.bound([safeId, after], linesOfSafe(safeId).upper, true);
    const found: StoredRow[] = [];
    let cursor = await transaction.objectStore('activity').openCursor(range);
    while (cursor) {
      found.push(cursor.value);
      cursor = found.length < length ? await cursor.continue() : null;
    }
    return found;
  });
}

/** The state without the lines that went by age: the next one has to hold the link of the last of them. */
export function withoutAged(head: Head, { through, untilMs, lines, link }: Aged): Head {
  // Lines without a chain were never part of it.
  if (through < head.from) return { ...head, aged: head.aged + lines, agedUntilMs: untilMs };
  return { ...head, aged: head.aged + lines, agedUntilMs: untilMs, from: through + 1, anchor: link ?? head.anchor };
}
