// The privacy policy is true sentence by sentence: each has code or a test that holds it, and those are there; and what it says of all code is looked for here.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const policy = read('docs/privacy.md').split('\n');

/** The rows of the tables: a sentence, and what holds it. */
const rows = policy
  .filter((line) => line.startsWith('| ') && !line.startsWith('| what is so'))
  .map((line) => line.slice(2, -2).split(' | '));

describe('docs/privacy.md', () => {
  test('has rows of one sentence or two and what holds them, and no promise beside its tables', () => {
    expect(rows.length).toBeGreaterThan(25);
    for (const row of rows) expect(row, row[0]).toHaveLength(2);
    const beside = policy.filter(
      (line) =>
        line !== '' && !/^(?:#|\||Only if you set one|What Prekey Vault knows|Version of|Questions:)/.test(line),
    );
    expect(beside).toEqual([]);
  });

  test.each(rows)('%s', (_sentence, holds = '') => {
    const files = [...holds.matchAll(/`([^`]+)`((?:(?:, | and )"(?:[^"]+)")*)/g)];
    expect(files.length).toBeGreaterThan(0);
    for (const [, file = '', titles = ''] of files) {
      expect(existsSync(path.join(root, file)), file).toBe(true);
      for (const [, title = ''] of titles.matchAll(/"([^"]+)"/g))
        expect(read(file), `${file}: ${title}`).toContain(title);
      // A test that is named without a title would hold whatever it wants.
      if (titles === '' && file.endsWith('.test.ts')) expect(read(file)).toMatch(/\b(?:test|it)\b/);
    }
  });
});

/** What is in the packages: src without tests and without the sdk, which is in pages of others; by file, without comments. */
const code = new Map(
  readdirSync(path.join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .map((name) => `src/${name.split(path.sep).join('/')}`)
    .filter(
      (file) => /\.tsx?$/.test(file) && !/\.(?:test|testkit|d)\.tsx?$/.test(file) && !/^src\/sdk\/|\/gen\//.test(file),
    )
    .map((file) => [
      file,
      read(file)
        .replaceAll(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '')
        // A file of the package itself, as the words of a language, comes from no network.
        .replaceAll('fetch(browser.runtime.getURL(', '(('),
    ]),
);
const filesWith = (words: RegExp) => [...code].filter(([, text]) => words.test(text)).map(([file]) => file);

describe('all code', () => {
  test('nothing but the client of nodes asks for anything over the network', () => {
    const asks = filesWith(
      /\b(?:fetch|XMLHttpRequest|WebSocket|WebTransport|EventSource|sendBeacon|RTCPeerConnection)\b/,
    );
    expect(asks.length).toBeGreaterThan(0);
    expect(asks.filter((file) => !file.startsWith('src/network/'))).toEqual([]);
  });

  test("nothing is put into the browser's synchronisation", () => {
    const area = (name: string) =>
      new RegExp(String.raw`\bstorage\s*\??\.\s*${name}\b|\{[^}]*\b${name}\b[^}]*\}\s*=\s*\w+\.storage\b`);
    expect(filesWith(area('local'))).toEqual(['src/background/browser/host.ts']);
    expect(filesWith(area('sync'))).toEqual([]);
  });

  test('the scripts in pages read no page: no text, no form, no cookie, no storage', () => {
    const inPages = [...code].filter(([file]) => file.startsWith('src/bridge/'));
    expect(inPages.length).toBeGreaterThan(1);
    const reads =
      /\b(?:cookie|localStorage|sessionStorage|indexedDB|querySelector\w*|getElement\w*|innerText|textContent|innerHTML|outerHTML|FormData|forms|getSelection|body)\b/;
    for (const [file, text] of inPages) expect(reads.exec(text)?.[0], file).toBeUndefined();
  });
});
