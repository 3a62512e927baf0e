import { domainToASCII } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lookAlike } from './look-alike';

describe('R-C6 look-alike names', () => {
  test.each([
    ['https://paypa1-example.com', 'https://paypal-example.com'],
    ['https://rnessages.example', 'https://messages.example'],
    ['https://chat-app.example', 'https://chatapp.example'],
    ['https://quil1.example', 'https://quill.example'],
    ['https://messagse.example', 'https://messages.example'],
    ['https://messages.exampl', 'https://messages.example'],
    ['https://xn--pple-43d.com', 'https://apple.com'],
    ['https://apple.com', 'https://xn--pple-43d.com'],
    ['https://xn--80ak6aa92e.com', 'https://apple.com'],
    ['https://login.xn--pple-43d.com', 'https://apple.com'],
    ['https://xn--pple-43d.com:8443', 'https://apple.com'],
    ['https://xn--pple-43d.com', 'https://login.apple.com'],
    ['https://xn--bcher-kva.example', 'https://bucher.example'],
    ['https://pay.xn--exmple-4nf.co.uk', 'https://example.co.uk'],
    ['https://xn--mssagse-7gg.example', 'https://messages.example'],
  ])('R-C6 %s is taken for %s', (asked, granted) => {
    expect(lookAlike(asked, ['https://other.test', granted])).toBe(granted);
  });
  test.each([
    ['https://app.example', 'https://app.example'],
    ['https://app.example', 'https://chat.app.example'],
    ['https://chat.app.example', 'https://app.example'],
    ['https://app.example:8443', 'https://app.example'],
    ['https://a.test', 'https://b.test'],
    ['https://quill.example', 'https://harbour.example'],
    ['https://xn--bcher-kva.example', 'https://xn--bcher-kva.example'],
    ['https://shop.xn--bcher-kva.example', 'https://xn--bcher-kva.example'],
    ['https://xn--r8jz45g.xn--zckzah', 'https://apple.com'],
    ['https://one.github.io', 'https://two.github.io'],
    ['http://localhost:3000', 'http://127.0.0.1:3000'],
  ])('R-C6 %s beside %s needs no warning', (asked, granted) => {
    expect(lookAlike(asked, [granted])).toBeNull();
  });
  test('R-C6 law: a name in which letters are replaced by others that look like them is taken for the name', () => {
    const replaced: Record<string, string[]> = {
      a: ['а', 'α', 'á'],
      c: ['с'],
      e: ['е', 'ε'],
      i: ['і', 'ι', 'ı'],
      l: ['ӏ'],
      n: ['п', 'ո'],
      o: ['о', 'ο', 'օ'],
      p: ['р', 'ρ'],
      s: ['ѕ'],
      x: ['х', 'χ'],
    };
    const names = fc.stringMatching(/^[aceilnopsx]{3,12}$/);
    fc.assert(
      fc.property(names, fc.infiniteStream(fc.nat(3)), (name, choices) => {
        const imitation = Array.from(
          name,
          (letter) => [letter, ...replaced[letter]!][choices.next().value as number] ?? letter,
        ).join('');
        const ascii = domainToASCII(`${imitation}.com`);
        fc.pre(ascii !== '' && ascii !== `${name}.com`);
        expect(lookAlike(`https://${ascii}`, [`https://${name}.com`])).toBe(`https://${name}.com`);
      }),
    );
  });
  test('R-C6 law: a granted origin is never warned about', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(
          fc.webAuthority().map((host) => new URL(`https://${host}`).origin),
          { minLength: 1, maxLength: 5 },
        ),
        (granted) => {
          for (const one of granted) expect(lookAlike(one, granted)).toBeNull();
        },
      ),
    );
  });
});
