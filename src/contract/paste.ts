// What typing and pasting leave in and around a short text: written once, for every field of our pages and for the vault behind them.
// Promises: only what carries no meaning in such a text goes: invisible characters, blanks and quotes around it, and in codes also dashes and blanks
// within. Must not: be used for a passphrase, of which every character counts.

/** Zero-width signs, soft hyphens, marks of direction, byte order marks, selectors of a variant, control characters but white space. */
const invisible = /[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Cc}]/gu;
const quotes = '"\'`´′″<>\\p{Pi}\\p{Pf}\\u201a\\u201e';
const around = new RegExp(`^[\\s${quotes}]+|[\\s${quotes}]+$`, 'gu');
const within = new RegExp(`[\\s${quotes}\\p{Pd}\\u2043\\u207b\\u2212]`, 'gu');

/** One line as it was meant: an address, the id of an extension, a typed confirmation. Full-width forms become plain ones. */
export function pastedLine(text: string): string {
  return text
    .replaceAll(/[\r\n\t]+/g, ' ')
    .replaceAll(invisible, '')
    .replaceAll(around, '')
    .normalize('NFKC')
    .replaceAll(around, '');
}

/** The letters and digits of a code or a number, without what groups them. Other signs stay, and are refused by whoever reads them. */
export function pastedSigns(text: string): string {
  return pastedLine(text.replaceAll(within, '')).replaceAll(within, '').normalize('NFKC');
}

/** A name: a word of its writer, of which only what is around it is dropped. Joiners within words and pictures stay. */
export function pastedName(text: string): string {
  const edge =
    /^[\s\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]+|[\s\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]+$/g;
  return text.replaceAll(edge, '');
}

/** Recovery codes and their groups, in the form that is compared: no matter which case, which dashes, O or 0, I, L or 1. */
export function pastedCode(text: string): string {
  return pastedSigns(text).toUpperCase().replaceAll('O', '0').replaceAll(/[IL]/g, '1');
}

/** Whether a person typed the whole `word` (an account, or the id of a safe), in any case of letters. */
export function isTypedInFull(word: string, typed: string): boolean {
  return pastedLine(typed).toLowerCase() === word.toLowerCase();
}

/** The same, or its last four characters: enough where something is open, and not where anybody at the computer may press. */
export function isConfirmedBy(word: string, typed: string): boolean {
  return isTypedInFull(word, typed) || pastedLine(typed).toLowerCase() === word.slice(-4).toLowerCase();
}
