// One version everywhere, and a changelog that knows it.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { withVersion } from './version.mjs';

const root = path.resolve(import.meta.dirname, '..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const versionOf = (file: string) => (JSON.parse(read(file)) as { version: string }).version;

test('package, lock file and manifest say the same version', () => {
  expect(versionOf('manifest.json')).toBe(versionOf('package.json'));
  expect(versionOf('package-lock.json')).toBe(versionOf('package.json'));
});

test('a new version changes one line of the manifest', () => {
  const manifest = read('manifest.json');
  const next = withVersion(manifest, '9.8.7', '# Changelog\n\n## [Unreleased]\n\n## [9.8.7] - 2030-01-31\n');
  expect(next.replace('"version": "9.8.7"', `"version": "${versionOf('manifest.json')}"`)).toBe(manifest);
});

test.each([
  ['9.8.7', '## [Unreleased]\n', 'CHANGELOG.md'],
  ['9.8.7', '## [9x8x7] - 2030-01-31\n', 'CHANGELOG.md'],
  ['9.8.7', '## [9.8.7]\n', 'CHANGELOG.md'],
  ['9.8.7-beta.1', '## [9.8.7-beta.1] - 2030-01-31\n', 'no version for a store'],
])('%s is refused with the changelog "%s"', (version, changelog, words) => {
  expect(() => withVersion(read('manifest.json'), version, changelog)).toThrow(words);
});
