// The texts and bytes in which clients of the field wrote a bundle of private keys, as docs/storage.md lists them.
// Promises: each reading is a guess that costs little, in an order in which no two give different keys; a long text is not looked at.
// Must not: decide whether the bytes are keys (foreign-bundle.ts does), or keep them. Whoever takes a reading wipes its bytes.
import { withoutMark } from '../../contract/age-file';
import type { KeyWriting } from '../../contract/pages/backup';
import { base64ToBytes, bytesToUtf8, hexToBytes } from '../../protocol/base/bytes';
import { ProtocolError } from '../../protocol/base/errors';

export interface KeyReading {
  writing: KeyWriting;
  bytesSecret: Uint8Array;
}

/** Most bytes of a text: a bundle with as many prekeys as an identity may have is about 200 kB, and a number of JSON has up to four characters. */
const longestText = 4 * 1024 * 1024;

/** What the bytes of a key file may stand for. The first reading are the bytes themselves, not a copy; the others are copies. */
export function* keyReadings(file: Uint8Array): Generator<KeyReading> {
  yield { writing: 'bytes', bytesSecret: file };
  if (file.length > longestText) return;
  const plain = withoutMark(file);
  try {
    // Where the mark was that of UTF-16, each character of a binary string is one byte by now.
    if (plain !== file) yield { writing: 'binary-text', bytesSecret: plain.slice() };
    const text = orUndefined(() => bytesToUtf8(plain));
    if (text !== undefined) yield* readingsOf(text, false);
  } finally {
    // Also when the reader has found what it wanted.
    if (plain.buffer !== file.buffer) plain.fill(0);
  }
}

function* readingsOf(text: string, isInJson: boolean): Generator<KeyReading> {
  // A bundle begins with a line feed, so nothing is trimmed here; editors put one more behind the last character.
  for (const binary of new Set([text, text.replace(/\r?\n$/, '')])) {
    if (/^[\0-\xff]+$/.test(binary))
      yield { writing: 'binary-text', bytesSecret: Uint8Array.from(binary, (character) => character.charCodeAt(0)) };
  }
  const trimmed = text.trim();
  if (/^["[{]/.test(trimmed)) {
    const value = orUndefined(() => JSON.parse(trimmed) as unknown);
    if (typeof value === 'string' && !isInJson) return yield* readingsOf(value, true);
    const numbers = numbersOf(value);
    if (numbers) yield { writing: 'numbers', bytesSecret: numbers };
    return;
  }
  if (/^[0-9]+(?:\s*,\s*[0-9]+)+$/.test(trimmed)) {
    const numbers = numbersOf(trimmed.split(',').map(Number));
    if (numbers) yield { writing: 'numbers', bytesSecret: numbers };
    return;
  }
  const compact = trimmed.replaceAll(/\s+/g, '');
  const fromHex = orUndefined(() => hexToBytes(compact));
  if (fromHex) yield { writing: 'hex', bytesSecret: fromHex };
  const digits = compact.replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, '');
  const fromBase64 = orUndefined(() => base64ToBytes(digits.padEnd(Math.ceil(digits.length / 4) * 4, '=')));
  if (fromBase64) yield { writing: 'base64', bytesSecret: fromBase64 };
}

/** An array of bytes, a Buffer (`{ type, data }`) or an array that JSON wrote as an object (`{ "0": 10, "1": 8, … }`). */
function numbersOf(value: unknown): Uint8Array | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { data } = value as { data?: unknown };
  const list = Array.isArray(value)
    ? (value as unknown[])
    : Array.isArray(data)
      ? (data as unknown[])
      : listOf(value as Record<string, unknown>);
  if (!list || list.length === 0) return undefined;
  const areBytes = list.every((one) => typeof one === 'number' && Number.isInteger(one) && one >= 0 && one <= 255);
  return areBytes ? Uint8Array.from(list as number[]) : undefined;
}

function listOf(value: Record<string, unknown>): unknown[] | undefined {
  const names = Object.keys(value);
  return names.every((name, at) => name === String(at)) ? Object.values(value) : undefined;
}

function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof ProtocolError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
