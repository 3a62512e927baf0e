// How many guesses a new passphrase takes from whoever tries the common ones first: passwords, words, names, rows of a keyboard, dates.
// Promises: the lowest of two estimates, as typed and without what only separates words, because a cracker tries both; what is told is the
// part that is easiest to guess. Must not: be part of a page before somebody chooses a passphrase (strength.ts loads it), or keep a passphrase.
import { ZxcvbnFactory } from '@zxcvbn-ts/core';
import * as common from '@zxcvbn-ts/language-common';
import * as english from '@zxcvbn-ts/language-en';
import type { Weakness } from '../../contract/limits';

export interface Guesses {
  /** Decimal logarithm of the number of guesses. */
  log10: number;
  /** What the part that gives most away is. */
  weakness: Weakness;
}

/** Looked at; every estimate takes time that grows with the square, and so many characters are enough or never will be. */
const lookedAt = 100;
/** What people choose for this safe above all others. */
const ofThisSafe = [
  'prekeyvault',
  'prekey',
  'vault',
  'xmtp',
  'metamask',
  'ethereum',
  'wallet',
  'passphrase',
  'crypto',
  'bitcoin',
  'keystore',
  'extension',
];
/** Sentences that everybody knows, without their blanks. */
const sayings = [
  'correcthorsebatterystaple',
  'tobeornottobe',
  'tobeornottobethatisthequestion',
  'maytheforcebewithyou',
  'thequickbrownfoxjumpsoverthelazydog',
  'allyourbasearebelongtous',
  'iamyourfather',
  'opensesame',
];

const estimator = new ZxcvbnFactory({
  dictionary: { ...common.dictionary, ...english.dictionary, sayings },
  graphs: common.adjacencyGraphs,
  maxLength: lookedAt,
});

/** `names`: what is known about the person here, such as the identity's name and account. */
export function guessesOf(passphrase: string, names: readonly string[]): Guesses {
  const typed = passphrase.normalize('NFKC').trim();
  const words = names.flatMap((name) => [joined(name), ...name.split(/[\s.\-_]+/)]).filter((word) => word.length > 2);
  const results = [...new Set([typed, joined(typed), typed.toLowerCase()])].map((text) =>
    estimator.check(text, [...ofThisSafe, ...words]),
  );
  const [lowest] = results.toSorted((a, b) => a.guessesLog10 - b.guessesLog10);
  const longest = lowest?.sequence
    .filter(({ pattern }) => pattern !== 'bruteforce' && pattern !== 'separator')
    .toSorted((a, b) => b.token.length - a.token.length)[0];
  return { log10: lowest?.guessesLog10 ?? 0, weakness: longest ? weaknessOf(longest) : 'short' };
}

/** The text without blanks and signs that stand between words; signs that stand for letters stay. */
function joined(text: string): string {
  return text.replaceAll(/[\s\p{Pd}\p{Pc}.,:;/|+'’"*~#&=]+/gu, '');
}

function weaknessOf({ pattern, dictionaryName }: { pattern: string; dictionaryName?: unknown }): Weakness {
  if (pattern === 'repeat') return 'repeated';
  if (pattern === 'spatial') return 'keyboard';
  if (pattern === 'sequence') return 'sequence';
  if (pattern === 'date' || pattern === 'regex') return 'date';
  const list = typeof dictionaryName === 'string' ? dictionaryName : '';
  if (list === 'userInputs') return 'own';
  return /names/.test(list) ? 'name' : pattern === 'wordSequence' ? 'sequence' : 'common';
}
