// Every word on the surface comes from _locales through here.
// Promises: a key that does not exist does not compile; text from elsewhere goes in as a node, so it keeps its own component, and a string that is put in
// never turns the order of the words around it; a count is said in the form that the text's language has for it.
// Must not: hold a sentence itself.
import type { ComponentChild } from 'preact';
import { wholeNumber } from './format';
import { isolated, message, textLanguage, type Key } from './language/words';

type StemOf<K extends Key> = K extends `${infer Stem}Other` ? (`${Stem}One` extends Key ? Stem : never) : never;
/** What a message with plural forms is called before "One", "Other" and what else a language has. */
export type PluralStem = StemOf<Key>;
/** A message without plural forms: which forms there are differs from language to language, so none is named alone. */
export type MessageKey = Exclude<Key, `${PluralStem}One` | `${PluralStem}Other`>;

/** A message with its $1 … $9 replaced. Only our own words and numbers go in; for a dapp's text use `rich`. */
export function t(key: MessageKey, ...substitutions: (string | number)[]): string {
  return message(
    key,
    substitutions.map((one) => isolated(String(one))),
  );
}

const categoryNames = { zero: 'Zero', one: 'One', two: 'Two', few: 'Few', many: 'Many', other: 'Other' } as const;

/** A message in the plural form of the text's language; $1 is the count, as "1,000". */
export function plural(stem: PluralStem, count: number): string {
  const category = new Intl.PluralRules(textLanguage()).select(count);
  return message(`${stem}${categoryNames[category]}`, [wholeNumber(count)]);
}

/** Words one after the other, with the comma of the text's language. */
export const listed = (words: readonly string[]): string => words.join(t('listSeparator'));

// Noncharacters: no message holds them, so they mark the places where nodes go.
const marker = /\uFDD0(\d)\uFDD1/;

/** A message whose $1 … $9 are nodes. */
export function rich(key: MessageKey, ...nodes: ComponentChild[]): ComponentChild[] {
  const text = message(
    key,
    nodes.map((_, index) => `\uFDD0${index}\uFDD1`),
  );
  return text.split(marker).map((piece, index) => {
    if (index % 2 === 0) return piece;
    const node = nodes[Number(piece)];
    return typeof node === 'string' ? isolated(node) : node;
  });
}
