// Which files are the source: what a stranger needs to build the packages again, and to test them.
// Promises: everything that git tracks or would track, or, without git, everything that is no output and not installed: unpacked source lists itself.
// Must not: leave out a file that a build reads; a campaign builds from it and compares.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** What .gitignore names, for a folder that is not under git. */
const outputs = ['node_modules', 'dist', '.cache', 'screenshots', 'coverage', '.git'];

/** @param {string} root @returns {Map<string, Uint8Array>} */
export function sourceFiles(root) {
  const names = existsSync(path.join(root, '.git')) ? namesOfGit(root) : namesBelow(root, '');
  return new Map(
    names
      .filter((name) => existsSync(path.join(root, name)))
      .map((name) => [name, readFileSync(path.join(root, name))]),
  );
}

function namesOfGit(root) {
  const { status, stdout, stderr } = spawnSync(
    'git',
    ['ls-files', '-z', '--cached', '--others', '--exclude-standard'],
    {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    },
  );
  if (status !== 0) throw new Error(`git cannot list the source: ${stderr}`);
  return stdout.split('\0').filter((name) => name !== '');
}

function namesBelow(root, folder) {
  return readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    if (outputs.includes(entry.name) || entry.name.endsWith('.log')) return [];
    const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
    return entry.isDirectory() ? namesBelow(root, name) : entry.isFile() ? [name] : [];
  });
}

/** What differs from the last commit, in git's words; empty where there is no git. */
export function uncommitted(root) {
  if (!existsSync(path.join(root, '.git'))) return '';
  return spawnSync('git', ['status', '--short'], { cwd: root, encoding: 'utf8' }).stdout.trim();
}
