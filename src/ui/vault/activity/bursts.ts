// The lines of one or more logs as the page shows them: chosen, taken together where they came in a burst, and counted by the day.
// Promises: pure; no line is lost or counted twice, and a gap is never hidden inside a burst or by a choice. Must not: hold words.
import type { ActivityEntry, ActivityGap } from '../../../contract/pages/identity';
import { actsOf, decisionOf, kindOf, type Decision, type Kind } from './activity-words';

/** A line with whose log it is in, and who decided. */
export interface LogLine extends ActivityEntry {
  safeId: string;
  decision: Decision;
}

/** What a person chose to see; undefined: all. */
export interface Choice {
  safeId?: string | undefined;
  /** A site's origin; null: what was no site's. */
  origin?: string | null | undefined;
  kind?: Kind | undefined;
  decision?: Decision | undefined;
  /** Words that a line has to have, all of them, in any order and any case of letters. */
  sought?: string | undefined;
}

/** What a line says, in small letters; pages know the words. */
export type TextOf = (line: LogLine) => string;
const noText: TextOf = () => '';

/** Each word that is sought. */
export const wordsOf = (sought: string | undefined): string[] =>
  (sought ?? '').toLocaleLowerCase().split(/\s+/u).filter(Boolean);

export interface Burst {
  is: 'burst';
  /** Newest first; at least one. */
  lines: [LogLine, ...LogLine[]];
  /** How many acts they stand for. */
  acts: number;
}

/** Something between two lines of one log. */
export interface GapRow {
  is: 'gap';
  safeId: string;
  /** The line above it; undefined at the end of the log. */
  sequence: number | undefined;
  gap: ActivityGap;
}

export type Row = Burst | GapRow;

/** Acts of one kind that come within this long of one another are one burst, in milliseconds. */
export const burstMs = 10 * 60_000;

export function logLines(safeId: string, entries: readonly ActivityEntry[], since: number): LogLine[] {
  return entries.map((entry) => ({ ...entry, safeId, decision: decisionOf(entry, entry.sequence >= since) }));
}

/** Newest first; lines of one log stay in its order, whatever a clock said. A line without a time is as old as the one above it. */
export function merged(logs: readonly (readonly LogLine[])[]): LogLine[] {
  const left = logs.map((lines) => {
    let atMs = Infinity;
    return lines.map((line) => ({ line, atMs: (atMs = line.atMs > 0 ? line.atMs : atMs) }));
  });
  const places = left.map(() => 0);
  const all: LogLine[] = [];
  for (;;) {
    let best: number | undefined;
    for (const [at, lines] of left.entries()) {
      const next = lines[places[at]!];
      if (next && (best === undefined || next.atMs > left[best]![places[best]!]!.atMs)) best = at;
    }
    if (best === undefined) return all;
    all.push(left[best]![places[best]!]!.line);
    places[best]! += 1;
  }
}

export function isChosen(line: LogLine, choice: Choice, textOf: TextOf = noText): boolean {
  const { safeId, origin, kind, decision, sought } = choice;
  return (
    (safeId === undefined || line.safeId === safeId) &&
    (origin === undefined || line.origin === origin) &&
    (kind === undefined || kindOf(line.method) === kind) &&
    (decision === undefined || line.decision === decision) &&
    wordsOf(sought).every((word) => textOf(line).includes(word))
  );
}

/** One row for each burst, at the place of its newest line, and one for each gap. `lines`: newest first, of all that were read. */
export function rowsOf(lines: readonly LogLine[], choice: Choice, textOf: TextOf = noText): Row[] {
  const rows: Row[] = [];
  const running = new Map<string, Burst>();
  for (const line of lines) {
    if (isChosen(line, choice, textOf)) {
      const { safeId, origin, method, decision } = line;
      const name = JSON.stringify([safeId, origin, method, decision]);
      const burst = running.get(name);
      if (burst && Math.abs(burst.lines.at(-1)!.atMs - line.atMs) <= burstMs) {
        burst.lines.push(line);
        burst.acts += actsOf(line);
      } else {
        const begun: Burst = { is: 'burst', lines: [line], acts: actsOf(line) };
        running.set(name, begun);
        rows.push(begun);
      }
    }
    if (line.gap && (choice.safeId === undefined || choice.safeId === line.safeId)) {
      rows.push({ is: 'gap', safeId: line.safeId, sequence: line.sequence, gap: line.gap });
      // What is below a gap is not taken together with what is above it.
      running.clear();
    }
  }
  return rows;
}

export interface Day {
  /** Its beginning, in milliseconds since 1970, by the clock of this computer. */
  atMs: number;
  acts: number;
}

/** The last `days` days, today last. */
export function daysOf(lines: readonly LogLine[], days: number, nowMs: number): Day[] {
  const counts = new Map<number, number>();
  const dayOf = (atMs: number) => new Date(atMs).setHours(0, 0, 0, 0);
  for (const line of lines) {
    const day = dayOf(line.atMs);
    counts.set(day, (counts.get(day) ?? 0) + actsOf(line));
  }
  return Array.from({ length: days }, (_, at) => {
    // By the calendar: not every day has 24 hours.
    const day = new Date(nowMs);
    day.setHours(0, 0, 0, 0);
    day.setDate(day.getDate() - (days - 1 - at));
    return { atMs: day.getTime(), acts: counts.get(day.getTime()) ?? 0 };
  });
}

/** The acts of each kind, most first; kinds without any are left out. */
export function countsOf(lines: readonly LogLine[]): [Kind, number][] {
  const counts = new Map<Kind, number>();
  for (const line of lines) counts.set(kindOf(line.method), (counts.get(kindOf(line.method)) ?? 0) + actsOf(line));
  return [...counts].sort((one, other) => other[1] - one[1]);
}

/** All sites in these lines, by name. */
export function sitesOf(lines: readonly LogLine[]): string[] {
  return [...new Set(lines.flatMap(({ origin }) => origin ?? []))].sort();
}

/** The newest page of a log on top of what was read of it before: lines that went at its old end are no longer there. */
export function withNewest(
  known: readonly ActivityEntry[],
  newest: readonly ActivityEntry[],
): ActivityEntry[] | undefined {
  const oldest = newest.at(-1)?.sequence;
  if (oldest === undefined) return [];
  const first = known[0]?.sequence;
  // Too far ahead to be joined: everything is read anew.
  if (first === undefined || oldest > first) return undefined;
  return [...newest, ...known.filter(({ sequence }) => sequence < oldest)];
}
