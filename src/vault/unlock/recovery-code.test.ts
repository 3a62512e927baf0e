// The recovery code as text: 160 bits, forgiving where people slip and nowhere else.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groupOfCode, readRecoveryCode, recoveryCodeText } from './recovery-code';

const secrets = fc.uint8Array({ minLength: 20, maxLength: 20 });

describe('a recovery code', () => {
  it('has eight groups of four unambiguous characters and reads back to its bytes', () => {
    fc.assert(
      fc.property(secrets, (codeSecret) => {
        const text = recoveryCodeText(codeSecret);
        expect(text).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){7}[0-9A-HJKMNP-TV-Z]{4}$/);
        expect(readRecoveryCode(text)).toEqual(Uint8Array.from(codeSecret));
        expect(text.split('-').map((group, index) => groupOfCode(text, index) === group)).toEqual(
          Array.from({ length: 8 }, () => true),
        );
      }),
    );
  });

  it('forgives case, spaces, dashes of all kinds, full-width forms, O for 0 and I or L for 1', () => {
    const text = '0123-4567-89AB-CDEF-GHJK-MNPQ-RSTV-WXYZ';
    const expected = readRecoveryCode(text);
    const slips = [
      text.toLowerCase(),
      text.replaceAll('-', ''),
      ` ${text.replaceAll('-', ' – ')}\n`,
      text.replaceAll('0', 'O').replaceAll('1', 'I'),
      text.replaceAll('0', 'o').replaceAll('1', 'l'),
      text.replaceAll('1', 'L').replaceAll('-', '\u00a0'),
      'O１２３−4567-89AB-CDEF-GHJK-MNPQ-RSTV-WXYZ',
      `“${text}”`,
      text.replaceAll('-', '\u00ad'),
      text.replaceAll('-', '−\u200b'),
      `\ufeff\u202a${text.replaceAll('-', '-\r\n')}\u202c`,
      `"${text.replaceAll('-', '\u2011')}"`,
    ];
    for (const slip of slips) expect([slip, readRecoveryCode(slip)]).toEqual([slip, expected]);
  });

  it('is none with a character too many or too few, or one outside the alphabet', () => {
    const text = recoveryCodeText(new Uint8Array(20).fill(0x5a));
    for (const wrong of [
      '',
      text.slice(1),
      `${text}0`,
      `U${text.slice(1)}`,
      `.${text.slice(1)}`,
      `ß${text.slice(1)}`,
      `${text}-${text}`,
    ]) {
      expect([wrong, readRecoveryCode(wrong)]).toEqual([wrong, undefined]);
    }
    expect(groupOfCode(text.slice(1), 0)).toBeUndefined();
    expect(() => recoveryCodeText(new Uint8Array(19))).toThrow(RangeError);
  });

  it('any single other character is another code', () => {
    fc.assert(
      fc.property(secrets, fc.nat(31), fc.integer({ min: 1, max: 31 }), (codeSecret, at, step) => {
        const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
        const text = recoveryCodeText(codeSecret).replaceAll('-', '');
        const other = alphabet.charAt((alphabet.indexOf(text.charAt(at)) + step) % 32);
        expect(readRecoveryCode(text.slice(0, at) + other + text.slice(at + 1))).not.toEqual(
          Uint8Array.from(codeSecret),
        );
      }),
    );
  });
});
