// The generated picture of an account: a small woven pattern that is the same wherever the account is shown.
// Promises: depends on the address only, whatever its letter case; the shape alone has 2^24 forms, so that colours need not be told apart; pure.
// Must not: be relied on to tell accounts apart; the address does that.

/** One cell: nothing, a square, a dot, a bar, or a quarter disc around one corner (0 top left, then clockwise). */
export type Cell = 'none' | 'square' | 'dot' | 'bar' | 0 | 1 | 2 | 3;

export interface PictureModel {
  /** Index into `palettes`. */
  palette: number;
  /** Four rows of four cells, mirrored left to right. */
  rows: Cell[][];
}

/** Ground and figure, in pairs: muted enough to sit beside the accent; the figure can be told from its ground without its hue. */
export const palettes: readonly (readonly [ground: string, figure: string])[] = [
  ['#1f4e5a', '#a9d3cf'],
  ['#4a3b63', '#d2c4e6'],
  ['#6b3f2e', '#efc9ad'],
  ['#2f5136', '#bfdcb8'],
  ['#6e5015', '#f2dca4'],
  ['#6a2f44', '#efbfcb'],
  ['#2c4470', '#bccdf0'],
  ['#4a4726', '#dcd9a6'],
  ['#c9b79c', '#3f352a'],
  ['#a8c6c1', '#1f4041'],
  ['#d9b3a2', '#55291e'],
  ['#b9bfd6', '#2c3352'],
  ['#3d3d3d', '#e4e4e4'],
  ['#123f3f', '#f0d9b5'],
  ['#e6cfe0', '#4f2346'],
  ['#d8d5a8', '#3a3a1a'],
];

/** What three bits of a picture can be. */
export const cells: readonly Cell[] = ['none', 'square', 'dot', 'bar', 0, 1, 2, 3];

const mirrored: Record<0 | 1 | 2 | 3, Cell> = { 0: 1, 1: 0, 2: 3, 3: 2 };

/** The picture of `shape`, 24 bits, and `colours`, 4 bits: each three bits of the shape are one cell of the left half. */
export function pictureOf(shape: number, colours: number): PictureModel {
  const rows = [0, 1, 2, 3].map((row) => {
    const left = [0, 1].map((column) => cells[(shape >>> (3 * (2 * row + column))) & 7] ?? 'none');
    const right = left.map((cell) => (typeof cell === 'number' ? mirrored[cell] : cell)).toReversed();
    return [...left, ...right];
  });
  return { palette: colours & 15, rows };
}

/** Two words of 32 bits that depend on every letter of a text: two lanes of multiply and shift, mixed into each other at the end. */
function wordsOf(text: string): [number, number] {
  let [one, other] = [0xdeadbeef, 0x41c6ce57];
  for (const letter of text) {
    const code = letter.charCodeAt(0);
    one = Math.imul(one ^ code, 0x9e3779b1);
    other = Math.imul(other ^ code, 0x5f356495);
  }
  one = Math.imul(one ^ (one >>> 16), 0x85ebca6b) ^ Math.imul(other ^ (other >>> 13), 0xc2b2ae35);
  other = Math.imul(other ^ (other >>> 16), 0x85ebca6b) ^ Math.imul(one ^ (one >>> 13), 0xc2b2ae35);
  return [one >>> 0, other >>> 0];
}

/** The picture of an address. */
export function pictureModel(account: string): PictureModel {
  const [shape, colours] = wordsOf(account.toLowerCase());
  return pictureOf(shape >>> 8, colours >>> 28);
}

/** One cell as a path of SVG, in a square of 10 whose top left corner is at `x`, `y`. */
export function cellPath(cell: Cell, x: number, y: number): string {
  switch (cell) {
    case 'none':
      return '';
    case 'square':
      return `M${x} ${y}h10v10h-10z`;
    case 'dot':
      return `M${x + 2} ${y + 5}a3 3 0 0 1 6 0a3 3 0 0 1-6 0z`;
    case 'bar':
      return `M${x} ${y + 3}h10v4h-10z`;
    case 0:
      return `M${x} ${y}h10a10 10 0 0 1-10 10z`;
    case 1:
      return `M${x + 10} ${y}v10a10 10 0 0 1-10-10z`;
    case 2:
      return `M${x + 10} ${y + 10}h-10a10 10 0 0 1 10-10z`;
    case 3:
      return `M${x} ${y + 10}v-10a10 10 0 0 1 10 10z`;
  }
}

/** The figure of a picture as one path, in a square of 48. */
export function figurePath({ rows }: PictureModel): string {
  return rows.map((row, y) => row.map((cell, x) => cellPath(cell, x * 10 + 4, y * 10 + 4)).join('')).join('');
}
