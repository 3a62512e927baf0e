// How large a law is drawn: in its short form within `npm test`, whole or nightly in `npm run campaign`; and what is written down of a run.
// Promises: the environment of the run decides, nothing else; a case that failed is printed as a test to paste beside the law.
// Must not: be imported by anything but tests.
import { appendFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { afterAll, afterEach, expect } from 'vitest';
import { campaigns, type Count } from './campaigns.mjs';

const running = process.env['PREKEY_VAULT_CAMPAIGN'];
const isNightly = process.env['PREKEY_VAULT_NIGHTLY'] !== undefined;
const drawn = process.env['PREKEY_VAULT_SEED'];
/** Milliseconds for the whole campaign, shared by its laws. */
const budgetMs = Number(process.env['PREKEY_VAULT_BUDGET_MS'] ?? Infinity);
const notes = process.env['PREKEY_VAULT_NOTES'];

function countOf(name: string, what: string): Count {
  const count = Object.hasOwn(campaigns, name) ? campaigns[name]?.counts[what] : undefined;
  if (!count) throw new Error(`there is no campaign ${name} that counts ${what}`);
  return count;
}

/** How many cases: as many as the campaign of that name has while it runs, else those of the short form. Throws for what is not in the list. */
export function sizeOf(name: string, what: string): number {
  const { whole, nightly, short } = countOf(name, what);
  if (running !== name) return short;
  return isNightly ? (nightly ?? short) : whole;
}

/** Whether the campaign of that name runs whole. Throws for a name that is not in the list. */
export function isWhole(name: string): boolean {
  return isRunning(name) && !isNightly;
}

/** Whether the campaign of that name runs, whole or not: then there is time to look at everything after each case. */
export function isRunning(name: string): boolean {
  if (!Object.hasOwn(campaigns, name)) throw new Error(`there is no campaign called ${name}`);
  return running === name;
}

/**
 * Looks at everything after each test while the campaign of that name runs, and in `npm test` after the last. Called where tests are collected, below
 * what closes the browser. Throws for a name that is not in the list.
 */
export function afterCases(name: string, look: () => Promise<void>): void {
  (isRunning(name) ? afterEach : afterAll)(look);
}

/** Of cases that are alike: each so-many-th from the first on, and the last; the count is that step. */
export function someOf<T>(name: string, what: string, cases: readonly T[]): T[] {
  const step = sizeOf(name, what);
  return cases.filter((_, at) => at % step === 0 || at === cases.length - 1);
}

/** The seed that the campaign was started with; else `usual`. */
export function seedOf(usual: number): number {
  return drawn === undefined ? usual : Number(drawn);
}

/** The same for a law of fast-check, which draws a seed of its own when none is given. */
export const drawnSeed: { seed?: number } = drawn === undefined ? {} : { seed: Number(drawn) };

/** When the time of one of a campaign's laws is over, as milliseconds from its beginning; Infinity when the campaign may take what it takes. */
function shareMs(name: string): number {
  if (running !== name) return Infinity;
  const laws = Object.values(campaigns[name]?.counts ?? {}).reduce((sum, count) => sum + (count.laws ?? 1), 0);
  return budgetMs / Math.max(laws, 1);
}

/** Whether there is time for one more case; ask it once for each law, and the answer before each case. */
export function timeFor(name: string): () => boolean {
  const until = Date.now() + shareMs(name);
  return () => Date.now() < until;
}

/** Writes down how many cases a law had, for the table of the command. */
export function note(name: string, what: string, cases: number, failures = 0): void {
  countOf(name, what);
  if (notes !== undefined && running === name)
    appendFileSync(notes, `${JSON.stringify({ name, what, cases, failures })}\n`);
}

/** A failing case as a test: paste it below the law that `holds` stands for. */
export function asTest(name: string, what: string, holds: string, args: string): string {
  const { testPath = '' } = expect.getState();
  const title = `${name}, ${what}: a case that failed${drawn === undefined ? '' : ` with seed ${drawn}`}`;
  return `\n// ${testPath}\ntest('${title}', async () => {\n  await ${holds}(${args});\n});\n`;
}

/** What a run of fast-check tells of itself, whatever it draws. */
interface Run {
  failed: boolean;
  numRuns: number;
  seed: number;
  counterexample: unknown;
  counterexamplePath: string | null;
  errorInstance: unknown;
}
interface Law {
  seed?: number;
  numRuns: number;
  interruptAfterTimeLimit?: number;
  markInterruptAsFailure?: false;
  reporter(run: Run): void;
}

/**
 * The parameters of a law of fast-check. `holds` is the name of the function that judges one case, in the file of the law; without it the printed
 * test draws the case again.
 */
export function lawOf(name: string, what: string, holds?: string): Law {
  const ms = shareMs(name);
  return {
    ...drawnSeed,
    numRuns: sizeOf(name, what),
    ...(ms === Infinity ? {} : { interruptAfterTimeLimit: Math.ceil(ms), markInterruptAsFailure: false as const }),
    reporter(run) {
      note(name, what, run.numRuns, run.failed ? 1 : 0);
      if (!run.failed) return;
      if (running === name) console.error(asTest(name, what, ...failedCase(run, holds)));
      throw new Error(fc.defaultReportMessage(run as fc.RunDetails<unknown>), { cause: run.errorInstance });
    },
  };
}

function failedCase(run: Run, holds: string | undefined): [holds: string, args: string] {
  if (holds === undefined)
    return [
      'fc.assert',
      `property, { seed: ${run.seed}, path: '${run.counterexamplePath ?? ''}', endOnFailure: true }`,
    ];
  const values: unknown[] = Array.isArray(run.counterexample) ? run.counterexample : [];
  return [holds, values.map((one) => fc.stringify(one)).join(', ')];
}

/** Judges cases one after the other, as many as the campaign has, while there is time. Returns how many were judged. */
export async function eachCase<T>(
  name: string,
  what: string,
  cases: Iterable<T>,
  holds: (one: T) => void | Promise<void>,
): Promise<number> {
  const hasTime = timeFor(name);
  const most = sizeOf(name, what);
  let count = 0;
  for (const one of cases) {
    if (count >= most || !hasTime()) break;
    count++;
    try {
      await holds(one);
    } catch (error) {
      note(name, what, count, 1);
      if (running === name) console.error(asTest(name, what, holds.name || 'holds', fc.stringify(one)));
      throw error;
    }
  }
  note(name, what, count);
  return count;
}
