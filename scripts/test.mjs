// npm test: sets everything up, then types, lint, build, unit, e2e (Chromium, then Firefox), and one line that counts them all.
// Promises: a suite that crashes, or runs no test, counts as failed. Suites run at once where they can, and what each one prints stays
// together, in this order. `npm test -- unit e2e` runs only those; `--quick` leaves out unit tests that take long (`npm run check`).
// Must not: stop at the first failure; the whole picture is worth more.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ensureAge, ensureChromium, ensureDependencies, ensureFirefox, root } from './setup.mjs';

const started = Date.now();
const bin = (name, file) => [process.execPath, path.join(root, 'node_modules', name, file)];
/** Whoever writes to a pipe leaves colours out, unless told. */
const colours = process.stdout.isTTY ? { FORCE_COLOR: '1' } : {};
/** Less than usual: runs when nothing of the usual priority wants the processor. */
const behind = 10;

/** Runs a command and hands on what it prints. Resolves to its exit code; null when a signal ended it. */
function run([command, ...args], print, { environment = {}, priority } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...colours, ...environment },
    });
    if (priority !== undefined && child.pid !== undefined)
      try {
        os.setPriority(child.pid, priority);
      } catch {
        // It is as good without, or has ended already.
      }
    child.stdout.on('data', print);
    child.stderr.on('data', print);
    child.on('error', (error) => {
      print(`${error.message}\n`);
      resolve(1);
    });
    child.on('close', resolve);
  });
}

/** A suite that is one yes or no for each command. They run one after the other. */
async function single(suite, commands, print) {
  const failed = [];
  for (const command of commands) if ((await run(command, print)) !== 0) failed.push(command);
  const failures = failed.map(([, program, ...rest]) => `${suite}: ${path.basename(program)} ${rest.join(' ')}`);
  return { passed: commands.length - failed.length, failed: failed.length, failures };
}

/** A vitest run, counted from its own report. */
async function vitest(suite, config, print, options) {
  const folder = path.join(root, '.cache');
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `${suite}.json`);
  rmSync(file, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const status = await run([...bin('vitest', 'vitest.mjs'), 'run', '--config', config, ...reporters], print, options);
  if (!existsSync(file)) return { passed: 0, failed: 1, failures: [], note: 'crashed before it could report' };
  const { numPassedTests, numFailedTests, numFailedTestSuites, numTotalTests, testResults } = JSON.parse(
    readFileSync(file, 'utf8'),
  );
  const failures = [];
  for (const { name, status: outcome, message, assertionResults } of testResults) {
    const failedOnes = assertionResults.filter((one) => one.status === 'failed');
    const where = `${suite}: ${path.relative(root, name)}`;
    for (const { fullName, failureMessages } of failedOnes)
      failures.push(`${where} > ${fullName}\n    ${(failureMessages[0] ?? '').split('\n')[0]}`);
    if (outcome === 'failed' && failedOnes.length === 0) failures.push(`${where}\n    ${message.split('\n')[0]}`);
  }
  let failed = numFailedTests;
  if (failed === 0 && (status !== 0 || numTotalTests === 0)) failed = Math.max(1, numFailedTestSuites);
  return { passed: numPassedTests, failed, failures };
}

ensureDependencies();
const chromium = await ensureChromium();
const firefox = ensureFirefox();
const age = ensureAge();
const environment = { CHROMIUM: chromium, ...(firefox ? { FIREFOX: firefox } : {}), ...(age ? { AGE: age } : {}) };

const words = process.argv.slice(2);
const isQuick = words.includes('--quick');
const wanted = words.filter((word) => !word.startsWith('--'));
const wants = (suite) => wanted.length === 0 || wanted.includes(suite);

/** The suites of this run, in the order in which they are printed and counted. */
const suites = [];

/** Prints suite after suite: of the first that is not over what it prints now, of a later one what it has printed when its turn comes. */
function printInTurn() {
  for (const suite of suites) {
    if (!suite.isBegun) console.log(`\n== ${suite.name}`);
    suite.isBegun = true;
    for (const chunk of suite.printed.splice(0)) process.stdout.write(chunk);
    if (!suite.result) return;
  }
}

/** Takes a suite into the run, unless it is not wanted. It begins when those in `after` that are wanted are over. Resolves when it is over. */
async function begin(name, after, work) {
  if (!wants(name)) return;
  const suite = { name, printed: [], isBegun: false, result: undefined };
  suites.push(suite);
  await Promise.all(after);
  suite.result = await work((chunk) => {
    suite.printed.push(chunk);
    printInTurn();
  }).catch((error) => ({ passed: 0, failed: 1, failures: [`${name}: ${error}`] }));
  printInTurn();
}

// The journeys need what is built, and mostly wait; the unit tests take what they leave of the processor.
const worlds = ['pure', 'worker', 'page', 'node'];
const typing = begin('types', [], (print) =>
  single(
    'types',
    worlds.map((world) => [...bin('typescript', 'bin/tsc'), '-p', `tsconfig.${world}.json`]),
    print,
  ),
);
const linting = begin('lint', [], (print) =>
  single(
    'lint',
    [
      [...bin('oxlint', 'bin/oxlint'), '--type-aware', '--deny-warnings'],
      [...bin('prettier', 'bin/prettier.cjs'), '--log-level', 'warn', '--check', '.'],
    ],
    print,
  ),
);
const building = begin('build', [], (print) =>
  single('build', [[process.execPath, 'scripts/build.mjs', '--store', '--demo', '--test']], print),
);
const quick = isQuick ? { PREKEY_VAULT_QUICK: '1' } : {};
const units = begin('unit', [typing, linting], (print) =>
  vitest('unit', 'vitest.config.ts', print, { environment: { ...environment, ...quick }, priority: behind }),
);
const journeys = begin('e2e', [building], (print) => vitest('e2e', 'e2e/vitest.config.ts', print, { environment }));
// Where nothing is built in this run, the journeys may have to, and only one may at a time.
const inFirefox = firefox
  ? begin('firefox', [wants('build') ? building : journeys], (print) =>
      vitest('firefox', 'e2e/firefox/vitest.config.ts', print, { environment }),
    )
  : undefined;
await Promise.all([typing, linting, building, units, journeys, inFirefox]);
if (wants('firefox') && !firefox)
  console.log('\n== firefox: skipped, there is no Firefox on this machine and it could not be installed');

const results = suites.map(({ name, result: { passed, failed, note = '' } }) => ({
  suite: name,
  passed,
  failed,
  note,
}));
const failures = suites.flatMap(({ result }) => result.failures);

// Said again at the end, where whoever reads a long log looks first.
if (failures.length > 0) console.log(`\n== failed\n${failures.join('\n')}`);
console.log('');
for (const { suite, passed, failed, note } of results)
  console.log(`${suite.padEnd(8)} ${String(passed).padStart(5)} passed ${String(failed).padStart(4)} failed ${note}`);
console.log(`took ${Math.round((Date.now() - started) / 1000)} s${firefox ? '' : '; Firefox tests were skipped'}`);
const sum = (key) => results.reduce((total, one) => total + one[key], 0);
console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
process.exit(sum('failed') === 0 && sum('passed') > 0 ? 0 : 1);
