// Activity as a table for other programs: RFC 4180, UTF-8 with a byte order mark, because Excel takes a file without one for its own code page.
// Promises: pure; every cell is quoted; no cell begins a formula in any program that opens it, also where it cuts at semicolons; dates are ISO 8601.
// Must not: hold words; the page gives them.
import type { LogLine } from './bursts';

/** The words of a table, from the page. */
export interface CsvWords {
  heads: Record<(typeof columns)[number], string>;
  identity: (safeId: string) => { name: string; account: string };
  method: (method: string) => string;
  decision: (line: LogLine) => string;
  gap: (line: LogLine) => string;
}

export const columns = [
  'time',
  'identity',
  'account',
  'site',
  'what',
  'method',
  'purpose',
  'count',
  'outcome',
  'number',
  'gap',
] as const;

/** What some program takes for the beginning of a formula: also in full width, and behind white space that it drops. */
const formula = /^[\s\p{Cc}\p{Cf}"]*[=+\-@\uff1d\uff0b\uff0d\uff20]/u;
/** A program whose list separator is another does not see our quotes: it cuts there, and at the end of a line. */
const insideFormula = /([;|\t\r\n][\s\p{Cc}\p{Cf}"]*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])/gu;

/** A text that no program carries out: an apostrophe in front makes it one, as in the programs themselves. */
export function harmless(text: string): string {
  const inside = text.replace(insideFormula, "$1'");
  return formula.test(inside) || /^[\t\r\n]/.test(inside) ? `'${inside}` : inside;
}

const cell = (text: string): string => `"${harmless(text).replaceAll('"', '""')}"`;

/** ISO 8601 in UTC; nothing for a line that cannot be read, or a date that there is not. */
const isoTime = (atMs: number): string => (atMs > 0 && atMs <= 8.64e15 ? new Date(atMs).toISOString() : '');

/** The whole file, with its byte order mark. */
export function csvOf(lines: readonly LogLine[], words: CsvWords): string {
  const rows = lines.map((line) => {
    const { name, account } = words.identity(line.safeId);
    const { sequence, count, origin, method, purpose } = line;
    const told = [words.method(method), method, purpose, String(count), words.decision(line), String(sequence)];
    return [isoTime(line.atMs), name, account, origin ?? '', ...told, words.gap(line)];
  });
  const table = [columns.map((column) => words.heads[column]), ...rows];
  return `\ufeff${table.map((row) => `${row.map(cell).join(',')}\r\n`).join('')}`;
}
