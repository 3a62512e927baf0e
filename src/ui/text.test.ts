// The words: every message used exists, every message is used, every $n has its place.
// Promises: reads the sources as text, so a key that is only built at run time would be found missing.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const messages = JSON.parse(read('public/_locales/en/messages.json')) as Record<
  string,
  { message: string; description?: string }
>;
const sources = readdirSync(new URL('src/ui/', root), { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.tsx?$/.test(path) && !path.includes('.test.'))
  .map((path) => `src/ui/${path}`)
  // The worker says only what a notification says.
  .concat('src/background/main.ts');
const code = sources.map(read).join('\n');
const manifest = read('manifest.json');

/** Stems of messages with plural forms. */
const stems = new Set(
  Object.keys(messages).flatMap((key) =>
    key.endsWith('Other') && Object.hasOwn(messages, key.replace(/Other$/, 'One')) ? [key.replace(/Other$/, '')] : [],
  ),
);
const formsOf = (key: string) => (stems.has(key) ? [`${key}One`, `${key}Other`] : [key]);
/** What a quoted word may stand for: a message, the stem of some, or both. */
const keysOf = (word: string) => [word, ...formsOf(word)];

/** Keys given to t, rich and plural directly, and every quoted word besides (tables of keys). */
const quoted = new Set(Array.from(code.matchAll(/'([a-z][A-Za-z0-9]*)'/g), ([, key]) => key ?? ''));
const inManifest = new Set(Array.from(manifest.matchAll(/__MSG_(\w+)__/g), ([, key]) => key ?? ''));
const direct = new Set(Array.from(code.matchAll(/\b(?:t|rich|plural)\('(\w+)'/g), ([, key]) => key ?? ''));

describe('messages', () => {
  test('say in which language and direction they are written', () => {
    for (const locale of readdirSync(new URL('public/_locales/', root))) {
      const { textLanguage, textDirection } = JSON.parse(
        read(`public/_locales/${locale}/messages.json`),
      ) as typeof messages;
      const { language, script } = new Intl.Locale(locale.replace('_', '-')).maximize();
      expect(new Intl.Locale(textLanguage?.message ?? '').language, locale).toBe(language);
      const isRightToLeft = ['Arab', 'Hebr', 'Thaa', 'Syrc', 'Nkoo', 'Adlm'].includes(script ?? '');
      expect(textDirection?.message, locale).toBe(isRightToLeft ? 'rtl' : 'ltr');
    }
  });

  test('every message a page or the manifest names exists', () => {
    const missing = [...direct, ...inManifest].flatMap(formsOf).filter((key) => !Object.hasOwn(messages, key));
    expect(direct.size).toBeGreaterThan(100);
    expect(missing).toEqual([]);
  });

  test('every message is used', () => {
    const used = new Set([...quoted, ...inManifest].flatMap(keysOf));
    expect(Object.keys(messages).filter((key) => !used.has(key))).toEqual([]);
  });

  test('no key stands twice: the first would be lost', () => {
    const keys = Array.from(
      read('public/_locales/en/messages.json').matchAll(/^ {2}"(\w+)":/gm),
      ([, key]) => key ?? '',
    );
    expect(keys.length).toBe(Object.keys(messages).length);
  });

  test('no message is empty, and places are numbered from $1 without gaps and described', () => {
    for (const [key, { message, description }] of Object.entries(messages)) {
      expect(message.trim(), key).not.toBe('');
      const places = [...new Set(message.match(/\$\d/g))].sort();
      expect(places, key).toEqual(places.map((_, index) => `$${index + 1}`));
      if (places.length > 0) expect(description, key).toBeTypeOf('string');
    }
  });

  test('one thing has one name: what is opened is the vault, never a safe', () => {
    const both = Object.entries(messages).filter(([, { message }]) =>
      /\b(?:an?|the|this|your|each|every) safe\b/i.test(message),
    );
    expect(both.map(([key]) => key)).toEqual([]);
  });

  test('"prekey" is a word of the page of keys, where it is explained, and of its help', () => {
    const said = Object.entries(messages).filter(([, { message }]) =>
      /prekey/i.test(message.replaceAll('Prekey Vault', '')),
    );
    const explained = /^(?:helpPrekey|renew|listedPrekeys|identityKeyMeaning)/;
    expect(said.map(([key]) => key).filter((key) => !explained.test(key))).toEqual([]);
  });

  test('no word of the surface is written into a page', () => {
    const pages = sources.filter((path) => path.endsWith('.tsx'));
    const loose = pages.flatMap((path) =>
      Array.from(read(path).matchAll(/>\s*([A-Z][a-z]+(?: [a-z]+)+)[.?!]?\s*</g), ([, words]) => `${path}: ${words}`),
    );
    expect(loose).toEqual([]);
  });
});
