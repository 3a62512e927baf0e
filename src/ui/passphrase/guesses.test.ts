// What whoever cracks passphrases tries first is refused, by our pages and where it can by the vault; what a person can rely on is taken.
import { dictionary } from '@zxcvbn-ts/language-common';
import { describe, expect, it } from 'vitest';
import { leastGuessesLog10 } from '../../contract/limits';
import { guessesOf } from './guesses';

const names = ['Ada Lovelace', '0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1'];
const isHard = (passphrase: string) => guessesOf(passphrase, names).log10 >= leastGuessesLog10;

describe('R-D2 a passphrase that is tried first is refused', () => {
  it.each([
    ['two common words joined', 'sunshinedragon'],
    ['two common words with a sign between', 'dragon-monkey-1'],
    ['three common words in a row', 'chelsea football club'],
    ['a name with digits', 'michael19841984'],
    ['a name with a year and a sign', 'jennifer1985!'],
    ['first and last name', 'davidsmith1990'],
    ['a sentence with a name', 'mynameisjohnsmith'],
    ['a row of keys', 'qwertyuiopasdfgh'],
    ['a walk over keys', '1qaz2wsx3edc4rfv'],
    ['a walk with signs', 'zxcvbnm,./asdf'],
    ['a date twice', '15/03/1987 1987'],
    ['a date in digits', '15031987150387'],
    ['seasons and a year', 'summerwinter2024'],
    ['months', 'january february'],
    ['numbers in words', 'onetwothreefour'],
    ['letters for signs', 'P@$$w0rd2024!!'],
    ['letters for signs in a sentence', 'th1s1smyp@ssword'],
    ['a password twice', 'hunter2hunter2'],
    ['a word three times', 'letmein letmein now'],
    ['a phrase of love', 'iloveyouforever'],
    ['a club', 'liverpoolfc1892'],
    ['a city', 'New York City 2024'],
    ['a saying', 'correct horse battery staple'],
    ['another saying', 'To be or not to be!'],
    ['this product', 'Prekey Vault 2025'],
    ['this product in a sentence', 'iloveprekeyvault'],
    ['what it is for', 'ethereum wallet 2024'],
    ['the name of the identity', 'Ada Lovelace 1815'],
    ['the name of the identity joined', 'AdaLovelace123'],
    ['a password backwards', 'drowssapdrowssap'],
    ['one character', 'aaaaaaaaaaaaaaaa'],
    ['the alphabet', 'abcdefghijklmnop'],
  ])('%s', (_kind, passphrase) => {
    expect([passphrase, isHard(passphrase)]).toEqual([passphrase, false]);
  });

  it('however it is written: capitals, full width, blanks around it', () => {
    for (const passphrase of [
      'SUNSHINEDRAGON',
      '  sunshine dragon  ',
      'ｓｕｎｓｈｉｎｅｄｒａｇｏｎ',
      'Sunshine_Dragon!',
      'sunshine.dragon.',
    ])
      expect([passphrase, isHard(passphrase)]).toEqual([passphrase, false]);
  });

  it('and it is said what gives most away', () => {
    const weaknessOf = (passphrase: string) => guessesOf(passphrase, names).weakness;
    expect(
      [
        'sunshinedragon',
        'aaaaaaaaaaaaaaaa',
        'abcdefghijklmnop',
        'prekeyvault2024',
        'AdaLovelace123',
        'rtyuiopoiuytr',
      ].map(weaknessOf),
    ).toEqual(['common', 'repeated', 'sequence', 'own', 'own', 'keyboard']);
  });
});

describe('a passphrase that nobody tries first is taken', () => {
  it('words that do not belong together, in any language', () => {
    const hard = [
      'seven boats on a green shore',
      'grüne Ufer, sieben Boote',
      'mein Hund frisst Socken',
      'kX9vQ2zLm4Tp',
      'xkcd tower lamp river',
      'пять синих чайников',
      '七つの緑の岸辺に七艘の舟',
      'Thursday is for pancakes',
      'ridge-copper-onion-flute',
      'the password is hidden under moss',
    ];
    for (const passphrase of hard) expect([passphrase, isHard(passphrase)]).toEqual([passphrase, true]);
  });

  /** xorshift32: the same numbers in each run. */
  const draws = (seed: number) => () => {
    seed ^= seed << 13;
    seed ^= seed >>> 17;
    seed ^= seed << 5;
    return seed >>> 0;
  };

  it('five words drawn from a list, with any separator or none', () => {
    const words = dictionary['diceware-common'] as string[];
    const draw = draws(0x5eed);
    for (let turn = 0; turn < 24; turn++) {
      const passphrase = Array.from({ length: 5 }, () => words[draw() % words.length]).join(
        ['', ' ', '-', '.'][turn % 4],
      );
      expect([passphrase, isHard(passphrase)]).toEqual([passphrase, true]);
    }
  });

  it('twelve and more characters drawn at random', () => {
    const letters = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789';
    const draw = draws(0xcafe);
    for (let turn = 0; turn < 40; turn++) {
      const passphrase = Array.from({ length: 12 + (turn % 12) }, () => letters[draw() % letters.length]).join('');
      expect([passphrase, isHard(passphrase)]).toEqual([passphrase, true]);
    }
  });

  it('of the greatest length is judged all the same', () => {
    expect(isHard('sunshine dragon '.repeat(12))).toBe(false);
    expect(
      isHard(
        Array.from({ length: 200 }, (_, at) => String.fromCodePoint(0x61 + ((at * at * 7 + at * 3) % 26))).join(''),
      ),
    ).toBe(true);
  });
});
