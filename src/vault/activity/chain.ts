// The state of a log beside its lines: where its chain begins and ends, and what was removed of it on purpose. And what is missing by it.
// Promises: pure; a line that went by age or for want of room is no gap, any other that went is one.
// Must not: believe a state that was not sealed, or take an unreadable one for none.
import { VaultError } from '../../contract/errors';
import { keptDays, type KeptDays } from '../../contract/choices';
import type { ActivityGap } from '../../contract/pages/identity';
import { equalBytes } from '../../protocol/base/bytes';
import { createReader, lengthPrefixed, u32, u64, type Bytes } from '../store/encoding';
import { firstLink, linkLength, type Line } from './line';
import { countWithin, type Ranges } from './removed';

export interface Head {
  /** How often it was written; the counter of its record. */
  writes: number;
  /** The first chained line, and when it was written. What is before it was written by a version that knew no chain. */
  since: number;
  sinceMs: number;
  /** There was a chain before this one, and its state was gone: what came before cannot be checked. */
  isRestart: boolean;
  /** The first line that has to be there: what is below went by age. And the link that it holds of the one before it. */
  from: number;
  anchor: Bytes;
  /** How many lines went by age, and the time of the latest of them; 0 for none. */
  aged: number;
  agedUntilMs: number;
  /** The last line that was written, and its link. */
  last: number;
  link: Bytes;
  /** SHA-256 of the record of removed lines; empty while there is none. */
  removed: Bytes;
  /** How long lines are kept. */
  days: KeptDays;
}

/** Of a log that begins, or that goes on after lines without a chain. */
export function newHead(state: { since: number; sinceMs: number; isRestart: boolean }): Head {
  const nothing = { writes: 0, aged: 0, agedUntilMs: 0, removed: new Uint8Array(0), days: keptDays[1] };
  return { ...state, ...nothing, from: state.since, anchor: firstLink, last: state.since - 1, link: firstLink };
}

export function encodeHead(head: Head): Bytes {
  const { since, sinceMs, isRestart, from, anchor, aged, agedUntilMs, last, link, removed, days } = head;
  const numbers = [since, sinceMs, from, aged, agedUntilMs, last].map(u64);
  return lengthPrefixed(...numbers, u32(isRestart ? 1 : 0), u32(days), anchor, link, removed);
}

/** `writes`: the counter of its record. Throws 'damaged'. */
export function decodeHead(bytes: Bytes, writes: number): Head {
  const reader = createReader(bytes);
  const number = <N>(read: (field: ReturnType<typeof createReader>) => N): N => {
    const field = createReader(reader.prefixed());
    const value = read(field);
    field.end();
    return value;
  };
  const [since, sinceMs, from, aged, agedUntilMs, last] = [0, 1, 2, 3, 4, 5].map(() =>
    number((field) => field.u64()),
  ) as [number, number, number, number, number, number];
  const [restart, days] = [number((field) => field.u32()), number((field) => field.u32())];
  const [anchor, link, removed] = [reader.prefixed(), reader.prefixed(), reader.prefixed()];
  reader.end();
  const kept = keptDays.find((one) => one === days);
  const isWhole = anchor.length === linkLength && link.length === linkLength && [0, 32].includes(removed.length);
  if (!isWhole || kept === undefined || restart > 1) throw new VaultError('damaged');
  return {
    writes,
    since,
    sinceMs,
    isRestart: restart === 1,
    from,
    anchor,
    aged,
    agedUntilMs,
    last,
    link,
    removed,
    days: kept,
  };
}

/** A row of the log as it was read. `line` and `link` are undefined for one that does not open. */
export interface ReadRow {
  sequence: number;
  line: Line | undefined;
  link: Bytes | undefined;
}

/** What the lines are judged by. `head` is undefined when there is none, or none that opens. */
export interface Chain {
  head: Head | undefined;
  removed: Ranges;
}

/** How many lines are missing from `first` to `last`, both included, that nobody removed on purpose. */
function missingWithin({ head, removed }: Chain, first: number, last: number): number {
  if (!head) return 0;
  const from = Math.max(first, head.from);
  return last < from ? 0 : last - from + 1 - countWithin(removed, from, last);
}

/** What is wrong between a line and the next older one that is there; null for nothing. `older` is undefined for the oldest. */
export function gapBefore(row: ReadRow, older: ReadRow | undefined, chain: Chain): ActivityGap | null {
  const { head } = chain;
  if (head && row.sequence < head.from) return null;
  const missing = missingWithin(chain, (older?.sequence ?? 0) + 1, row.sequence - 1);
  if (missing > 0) return { missing };
  if (!row.line) return null;
  // A line without a link behind the beginning of the chain is none of ours.
  if (!row.line.previous) return head ? { missing: 0 } : null;
  const isNext = older?.sequence === row.sequence - 1;
  const expected = row.sequence === head?.from ? head.anchor : isNext ? older?.link : undefined;
  return expected && !equalBytes(expected, row.line.previous) ? { missing: 0 } : null;
}

/** What is missing behind the newest line that is there; null for nothing. */
export function gapAtEnd(newest: ReadRow | undefined, chain: Chain): ActivityGap | null {
  const { head } = chain;
  if (!head) return null;
  const missing = missingWithin(chain, (newest?.sequence ?? 0) + 1, head.last);
  if (missing > 0) return { missing };
  const isOther = newest && (newest.sequence > head.last || (newest.link && !isEnd(newest, head)));
  return isOther ? { missing: 0 } : null;
}

function isEnd({ sequence, link }: ReadRow, head: Head): boolean {
  // An older line stands at the end where the newer ones went by age or for want of room.
  return sequence < head.last || (link !== undefined && equalBytes(link, head.link));
}
