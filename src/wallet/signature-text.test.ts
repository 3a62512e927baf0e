// Pasted signatures: what tools and people really put on a clipboard, and what is refused.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { signatureFromText } from './signature-text';

const bytes = Uint8Array.from({ length: 65 }, (_, i) => (i * 7) % 256);
const hex = Buffer.from(bytes).toString('hex');

describe('signatureFromText', () => {
  test.each([
    ['bare hex', hex],
    ['hex with 0x', `0x${hex}`],
    ['upper case', `0X${hex.toUpperCase()}`],
    ['in quotes', `"0x${hex}"`],
    ['broken over lines', `  0x${hex.slice(0, 50)}\r\n\t${hex.slice(50)}\n`],
    ['JSON with sig', JSON.stringify({ address: '0x00', msg: 'text', sig: `0x${hex}`, version: '2' })],
    ['JSON with signature', `\n${JSON.stringify({ signature: hex }, null, 2)}`],
  ])('reads %s', (_form, pasted) => {
    expect(signatureFromText(pasted)).toEqual(bytes);
  });

  test('reads every signature of 64 or 65 bytes back from its hex', () => {
    fc.assert(
      fc.property(fc.constantFrom(64, 65).chain((n) => fc.uint8Array({ minLength: n, maxLength: n })), (signature) => {
        expect(signatureFromText(`0x${Buffer.from(signature).toString('hex')}`)).toEqual(signature);
      }),
    );
  });

  test.each([
    ['nothing', ''],
    ['an address', `0x${'ab'.repeat(20)}`],
    ['half a byte', `0x${hex}a`],
    ['63 bytes', hex.slice(0, 126)],
    ['66 bytes', `${hex}00`],
    ['letters beyond f', `0x${'zz'.repeat(65)}`],
    ['broken JSON', '{"sig":'],
    ['JSON without a signature', '{"msg":"text"}'],
    ['JSON with a number', '{"sig":1}'],
  ])('R-E2 refuses %s', (_form, pasted) => {
    expect(() => signatureFromText(pasted)).toThrow(expect.objectContaining({ reason: 'bad-signature' }));
  });

  test('R-E5 keeps the text out of the error', () => {
    const almost = `0x${hex}ff`;
    let message = '';
    try {
      signatureFromText(almost);
    } catch (error) {
      message = `${String(error)} ${JSON.stringify(error)}`;
    }
    expect(message).toContain('not a signature');
    expect(message).not.toContain(hex.slice(0, 16));
  });
});
