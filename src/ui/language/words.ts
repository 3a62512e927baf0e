// Which words there are now: those of the language that the person chose, from the package's own file, or else what the browser takes.
// Promises: language, direction and Intl's locale are those of the words that are really shown; a file that cannot be read leaves the browser's choice.
// Must not: fetch anything but a file of this package, or hold a sentence itself.
import browser from 'webextension-polyfill';
import type { LanguageChoice } from '../../contract/choices';
import type messages from '../../../public/_locales/en/messages.json';

export type Key = keyof typeof messages;
/** Keys of other languages too: those have other plural forms than English. */
type AnyKey = string;
type Messages = Readonly<Record<AnyKey, { readonly message: string } | undefined>>;

/** The file of the language that was chosen; undefined as long as the browser's choice is shown. */
let chosen: Messages | undefined;
/** The wish that is the newest: an earlier file that comes late changes nothing. */
let wish = 0;

/** Shows another language from now on; resolves when its words are there. */
export async function chooseLanguage(language: LanguageChoice): Promise<void> {
  const mine = ++wish;
  const file = language === 'system' ? undefined : await fileOf(language).catch(() => undefined);
  if (mine === wish) chosen = file;
}

async function fileOf(language: Exclude<LanguageChoice, 'system'>): Promise<Messages> {
  const answer = await fetch(browser.runtime.getURL(`_locales/${language}/messages.json`));
  return (await answer.json()) as Messages;
}

/** A message with its $1 … $9 replaced; empty when there is none. */
export function message(key: AnyKey, substitutions: readonly string[] = []): string {
  if (!chosen) return browser.i18n.getMessage(key, [...substitutions]);
  return chosen[key]?.message.replace(/\$([1-9])/g, (_, place: string) => substitutions[Number(place) - 1] ?? '') ?? '';
}

/** What the words on the page really are, which need not be the browser's language: the browser falls back to the default locale. */
export const textLanguage = (): string => message('textLanguage');

export const textDirection = (): 'ltr' | 'rtl' => (message('textDirection') === 'rtl' ? 'rtl' : 'ltr');

/**
 * For Intl: the language of the words, as the person's own region writes it where that is of the same language. Always with the digits 0 to 9, which
 * addresses and codes have too.
 */
export function textLocale(): string {
  const own = new Intl.Locale(new Intl.DateTimeFormat().resolvedOptions().locale);
  const text = new Intl.Locale(textLanguage());
  const isSame = own.language === text.language && own.maximize().script === text.maximize().script;
  return new Intl.Locale(isSame ? own : text, { numberingSystem: 'latn' }).toString();
}

const letter = /\p{L}/u;
const letterFromRight =
  /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u;

/**
 * A text among words of ours, isolated where it could turn their order: foreign letters, addresses, dates and units. In text from right to left what has
 * a letter of that kind is read as such, since most of it is words of ours; in text from left to right it is somebody's name, and its first letter decides.
 */
export function isolated(text: string): string {
  const isFromRight = letterFromRight.test(text);
  if (textDirection() === 'ltr') return isFromRight ? `\u2068${text}\u2069` : text;
  if (isFromRight) return `\u2067${text}\u2069`;
  return letter.test(text) ? `\u2066${text}\u2069` : text;
}
