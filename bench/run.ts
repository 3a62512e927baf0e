// npm run bench: measures what was asked for, prints one table, and writes it as JSON when told to.
// Promises: ratios of one run, with the load of the machine beside them; a missed goal is reported, never an error.
// Must not hide an error: whatever throws ends the run with another exit code than 0.
import { writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { archive } from './archive';
import { buildFixtures } from './build-fixtures';
import { buildVault } from './build-vault';
import { coldStart } from './cold-start';
import { figures, isFigureName, type FigureName, type Group } from './figure';
import { growth } from './growth';
import { history } from './history';
import { invitations } from './invitations';
import { serveLocalPage } from './local-page';
import { messages } from './messages';
import { pageCost } from './page-cost';
import { roundTrips } from './round-trips';
import { summarize, type Rounds } from './statistics';
import { storeSize } from './store-size';
import { workerHeap } from './worker-heap';

const groups: readonly Group[] = [
  roundTrips,
  coldStart,
  pageCost,
  workerHeap,
  messages,
  invitations,
  storeSize,
  growth,
  history,
  archive,
];

interface Wish {
  json: string | undefined;
  before: string | undefined;
  only: FigureName[];
  quick: boolean;
}

function readArguments(argv: readonly string[]): Wish {
  const wish: Wish = { json: undefined, before: undefined, only: [], quick: false };
  for (let at = 0; at < argv.length; at++) {
    const value = argv[at + 1];
    if (argv[at] === '--quick') wish.quick = true;
    else if (argv[at] === '--json' && value !== undefined) wish.json = argv[++at];
    else if (argv[at] === '--before' && value !== undefined) wish.before = path.resolve(argv[++at]!);
    else if (argv[at] === '--only' && value !== undefined && isFigureName(value)) {
      wish.only.push(value);
      at++;
    } else
      throw new Error(
        `usage: npm run bench -- [--json FILE] [--only NAME]… [--before FOLDER] [--quick]\nNAME is one of: ${Object.keys(figures).join(', ')}`,
      );
  }
  return wish;
}

function loadAverage(): string {
  return os
    .loadavg()
    .map((value) => value.toFixed(2))
    .join(' ');
}

function row(name: FigureName, rounds: Rounds): string[] {
  const { unit, goal } = figures[name];
  const sum = summarize(rounds);
  const digits = sum.median < 10 ? 3 : 1;
  return [
    name,
    unit,
    ...[sum.median, sum.min, sum.max, sum.referenceMedian].map((value) => value.toFixed(digits)),
    sum.ratio.toFixed(2),
    sum.ratioOfMins.toFixed(2),
    goal === null ? '-' : `<= ${goal}`,
    goal === null ? '' : sum.ratio <= goal ? 'met' : 'missed',
  ];
}

function print(rows: string[][]): void {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((cells) => cells[column]!.length)));
  for (const cells of rows)
    console.log(
      cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  '),
    );
}

/** Runs the benchmark with these command line arguments. Throws on errors, never on slowness. */
export async function run(argv: readonly string[]): Promise<void> {
  const { json, only, quick, before } = readArguments(argv);
  const isWanted = (name: FigureName) => only.length === 0 || only.includes(name);
  console.log(
    `${os.cpus().length} × ${os.cpus()[0]?.model ?? 'unknown processor'}, node ${process.versions.node}, load average before: ${loadAverage()}`,
  );
  await buildVault();
  await buildFixtures();
  const page = await serveLocalPage();
  const measured: Partial<Record<FigureName, Rounds>> = {};
  try {
    for (const group of groups) {
      if (!group.names.some(isWanted)) continue;
      const { rounds, notes } = await group.measure({ quick, pageUrl: page.url, isWanted, before });
      Object.assign(measured, rounds);
      console.log([...notes, `  load average: ${loadAverage()}`].join('\n'));
    }
  } finally {
    page.close();
  }
  const names = (Object.keys(figures) as FigureName[]).filter((name) => isWanted(name) && measured[name]);
  console.log('');
  print([
    ['figure', 'unit', 'median', 'min', 'max', 'reference', 'ratio', 'min/min', 'goal', ''],
    ...names.map((name) => row(name, measured[name]!)),
  ]);
  if (quick) console.log('\nQuick run: too few rounds for a figure to be quoted.');
  if (json === undefined) return;
  const entries = names.map((name) => {
    const { median, min, max, ratio } = summarize(measured[name]!);
    return [name, { median, min, max, ratio, goal: figures[name].goal }];
  });
  writeFileSync(json, `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`);
}
