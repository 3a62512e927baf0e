// Codes that this package draws are read by what it reads with, however small; what is no code is none.
import fc from 'fast-check';
import encodeQR from 'qr';
import { expect, test } from 'vitest';
import { bytesToHex } from '../../protocol/base/bytes';
import { createIdentityText, enableIdentityText } from '../../protocol/keys/wallet-text';
import { unlockTextOf } from '../../vault/safe/unlock-text';
import { signatureFromText } from '../../wallet/signature-text';
import { codeIn } from './read-code';

const generousMs = 5000;

function drawn(text: string, scale: number) {
  const code = encodeQR(text, 'raw', { ecc: 'low', border: 4 });
  const size = code.length * scale;
  const data = new Uint8ClampedArray(size * size * 4).fill(255);
  code.forEach((row, y) =>
    row.forEach((isDark, x) => {
      for (let at = 0; isDark && at < scale * scale; at++) {
        const [left, top] = [x * scale + (at % scale), y * scale + Math.floor(at / scale)];
        data.set([0, 0, 0], (top * size + left) * 4);
      }
    }),
  );
  return { width: size, height: size, data };
}

test('law: every signature comes back from its code, and no text is taken for another', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 64, maxLength: 65 }), fc.integer({ min: 2, max: 6 }), (bytes, scale) => {
      const text = `0x${bytesToHex(bytes)}`;
      expect(codeIn(drawn(text, scale), generousMs)).toBe(text);
      expect(signatureFromText(text)).toEqual(bytes);
    }),
    { numRuns: 30 },
  );
});

test('what holds no code is none', () => {
  const blank = { width: 200, height: 200, data: new Uint8ClampedArray(200 * 200 * 4).fill(255) };
  expect(codeIn(blank, 50)).toBeUndefined();
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 4096, maxLength: 4096 }), (noise) => {
      expect(codeIn({ width: 32, height: 32, data: new Uint8ClampedArray(noise) }, 50)).toBeUndefined();
    }),
    { numRuns: 20 },
  );
});

/** Modules at a side, with the border: what fits a screen of 320 px with two pixels for each. */
const mostModules = 130;

test('every text that a wallet signs fits one code that a small screen shows, and is read from it', () => {
  const account = `0x${'Ab'.repeat(20)}`;
  const input = { account, nonce: new Uint8Array(32).fill(255), issuedAtMs: 1_800_000_000_123 };
  const texts = [
    unlockTextOf({ ...input, extensionOrigin: `chrome-extension://${'a'.repeat(32)}` }),
    unlockTextOf({ ...input, extensionOrigin: 'moz-extension://01234567-89ab-cdef-0123-456789abcdef' }),
    createIdentityText(new Uint8Array(90).fill(255)),
    enableIdentityText(new Uint8Array(32).fill(255)),
  ];
  for (const text of texts) {
    const code = drawn(text, 2);
    expect(code.width / 2).toBeLessThanOrEqual(mostModules);
    expect(codeIn(code, generousMs)).toBe(text);
  }
});
