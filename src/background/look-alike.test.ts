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
  ])('R-C6 %s beside %s needs no warning', (asked, granted) => {
    expect(lookAlike(asked, [granted])).toBeNull();
  });
  test('R-C6 law: a granted origin is never warned about', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.webAuthority().map((host) => new URL(`https://${host}`).origin), { minLength: 1, maxLength: 5 }), (granted) => {
        for (const one of granted) expect(lookAlike(one, granted)).toBeNull();
      }),
    );
  });
});
