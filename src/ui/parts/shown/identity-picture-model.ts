// The generated picture of an account: a small woven pattern that is the same wherever the account is shown.
// Promises: depends on the address only, whatever its letter case; pure. Must not: be relied on to tell accounts apart; the address does that.

/** One cell: nothing, a disc, or a quarter disc around one corner (0 top left, then clockwise). */
export type Cell = 'none' | 'disc' | 0 | 1 | 2 | 3;

export interface PictureModel {
  /** Index into the palette, 0 to `paletteSize` - 1. */
  palette: number;
  /** Four rows of four cells, mirrored left to right. */
  rows: Cell[][];
}

export const paletteSize = 12;

const mirrored: Record<0 | 1 | 2 | 3, Cell> = { 0: 1, 1: 0, 2: 3, 3: 2 };
const choices: readonly Cell[] = [0, 1, 2, 3, 'disc', 0, 2, 'none'];

/** 32-bit FNV-1a, then a stream of mixed words. */
function* words(text: string): Generator<number, never> {
  let state = 0x811c9dc5;
  for (const letter of text) state = Math.imul(state ^ letter.charCodeAt(0), 0x01000193);
  for (;;) {
    state = (state + 0x9e3779b9) | 0;
    let word = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    word = Math.imul(word ^ (word >>> 15), 0x735a2d97);
    yield (word ^ (word >>> 15)) >>> 0;
  }
}

/** The picture of an address. */
export function pictureModel(account: string): PictureModel {
  const stream = words(account.toLowerCase());
  const palette = stream.next().value % paletteSize;
  const rows = Array.from({ length: 4 }, () => {
    const left = Array.from({ length: 2 }, () => choices[stream.next().value % choices.length] ?? 'none');
    const right = left.map((cell) => (typeof cell === 'number' ? mirrored[cell] : cell)).reverse();
    return [...left, ...right];
  });
  return { palette, rows };
}
