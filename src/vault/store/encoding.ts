// Binary fields: fixed-width integers and length-prefixed bytes, written and read back exactly.
// Promises: one byte string per list of fields; the reader refuses whatever does not fit to the last byte.
// Must not: guess, skip or default anything. What does not parse is 'damaged'.
import { VaultError } from '../../contract/errors';
import { bytesToUtf8, utf8ToBytes } from '../../protocol/base/bytes';
import { latestMs } from '../../protocol/base/dates';

/** Bytes that own a plain ArrayBuffer, as WebCrypto and IndexedDB want them. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** The same bytes under the narrower type, without a copy (a copy of a secret would have to be wiped too). */
export function asBytes(bytes: Uint8Array): Bytes {
  if (!(bytes.buffer instanceof ArrayBuffer)) throw new TypeError('bytes must own an ArrayBuffer');
  return bytes as Bytes;
}

/** The parts one after the other, in a new array. */
export function concat(...parts: Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** One byte. */
export function u8(value: number): Bytes {
  return Uint8Array.of(value);
}

/** Four bytes, big-endian. Throws RangeError outside 0 … 2^32-1. */
export function u32(value: number): Bytes {
  if (!Number.isInteger(value) || value < 0 || value > 0xffff_ffff) throw new RangeError('not a u32');
  const bytes = new Uint8Array(4);
  putU32(bytes, 0, value);
  return bytes;
}

/** Eight bytes, big-endian. Throws RangeError on a negative, fractional or unsafe number. */
export function u64(value: number): Bytes {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError('not a safe u64');
  const bytes = new Uint8Array(8);
  putU32(bytes, 0, Math.floor(value / 2 ** 32));
  putU32(bytes, 4, value % 2 ** 32);
  return bytes;
}

function putU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

/** Each part behind its length (u32): text as UTF-8. Two different lists never give the same bytes. */
export function lengthPrefixed(...parts: (Uint8Array | string)[]): Bytes {
  const fields = parts.map((part) => (typeof part === 'string' ? utf8ToBytes(part) : part));
  const whole = new Uint8Array(fields.reduce((length, field) => length + 4 + field.length, 0));
  let at = 0;
  for (const field of fields) {
    putU32(whole, at, field.length);
    whole.set(field, at + 4);
    at += 4 + field.length;
  }
  return whole;
}

/** Reads fields in the order they were written. Every method throws VaultError('damaged') when the bytes do not fit. */
export interface Reader {
  u8(): number;
  u32(): number;
  /** Throws also when the number is not safe in a double. */
  u64(): number;
  /** Milliseconds since 1970, 8 bytes. Throws also for what is later than any date: there is nothing that a page could show. */
  timeMs(): number;
  /** The next `length` bytes, as a copy. */
  take(length: number): Bytes;
  /** Bytes behind their length. */
  prefixed(): Bytes;
  /** Text behind its length; strict UTF-8. */
  text(): string;
  /** All that was not read yet: a view. */
  rest(): Bytes;
  /** How many bytes were not read yet. */
  left(): number;
  /** Refuses trailing bytes. */
  end(): void;
}

/** A reader at the first byte. */
export function createReader(bytes: Uint8Array): Reader {
  let at = 0;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  /** Where the next `length` bytes begin, which are passed. */
  const pass = (length: number): number => {
    if (length > bytes.length - at) throw new VaultError('damaged');
    at += length;
    return at - length;
  };
  const take = (length: number): Bytes => {
    const from = pass(length);
    return bytes.slice(from, at) as Bytes;
  };
  const readU32 = () => view.getUint32(pass(4));
  const readU64 = () => {
    const from = pass(8);
    const value = view.getUint32(from) * 2 ** 32 + view.getUint32(from + 4);
    if (!Number.isSafeInteger(value)) throw new VaultError('damaged');
    return value;
  };
  return {
    u8: () => view.getUint8(pass(1)),
    u32: readU32,
    u64: readU64,
    timeMs: () => {
      const value = readU64();
      if (value > latestMs) throw new VaultError('damaged');
      return value;
    },
    take,
    prefixed: () => take(readU32()),
    text: () => {
      const encoded = take(readU32());
      try {
        return bytesToUtf8(encoded);
      } catch {
        throw new VaultError('damaged');
      }
    },
    rest: () => {
      const from = at;
      at = bytes.length;
      return bytes.subarray(from) as Bytes;
    },
    left: () => bytes.length - at,
    end: () => {
      if (at !== bytes.length) throw new VaultError('damaged');
    },
  };
}
