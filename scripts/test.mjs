// npm test: sets everything up, then types, lint, build, unit, e2e (Chromium, then Firefox), and one line that counts them all.
// Promises: a suite that crashes, or runs no test, counts as failed. `npm test -- unit e2e` runs only those;
// `--quick` leaves out unit tests that take long (`npm run check`).
// Must not: stop at the first failure; the whole picture is worth more.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { ensureAge, ensureChromium, ensureDependencies, ensureFirefox, root } from './setup.mjs';

const started = Date.now();
const results = [];
const failures = [];
const bin = (name, file) => [process.execPath, path.join(root, 'node_modules', name, file)];

function report(suite, passed, failed, note = '') {
  results.push({ suite, passed, failed, note });
}

/** A suite that is one yes or no. */
function single(suite, commands) {
  console.log(`\n== ${suite}`);
  const failed = commands.filter(
    ([command, ...args]) => spawnSync(command, args, { cwd: root, stdio: 'inherit' }).status !== 0,
  );
  failures.push(...failed.map(([, program, ...rest]) => `${suite}: ${path.basename(program)} ${rest.join(' ')}`));
  report(suite, commands.length - failed.length, failed.length);
}

/** A vitest run, counted from its own report. */
function vitest(suite, config, environment = {}) {
  console.log(`\n== ${suite}`);
  const folder = path.join(root, '.cache');
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `${suite}.json`);
  rmSync(file, { force: true });
  const [node, script] = bin('vitest', 'vitest.mjs');
  const run = spawnSync(
    node,
    [script, 'run', '--config', config, '--reporter=default', '--reporter=json', `--outputFile.json=${file}`],
    {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, ...environment },
    },
  );
  if (!existsSync(file)) return report(suite, 0, 1, 'crashed before it could report');
  const { numPassedTests, numFailedTests, numFailedTestSuites, numTotalTests, testResults } = JSON.parse(
    readFileSync(file, 'utf8'),
  );
  for (const { name, status, message, assertionResults } of testResults) {
    const failedOnes = assertionResults.filter((one) => one.status === 'failed');
    const where = `${suite}: ${path.relative(root, name)}`;
    for (const { fullName, failureMessages } of failedOnes)
      failures.push(`${where} > ${fullName}\n    ${(failureMessages[0] ?? '').split('\n')[0]}`);
    if (status === 'failed' && failedOnes.length === 0) failures.push(`${where}\n    ${message.split('\n')[0]}`);
  }
  let failed = numFailedTests;
  if (failed === 0 && (run.status !== 0 || numTotalTests === 0)) failed = Math.max(1, numFailedTestSuites);
  report(suite, numPassedTests, failed);
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

if (wants('types'))
  single(
    'types',
    ['pure', 'worker', 'page', 'node'].map((world) => [
      ...bin('typescript', 'bin/tsc'),
      '-p',
      `tsconfig.${world}.json`,
    ]),
  );
if (wants('lint'))
  single('lint', [
    [...bin('oxlint', 'bin/oxlint'), '--type-aware', '--deny-warnings'],
    [...bin('prettier', 'bin/prettier.cjs'), '--log-level', 'warn', '--check', '.'],
  ]);
if (wants('build')) single('build', [[process.execPath, 'scripts/build.mjs', '--store', '--demo', '--test']]);
if (wants('unit')) vitest('unit', 'vitest.config.ts', { ...environment, ...(isQuick && { PREKEY_VAULT_QUICK: '1' }) });
if (wants('e2e')) vitest('e2e', 'e2e/vitest.config.ts', environment);
if (wants('firefox')) {
  if (firefox) vitest('firefox', 'e2e/firefox/vitest.config.ts', environment);
  else console.log('\n== firefox: skipped, there is no Firefox on this machine and it could not be installed');
}

// Said again at the end, where whoever reads a long log looks first.
if (failures.length > 0) console.log(`\n== failed\n${failures.join('\n')}`);
console.log('');
for (const { suite, passed, failed, note } of results)
  console.log(`${suite.padEnd(8)} ${String(passed).padStart(5)} passed ${String(failed).padStart(4)} failed ${note}`);
console.log(`took ${Math.round((Date.now() - started) / 1000)} s${firefox ? '' : '; Firefox tests were skipped'}`);
const sum = (key) => results.reduce((total, one) => total + one[key], 0);
console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
process.exit(sum('failed') === 0 && sum('passed') > 0 ? 0 : 1);
