// One scale of type and space: tokens.css names each size once, and the pages' own styles use those names.
// Promises: reads the styles as text; a size beside the scale, or a name that is nowhere defined, fails here.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const root = new URL('../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8').replaceAll(/\/\*[\s\S]*?\*\//g, '');
const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.css'));
const tokens = read('parts/tokens.css');
/** Within a line of text a hair more or less is right. */
const hairs = ['1px', '-1px', '2px', '6px'];
/** Made for a window of its own size; its distances are looked at with its cards. */
const apart = 'approval/approval.css';

test('there are styles to look at', () => {
  expect(files.length).toBe(13);
});

describe.each(files.filter((path) => path !== 'parts/tokens.css'))('%s', (path) => {
  const lines = read(path).split('\n');
  const declared = (names: RegExp) =>
    lines.flatMap((line) => {
      const [, name = '', value = ''] = /^\s*([\w-]+):\s*(.*);$/.exec(line) ?? [];
      return names.test(name) ? [{ line: line.trim(), value }] : [];
    });

  test('type has a size of the scale', () => {
    expect(declared(/^font-size$/).filter(({ value }) => !/^(?:var\(--size-\w+\)|inherit)$/.test(value))).toEqual([]);
  });

  test.skipIf(path === apart)('every distance is one of the scale', () => {
    const beside = declared(/^(?:padding|margin|gap|row-gap|column-gap)(?:-\w+)*$/).filter(({ value }) =>
      (value.match(/-?\d+px/g) ?? []).some((one) => !hairs.includes(one)),
    );
    expect(beside.map(({ line }) => line)).toEqual([]);
  });

  test('every name is defined', () => {
    const used = new Set(Array.from(read(path).matchAll(/var\((--[\w-]+)\)/g), ([, name]) => name ?? ''));
    expect([...used].filter((name) => !tokens.includes(`${name}:`))).toEqual([]);
  });
});
