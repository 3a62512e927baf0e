// What a file of the age format begins with: the one place that tells an encrypted file from all others, for our pages and for the vault.
// Promises: what mail, editors and other systems put in front of a file (a byte order mark, blanks, other line ends) changes nothing.
// Must not: say that a file is whole, or open it; src/vault/backup/file.ts does.

const intro = 'age-encryption.org/';
/** First and last line of the armored form (age-encryption.org/v1, "ASCII armor"). */
export const armorBegin = '-----BEGIN AGE ENCRYPTED FILE-----';
export const armorEnd = '-----END AGE ENCRYPTED FILE-----';

export interface AgeFile {
  kind: 'binary' | 'armored';
  /** The file from its first meaningful byte on: a view, or a copy where two bytes stood for each character. */
  bytes: Uint8Array;
}

/** A file that begins as an age file of any version does; undefined for every other, which can only be keys without a seal, or something else. */
export function ageFileOf(file: Uint8Array): AgeFile | undefined {
  const bytes = withoutMark(file);
  const meaningful = bytes.subarray(blanksBefore(bytes));
  if (startsWith(meaningful, intro)) return { kind: 'binary', bytes: meaningful };
  if (startsWith(meaningful, armorBegin)) return { kind: 'armored', bytes: meaningful };
  // What is not encrypted may be keys.
  if (bytes.buffer !== file.buffer) bytes.fill(0);
  return undefined;
}

/**
 * A file without its byte order mark, each character of UTF-16 as one byte. Where a character has no byte, or the mark is that of UTF-16 and the
 * length is odd, the file as it is. What is not a view of the file is a copy, for the caller to wipe.
 */
export function withoutMark(file: Uint8Array): Uint8Array {
  if (file[0] === 0xef && file[1] === 0xbb && file[2] === 0xbf) return file.subarray(3);
  const isLittle = file[0] === 0xff && file[1] === 0xfe;
  const isBig = file[0] === 0xfe && file[1] === 0xff;
  if ((!isLittle && !isBig) || file.length % 2 !== 0) return file;
  const narrow = new Uint8Array(file.length / 2 - 1);
  for (let at = 0; at < narrow.length; at++) {
    const [first = 0, second = 0] = [file[2 * at + 2], file[2 * at + 3]];
    if ((isLittle ? second : first) !== 0) {
      narrow.fill(0);
      return file;
    }
    narrow[at] = isLittle ? first : second;
  }
  return narrow;
}

function blanksBefore(bytes: Uint8Array): number {
  let at = 0;
  while (bytes[at] === 0x20 || (bytes[at] as number) === 0x09 || bytes[at] === 0x0a || bytes[at] === 0x0d) at++;
  return at;
}

function startsWith(bytes: Uint8Array, text: string): boolean {
  if (bytes.length < text.length) return false;
  for (let at = 0; at < text.length; at++) if (bytes[at] !== text.charCodeAt(at)) return false;
  return true;
}
