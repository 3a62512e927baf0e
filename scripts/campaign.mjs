// `npm run campaign [T1 …] [--seed N] [--minutes M]`: heavy laws, whole, or as far as they come. Without a name all trials; `list` has the names.
// Promises: the seed is printed, and repeats the run; ends with a table and writes docs/campaigns.md; the exit code is 1 when anything failed.
// Must not: be a part of npm test, which runs the short form.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { campaigns, trials } from './campaign/campaigns.mjs';
import { chosenOf, tableOf, withRun } from './campaign/choose.mjs';
import { documentFile, documentOf, readRuns, runsFile } from './campaign/document.mjs';
import { ensureChromium, ensureDependencies, root } from './setup.mjs';

const chosen = chosenOf(process.argv.slice(2), process.env);
if (chosen.error !== undefined || chosen.isList) {
  if (chosen.error) console.error(`${chosen.error}\n`);
  console.log('usage: npm run campaign -- [T1 … | NAME … | nightly] [--seed N] [--minutes M] [--hours H]\n');
  for (const [name, { what, campaigns: of }] of Object.entries(trials))
    console.log(`  ${name.padEnd(18)} ${what}: ${of.join(', ')}`);
  for (const [name, { what }] of Object.entries(campaigns)) console.log(`  ${name.padEnd(18)} ${what}`);
  process.exit(chosen.error === undefined ? 0 : 2);
}

const { names, seed, form, budgetsMs, hours } = chosen;
ensureDependencies();
const shared = {
  ...process.env,
  CHROMIUM: await ensureChromium(),
  PREKEY_VAULT_SEED: String(seed),
  ...(form === 'nightly' && { PREKEY_VAULT_NIGHTLY: '1' }),
  ...(hours !== undefined && { PREKEY_VAULT_HOURS: String(hours) }),
};
const commit = spawnSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).stdout.trim();
const vitest = path.join(root, 'node_modules', 'vitest', 'vitest.mjs');
const folder = mkdtempSync(path.join(tmpdir(), 'campaign-'));

function run(name) {
  const { config, files, only, environment: own } = campaigns[name];
  const [notes, report] = [path.join(folder, `${name}.notes`), path.join(folder, `${name}.json`)];
  console.log(`campaign ${name}, seed ${seed}`);
  const started = Date.now();
  const budget = budgetsMs?.[name];
  const { status } = spawnSync(
    process.execPath,
    [
      vitest,
      'run',
      '--config',
      config,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
      ...files,
      ...(only === undefined ? [] : ['-t', only]),
    ],
    {
      cwd: root,
      stdio: 'inherit',
      env: {
        ...shared,
        ...own,
        PREKEY_VAULT_CAMPAIGN: name,
        PREKEY_VAULT_NOTES: notes,
        ...(budget !== undefined && { PREKEY_VAULT_BUDGET_MS: String(budget) }),
      },
    },
  );
  const lines = existsSync(notes) ? readFileSync(notes, 'utf8').trim().split('\n').filter(Boolean) : [];
  const noted = lines.map((line) => JSON.parse(line));
  const failed = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')).numFailedTests : undefined;
  return {
    name,
    noted,
    failures: failed || (status === 0 ? 0 : 1),
    seconds: Math.round((Date.now() - started) / 1000),
    isWhole: form === 'whole' && budget === undefined,
  };
}

const results = [];
for (const name of names) {
  const result = run(name);
  results.push(result);
  const about = { date: new Date().toISOString().slice(0, 10), commit, form, seed };
  writeFileSync(runsFile, `${JSON.stringify(withRun(readRuns(), result, about), null, 2)}\n`);
  writeFileSync(documentFile, documentOf(readRuns()));
}
rmSync(folder, { recursive: true, force: true });
spawnSync(
  process.execPath,
  [path.join(root, 'node_modules', 'prettier', 'bin', 'prettier.cjs'), '--log-level', 'warn', '--write', runsFile],
  { cwd: root, stdio: 'inherit' },
);
console.log(`\n${tableOf(results, seed)}\n`);
process.exit(results.some(({ failures }) => failures > 0) ? 1 : 0);
