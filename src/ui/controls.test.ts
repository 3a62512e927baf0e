// Every control has a name that a journey can rely on: e2e/kit/controls.ts lists what the pages have, and nothing else.
// Promises: reads the sources as text; a control without a line in the list fails here, and so does a journey that names one outside of it.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { controls, type ControlId } from '../../e2e/kit/controls';

const root = new URL('../../', import.meta.url);
const textsOf = (folder: string, ending: RegExp): string =>
  readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' })
    .filter((path) => ending.test(path))
    .map((path) => readFileSync(new URL(`${folder}${path}`, root), 'utf8'))
    .join('\n');

/** Ids in the sources of pages; one that ends in "-" goes on with something that only the running page knows. */
const idsIn = (folder: string) =>
  new Set(
    Array.from(
      textsOf(folder, /\.tsx$|^reader\/[\w-]+\.ts$/).matchAll(
        /(?:data-testid'?|testId)(?:=(?:"([\w-]+)"|\{`([\w-]+)-\$\{)|: '([\w-]+)')/g,
      ),
      ([, whole, start, part]) => whole ?? part ?? `${start}-`,
    ),
  );
const { demoDapp, ...ofOurPages } = controls;
const all = Object.values(controls).flatMap((page) => Object.keys(page));

describe.each([
  ['our pages', 'src/ui/', Object.values(ofOurPages).flatMap((page) => Object.keys(page))],
  ['the demo dapp', 'demo/dapp/', Object.keys(demoDapp)],
])('%s', (_, folder, keys) => {
  const inCode = idsIn(folder);
  const listed = keys.map((id) => id.replace('…', ''));

  test('every control is listed', () => {
    expect(inCode.size).toBeGreaterThan(folder === 'src/ui/' ? 200 : 40);
    expect(
      [...inCode].filter((id) => (id.endsWith('-') ? !listed.some((one) => one.startsWith(id)) : !listed.includes(id))),
    ).toEqual([]);
  });

  test('every listed control exists', () => {
    const starts = [...inCode].filter((id) => id.endsWith('-'));
    expect(listed.filter((id) => !inCode.has(id) && !starts.some((start) => id.startsWith(start)))).toEqual([]);
  });
});

test('no control is listed twice', () => {
  expect(all.filter((id, at) => all.indexOf(id) !== at)).toEqual([]);
});

test('a name outside of the list does not compile', () => {
  const named: ControlId[] = ['popup', 'secret-way-wallet', 'approval-capability-messages.read'];
  // @ts-expect-error no such control
  named.push('popup-shut');
  // @ts-expect-error no such capability
  named.push('approval-capability-message.read');
  expect(named.length).toBe(5);
});

test('journeys and pictures name listed controls only, in selectors too', () => {
  const code = [
    textsOf('e2e/', /\.ts$/),
    textsOf('scripts/gallery/', /\.mjs$/),
    textsOf('demo/', /^walk(?:-today)?\.ts$/),
  ].join('\n');
  const named = new Set(
    Array.from(
      code.matchAll(/(?:byId\([\w.]+, '|getByTestId\('|\[data-testid="?)([\w.-]+)['"\]]/g),
      ([, id]) => id ?? '',
    ),
  );
  expect(named.size).toBeGreaterThan(150);
  // A wallet's id is never written out, so that what begins with "wallet-" is one of the others.
  const starts = all.filter((id) => id.endsWith('…') && id !== 'wallet-…').map((id) => id.slice(0, -1));
  expect([...named].filter((id) => !all.includes(id) && !starts.some((start) => id.startsWith(start)))).toEqual([]);
});
