// Text from a dapp, taken apart into what may be drawn as it is and what has to be made visible first (R-C5).
// Promises: every piece of kind `text` holds only characters a person can see, single spaces, and joiners in their place; nothing is
// dropped in silence, every character of the input is drawn, named, counted in a run, or counted in `moreCharacters`. Pure.
// Must not: return markup. The component draws pieces as text nodes.
import { flagTags, isInPlace } from './joiners';

/** Bytes of text (as UTF-8) that are drawn before the person asks for more. */
export const firstBytes = 2048;

export type Piece =
  /** Characters to draw as they are. */
  | { kind: 'text'; text: string }
  /** `count` times the same invisible or misleading character; `code` is written "U+202E". */
  | { kind: 'escape'; code: string; count: number }
  /** A line break; `count` above 1 stands for a run that is drawn as one break with its number. */
  | { kind: 'newline'; count: number }
  /** A run of more spaces than a text needs, which could push something out of sight. */
  | { kind: 'spaces'; count: number };

export interface DappTextModel {
  pieces: Piece[];
  /** Characters (code points) left out because of the limit; 0 when everything is here. */
  moreCharacters: number;
}

const longestSpaceRun = 8;
const longestMarkRun = 3;

// Default_Ignorable covers Hangul fillers, variation selectors and tags; U+2800 is a letter-like blank.
const hidden = /^[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u{2800}]$/u;
const mark = /^\p{M}$/u;
const space = /^\p{Zs}$/u;

function utf8Length(codePoint: number): number {
  if (codePoint < 0x80) return 1;
  if (codePoint < 0x800) return 2;
  return codePoint < 0x10000 ? 3 : 4;
}

/** "U+202E" for a code point; at least four digits. */
function nameOf(codePoint: number): string {
  return `U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}`;
}

/** Length of the prefix (in code points) that fits into `limitBytes` of UTF-8. */
function fitting(points: readonly string[], limitBytes: number): number {
  let bytes = 0;
  for (let at = 0; at < points.length; at++) {
    bytes += utf8Length(points[at]?.codePointAt(0) ?? 0);
    if (bytes > limitBytes) return at;
  }
  return points.length;
}

function runLength(points: readonly string[], from: number, same: (point: string) => boolean): number {
  let at = from;
  while (at < points.length && same(points[at] ?? '')) at++;
  return at - from;
}

/**
 * The pieces of `text`. With `limitBytes` (default 2 KiB as UTF-8) the rest is only counted; Infinity draws everything.
 * CR LF counts as one line break. What joins letters or pictographs is left where it does, so that words stay words and emoji stay emoji.
 */
export function dappTextModel(text: string, limitBytes: number = firstBytes): DappTextModel {
  const all = Array.from(text.replaceAll('\r\n', '\n'));
  const points = all.slice(0, fitting(all, limitBytes));
  const pieces: Piece[] = [];
  let plain = '';
  const push = (piece: Piece) => {
    if (plain) pieces.push({ kind: 'text', text: plain });
    plain = '';
    pieces.push(piece);
  };
  let marks = 0;
  for (let at = 0; at < points.length;) {
    const point = points[at] ?? '';
    if (point === '\n') {
      const count = runLength(points, at, (other) => other === '\n');
      push({ kind: 'newline', count });
      at += count;
      continue;
    }
    if (space.test(point)) {
      const count = runLength(points, at, (other) => space.test(other));
      if (count > longestSpaceRun) push({ kind: 'spaces', count });
      else plain += points.slice(at, at + count).join('');
      at += count;
      continue;
    }
    marks = mark.test(point) ? marks + 1 : 0;
    const tags = flagTags(points, at);
    if (tags > 0) {
      plain += points.slice(at, at + tags).join('');
      at += tags;
      continue;
    }
    const isDrawn = plain !== '' && isInPlace(all, at);
    if ((hidden.test(point) && !isDrawn) || marks > longestMarkRun) {
      const count = runLength(points, at, (other) => other === point);
      push({ kind: 'escape', code: nameOf(point.codePointAt(0) ?? 0), count });
      at += count;
      continue;
    }
    plain += point;
    at += 1;
  }
  if (plain) pieces.push({ kind: 'text', text: plain });
  return { pieces, moreCharacters: all.length - points.length };
}
