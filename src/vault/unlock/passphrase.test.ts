// New passphrases: which are refused, and why, in words a person can act on.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newPassphraseLength } from '../../contract/limits';
import { mustBeStrong, passphraseParams, passphraseSecretOf } from './passphrase';
import { scryptCostOf } from '../safe/header';

const account = '0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1';

function weakness(passphrase: string): string | undefined {
  try {
    mustBeStrong(passphrase, account);
    return undefined;
  } catch (error) {
    const { reason, detail } = error as { reason: string; detail?: string };
    return reason === 'weak-passphrase' ? detail : reason;
  }
}

describe('R-D2 a new passphrase', () => {
  it.each([
    ['short', ['', 'a', 'kX9!vQ2#zL', 'elevenchars', '  elevenchars  ', '👨‍👩‍👧‍👦']],
    [
      'repeated',
      ['aaaaaaaaaaaaaaaa', 'abababababab', 'abcabcabcabcab', 'kX9kX9kX9kX9', 'passwordpassword', '111222111222111'],
    ],
    [
      'common',
      [
        'password1234',
        'Password123!',
        'P@ssw0rd2024!',
        'qwertyuiop12',
        'qwertyuiopasdf',
        '1q2w3e4r5t6y',
        'abcdefghijkl',
        'zyxwvutsrqponm',
        '123456789012',
        'iloveyou1984',
        'letmein letmein now',
        'correct horse battery staple',
        'metamask wallet',
        'MyEthereum2021',
        'prekey vault 1',
        'welcome12345',
        'admin-admin-123',
      ],
    ],
    [
      'account',
      [account, account.toLowerCase(), account.slice(2, 20), 'my 0x1a642f0E3c key', 'vault of 990914f1 today'],
    ],
  ])('that is %s is refused', (detail, passphrases) => {
    for (const passphrase of passphrases) expect([passphrase, weakness(passphrase)]).toEqual([passphrase, detail]);
  });

  it('of words one would not guess is taken, without capitals, digits or signs', () => {
    const strong = [
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
    for (const passphrase of strong) expect([passphrase, weakness(passphrase)]).toEqual([passphrase, undefined]);
  });

  it('of twelve random letters is taken, always', () => {
    const letters = fc.array(fc.constantFrom(...'bcdfghjkmnpqrstvwxz2456789'), {
      minLength: newPassphraseLength,
      maxLength: 30,
    });
    let refused = 0;
    fc.assert(
      fc.property(letters, (drawn) => void (weakness(drawn.join('')) !== undefined && refused++)),
      { numRuns: 500, seed: 4 },
    );
    // fast-check likes repeated characters; those are what is refused.
    expect(refused).toBeLessThan(100);
  });

  it('law: adding unguessable words never makes it weaker', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), (text) => {
        expect(weakness(`${text} ridge copper onion flute`)).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });

  it('that is no text, or too long, is no input', () => {
    expect(weakness(`\ud800${'ridge copper onion'}`)).toBe('invalid-input');
    expect(weakness('ridge copper '.repeat(20))).toBe('invalid-input');
  });
});

describe('the cost of trying passphrases', () => {
  it('is scrypt with N = 2^17, r = 8, p = 1, and the reader takes no less', async () => {
    expect(scryptCostOf(passphraseParams())).toEqual({ log2N: 17, r: 8, p: 1 });
    const tooCheap = Uint8Array.of(1, 16, 8, 1);
    expect(scryptCostOf(tooCheap)).toBeUndefined();
    await expect(passphraseSecretOf('ridge copper onion', tooCheap, new Uint8Array(32))).rejects.toMatchObject({
      reason: 'damaged',
    });
  });

  it('law: parameters are those of a cost between 2^17 and 2^19, or none', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 6 }), (params) => {
        const cost = scryptCostOf(params);
        const [kdf, log2N = 0, r, p] = params;
        expect(cost !== undefined).toBe(
          params.length === 4 && kdf === 1 && log2N >= 17 && log2N <= 19 && r === 8 && p === 1,
        );
      }),
    );
  });
});
