// What stands in store/: texts within what the stores take, pictures of the right sizes, and an answer for each permission and each kind of data.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import manifest from '../manifest.json' with { type: 'json' };
import { sentToNone } from '../src/contract/origins';
import { filesFor } from './gallery/for-documents.mjs';
import { boards, listingOf } from './gallery/for-stores.mjs';

const root = path.resolve(import.meta.dirname, '..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const locales = ['en', 'de', 'es', 'zh_CN', 'ar'];
const ours = readdirSync(path.join(root, 'public/_locales'));

/** Width, height and kind of colour of a PNG: 6 has transparency, 2 has none. */
function png(file: string) {
  const bytes = readFileSync(path.join(root, file));
  expect(bytes.subarray(1, 4).toString()).toBe('PNG');
  return { size: [bytes.readUInt32BE(16), bytes.readUInt32BE(20)], colour: bytes[25], bytes: bytes.length };
}

describe('the listing', () => {
  test('is there in five languages, and no other', () => {
    expect(readdirSync(path.join(root, 'store/listing')).sort()).toEqual(locales.map((one) => `${one}.md`).sort());
  });

  test.each(locales)('%s is within what the stores take, and has all parts', (locale) => {
    const { name, summary, description, sentences } = listingOf(locale);
    expect(name.length).toBeLessThanOrEqual(45);
    expect(summary.length).toBeGreaterThan(20);
    // Chrome and the manifest: 132.
    expect(summary.length).toBeLessThanOrEqual(132);
    expect(description.length).toBeGreaterThan(400);
    expect(description.length).toBeLessThanOrEqual(10_000);
    expect(sentences).toHaveLength(boards.length);
    for (const sentence of sentences) expect(sentence.length).toBeGreaterThan(5);
    // As many paragraphs and points as in English: nothing was left out.
    const shape = (text: string) =>
      text.split('\n').map((line) => (line === '' ? '' : line.startsWith('•') ? '•' : '¶'));
    expect(shape(description)).toEqual(shape(listingOf('en').description));
  });

  test.each(locales.filter((locale) => ours.includes(locale)))('%s says the same as the pages', (locale) => {
    const words = JSON.parse(read(`public/_locales/${locale}/messages.json`)) as Record<
      'extName' | 'extDescription',
      { message: string }
    >;
    expect(listingOf(locale)).toMatchObject({ name: words.extName.message, summary: words.extDescription.message });
  });
});

describe('the pictures', () => {
  test('of the stores have their sizes, and no transparency but the icon', () => {
    for (const at of boards.keys())
      expect(png(`store/images/screenshot-${at + 1}.png`)).toMatchObject({ size: [1280, 800], colour: 2 });
    expect(png('store/images/tile-440x280.png')).toMatchObject({ size: [440, 280], colour: 2 });
    expect(png('store/images/tile-1400x560.png')).toMatchObject({ size: [1400, 560], colour: 2 });
    expect(png('store/images/icon-128.png')).toMatchObject({ size: [128, 128], colour: 6 });
  });

  test('of the documents are the chosen few, small, and each is shown somewhere', () => {
    const files = readdirSync(path.join(root, 'docs/images')).sort();
    expect(filesFor([]).filter((file) => !files.includes(file))).toEqual([]);
    expect(files.filter((file) => !filesFor(['ar']).includes(file))).toEqual([]);
    const bytes = files.map((file) => readFileSync(path.join(root, 'docs/images', file)).length);
    expect(Math.max(...bytes)).toBeLessThan(100_000);
    expect(bytes.reduce((sum, one) => sum + one, 0)).toBeLessThan(1_000_000);
    const texts = [
      'README.md',
      ...readdirSync(path.join(root, 'docs'))
        .filter((file) => file.endsWith('.md'))
        .map((file) => `docs/${file}`),
    ];
    const shown = texts.map(read).join('\n');
    expect(files.filter((file) => !shown.includes(`images/${file}`))).toEqual([]);
    const named = [...shown.matchAll(/images\/([\w.-]+)/g)].map(([, file = '']) => file);
    expect(named.filter((file) => !files.includes(file))).toEqual([]);
  });
});

describe('the answers', () => {
  test('justify every permission, host and command of the manifest, and no other', () => {
    const named = read('store/permissions.md')
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .flatMap((line) => [...line.split(' | ')[0]!.matchAll(/`([^`]+)`/g)].map(([, one = '']) => one));
    const has = [
      ...manifest.permissions,
      ...manifest.optional_permissions,
      ...manifest.optional_host_permissions,
      ...manifest.content_scripts.flatMap(({ matches }) => matches),
      ...Object.keys(manifest.commands),
    ];
    expect([...new Set(named)].sort()).toEqual([...new Set(has)].sort());
  });

  test('R-J2 declare to Firefox exactly what nodes are sent, and name it as sent', () => {
    const { required, optional } = manifest.browser_specific_settings.gecko.data_collection_permissions;
    expect(required).toEqual(['none']);
    expect(optional).toEqual(sentToNone([]));
    const sent = read('store/data-use.md')
      .split('\n')
      .map((line) => line.split(' | '))
      .filter(([, , , where]) => where?.startsWith('to the node'))
      .map(([, kind = '']) => kind.replaceAll('`', ''));
    expect(sent.sort()).toEqual([...optional].sort());
  });

  test('lead to files that are there', () => {
    for (const file of [
      'store/stores.md',
      'store/data-use.md',
      'store/permissions.md',
      'BUILD.md',
      'docs/privacy.md',
      'docs/release.md',
    ]) {
      for (const [, target = ''] of read(file).matchAll(/\]\((?!https?:)([^)#]+)/g))
        expect(existsSync(path.join(root, path.dirname(file), target)), `${file}: ${target}`).toBe(true);
    }
  });
});
