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
    ['the answer of a node', JSON.stringify({ jsonrpc: '2.0', id: 1, result: `0x${hex}` })],
    ['JSON in JSON', JSON.stringify({ result: { signature: { sig: `0x${hex}` } } })],
    ['JSON with typographic quotes', `{ “result”: “0x${hex}” }`],
    ['typographic quotes', `“0x${hex}”`],
    ['other quotes', `‘0x${hex}’`],
    [
      'zero-width signs and soft hyphens',
      `\ufeff0x${hex.slice(0, 30)}\u200b${hex.slice(30, 60)}\u00ad${hex.slice(60)}\u2060`,
    ],
    ['marks of direction', `\u202a0x${hex}\u202c`],
    ['a minus sign of another kind between lines', `0x${hex.slice(0, 64)}\u2212\n${hex.slice(64)}`],
    ['full-width digits', `０ｘ${hex}`],
    ['a line that names it', `Signature: 0x${hex}`],
    ['a line with more around it', `{"address":"0x${'ab'.repeat(20)}", sig: 0x${hex},}`],
  ])('reads %s', (_form, pasted) => {
    expect(signatureFromText(pasted)).toEqual(bytes);
  });

  test('reads every signature of 64 or 65 bytes back from its hex', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(64, 65).chain((n) => fc.uint8Array({ minLength: n, maxLength: n })),
        (signature) => {
          expect(signatureFromText(`0x${Buffer.from(signature).toString('hex')}`)).toEqual(signature);
        },
      ),
    );
  });

  const [r, s] = [hex.slice(0, 64), hex.slice(64, 128)];
  test.each<[string, string, object]>([
    ['v as a number', '1c', { r: `0x${r}`, s: `0x${s}`, v: 28 }],
    ['v as text', '1c', { r, s, v: '28' }],
    ['v in hex', '1b', { r, s, v: '0x1b' }],
    ['v of a chain', '1c', { r, s, v: 38 }],
    ['v of a large chain', '1b', { r, s, v: '0x4f53' }],
    ['yParity', '01', { r, s, yParity: '0x1' }],
    ['recoveryParam', '00', { signature: { r, s, recoveryParam: 0 } }],
    ['no v', '', { r, s }],
    ['EIP-2098', '', { r: `0x${r}`, yParityAndS: `0x${s}` }],
    ['EIP-2098 beside an s without parity', '', { r, s: s.replace(/^./, '0'), yParityAndS: s }],
    ['EIP-2098 as older tools name it', '', { r, _vs: s }],
    ['zeros dropped in front', '1c', { r: '0x7', s: '0x9', v: 28 }],
  ])('reads r and s with %s', (_name, v, tool) => {
    const [rHex, sHex] = 'r' in tool && tool.r === '0x7' ? ['7'.padStart(64, '0'), '9'.padStart(64, '0')] : [r, s];
    expect(Buffer.from(signatureFromText(JSON.stringify(tool))).toString('hex')).toBe(rHex + sHex + v);
  });

  test.each([
    ['nothing', ''],
    ['an address', `0x${'ab'.repeat(20)}`],
    ['half a byte', `0x${hex}a`],
    ['63 bytes', hex.slice(0, 126)],
    ['letters beyond f', `0x${'zz'.repeat(65)}`],
    ['broken JSON', '{"sig":'],
    ['JSON without a signature', '{"msg":"text"}'],
    ['JSON with a number', '{"sig":1}'],
  ])('R-E2 refuses %s', (_form, pasted) => {
    expect(() => signatureFromText(pasted)).toThrow(expect.objectContaining({ reason: 'not-a-signature' }));
  });

  test.each([
    ['66 bytes', `${hex}00`],
    ['what a contract made', `0x${hex}${'00'.repeat(96)}`],
    ['the same in JSON', JSON.stringify({ result: `0x${hex}${'00'.repeat(96)}` })],
  ])('R-E2 says of %s that it is longer than that of an account', (_form, pasted) => {
    expect(() => signatureFromText(pasted)).toThrow(expect.objectContaining({ reason: 'bad-signature' }));
  });

  test('law: what pasting adds between two signs changes nothing', () => {
    const residue = fc.constantFrom(
      ' ',
      '\n',
      '\u200b',
      '\u00ad',
      '\u2060',
      '\ufeff',
      '\u200e',
      '"',
      '”',
      '-',
      '−',
      '\u00a0',
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(hex.length), residue), { maxLength: 8 }), (inserted) => {
        const text = inserted.reduce((whole, [at, sign]) => whole.slice(0, at) + sign + whole.slice(at), `0x${hex}`);
        expect(signatureFromText(text)).toEqual(bytes);
      }),
    );
  });

  test('R-E5 keeps the text out of the error', () => {
    const almost = `0x${hex}ff`;
    let message = '';
    try {
      signatureFromText(almost);
    } catch (error) {
      message = `${String(error)} ${JSON.stringify(error)}`;
    }
    expect(message).toMatch(/not a signature|no signature/);
    expect(message).not.toContain(hex.slice(0, 16));
  });
});
