// The table: whole by RFC 4180, and nothing in it is ever carried out.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LogLine } from './bursts';
import { columns, csvOf, harmless, type CsvWords } from './csv';

const line = (change: Partial<LogLine> = {}): LogLine => ({
  safeId: 'a'.repeat(32),
  decision: 'approved',
  sequence: 7,
  count: 1,
  gap: null,
  atMs: Date.UTC(2026, 10, 30, 12, 5),
  origin: 'https://app.example',
  method: 'vault_sign',
  purpose: 'log in',
  outcome: 'done',
  ...change,
});
const words: CsvWords = {
  heads: Object.fromEntries(columns.map((column) => [column, column])) as CsvWords['heads'],
  identity: () => ({ name: 'Ada', account: '0xA' }),
  method: (method) => `words of ${method}`,
  decision: () => 'You approved',
  gap: ({ gap }) => (gap ? `${gap.missing} missing` : ''),
};

/** A strict reader of RFC 4180. */
function parsed(text: string): string[][] {
  const rows: string[][] = [[]];
  let cell = '';
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    const one = text[at]!;
    if (isQuoted) {
      if (one === '"' && text[at + 1] === '"') cell += text[++at]!;
      else if (one === '"') isQuoted = false;
      else cell += one;
    } else if (one === '"' && cell === '') isQuoted = true;
    else if (one === ',' || one === '\n') {
      rows.at(-1)!.push(cell);
      cell = '';
      if (one === '\n') rows.push([]);
    } else if (one !== '\r') cell += one;
  }
  expect(isQuoted).toBe(false);
  expect(rows.pop()).toEqual([]);
  return rows;
}

const nasty = fc.string({
  unit: fc.constantFrom(...'=+-@;,|"\'\t\r\n a1＝＋－＠\u200b\u202e\ufeff'),
  maxLength: 12,
});

test('a line has its time in ISO 8601, who decided, and what is missing before it', () => {
  const csv = csvOf([line({ gap: { missing: 3 } })], words);
  expect(csv.startsWith('\ufeff"time",')).toBe(true);
  expect(csv.endsWith('\r\n')).toBe(true);
  const [heads, row] = parsed(csv.slice(1));
  expect(heads).toEqual([...columns]);
  expect(row).toEqual([
    '2026-11-30T12:05:00.000Z',
    'Ada',
    '0xA',
    'https://app.example',
    'words of vault_sign',
    'vault_sign',
    'log in',
    '1',
    'You approved',
    '7',
    '3 missing',
  ]);
  const undated = csvOf([line({ atMs: 0, origin: null }), line({ atMs: Number.MAX_SAFE_INTEGER })], words).slice(1);
  expect(parsed(undated).map((cells) => cells[0])).toEqual(['time', '', '']);
  expect(parsed(undated)[1]![3]).toBe('');
});

test('law: whatever a site writes, the table has as many cells, and the text comes back but for apostrophes', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(nasty, nasty), { maxLength: 5 }), (texts) => {
      const lines = texts.map(([purpose, method]) => line({ purpose, method }));
      const rows = parsed(csvOf(lines, words).slice(1)).slice(1);
      expect(rows).toHaveLength(lines.length);
      for (const [at, row] of rows.entries()) {
        expect(row).toHaveLength(columns.length);
        expect(row[6]!.replaceAll("'", '')).toBe(texts[at]![0].replaceAll("'", ''));
      }
    }),
    { numRuns: 300 },
  );
});

describe('R-K2 formulas', () => {
  const begins = /^[\s\p{Cc}\p{Cf}"]*[=+\-@＝＋－＠]/u;

  test.each([
    ['=1+1', "'=1+1"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "'\t'=1"],
    ['\rplain', "'\rplain"],
    ['  =1', "'  =1"],
    ['\u200b=1', "'\u200b=1"],
    ['＝1', "'＝1"],
    ['a;=1', "a;'=1"],
    ['a\n=1', "a\n'=1"],
    ['a=1', 'a=1'],
    ['1-1', '1-1'],
    ['', ''],
  ])('%j becomes %j', (text, wanted) => expect(harmless(text)).toBe(wanted));

  test('R-K2 no cell begins one, in a program that cuts at commas, semicolons, bars or tabs', () => {
    fc.assert(
      fc.property(nasty, nasty, (purpose, name) => {
        const csv = csvOf([line({ purpose })], { ...words, identity: () => ({ name, account: '0xA' }) }).slice(1);
        for (const row of parsed(csv)) for (const cell of row) expect(cell).not.toMatch(begins);
        // A program with another separator sees no quotes where they do not begin a cell.
        for (const cell of csv.split(/[;|\t\r\n]/)) expect(cell).not.toMatch(begins);
      }),
      { numRuns: 500 },
    );
  });
});
