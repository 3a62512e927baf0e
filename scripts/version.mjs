// Run by `npm version X.Y.Z`. Before anything is written (`--check`): refuses what cannot be a version. Then, between package.json and the commit: gives the
// number to manifest.json, and makes what CHANGELOG.md has as unreleased into that version.
// Promises: the files say the same version; when it refuses, nothing was written, by npm neither. Must not: change an entry of the changelog.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './setup.mjs';

const unreleased = '## [Unreleased]';
const heading = /^## \[(\d+\.\d+\.\d+)\] - \d{4}-\d{2}-\d{2}$/m;

const isHigher = (one, other) => {
  const [a, b] = [one, other].map((version) => version.split('.').map(Number));
  const at = a.findIndex((part, place) => part !== b[place]);
  return at >= 0 && a[at] > b[at];
};

/**
 * The manifest's text with another version, everything else as it was.
 * @param {string} text @param {string} version
 */
export function withVersion(text, version) {
  // Stores take numbers only.
  if (!/^\d+\.\d+\.\d+$/.test(version)) throw new Error(`${version} is no version for a store`);
  const next = text.replace(/^ {2}"version": ".*",$/m, `  "version": "${version}",`);
  if (JSON.parse(next).version !== version) throw new Error('manifest.json has no version in its place');
  return next;
}

/**
 * The changelog in which what was unreleased is a version of that day.
 * @param {string} changelog @param {string} version @param {string} date as YYYY-MM-DD
 */
export function withRelease(changelog, version, date) {
  const [before, after, ...more] = changelog.split(`\n${unreleased}\n`);
  if (after === undefined || more.length > 0) throw new Error(`CHANGELOG.md has no heading "${unreleased}", or two`);
  const [changes] = after.split(/^## /m);
  if (!/^- /m.test(changes)) throw new Error(`CHANGELOG.md has nothing below "${unreleased}"`);
  const last = heading.exec(after)?.[1];
  if (last !== undefined && !isHigher(version, last)) throw new Error(`${version} is not higher than ${last}`);
  return `${before}\n${unreleased}\n\n## [${version}] - ${date}\n${after}`;
}

if (process.argv[1] && path.resolve(process.argv[1]) === path.join(root, 'scripts', 'version.mjs')) {
  const read = (file) => readFileSync(path.join(root, file), 'utf8');
  try {
    const version = process.env.npm_new_version;
    if (version === undefined) throw new Error('Run by npm: npm version X.Y.Z');
    const manifest = withVersion(read('manifest.json'), version);
    const changelog = withRelease(read('CHANGELOG.md'), version, new Date().toISOString().slice(0, 10));
    if (!process.argv.includes('--check')) {
      writeFileSync(path.join(root, 'manifest.json'), manifest);
      writeFileSync(path.join(root, 'CHANGELOG.md'), changelog);
      const { status } = spawnSync('git', ['add', 'manifest.json', 'CHANGELOG.md'], { cwd: root, stdio: 'inherit' });
      process.exitCode = status ?? 1;
    }
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
