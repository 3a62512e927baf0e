// Passphrases: what they cost to try, how strong a new one must be, and the secret they give.
// Promises: the same words give the same secret on every system; what is easy to guess without a list of words is refused here, whatever a
// page of ours let through (docs/adr/0011). Must not: keep a passphrase, or judge a passphrase that already opens a slot.
import { VaultError } from '../../contract/errors';
import { newPassphraseLength, typedSecretLength } from '../../contract/limits';
import { passphraseSecret, slotForms } from '../../protocol/base/passphrase';
import type { Bytes } from '../store/encoding';
import { asBytes } from '../store/encoding';
import { scryptCostOf, scryptId } from '../safe/header';
import { mustBeText } from '../safe/inputs';
import type { TypedSecret } from './slots';

/** Parameters of a new passphrase slot: scrypt with N = 2^17, r = 8, p = 1. */
export function passphraseParams(): Bytes {
  return Uint8Array.of(scryptId, 17, 8, 1);
}

/**
 * The 32 bytes that exactly this text gives with a slot's parameters and salt; takes about half a second and lets others in between. The caller
 * wipes them. Throws 'damaged' for parameters that are not those of a passphrase slot.
 */
export async function passphraseSecretOf(text: string, params: Bytes, salt: Bytes): Promise<Bytes> {
  const cost = scryptCostOf(params);
  if (!cost) throw new VaultError('damaged');
  return asBytes(await passphraseSecret(text, salt, cost));
}

/** A typed passphrase as `createSlot`, `openSlot` and `openSafe` take it. Throws 'invalid-input' for what is not a text; `passphraseSecretOf` throws when it is used. */
export function passphraseFor(passphrase: string): TypedSecret {
  const forms = slotForms(mustBeText(passphrase, typedSecretLength));
  return {
    forms: forms.length,
    secretOf: ({ params, salt }, form) => passphraseSecretOf(forms[form] ?? '', params, salt),
  };
}

/**
 * Throws VaultError('weak-passphrase') for a new passphrase that is too easy to guess. Detail: `short` (fewer than 12 characters),
 * `account` (made of the account's address), `repeated` (the same few characters again), `common` (hardly anything is left without
 * well-known words, sequences and rows of a keyboard). 'invalid-input' for what is not valid text.
 */
export function mustBeStrong(passphrase: string, account: string): void {
  const text = mustBeText(passphrase, typedSecretLength).normalize('NFKC').trim().toLowerCase();
  const weakness = weaknessOf(text, account);
  if (weakness) throw new VaultError('weak-passphrase', weakness);
}

function weaknessOf(text: string, account: string): 'short' | 'account' | 'repeated' | 'common' | undefined {
  const characters = Array.from(text);
  if (characters.length < newPassphraseLength) return 'short';
  if (holdsPartOf(text, account.toLowerCase().replace(/^0x/, ''))) return 'account';
  if (new Set(characters).size < leastDifferent || isRepetition(characters)) return 'repeated';
  return unpredictable(text) < leastUnpredictable ? 'common' : undefined;
}

const leastDifferent = 5;
/** Characters that must be left when every well-known part counts as two. */
const leastUnpredictable = 8;
const partOfAccount = 8;

function holdsPartOf(text: string, account: string): boolean {
  for (let at = 0; at + partOfAccount <= text.length; at++)
    if (account.includes(text.slice(at, at + partOfAccount))) return true;
  return false;
}

/** Whether it is one short piece over and over, the last time perhaps cut off. */
function isRepetition(characters: readonly string[]): boolean {
  for (let period = 1; period <= characters.length / 2 && period < newPassphraseLength; period++) {
    if (characters.every((character, at) => at < period || character === characters[at - period])) return true;
  }
  return false;
}

/** Lower case, only letters and digits: how they look is folded before they are compared. Longest first. */
const words = [
  'correcthorsebatterystaple',
  'thequickbrownfoxjumpsoverthelazydog',
  'tobeornottobe',
  'maytheforcebewithyou',
  'openforme',
  'opensesame',
  'passphrase',
  'trustnoone',
  'letmein',
  'iloveyou',
  'password',
  'passwort',
  'motdepasse',
  'changeme',
  'football',
  'baseball',
  'basketball',
  'superman',
  'batman',
  'spiderman',
  'starwars',
  'pokemon',
  'princess',
  'sunshine',
  'michael',
  'jennifer',
  'charlie',
  'jessica',
  'monkey',
  'dragon',
  'master',
  'shadow',
  'welcome',
  'computer',
  'internet',
  'secret',
  'freedom',
  'whatever',
  'liverpool',
  'arsenal',
  'chelsea',
  'cheese',
  'summer',
  'winter',
  'spring',
  'autumn',
  'monday',
  'friday',
  'january',
  'december',
  'hello',
  'world',
  'admin',
  'login',
  'access',
  'default',
  'google',
  'facebook',
  'bitcoin',
  'ethereum',
  'metamask',
  'crypto',
  'wallet',
  'prekey',
  'vault',
  'xmtp',
  'qwerty',
  'azerty',
  'love',
  'pass',
  'test',
  'user',
  'root',
  'abcd',
  'asdf',
].sort((a, b) => b.length - a.length);
const rows = [
  'qwertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  'qwertzuiop',
  'yxcvbnm',
  'azertyuiop',
  'qsdfghjklm',
  'wxcvbn',
  '1234567890',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p',
  '1q2w3e4r5t6y7u8i9o0p',
];
const runs = [
  ...rows,
  ...rows.map((row) => Array.from(row).reverse().join('')),
  'abcdefghijklmnopqrstuvwxyz',
  'zyxwvutsrqponmlkjihgfedcba',
];
const runLength = 4;
const lookAlikes: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
  '!': 'i',
};

/** How many characters are left when each well-known word, sequence, row, repeated character and year counts as two. */
function unpredictable(text: string): number {
  const plain = Array.from(text.replaceAll(/[\s\p{P}\p{S}]/gu, (sign) => (sign in lookAlikes ? sign : '')));
  const folded = plain.map((character) => lookAlikes[character] ?? character);
  let score = 0;
  for (let at = 0; at < plain.length;) {
    const length = Math.max(
      wordAt(folded, at),
      wordAt(plain, at),
      runAt(plain, at),
      sameAt(plain, at),
      yearAt(plain, at),
    );
    score += length > 0 ? Math.min(length, 2) : 1;
    at += Math.max(length, 1);
  }
  return score;
}

function wordAt(characters: readonly string[], at: number): number {
  return words.find((word) => characters.slice(at, at + word.length).join('') === word)?.length ?? 0;
}

/** The longest piece of a keyboard row, the alphabet or the digits that begins here, forwards or backwards; 0 below four. */
function runAt(characters: readonly string[], at: number): number {
  let longestRun = 0;
  for (const run of runs) {
    for (let from = run.indexOf(characters[at] ?? ''); from >= 0; from = run.indexOf(characters[at] ?? '', from + 1)) {
      let length = 0;
      while (run[from + length] !== undefined && run[from + length] === characters[at + length]) length++;
      longestRun = Math.max(longestRun, length);
    }
  }
  return longestRun >= runLength ? longestRun : 0;
}

function sameAt(characters: readonly string[], at: number): number {
  let length = 1;
  while (at + length < characters.length && characters[at + length] === characters[at]) length++;
  return length >= 3 ? length : 0;
}

function yearAt(characters: readonly string[], at: number): number {
  return /^(19|20)\d\d$/.test(characters.slice(at, at + 4).join('')) ? 4 : 0;
}
