// The list of seeded defects is true: each stands at exactly one place, changes it, and names a test that exists; and it is spread over the folders
// that nothing may be wrong in. `npm run mutants` runs them.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { folderOf, placeOf, sourcesOf, type Defect } from './defect';
import { defects } from './defects';

const root = path.resolve(import.meta.dirname, '..', '..');
const sources = sourcesOf(root);
const places = new Map<Defect, string>();
/** Looked for once. */
function placeIn(defect: Defect): string {
  const place = places.get(defect) ?? placeOf(sources, defect);
  places.set(defect, place);
  return place;
}
/** Of these rooms every folder has its share; but of `src/background` itself, whose one file lays wires that only a browser has. */
const rooms = ['src/vault', 'src/background', 'src/protocol', 'src/network', 'src/bridge', 'src/sdk'];
const folders = [...new Set([...sources.keys()].map(folderOf))].filter(
  (folder) => folder !== 'src/background' && rooms.some((room) => `${folder}/`.startsWith(`${room}/`)),
);

describe('seeded defects', () => {
  test('have names of their own', () => expect(new Set(defects.map(({ name }) => name)).size).toBe(defects.length));
  test('are 150 at least', () => expect(defects.length).toBeGreaterThanOrEqual(150));
  test('are two at least in every folder of vault, background, protocol, network, bridge and sdk', () => {
    const held = defects.map((defect) => folderOf(placeIn(defect)));
    expect(folders.filter((folder) => held.filter((one) => one === folder).length < 2)).toEqual([]);
  });
  test.each(defects.map((one) => [one.name, one] as const))('%s', (_name, defect) => {
    expect(placeIn(defect)).toMatch(/^src\//);
    expect(defect.replace).not.toBe(defect.find);
    const [file, title] = defect.test;
    expect(readFileSync(path.join(root, file), 'utf8')).toContain(title);
  });
});
