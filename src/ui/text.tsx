// Every word on the surface comes from _locales through here.
// Promises: a key that does not exist does not compile; text from elsewhere goes in as a node, so it keeps its own component.
// Must not: hold a sentence itself.
import type { ComponentChild } from 'preact';
import browser from 'webextension-polyfill';
import { wholeNumber } from './format';
import type messages from '../../public/_locales/en/messages.json';

export type MessageKey = keyof typeof messages;

/** A message with its $1 … $9 replaced. Only our own words and numbers go in; for a dapp's text use `rich`. */
export function t(key: MessageKey, ...substitutions: (string | number)[]): string {
  return browser.i18n.getMessage(key, substitutions.map(String));
}

/** What the words on the page really are, which need not be the browser's language: the browser falls back to the default locale. */
export const textLanguage = (): string => t('textLanguage');

export const textDirection = (): 'ltr' | 'rtl' => (t('textDirection') === 'rtl' ? 'rtl' : 'ltr');

/** One of two messages by the plural rule of the text's language; $1 is the count, as "1,000". */
export function plural(one: MessageKey, other: MessageKey, count: number): string {
  const rule = new Intl.PluralRules(textLanguage()).select(count);
  return t(rule === 'one' ? one : other, wholeNumber(count));
}

// Noncharacters: no message holds them, so they mark the places where nodes go.
const marker = /\uFDD0(\d)\uFDD1/;

/** A message whose $1 … $9 are nodes. */
export function rich(key: MessageKey, ...nodes: ComponentChild[]): ComponentChild[] {
  const text = t(key, ...nodes.map((_, index) => `\uFDD0${index}\uFDD1`));
  return text.split(marker).map((piece, index) => (index % 2 === 1 ? nodes[Number(piece)] : piece));
}
