// The documents are true: every test that the threat model names exists, begins with its number, and every link leads somewhere.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');

const rows = read('docs/threat-model.md')
  .split('\n')
  .flatMap((line) => {
    const [, id = '', , tests = ''] = line.split('|').map((cell) => cell.trim());
    if (!/^(P\d|R-[A-K]\d+)$/.test(id)) return [];
    return [...tests.matchAll(/`([^`]+)`/g)].map(([, file = '']) => [id, file] as const);
  });

describe('docs/threat-model.md', () => {
  test('has rows', () => expect(rows.length).toBeGreaterThan(40));
  test.each(rows)('%s is shown by %s', (id, file) => {
    const code = existsSync(path.join(root, file)) ? read(file) : '';
    // Several numbers may stand at the beginning of one title.
    const titles = [...code.matchAll(/\b(?:test|it|describe)(?:\.\w+)*(?:\([^'"`\n]*\)|<[^>]*>\([^'"`]*\))?\(\s*['"`]([^'"`]+)/g)].map(([, title = '']) => title);
    const begins = titles.some((title) => {
      for (const word of title.split(/[\s,:]+/)) {
        if (word === id) return true;
        if (!/^(P\d|R-[A-K]\d+)$/.test(word)) return false;
      }
      return false;
    });
    expect(begins, `${file} has no test whose title begins with ${id}`).toBe(true);
  });
});

describe('links', () => {
  const documents = ['README.md', 'SECURITY.md', ...readdirSync(path.join(root, 'docs')).filter((file) => file.endsWith('.md')).map((file) => `docs/${file}`)];
  const links = documents.flatMap((document) => [...read(document).matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, target = '']) => [document, target] as const));
  test.each(links)('%s: %s exists', (document, target) => {
    expect(existsSync(path.join(root, path.dirname(document), target))).toBe(true);
  });
});
