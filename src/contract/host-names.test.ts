// What stands behind an encoded name, against the platform's own encoder; and the form an eye reads.
import { domainToASCII } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hostLabels, isLookAlike, latinForm } from './host-names';

describe('R-C6 names as an eye reads them', () => {
  test('R-C6 law: reading a name inverts what the platform encodes', () => {
    const letters = fc.string({ unit: fc.constantFrom(...'abcпривет日本語éü'), minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(letters, (label) => {
        const ascii = domainToASCII(label);
        fc.pre(ascii.startsWith('xn--'));
        expect(hostLabels(`${ascii}.example`)).toEqual([label.normalize('NFC'), 'example']);
      }),
    );
  });

  test('R-C6 law: any text is read without an error, and what is not valid punycode stays as it is', () => {
    fc.assert(
      fc.property(
        fc.string(),
        (text) => void expect(latinForm(hostLabels(`xn--${text}`).join('.'))).toBeTypeOf('string'),
      ),
    );
    for (const label of ['xn--99999999', 'xn--a-!', 'xn--', 'xn--é']) expect(hostLabels(label)).toEqual([label]);
  });

  test.each([
    ['а\u0301рр\u04cfе', 'apple'],
    ['ápple', 'apple'],
    ['ｐａｙｐａｌ', 'paypal'],
    ['ρаγρаӏ', 'paypal'],
    ['g๐๐gle', 'google'],
  ])('R-C6 %s is read as %s', (text, read) => {
    expect(latinForm(text)).toBe(read);
  });

  test('R-C6 Latin letters and digits are look-alikes of nothing', () => {
    for (const letter of 'abcdefghijklmnopqrstuvwxyz0123456789-.') expect(isLookAlike(letter)).toBe(false);
  });
});
