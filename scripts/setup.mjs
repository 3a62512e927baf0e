// Makes a fresh machine ready: dependencies, Chromium, Firefox, age. Needs nothing but node (this file has no dependencies).
// Promises: does nothing that is already done; says what it does and why it could not.
// Must not: download a browser that is already there.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/** Runs a command with its output shown; throws when it fails. */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
    ...options,
  });
  if (result.error) throw result.error;
  if (result.status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${result.status ?? result.signal}`);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    console.error(`Prekey Vault needs node 20.19 or newer; this is ${process.versions.node}.`);
    process.exit(1);
  }
}

/** Installs exactly what package-lock.json names, unless that has been done. */
export function ensureDependencies() {
  checkNode();
  const installed = path.join(root, 'node_modules', '.package-lock.json');
  const packagesOf = (file, key) =>
    Object.entries(JSON.parse(readFileSync(file, 'utf8')).packages)
      .filter(([name, info]) => name !== '' && (key || !info.optional))
      .map(([name, info]) => `${name}@${info.version}`);
  if (existsSync(installed)) {
    const have = new Set(packagesOf(installed, true));
    if (packagesOf(path.join(root, 'package-lock.json'), false).every((one) => have.has(one))) return;
  }
  console.log('Installing dependencies (npm ci) …');
  run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund']);
}

const chromiumPlaces = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];
const firefoxPlaces = ['/usr/bin/firefox-esr', '/usr/bin/firefox', '/Applications/Firefox.app/Contents/MacOS/firefox'];

const isRoot = () => typeof process.getuid === 'function' && process.getuid() === 0;

function aptInstall(name) {
  if (!isRoot() || spawnSync('apt-get', ['--version']).status !== 0) return false;
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  console.log(`Installing ${name} (apt-get) …`);
  const quiet = { stdio: ['ignore', 'ignore', 'inherit'], env: environment };
  if (spawnSync('apt-get', ['update', '-qq'], quiet).status !== 0) return false;
  return spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', name], quiet).status === 0;
}

/** Path of the age tool, installed when that is possible; undefined when it is not there and cannot be. The test of backups then fails and says so. */
export function ensureAge() {
  const tool = process.env.AGE ?? 'age';
  const isThere = () => spawnSync(tool, ['--version']).status === 0;
  return isThere() || (aptInstall('age') && isThere()) ? tool : undefined;
}

/** The Chromium of playwright's own cache, if it was installed there. */
async function playwrightChromium() {
  const { chromium } = await import('playwright');
  const file = chromium.executablePath();
  return file && existsSync(file) ? file : undefined;
}

/**
 * Path of a Chromium that can load extensions: $CHROMIUM, the system's, playwright's, or a fresh one (apt when root, else
 * playwright's installer). Branded Google Chrome no longer loads unpacked extensions from the command line, so it is not taken.
 */
export async function ensureChromium() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  const found = chromiumPlaces.find((file) => existsSync(file)) ?? (await playwrightChromium());
  if (found) return found;
  if (aptInstall('chromium')) return '/usr/bin/chromium';
  console.log("Installing Chromium (playwright's installer) …");
  run('npx', ['playwright', 'install', 'chromium']);
  const installed = await playwrightChromium();
  if (!installed) throw new Error('No Chromium. Install one and set CHROMIUM to its path.');
  return installed;
}

/** Path of Firefox, installed when that is possible; undefined when it is not there and cannot be. */
export function ensureFirefox() {
  if (process.env.FIREFOX) return process.env.FIREFOX;
  const found = firefoxPlaces.find((file) => existsSync(file));
  if (found) return found;
  return aptInstall('firefox-esr') ? '/usr/bin/firefox-esr' : undefined;
}
