// The documents are true: every test that the threat model names exists and begins with its number, every number, clause, path and heading
// that comments and documents cite is there, and every link leads somewhere.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');

/** Files below a folder that people write, without what is built, generated or recorded. */
function filesBelow(folder: string): string[] {
  return readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const file = `${folder}/${entry.name}`;
    if (entry.isDirectory())
      return ['node_modules', 'dist', 'gen', 'fixtures'].includes(entry.name) ? [] : filesBelow(file);
    return [file];
  });
}
const tree = ['src', 'demo', 'e2e', 'bench', 'scripts', 'lint', 'docs', 'store'].flatMap(filesBelow);
/** This file holds the forms of citations, and examples of ones that lead nowhere. */
const sources = tree.filter((file) => /\.(?:tsx?|mts|mjs|js|proto)$/.test(file) && file !== 'scripts/docs.test.ts');
const documents = [
  'README.md',
  'SECURITY.md',
  'BUILD.md',
  ...tree.filter((file) => /^(?:docs|store)\/.*\.md$/.test(file)),
];

interface Line {
  file: string;
  at: number;
  text: string;
}
const linesOf = (file: string): Line[] =>
  read(file)
    .split('\n')
    .map((text, index) => ({ file, at: index + 1, text }));

/** The comment in a line of code; '' for none. Blocks are known by the star at the beginning of each of their lines. */
function commentIn(code: string): string {
  if (/^\s*(?:\/\/|\/?\*)/.test(code)) return code;
  return /(?:^|\s)\/\/ .*$/.exec(code)?.[0] ?? /\/\*.*?\*\//.exec(code)?.[0] ?? '';
}
const comments = sources.flatMap(linesOf).flatMap((line) => {
  const text = commentIn(line.text);
  return text ? [{ ...line, text }] : [];
});
const prose = documents.flatMap(linesOf);

/** Every citation that leads nowhere, with its place. */
function astray(lines: readonly Line[], citedIn: (text: string, file: string) => Iterable<string>): string[] {
  return lines.flatMap(({ file, at, text }) =>
    [...new Set(citedIn(text, file))].map((what) => `${file}:${at} ${what}`),
  );
}

const requirement = /^(P\d|R-[A-K]\d+)$/;
const rows = linesOf('docs/threat-model.md').flatMap(({ text }) => {
  const [, id = '', , tests = ''] = text.split('|').map((cell) => cell.trim());
  return requirement.test(id) ? [...tests.matchAll(/`([^`]+)`/g)].map(([, file = '']) => [id, file] as const) : [];
});

describe('docs/threat-model.md', () => {
  test('has rows', () => expect(rows.length).toBeGreaterThan(40));
  test.each(rows)('%s is shown by %s', (id, file) => {
    const code = existsSync(path.join(root, file)) ? read(file) : '';
    // Several numbers may stand at the beginning of one title. A title may stand first in a row of a table of tests.
    const called = code.matchAll(
      /\b(?:test|it|describe)(?:\.\w+)*(?:\([^'"`\n]*\)|<[^>]*>\([^'"`]*\))?\(\s*['"`]([^'"`]+)/g,
    );
    const listed = code.matchAll(/^\s*\[['"`]((?:R-|P\d)[^'"`]+)/gm);
    const begins = [...called, ...listed].some(([, title = '']) => {
      for (const word of title.split(/[\s,:]+/)) {
        if (word === id) return true;
        if (!requirement.test(word)) return false;
      }
      return false;
    });
    expect(begins, `${file} has no test whose title begins with ${id}`).toBe(true);
  });

  const known = new Set<string>(rows.map(([id]) => id));
  const unknownIn = (text: string) =>
    [...text.matchAll(/\bR-[A-Z]\d+\b/g)].map(([id]) => id).filter((id) => !known.has(id));
  test('every number that code and documents name has a row', () => {
    expect(unknownIn('R-A1 and R-Z9')).toEqual(['R-Z9']);
    expect(astray([...sources.flatMap(linesOf), ...prose], unknownIn)).toEqual([]);
  });
});

describe('docs/protocol.md', () => {
  /** The text of each clause, by its name: "0", "a", "a.1". */
  const clauses = new Map<string, string>();
  for (const part of read('docs/protocol.md').split(/^(?=##+ )/m)) {
    const name = /^##+ (?:\(([a-l])\)|(0|(?:0|[a-l])\.\d+)) /.exec(part);
    const clause = name?.[1] ?? name?.[2];
    if (clause === undefined) continue;
    if (clauses.has(clause)) throw new Error(`two clauses are called ${clause}`);
    clauses.set(clause, part);
  }
  const hasStep = (clause: string, step: string | undefined) =>
    new RegExp(String.raw`^${step}\. `, 'm').test(clauses.get(clause) ?? '');

  /** Clauses and steps in a comment that are not there: "(e.2, step 7)", "(protocol a.5, j)", "protocol 0.1". */
  function* missingIn(text: string): Generator<string> {
    for (const [, clause = ''] of text.matchAll(/(?<![\w.$/'"`-])([a-z]\.\d+)\b(?!\.\d)/g))
      if (!clauses.has(clause)) yield clause;
    for (const [, list = ''] of text.matchAll(/(?:protocol(?:\.md)? \(?(?=0\b|[a-z]\b)|\((?=[a-l]\b))([^()]*)/g)) {
      let last: string | undefined;
      for (const word of list.split(/,\s*|;\s*|\s+and\s+/)) {
        const [, clause] = /^(0|0\.\d+|[a-z]|[a-z]\.\d+)$/.exec(word.trim()) ?? [];
        const [, from, to] = /^(?:steps? )?(\d+)(?: to (\d+))?$/.exec(word.trim()) ?? [];
        if (clause !== undefined && !clauses.has(clause)) yield clause;
        if (last !== undefined && from !== undefined && !(hasStep(last, from) && hasStep(last, to ?? from)))
          yield `${last}, step ${to ?? from}`;
        last = clause ?? (from === undefined ? undefined : last);
      }
    }
  }

  test('has every section', () =>
    expect(['0', ...'abcdefghijkl'].filter((clause) => !clauses.has(clause))).toEqual([]));
  test('has every clause and step that comments, titles and documents cite', () => {
    expect([
      ...missingIn('Reads it (protocol e.2, step 2 and a.1, a.99; j, 7, 77), protocol m, and (protocol 0.3).'),
    ]).toEqual(['a.99', 'a.99', 'j, step 77', 'm', '0.3']);
    const titles = sources.flatMap(linesOf).flatMap((line) => {
      const text = /\b(?:test|it|describe)\b.*?\(\s*(['"`].*)/.exec(line.text)?.[1];
      return text === undefined
        ? []
        : [{ ...line, text: [...text.matchAll(/\([a-l](?:\.\d+)?(?:, [^()]*)?\)/g)].join(' ') }];
    });
    expect(comments.flatMap(({ text }) => [...text.matchAll(/[( ][a-l]\.\d\b/g)]).length).toBeGreaterThan(100);
    expect(astray([...comments, ...titles, ...prose], missingIn)).toEqual([]);
  });
});

describe('citations', () => {
  const isThere = (file: string, from: string) =>
    existsSync(path.join(root, file)) ||
    existsSync(path.join(root, path.dirname(from), file)) ||
    tree.some((other) => other.endsWith(`/${file}`));

  /** "vault/keys/bundle.ts" from the root, from the file that says it, or as the end of a path; folders in backticks from the root. */
  function* missingPaths(text: string, from: string): Generator<string> {
    const files = text.matchAll(
      /(?<![\w/@.:*<{}$-])((?:[\w.-]+\/)+[\w.-]+\.(?:tsx?|mts|mjs|js|md|json|proto|html|css|ya?ml))\b/g,
    );
    const folders = text.matchAll(/`((?:src|e2e|docs|scripts|demo|bench|lint)(?:\/[\w.-]+)+)\/?`/g);
    for (const [, file = ''] of [...files, ...folders]) if (!/^dist\//.test(file) && !isThere(file, from)) yield file;
    for (const [, number = ''] of text.matchAll(/\badr\/(\d+)/g))
      if (!tree.some((file) => file.startsWith(`docs/adr/${number}-`))) yield `adr/${number}`;
  }

  const documentPaths = new Map(
    [...documents, 'CHANGELOG.md', ...tree.filter((file) => file.endsWith('.md'))].map((file) => [
      path.basename(file),
      file,
    ]),
  );
  const headingsOf = (file: string) =>
    [...read(file).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading.replaceAll('`', ''));

  /** Documents that the repository does not hold, by name; and numbers and headings that a document of ours does not have. */
  function* missingDocuments(text: string): Generator<string> {
    for (const [cited, name = '', number, heading] of text.matchAll(
      /(?<![\w*])([\w-]+\.md)(?:\)?,? (?:section )?(\d[\d.]*\d|\d)(?![\w-])|\)?, "([^"]+)")?/g,
    )) {
      const file = documentPaths.get(name);
      if (file === undefined) yield cited;
      else if (number !== undefined && !headingsOf(file).some((title) => title.startsWith(`${number} `))) yield cited;
      else if (heading !== undefined && !headingsOf(file).some((title) => title.includes(heading))) yield cited;
    }
    for (const [cited] of text.matchAll(/\b(?:node-behaviour|v3-spec)\b|\bcampaigns? T\d+/g)) yield cited;
  }

  test('every path in a comment or a document exists', () => {
    expect([
      ...missingPaths(
        '`src/none` is not `src/vault/`, nor vault/none.ts store/none.md; adr/0001, adr/9999',
        'README.md',
      ),
    ]).toEqual(['vault/none.ts', 'store/none.md', 'src/none', 'adr/9999']);
    expect(astray([...comments, ...prose], missingPaths)).toEqual([]);
  });
  test('every document that is cited is held here, with the heading that is cited', () => {
    expect([
      ...missingDocuments(
        '(none.md 3.3), storage.md 99, protocol.md, "Nothing", protocol.md, "Wallet signatures", campaign T2',
      ),
    ]).toEqual(['none.md 3.3', 'storage.md 99', 'protocol.md, "Nothing"', 'campaign T2']);
    expect(astray([...comments, ...prose], missingDocuments)).toEqual([]);
  });
});

describe('links', () => {
  const links = documents.flatMap((document) =>
    [...read(document).matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, target = '']) => [document, target] as const),
  );
  test.each(links)('%s: %s exists', (document, target) => {
    expect(existsSync(path.join(root, path.dirname(document), target))).toBe(true);
  });
});
