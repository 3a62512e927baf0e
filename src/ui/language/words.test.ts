// The words of the page: the browser's choice, or the file of the language that was chosen, and what Intl is told about them.
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { languages } from '../../contract/choices';
import { dateTime, wholeNumber } from '../format';
import { plural, rich, t } from '../text';
import { chooseLanguage, isolated, textDirection, textLanguage, textLocale } from './words';

type Messages = Record<string, { message: string }>;
const fileOf = (locale: string) =>
  JSON.parse(
    readFileSync(new URL(`../../../public/_locales/${locale}/messages.json`, import.meta.url), 'utf8'),
  ) as Messages;

/** What the browser takes by itself. */
let system: Messages = fileOf('en');
vi.mock('webextension-polyfill', () => ({
  default: {
    runtime: { getURL: (path: string) => `chrome-extension://own/${path}` },
    i18n: {
      getMessage: (key: string, places: string[] = []) =>
        system[key]?.message.replace(/\$(\d)/g, (_, at: string) => places[Number(at) - 1] ?? '') ?? '',
    },
  },
}));
const asked: string[] = [];
/** Files of the package by their address; late ones come when they are let go. */
let late: Promise<void> = Promise.resolve();
vi.stubGlobal('fetch', async (url: string) => {
  asked.push(url);
  const [, locale] = /^chrome-extension:\/\/own\/_locales\/(\w+)\/messages\.json$/.exec(url) ?? [];
  await late;
  if (locale === undefined || locale === 'es') throw new TypeError('cannot be read');
  return Response.json(fileOf(locale));
});

afterEach(async () => {
  system = fileOf('en');
  late = Promise.resolve();
  await chooseLanguage('system');
  asked.length = 0;
});

describe('the language of the words', () => {
  test('as the browser: nothing is read, and what is said of the text is what the browser fell back to', async () => {
    await chooseLanguage('system');
    expect([textLanguage(), textDirection(), t('cancel'), asked]).toEqual(['en', 'ltr', 'Cancel', []]);
    system = fileOf('ar');
    expect([textLanguage(), textDirection(), t('cancel')]).toEqual(['ar', 'rtl', fileOf('ar')['cancel']?.message]);
  });

  test('chosen: one file of the package is read, and text, lang, dir, numbers and dates follow', async () => {
    for (const language of languages) {
      if (language === 'system' || language === 'es') continue;
      asked.length = 0;
      await chooseLanguage(language);
      const { cancel, textLanguage: tag, textDirection: direction } = fileOf(language);
      expect(asked).toEqual([`chrome-extension://own/_locales/${language}/messages.json`]);
      expect([textLanguage(), textDirection(), t('cancel')]).toEqual([
        tag?.message,
        direction?.message,
        cancel?.message,
      ]);
      expect(new Intl.Locale(textLocale()).language).toBe(new Intl.Locale(language.replace('_', '-')).language);
      expect(dateTime(0)).toBe(
        new Intl.DateTimeFormat(textLocale(), { dateStyle: 'medium', timeStyle: 'short' }).format(0),
      );
    }
    await chooseLanguage('de');
    expect(wholeNumber(1000)).toBe('1.000');
    await chooseLanguage('ar');
    expect(wholeNumber(1000)).toMatch(/^1.000$/);
  });

  test('a file that cannot be read leaves the words of the browser', async () => {
    await chooseLanguage('es');
    expect([textLanguage(), t('cancel')]).toEqual(['en', 'Cancel']);
  });

  test('an earlier choice whose file comes late changes nothing', async () => {
    let letGo = () => {};
    late = new Promise((resolve) => (letGo = resolve));
    const first = chooseLanguage('ar');
    await chooseLanguage('system');
    letGo();
    await first;
    expect(textLanguage()).toBe('en');
  });

  test('every count is said in a form of its language', async () => {
    await chooseLanguage('ar');
    const said = [0, 1, 2, 3, 11, 100, 1000].map((count) => plural('inboxes', count));
    expect(new Set(said.map((words) => words.replace(/[\d.,٬]+/g, '$1'))).size).toBeGreaterThanOrEqual(5);
    expect(said.every((words) => words !== '')).toBe(true);
    await chooseLanguage('zh_CN');
    expect(plural('messages', 1)).toContain('1');
  });
});

describe('order of letters', () => {
  test('what reads the other way than the text is isolated in it, and nothing else', async () => {
    expect([isolated('Ada'), isolated('0x70…79C8'), isolated('عادل')]).toEqual([
      'Ada',
      '0x70…79C8',
      '\u2068عادل\u2069',
    ]);
    await chooseLanguage('ar');
    expect(['1,000', '0x70…79C8', 'prekey واحد'].map(isolated)).toEqual([
      '1,000',
      '\u20660x70…79C8\u2069',
      '\u2067prekey واحد\u2069',
    ]);
    expect(t('personRenameLabel', 'Ada')).toContain('\u2066Ada\u2069');
    expect(rich('personIsNamed', 'Ada')).toContain('\u2066Ada\u2069');
  });
});
