// Plants the listed defects one at a time, in copies of the tree, and runs the test that each of them names.
// Promises: a defect counts as caught only when the very test it names fails (or never ends), and that test passes without it.
// Must not: touch the tree it was started in.
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hangsAfterMs } from '../limits.mjs';
import { folderOf, placeOf, sourcesOf, type Defect } from './defect';
import { defects } from './defects';

/** Copies that work side by side. */
const copies = 2;
/** A test with a defect never ends when it has not ended this long after it has ended without: in milliseconds, and in times of what it took then. */
const [patienceMs, patience] = [20_000, 5];

interface Report {
  testResults: { assertionResults: { fullName: string; title: string; status: string }[] }[];
}

function copyTree(root: string, folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], { cwd: root, encoding: 'utf8' })
    .split('\0')
    .filter(Boolean);
  for (const file of files) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    cpSync(path.join(root, file), path.join(folder, file));
  }
}

type Verdict = 'passed' | 'failed' | 'hung' | 'none';

/** 'passed', 'failed' or 'hung' for the tests of a file whose title holds `title`; 'none' when no test is called so. `end`: settles when it has had its time. */
function runTest(
  root: string,
  folder: string,
  [file, title]: Defect['test'],
  end?: Promise<unknown>,
): Promise<Verdict> {
  const output = path.join(folder, '.cache', 'report.json');
  rmSync(output, { force: true });
  const pattern = title.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  const vitest = path.join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const child = spawn(
    process.execPath,
    [vitest, 'run', file, '-t', pattern, '--reporter=json', `--outputFile=${output}`],
    { cwd: folder, stdio: 'ignore', detached: true },
  );
  return new Promise((resolve) => {
    const stop = () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      process.kill(-(child.pid as number), 'SIGKILL');
      resolve('hung');
    };
    const timer = setTimeout(stop, hangsAfterMs);
    void end?.then(stop);
    child.on('close', () => {
      clearTimeout(timer);
      let report: Report;
      try {
        report = JSON.parse(readFileSync(output, 'utf8')) as Report;
      } catch {
        return resolve('none');
      }
      const named = report.testResults
        .flatMap(({ assertionResults }) => assertionResults)
        .filter(({ fullName, status }) => fullName.includes(title) && status !== 'skipped' && status !== 'pending');
      if (named.length === 0) resolve('none');
      else resolve(named.some(({ status }) => status === 'failed') ? 'failed' : 'passed');
    });
  });
}

/** One line for each folder, and the sum: how many defects there are, were caught, and are equivalent. */
function tableOf(sources: ReadonlyMap<string, string>, chosen: readonly Defect[], missed: readonly string[]): string {
  const rows = new Map<string, { defects: number; caught: number; equivalent: number }>();
  for (const defect of chosen)
    for (const folder of [folderOf(placeOf(sources, defect)), 'in all']) {
      const row = rows.get(folder) ?? { defects: 0, caught: 0, equivalent: 0 };
      rows.set(folder, row);
      row.defects++;
      if (defect.equivalent !== undefined) row.equivalent++;
      else if (!missed.includes(defect.name)) row.caught++;
    }
  const { 'in all': sum, ...folders } = Object.fromEntries(rows);
  const lines = Object.entries(folders).toSorted(([a], [b]) => (a < b ? -1 : 1));
  if (sum) lines.push(['in all', sum]);
  const cells = [
    ['folder', 'defects', 'caught', 'equivalent'],
    ...lines.map(([folder, row]) => [folder, String(row.defects), String(row.caught), String(row.equivalent)]),
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells
    .map((row) =>
      row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join('  '),
    )
    .join('\n');
}

/** True when every defect that is not equivalent was caught. */
export async function runMutants(root: string, part: string): Promise<boolean> {
  const sources = sourcesOf(root);
  const chosen = defects.filter(({ name }) => name.includes(part));
  const equivalent = chosen.filter((one) => one.equivalent !== undefined);
  const waiting = chosen.filter((one) => one.equivalent === undefined);
  const all = waiting.length;
  /** Whether a test passes on the tree as it is: asked once for each. */
  const sound = new Map<string, Promise<{ verdict: Verdict; tookMs: number }>>();
  const missed: string[] = [];
  const folders = Array.from({ length: copies + 1 }, (_, at) => path.join(root, '.cache', 'mutants', String(at)));
  for (const folder of folders) copyTree(root, folder);
  const untouched = folders.pop() as string;
  let soundQueue: Promise<unknown> = Promise.resolve();
  const isSound = (test: Defect['test']) => {
    const key = test.join('\n');
    let known = sound.get(key);
    if (!known) {
      known = soundQueue.then(async () => {
        const beganMs = performance.now();
        const verdict = await runTest(root, untouched, test);
        return { verdict, tookMs: performance.now() - beganMs };
      });
      soundQueue = known;
      sound.set(key, known);
    }
    return known;
  };

  async function work(folder: string): Promise<void> {
    for (let defect = waiting.shift(); defect; defect = waiting.shift()) {
      const verdict = await tryOne(folder, defect).catch((error: unknown) =>
        error instanceof Error ? error.message : String(error),
      );
      if (verdict !== 'caught') missed.push(defect.name);
      console.log(
        `${verdict === 'caught' ? 'caught ' : 'MISSED '} ${defect.name}${verdict === 'caught' ? '' : `: ${verdict}`}`,
      );
    }
  }

  async function tryOne(folder: string, defect: Defect): Promise<string> {
    const file = placeOf(sources, defect);
    const text = sources.get(file) ?? '';
    writeFileSync(
      path.join(folder, file),
      text.replace(defect.find, () => defect.replace),
    );
    try {
      const soundness = isSound(defect.test);
      // What waits for something that the defect took away would wait as long as a test may.
      const end = soundness.then(({ tookMs }) => sleep(patienceMs + patience * tookMs, undefined, { ref: false }));
      const [now, { verdict: before }] = await Promise.all([runTest(root, folder, defect.test, end), soundness]);
      if (before !== 'passed') return `its test does not pass without it (${before})`;
      return now === 'failed' || now === 'hung' ? 'caught' : `${defect.test.join(', "')}" did not notice (${now})`;
    } finally {
      writeFileSync(path.join(folder, file), text);
    }
  }

  await Promise.all(folders.map(work));
  for (const { name, equivalent: why } of equivalent) console.log(`equal   ${name}: ${why}`);
  rmSync(path.join(root, '.cache', 'mutants'), { recursive: true, force: true });
  console.log(`\n${tableOf(sources, chosen, missed)}\n`);
  console.log(`${all - missed.length} of ${all} caught, ${equivalent.length} equivalent`);
  console.log(`${all - missed.length} passed, ${missed.length} failed`);
  return missed.length === 0 && all > 0;
}
