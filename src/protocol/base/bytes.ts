// Byte strings and their text forms: UTF-8, hex, base64, joining and comparing.
// Strict in both directions: what does not decode exactly is refused, nothing is replaced or skipped.
// Must not use TextEncoder, atob or Buffer: this room runs without any of them.
import { base64, base64urlnopad, hex } from '@scure/base';
import { ProtocolError } from './errors';

/** UTF-8 of `text`. Throws 'bad-encoding' on an unpaired surrogate, which has no UTF-8 form. */
export function utf8ToBytes(text: string): Uint8Array {
  // Mostly each character is a byte.
  const ascii = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0x80) {
      // The text may be a secret, and the caller knows of no other copy than the one that is returned.
      ascii.fill(0);
      return longerUtf8(text);
    }
    ascii[i] = code;
  }
  return ascii;
}

function longerUtf8(text: string): Uint8Array {
  const bytes: number[] = [];
  for (let i = 0; i < text.length; i++) {
    const code = text.codePointAt(i) as number;
    if (code >= 0xd800 && code <= 0xdfff) throw new ProtocolError('bad-encoding', 'text holds an unpaired surrogate');
    if (code < 0x80) {
      bytes.push(code);
    } else if (code < 0x800) {
      bytes.push(0xc0 | (code >> 6), 0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
      bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f));
    } else {
      i++;
      bytes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 0x3f), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f));
    }
  }
  return Uint8Array.from(bytes);
}

/** Text of UTF-8 bytes. Throws 'bad-encoding' on anything the Unicode standard calls ill-formed (overlong, surrogate, cut off). */
export function bytesToUtf8(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length;) {
    const first = bytes[i++] as number;
    if (first < 0x80) {
      text += String.fromCharCode(first);
      continue;
    }
    const extra =
      first >= 0xf0 && first <= 0xf4 ? 3 : first >= 0xe0 && first < 0xf0 ? 2 : first >= 0xc2 && first < 0xe0 ? 1 : 0;
    if (extra === 0) throw new ProtocolError('bad-encoding', 'bytes are not UTF-8');
    let code = first & (0x3f >> extra);
    for (let k = 0; k < extra; k++) {
      const next = bytes[i++];
      if (next === undefined || (next & 0xc0) !== 0x80) throw new ProtocolError('bad-encoding', 'bytes are not UTF-8');
      code = (code << 6) | (next & 0x3f);
    }
    const isOverlong = (extra === 2 && code < 0x800) || (extra === 3 && code < 0x10000);
    if (isOverlong || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
      throw new ProtocolError('bad-encoding', 'bytes are not UTF-8');
    }
    text += String.fromCodePoint(code);
  }
  return text;
}

/** What `decode` makes of `text`. Throws 'bad-encoding' with our own words: those of the codec quote the text, which may be a secret. */
function decoded(decode: (text: string) => Uint8Array, text: string, refusal: string): Uint8Array {
  try {
    return decode(text);
  } catch {
    throw new ProtocolError('bad-encoding', refusal);
  }
}

/** Lower-case hex without `0x`. */
export function bytesToHex(bytes: Uint8Array): string {
  return hex.encode(bytes);
}

/** Bytes of hex text, with or without `0x`, either case. Throws 'bad-encoding' on an odd number of digits or any other character. */
export function hexToBytes(text: string): Uint8Array {
  return decoded(hex.decode, /^0x/i.test(text) ? text.slice(2) : text, 'text is not hex');
}

/** Standard base64 with padding (RFC 4648, section 4). */
export function bytesToBase64(bytes: Uint8Array): string {
  return base64.encode(bytes);
}

/** Base64url without padding (RFC 4648, section 5). */
export function bytesToBase64Url(bytes: Uint8Array): string {
  return base64urlnopad.encode(bytes);
}

/** Bytes of canonical padded base64: every byte string has exactly one accepted text. Throws 'bad-encoding' otherwise. */
export function base64ToBytes(text: string): Uint8Array {
  return decoded(base64.decode, text, 'text is not canonical base64');
}

/** The parts one after the other, in a new array. */
export function concatBytes(...parts: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Whether both hold the same bytes. Looks at every byte of equally long inputs; the lengths themselves are not hidden. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] as number);
  return difference === 0;
}

/** One character per byte: a short name for bytes in a map. */
export function bytesToLatin1(bytes: Uint8Array): string {
  let text = '';
  // In pieces: a stranger's bytes may be more than a call takes arguments. Applied, because spreading goes through the iterator, byte by byte.
  for (let at = 0; at < bytes.length; at += 4096)
    text += String.fromCharCode.apply(null, bytes.subarray(at, at + 4096) as unknown as number[]);
  return text;
}
