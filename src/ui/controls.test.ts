// Every control has a name that a journey can rely on: docs/testing.md lists what the pages have, and nothing else.
// Promises: reads the sources as text; a control without a name in docs/testing.md fails here.
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const here = new URL('./', import.meta.url);
const code = readdirSync(here, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.tsx'))
  .map((path) => readFileSync(new URL(path, here), 'utf8'))
  .join('\n');
const inCode = new Set(Array.from(code.matchAll(/(?:data-testid|testId)=(?:"([\w-]+)"|\{`([\w-]+)-\$\{)/g), ([, whole, start]) => whole ?? `${start}-`));
const page = readFileSync(new URL('../../docs/testing.md', here), 'utf8');
const controls = page.slice(page.indexOf('## Controls')).split(/\n## (?!Controls)/)[0] ?? '';
const listed = new Set(
  Array.from(controls.matchAll(/^\| (`.+?) \|/gm), ([, cell]) => Array.from((cell ?? '').matchAll(/`([\w-]+)(…)?`/g), ([, id]) => id ?? '')).flat(),
);

test('every control of the pages is listed in docs/testing.md', () => {
  expect(inCode.size).toBeGreaterThan(80);
  const missing = [...inCode].filter((id) => (id.endsWith('-') ? ![...listed].some((one) => one.startsWith(id)) : !listed.has(id)));
  expect(missing).toEqual([]);
});

test('every listed control exists', () => {
  const starts = [...inCode].filter((id) => id.endsWith('-'));
  expect([...listed].filter((id) => !inCode.has(id) && !starts.some((start) => id.startsWith(start)))).toEqual([]);
});
