// Run by `npm version`, after package.json has the new number and before the commit: gives it to manifest.json too, and refuses where the changelog has nothing about it.
// Promises: the three files say the same version. Must not: write when it refuses.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './setup.mjs';

/**
 * The manifest's text with another version, everything else as it was.
 * @param {string} text @param {string} version @param {string} changelog
 */
export function withVersion(text, version, changelog) {
  // Stores take numbers only.
  if (!/^\d+\.\d+\.\d+$/.test(version)) throw new Error(`${version} is no version for a store`);
  const heading = new RegExp(`^## \\[${version.replaceAll('.', '\\.')}\\] - \\d{4}-\\d{2}-\\d{2}$`, 'm');
  if (!heading.test(changelog)) throw new Error(`CHANGELOG.md has no heading "## [${version}] - YYYY-MM-DD"`);
  const next = text.replace(/^ {2}"version": ".*",$/m, `  "version": "${version}",`);
  if (JSON.parse(next).version !== version) throw new Error('manifest.json has no version in its place');
  return next;
}

if (process.argv[1] && path.resolve(process.argv[1]) === path.join(root, 'scripts', 'version.mjs')) {
  const read = (file) => readFileSync(path.join(root, file), 'utf8');
  try {
    const { version } = JSON.parse(read('package.json'));
    writeFileSync(path.join(root, 'manifest.json'), withVersion(read('manifest.json'), version, read('CHANGELOG.md')));
    const { status } = spawnSync('git', ['add', 'manifest.json'], { cwd: root, stdio: 'inherit' });
    process.exitCode = status ?? 1;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
