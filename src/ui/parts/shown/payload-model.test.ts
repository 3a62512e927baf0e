// Text or bytes: what makes a payload printable, and that the dump hides nothing.
// Promises: the dump is read back byte by byte.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hexDump, payloadForm } from './payload-model';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('payload', () => {
  test('printable text is shown as text, line breaks and hidden characters included', () => {
    expect(payloadForm(bytes('Hi\r\n\tthere \u202E ש 🎉'))).toEqual({
      kind: 'text',
      text: 'Hi\r\n\tthere \u202E ש 🎉',
    });
    expect(payloadForm(bytes('\uFEFFmark'))).toEqual({ kind: 'text', text: '\uFEFFmark' });
  });

  test('controls and malformed UTF-8 are shown as bytes, nothing as empty', () => {
    expect(payloadForm(Uint8Array.of(0x41, 0x00))).toEqual({ kind: 'bytes' });
    expect(payloadForm(bytes('\u0085'))).toEqual({ kind: 'bytes' });
    expect(payloadForm(Uint8Array.of(0xc0, 0xaf))).toEqual({ kind: 'bytes' });
    expect(payloadForm(new Uint8Array(0))).toEqual({ kind: 'empty' });
  });

  test('law: the dump shows every byte it covers, in order', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.integer({ min: 0, max: 120 }), (payload, limit) => {
        const dump = hexDump(payload, limit);
        const shown = dump === '' ? [] : dump.split('\n').flatMap((row) => row.slice(6, 29).trim().split(' '));
        expect(shown.map((digits) => Number.parseInt(digits, 16))).toEqual([...payload.subarray(0, limit)]);
      }),
    );
  });

  test('a row reads offset, bytes, characters', () => {
    expect(hexDump(bytes('hi\n'), 2048)).toBe('0000  68 69 0a                 hi·');
  });
});
