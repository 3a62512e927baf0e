// What a wallet's callers write, and how the vault has it: hexadecimal text of bytes, and addresses.
// Promises: takes what it needs from the platform when the script begins; what is not written as it should be is undefined, never an error.
// Must not: know what a text means; the vault reads it.

const { apply } = Reflect;
const { fromCharCode } = String;
const { charCodeAt } = String.prototype;
const digits = '0123456789abcdef';

/** The value of a digit at a place; -1 for another character. */
const digitAt = (text: string, at: number): number => {
  const code = apply(charCodeAt, text, [at]);
  if (code >= 48 && code <= 57) return code - 48;
  const lower = code | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
};

const isHex = (value: unknown): value is string => {
  if (typeof value !== 'string' || value.length % 2 || value[0] !== '0' || value[1] !== 'x') return false;
  for (let at = 2; at < value.length; at++) if (digitAt(value, at) < 0) return false;
  return true;
};

/** The text in hexadecimal, `0x` first. Undefined when it is not hexadecimal; null when it is, and not ASCII. */
export const textOf = (hex: unknown): string | null | undefined => {
  if (!isHex(hex)) return undefined;
  let text = '';
  for (let at = 2; at < hex.length; at += 2) {
    const code = digitAt(hex, at) * 16 + digitAt(hex, at + 1);
    if (code > 127) return null;
    text += fromCharCode(code);
  }
  return text;
};

/** Bytes in hexadecimal, `0x` first. */
export const hexOf = (bytes: Uint8Array): string => {
  let hex = '0x';
  for (let at = 0; at < bytes.length; at++) hex += digits[bytes[at]! >> 4]! + digits[bytes[at]! & 15]!;
  return hex;
};

/** An address in lower case; undefined for anything else. */
export const addressOf = (value: unknown): string | undefined => {
  if (!isHex(value) || value.length !== 42) return undefined;
  let lower = '0x';
  for (let at = 2; at < 42; at++) lower += digits[digitAt(value, at)]!;
  return lower;
};
