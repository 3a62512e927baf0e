// Text forms of bytes: against node's own coders, which are not available where this code runs.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  base64ToBytes,
  bytesToBase64,
  bytesToBase64Url,
  bytesToHex,
  bytesToUtf8,
  concatBytes,
  equalBytes,
  hexToBytes,
  utf8ToBytes,
} from './bytes';
import { reasonOf } from '../testkit/refusal.testkit';

const anyBytes = fc.uint8Array({ maxLength: 100 });

describe('text forms', () => {
  it('UTF-8 agrees with the platform on every text and refuses lone surrogates', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(utf8ToBytes(text)).toEqual(new TextEncoder().encode(text));
        expect(bytesToUtf8(utf8ToBytes(text))).toBe(text);
      }),
      { numRuns: 1000 },
    );
    for (const lone of ['\ud800', 'a\udc00', '\ud800x']) expect(reasonOf(() => utf8ToBytes(lone))).toBe('bad-encoding');
  });

  it('UTF-8 decoding accepts exactly what the platform accepts when it is strict', () => {
    const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    const nearMiss = fc
      .tuple(fc.string({ unit: 'binary', maxLength: 6 }), fc.nat(20), fc.nat(255))
      .map(([text, at, byte]) => {
        const bytes = new TextEncoder().encode(`${text}é€😀`);
        bytes[at % bytes.length] = byte;
        return bytes;
      });
    fc.assert(
      fc.property(fc.oneof(anyBytes, nearMiss), (bytes) => {
        let expected: string | undefined;
        try {
          expected = strict.decode(bytes);
        } catch {
          expected = undefined;
        }
        if (expected === undefined) expect(reasonOf(() => bytesToUtf8(bytes))).toBe('bad-encoding');
        else expect(bytesToUtf8(bytes)).toBe(expected);
      }),
      { numRuns: 5000 },
    );
  });

  it('hex and base64 agree with the platform and decode to what was encoded', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        expect(bytesToHex(bytes)).toBe(Buffer.from(bytes).toString('hex'));
        expect(hexToBytes(`0x${bytesToHex(bytes).toUpperCase()}`)).toEqual(bytes);
        expect(bytesToBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
        expect(bytesToBase64Url(bytes)).toBe(Buffer.from(bytes).toString('base64url'));
        expect(base64ToBytes(bytesToBase64(bytes))).toEqual(bytes);
      }),
      { numRuns: 1000 },
    );
  });

  it.each(['0x1', 'abc', '0xzz', ' 00', '00 '])('refuses %j as hex', (text) => {
    expect(reasonOf(() => hexToBytes(text))).toBe('bad-encoding');
  });

  it.each(['a', 'aa', 'aaa', 'aa=a', 'ab==', 'aab=', 'aa-_', 'aaaa=', '====', 'aa\n='])(
    'refuses %j as base64',
    (text) => {
      expect(reasonOf(() => base64ToBytes(text))).toBe('bad-encoding');
    },
  );

  it('hex and base64 are accepted exactly when the platform would write them so, hex in either case', () => {
    const text = (letters: string) => fc.string({ unit: fc.constantFrom(...letters), maxLength: 12 });
    fc.assert(
      fc.property(text('09afAFgx -'), text('AB9+/Zaw=-_ \n'), (digits, letters) => {
        const isHex = digits.length % 2 === 0 && Buffer.from(digits, 'hex').toString('hex') === digits.toLowerCase();
        expect([digits, reasonOf(() => hexToBytes(`0X${digits}`))]).toEqual([
          digits,
          isHex ? 'accepted' : 'bad-encoding',
        ]);
        const isBase64 = Buffer.from(letters, 'base64').toString('base64') === letters;
        expect([letters, reasonOf(() => base64ToBytes(letters))]).toEqual([
          letters,
          isBase64 ? 'accepted' : 'bad-encoding',
        ]);
      }),
      { numRuns: 2000 },
    );
  });

  it('a refusal quotes nothing of the text', () => {
    for (const decode of [hexToBytes, base64ToBytes]) {
      let refusal: unknown;
      try {
        decode('§ecret');
      } catch (error) {
        refusal = error;
      }
      expect(String((refusal as Error).stack)).not.toMatch(/§|ecre/);
      expect((refusal as Error).cause).toBeUndefined();
    }
  });

  it('equality sees one byte that differs, wherever it stands', () => {
    const differing = fc
      .uint8Array({ minLength: 1, maxLength: 100 })
      .chain((bytes) => fc.tuple(fc.constant(bytes), fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 })));
    fc.assert(
      fc.property(differing, ([bytes, at, change]) => {
        const other = bytes.slice();
        other[at] = (other[at] as number) ^ change;
        expect([equalBytes(bytes, other), equalBytes(other, bytes)]).toEqual([false, false]);
      }),
    );
  });

  it('equality holds for equal bytes only, and joining keeps order', () => {
    fc.assert(
      fc.property(anyBytes, anyBytes, (a, b) => {
        expect(equalBytes(a, a.slice())).toBe(true);
        expect(equalBytes(a, b)).toBe(bytesToHex(a) === bytesToHex(b));
        expect(bytesToHex(concatBytes(a, b))).toBe(bytesToHex(a) + bytesToHex(b));
      }),
    );
  });
});
