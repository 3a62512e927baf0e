// Lines of a log as rows, choices and days: nothing lost, nothing twice, no gap hidden.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ActivityEntry, ActivityOutcome } from '../../../contract/pages/identity';
import {
  burstMs,
  countsOf,
  daysOf,
  isChosen,
  logLines,
  merged,
  rowsOf,
  sitesOf,
  withNewest,
  type Burst,
} from './bursts';

const safeId = 'a'.repeat(32);
const nowMs = new Date(2026, 2, 30, 12).getTime();
const minute = 60_000;

const entry = (change: Partial<ActivityEntry>): ActivityEntry => ({
  sequence: 1,
  count: 1,
  gap: null,
  atMs: nowMs,
  origin: 'https://app.example',
  method: 'vault_sign',
  purpose: 'log in',
  outcome: 'done',
  ...change,
});

/** A log, newest first. */
const log = fc
  .array(
    fc.record({
      apartMs: fc.integer({ min: 0, max: 2 * burstMs }),
      origin: fc.constantFrom('https://a.example', 'https://b.example', null),
      method: fc.constantFrom('vault_sign', 'vault_connect', 'xmtp_decryptV2'),
      outcome: fc.constantFrom<ActivityOutcome>('done', 'covered', 'rejected'),
      count: fc.integer({ min: 1, max: 3 }),
      missing: fc.option(fc.integer({ min: 0, max: 3 }), { freq: 6 }),
    }),
    { maxLength: 30 },
  )
  .map((steps) => {
    let atMs = nowMs;
    return steps.map(({ apartMs, missing, ...rest }, at) => {
      atMs -= apartMs;
      return entry({ ...rest, atMs, sequence: steps.length - at, gap: missing === null ? null : { missing } });
    });
  });

describe('rows', () => {
  test('law: every chosen line is in exactly one burst, with its like, and every gap has its row', () => {
    const choice = fc.constantFrom({}, { origin: 'https://a.example' }, { kind: 'messages' }, { decision: 'rejected' });
    fc.assert(
      fc.property(log, choice, (entries, chosen) => {
        const lines = logLines(safeId, entries, 0);
        const rows = rowsOf(lines, chosen as object);
        const bursts = rows.filter((row): row is Burst => row.is === 'burst');
        const inBursts = bursts.flatMap((burst) => burst.lines.map(({ sequence }) => sequence));
        const wanted = lines.filter((line) => isChosen(line, chosen as object)).map(({ sequence }) => sequence);
        expect([...inBursts].sort((a, b) => b - a)).toEqual(wanted);
        expect(rows.filter(({ is }) => is === 'gap')).toHaveLength(entries.filter(({ gap }) => gap).length);
        for (const { lines: together, acts } of bursts) {
          expect(new Set(together.map((one) => `${one.origin} ${one.method} ${one.decision}`)).size).toBe(1);
          expect(acts).toBe(together.reduce((sum, { count }) => sum + count, 0));
          const numbers = together.map(({ sequence }) => sequence);
          const gaps = entries.filter(({ gap }) => gap).map(({ sequence }) => sequence);
          expect(gaps.some((at) => at > numbers.at(-1)! && at <= numbers[0]!)).toBe(false);
        }
      }),
    );
  });

  test('a flood of twenty is one row, also when the site asks for two things by turns', () => {
    const entries = Array.from({ length: 40 }, (_, at) =>
      entry({
        sequence: 40 - at,
        atMs: nowMs - at * 1000,
        method: at % 2 ? 'vault_sign' : 'xmtp_encryptV2',
        purpose: `p${at}`,
        outcome: 'rejected',
      }),
    );
    const rows = rowsOf(logLines(safeId, entries, 0), {});
    expect(rows.map((row) => row.is === 'burst' && row.acts)).toEqual([20, 20]);
  });

  test('what is apart in time, or was decided otherwise, is another row', () => {
    const entries = [
      entry({ sequence: 4, atMs: nowMs }),
      entry({ sequence: 3, atMs: nowMs - 9 * minute }),
      entry({ sequence: 2, atMs: nowMs - 10 * minute, outcome: 'rejected' }),
      entry({ sequence: 1, atMs: nowMs - 30 * minute }),
    ];
    const rows = rowsOf(logLines(safeId, entries, 0), {}) as Burst[];
    expect(rows.map(({ lines }) => lines.map(({ sequence }) => sequence))).toEqual([[4, 3], [2], [1]]);
  });
});

test('words that are sought: all of them, in any order and case; nothing sought is everything', () => {
  const lines = logLines(
    safeId,
    [
      entry({ sequence: 2, origin: 'https://Quill.example' }),
      entry({ sequence: 1, origin: 'https://harbour.example' }),
    ],
    0,
  );
  const textOf = ({ origin }: { origin: string | null }) => `${origin}\nsigned`.toLocaleLowerCase();
  const found = (sought: string) =>
    lines.filter((line) => isChosen(line, { sought }, textOf)).map((one) => one.sequence);
  expect(found('SIGNED quill')).toEqual([2]);
  expect(found('  ')).toEqual([2, 1]);
  expect(found('quill harbour')).toEqual([]);
});

test('logs of several identities are one list, each in its own order whatever its clock said', () => {
  const one = logLines('1'.repeat(32), [entry({ sequence: 2, atMs: 50 }), entry({ sequence: 1, atMs: 90 })], 0);
  const other = logLines('2'.repeat(32), [entry({ sequence: 9, atMs: 70 }), entry({ sequence: 8, atMs: 40 })], 0);
  expect(merged([one, other]).map(({ sequence }) => sequence)).toEqual([9, 2, 1, 8]);
  expect(merged([])).toEqual([]);
  const damaged = logLines('3'.repeat(32), [entry({ sequence: 5, atMs: 0 }), entry({ sequence: 4, atMs: 80 })], 0);
  expect(merged([other, damaged]).map(({ sequence }) => sequence)).toEqual([5, 4, 9, 8]);
});

test('days are those of the calendar, today last, and count uses that one line stands for', () => {
  const lines = logLines(
    safeId,
    [
      entry({ atMs: nowMs, count: 2 }),
      entry({ atMs: new Date(2026, 2, 29, 0, 0, 1).getTime(), method: 'xmtp_decryptV2', purpose: '14 calls' }),
      entry({ atMs: new Date(2026, 2, 28, 23, 59).getTime() }),
      entry({ atMs: new Date(2026, 0, 1).getTime() }),
    ],
    0,
  );
  expect(daysOf(lines, 3, nowMs).map(({ acts }) => acts)).toEqual([1, 14, 2]);
  const all = daysOf(lines, 90, nowMs);
  expect(all).toHaveLength(90);
  expect(new Set(all.map(({ atMs }) => new Date(atMs).toDateString())).size).toBe(90);
  expect(countsOf(lines)).toEqual([
    ['messages', 14],
    ['signatures', 4],
  ]);
  expect(sitesOf(lines)).toEqual(['https://app.example']);
});

test('what is new joins what was read before; what does not reach it is read anew', () => {
  const numbers = (from: number, to: number) =>
    Array.from({ length: from - to + 1 }, (_, at) => entry({ sequence: from - at }));
  expect(withNewest(numbers(9, 1), numbers(12, 6))?.map(({ sequence }) => sequence)).toEqual(
    numbers(12, 1).map(({ sequence }) => sequence),
  );
  expect(withNewest(numbers(9, 1), numbers(20, 12))).toBeUndefined();
  expect(withNewest(numbers(9, 1), [])).toEqual([]);
});
