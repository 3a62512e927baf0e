// `npm run campaign NAME --seed N`: one heavy law, whole. Without a name it lists them. The seed is printed, and repeats the run.
// Promises: ends with the counts of its tests; the exit code is theirs. Must not: be a part of npm test, which runs the short form.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { campaigns } from './campaign/campaigns.mjs';
import { ensureChromium, ensureDependencies, root } from './setup.mjs';

const words = process.argv.slice(2);
const at = words.indexOf('--seed');
// npm takes `--seed N` for itself when no "--" stands before it, and hands it down like this.
const seed = Number((at >= 0 ? words[at + 1] : process.env.npm_config_seed) ?? Date.now() % 2_147_483_647);
const name = words.find((word, index) => !word.startsWith('--') && (at < 0 || index !== at + 1));

if (name === undefined || !Object.hasOwn(campaigns, name) || !Number.isInteger(seed)) {
  console.log('usage: npm run campaign NAME --seed N\n');
  for (const [one, { what }] of Object.entries(campaigns)) console.log(`  ${one.padEnd(14)} ${what}`);
  process.exit(name === undefined ? 0 : 2);
}

ensureDependencies();
const { config, files, environment: own } = campaigns[name];
const environment = {
  ...process.env,
  ...own,
  PREKEY_VAULT_CAMPAIGN: name,
  PREKEY_VAULT_SEED: String(seed),
  CHROMIUM: await ensureChromium(),
};
const started = Date.now();
console.log(`campaign ${name}, seed ${seed}`);
const vitest = path.join(root, 'node_modules', 'vitest', 'vitest.mjs');
const { status } = spawnSync(process.execPath, [vitest, 'run', '--config', config, ...files], {
  cwd: root,
  stdio: 'inherit',
  env: environment,
});
const commit = spawnSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).stdout.trim();
console.log(
  `campaign ${name}, seed ${seed}, commit ${commit}: ${status === 0 ? 'held' : 'FAILED'}, ${Math.round((Date.now() - started) / 1000)} s`,
);
process.exit(status ?? 1);
