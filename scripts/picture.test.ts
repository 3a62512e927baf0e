// docs/architecture.md and its picture show the rooms as they are.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { countsOf, readHouse } from './house.mjs';
import { drawHouse, pictureFile } from './picture.mjs';

const house = readHouse();
const roomOf = (file: string) => file.split('/')[1];
const titlesOf = (picture: string) => [...picture.matchAll(/<title>(.*?)<\/title>/g)].map(([, title]) => title);
/** The house with one more file. */
const withFile = (file: string, ...imports: string[]) => new Map([...house, [file, { imports, functions: [] }]]);

test('docs/architecture.svg is what `npm run picture` draws now', () => {
  expect(readFileSync(pictureFile, 'utf8') === drawHouse(house), 'run `npm run picture`').toBe(true);
});

test('there is an arrow for each room that imports another, and no other', () => {
  const pairs = [...house].flatMap(([file, { imports }]) =>
    imports
      .filter((target) => roomOf(target) !== roomOf(file))
      .map((target) => `${roomOf(file)} imports ${roomOf(target)}`),
  );
  expect(titlesOf(drawHouse(house))).toEqual([...new Set(pairs)].toSorted());
});

test('a new import is a new arrow, and a new file a new number', () => {
  expect(titlesOf(drawHouse(withFile('src/network/planted.ts', 'src/contract/errors.ts')))).toContain(
    'network imports contract',
  );
  expect(drawHouse(withFile('src/sdk/xmtp/planted.ts'))).not.toBe(drawHouse(house));
});

test('a room or folder without a place, and an arrow without a way, are errors', () => {
  expect(() => drawHouse(withFile('src/cellar/planted.ts'))).toThrow('cellar has no place');
  expect(() => drawHouse(withFile('src/vault/cellar/planted.ts'))).toThrow('vault/cellar has no place');
  expect(() => drawHouse(withFile('src/network/planted.ts', 'src/vault/vault.ts'))).toThrow('no way from network');
});

test('docs/architecture.md has a row for every folder of more than five files', () => {
  const map = readFileSync(path.join(path.dirname(pictureFile), 'architecture.md'), 'utf8');
  const [, tables = ''] = map.split(/^## Folders$/m);
  // The first cell of a row, under the heading of its room.
  const named = new Set<string>();
  let room = '';
  for (const line of tables.split('\n')) {
    room = /^### (\w+)$/.exec(line)?.[1] ?? room;
    if (/^\| itself \|/.test(line)) named.add(room);
    for (const [, folder = ''] of /^\| `[^|]*/.exec(line)?.[0].matchAll(/`([^`]+)`/g) ?? []) named.add(folder);
  }
  const large = [...countsOf(house)].filter(([, count]) => count > 5).map(([folder]) => folder.slice('src/'.length));
  expect(large.filter((folder) => !named.has(folder))).toEqual([]);
});
