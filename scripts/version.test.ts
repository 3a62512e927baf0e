// One version everywhere, and a changelog that knows it; and what `npm version` makes of them, in a small repository of its own.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { withRelease, withVersion } from './version.mjs';

const root = path.resolve(import.meta.dirname, '..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const versionOf = (file: string) => (JSON.parse(read(file)) as { version: string }).version;

test('package, lock file, manifest and changelog say the same version', () => {
  expect(versionOf('manifest.json')).toBe(versionOf('package.json'));
  expect(versionOf('package-lock.json')).toBe(versionOf('package.json'));
  const [, last] = [...read('CHANGELOG.md').matchAll(/^## \[(.+?)\]/gm)];
  expect(last![1]).toBe(versionOf('package.json'));
});

test('the changelog has what is unreleased, then versions with their days, the newest first, and each kind of change once in each', () => {
  const [, ...parts] = read('CHANGELOG.md').split(/^## /m);
  const [first, ...released] = parts.map((part) => part.split('\n')[0]!);
  expect(first).toBe('[Unreleased]');
  expect(released.filter((line) => !/^\[\d+\.\d+\.\d+\] - \d{4}-\d{2}-\d{2}$/.test(line))).toEqual([]);
  const days = released.map((line) => line.split(' - ')[1]!);
  expect(days).toEqual([...days].sort().reverse());
  for (const part of parts) {
    const kinds = [...part.matchAll(/^### (.+)$/gm)].map(([, kind = '']) => kind);
    expect(new Set(kinds).size, part.split('\n')[0]).toBe(kinds.length);
    for (const kind of kinds)
      expect(['Added', 'Changed', 'Deprecated', 'Removed', 'Fixed', 'Security']).toContain(kind);
  }
});

test('a new version changes one line of the manifest', () => {
  const manifest = read('manifest.json');
  const next = withVersion(manifest, '9.8.7');
  expect(next.replace('"version": "9.8.7"', `"version": "${versionOf('manifest.json')}"`)).toBe(manifest);
});

describe('the changelog', () => {
  const changelog =
    '# Changelog\n\n## [Unreleased]\n\n### Added\n- One.\n\n## [1.10.0] - 2030-01-01\n\n### Added\n- Nought.\n';

  test('has a new version between its first heading and what stood there, and nothing else is changed', () => {
    const next = withRelease(changelog, '1.11.0', '2030-01-31');
    expect(next).toBe(
      '# Changelog\n\n## [Unreleased]\n\n## [1.11.0] - 2030-01-31\n\n### Added\n- One.\n\n## [1.10.0] - 2030-01-01\n\n### Added\n- Nought.\n',
    );
    expect(() => withRelease(next, '1.12.0', '2030-02-01')).toThrow('nothing below');
  });

  test.each(['1.9.9', '1.10.0', '0.11.0', '1.2.11'])('has no %s after a 1.10.0', (version) => {
    expect(() => withRelease(changelog, version, '2030-01-31')).toThrow('not higher than 1.10.0');
  });

  test('is refused without its first heading, or with two', () => {
    expect(() => withRelease('# Changelog\n', '1.0.0', '2030-01-31')).toThrow('no heading');
    expect(() => withRelease(`${changelog}\n## [Unreleased]\n`, '2.0.0', '2030-01-31')).toThrow('no heading');
  });
});

test('a version that no store takes is refused', () => {
  expect(() => withVersion(read('manifest.json'), '9.8.7-beta.1')).toThrow('no version for a store');
});

test('npm version writes, commits and tags all of it, or changes nothing', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'prekey-vault-version-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const git = (...words: string[]) => execFileSync('git', words, { cwd: folder, encoding: 'utf8' }).trim();
  const here = (file: string) => readFileSync(path.join(folder, file), 'utf8');
  mkdirSync(path.join(folder, 'scripts'));
  for (const file of ['scripts/version.mjs', 'scripts/setup.mjs', 'manifest.json'])
    cpSync(path.join(root, file), path.join(folder, file));
  const { name, version, type, scripts } = JSON.parse(read('package.json')) as Record<string, string> & {
    scripts: Record<string, string>;
  };
  const { preversion, version: run } = scripts;
  writeFileSync(
    path.join(folder, 'package.json'),
    JSON.stringify({ name, version, type, scripts: { preversion, version: run } }, null, 2),
  );
  const changelog = `# Changelog\n\n## [Unreleased]\n\n### Added\n- One.\n\n## [${version}] - 2026-01-01\n`;
  writeFileSync(path.join(folder, 'CHANGELOG.md'), changelog);
  git('init', '-q');
  git('config', 'user.email', 'nobody@example.org');
  git('config', 'user.name', 'Nobody');
  git('config', 'commit.gpgsign', 'false');
  git('add', '-A');
  git('commit', '-q', '-m', 'Begin');
  const npmVersion = (next: string) =>
    spawnSync('npm', ['version', next, '--no-sign-git-tag'], {
      cwd: folder,
      encoding: 'utf8',
      shell: process.platform === 'win32',
    });

  expect(npmVersion('99.0.0-beta.1').stderr).toContain('no version for a store');
  expect([git('status', '--short'), git('tag')]).toEqual(['', '']);

  const { status, stderr } = npmVersion('99.0.0');
  expect(status, stderr).toBe(0);
  expect([git('status', '--short'), git('tag', '--points-at', 'HEAD')]).toEqual(['', 'v99.0.0']);
  for (const file of ['package.json', 'manifest.json'])
    expect((JSON.parse(here(file)) as { version: string }).version).toBe('99.0.0');
  const today = new Date().toISOString().slice(0, 10);
  expect(here('CHANGELOG.md').replace(/(?<=99\.0\.0\] - )[\d-]+/, today)).toBe(withRelease(changelog, '99.0.0', today));
});
