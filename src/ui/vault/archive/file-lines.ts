// A file of lines, cut into pieces of whole lines that the worker takes.
// Promises: no more than a piece is in memory; a line that is longer than a piece is left out and counted. Must not: look into a line.
import { pieceBytes } from '../../../contract/choices';

export interface Piece {
  /** The number of its first byte. */
  at: number;
  lines: Uint8Array;
  /** Lines before it that were too long. */
  skipped: number;
  isLast: boolean;
}

const lineFeed = 0x0a;
/** Read at once: several make the longest line. */
const readBytes = 1024 * 1024;

/** The pieces of a file from byte `from` on, which begins a line. Throws what reading throws. */
export async function* piecesOf(file: Blob, from: number, longest = pieceBytes): AsyncGenerator<Piece> {
  let at = from;
  let kept = new Uint8Array(0);
  let [isSkipping, skipped] = [false, 0];
  for (let read = from; read < file.size;) {
    const fresh = new Uint8Array(await file.slice(read, read + readBytes).arrayBuffer());
    read += fresh.length;
    const isEnd = read >= file.size || fresh.length === 0;
    let bytes = joined(kept, fresh);
    if (isSkipping) {
      const end = bytes.indexOf(lineFeed) + 1;
      at += end > 0 ? end : bytes.length;
      bytes = end > 0 ? bytes.subarray(end) : new Uint8Array(0);
      isSkipping = end === 0;
    }
    const cut = isEnd ? bytes.length : bytes.lastIndexOf(lineFeed) + 1;
    if (cut > 0 && cut <= longest) {
      yield { at, lines: bytes.slice(0, cut), skipped, isLast: isEnd };
      skipped = 0;
      at += cut;
    } else if (cut > longest) {
      // The last lines of a file together with what was kept, or one that is too long: one after the other.
      for (const part of linesWithin(bytes.subarray(0, cut), longest)) {
        if (part.length > longest) skipped++;
        else yield { at, lines: part.slice(), skipped: skipped, isLast: false };
        if (part.length <= longest) skipped = 0;
        at += part.length;
      }
      if (isEnd) yield { at, lines: new Uint8Array(0), skipped, isLast: true };
    }
    kept = bytes.slice(cut);
    if (kept.length > longest) {
      skipped++;
      at += kept.length;
      kept = new Uint8Array(0);
      isSkipping = true;
    }
    if (isEnd && cut === 0) yield { at, lines: new Uint8Array(0), skipped, isLast: true };
  }
  if (file.size <= from) yield { at: from, lines: new Uint8Array(0), skipped: 0, isLast: true };
}

/** Lines, several together as long as they are not too long; a line that is too long alone. */
function* linesWithin(bytes: Uint8Array, longest: number): Generator<Uint8Array> {
  let start = 0;
  let end = 0;
  while (end < bytes.length) {
    const found = bytes.indexOf(lineFeed, end);
    const next = found < 0 ? bytes.length : found + 1;
    if (next - start > longest && end > start) {
      yield bytes.subarray(start, end);
      start = end;
    }
    end = next;
  }
  if (end > start) yield bytes.subarray(start, end);
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(one.length + other.length);
  whole.set(one);
  whole.set(other, one.length);
  return whole;
}

/** Names a file by what the browser says of it, so that the same one goes on where it was left. */
export async function keyOfFile({ name, size, lastModified }: File): Promise<string> {
  const said = new TextEncoder().encode(JSON.stringify([name, size, lastModified]));
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', said));
  return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
