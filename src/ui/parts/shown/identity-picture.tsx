// Draws an account's generated picture. Decoration: the address stands beside it.
// Promises: readable on light and dark ground. Must not: use a style attribute (the page's policy forbids it).
import { pictureModel, type Cell } from './identity-picture-model';

// Ground and figure, in pairs of equal weight: muted enough to sit beside the accent, apart enough to be told from each other.
const palette: readonly [string, string][] = [
  ['#1f4e5a', '#a9d3cf'],
  ['#4a3b63', '#d2c4e6'],
  ['#6b3f2e', '#efc9ad'],
  ['#2f5136', '#bfdcb8'],
  ['#7a5a1c', '#f2dca4'],
  ['#6a2f44', '#efbfcb'],
  ['#2c4470', '#bccdf0'],
  ['#53502a', '#dcd9a6'],
  ['#c9b79c', '#4b4033'],
  ['#a8c6c1', '#24494a'],
  ['#d9b3a2', '#5a2f22'],
  ['#b9bfd6', '#323a5c'],
];

function cellPath(cell: Cell, x: number, y: number): string {
  switch (cell) {
    case 'none':
      return '';
    case 'disc':
      return `M${x} ${y + 5}a5 5 0 0 1 10 0a5 5 0 0 1-10 0z`;
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

/** `account` null: the picture of an identity whose address cannot be read. */
export function IdentityPicture({ account, size = 40 }: { account: string | null; size?: number }) {
  if (account === null) {
    return (
      <svg class="picture unknown" width={size} height={size} viewBox="0 0 48 48" aria-hidden="true">
        <path
          d="M18 19a6 6 0 1 1 8 5.7c-1.5.6-2 1.5-2 3.3M24 33v.5"
          fill="none"
          stroke="currentColor"
          stroke-width="3"
          stroke-linecap="round"
        />
      </svg>
    );
  }
  const { palette: index, rows } = pictureModel(account);
  const [ground, figure] = palette[index] ?? ['#444444', '#dddddd'];
  const shape = rows.map((row, y) => row.map((cell, x) => cellPath(cell, x * 10 + 4, y * 10 + 4)).join('')).join('');
  return (
    <svg class="picture" width={size} height={size} viewBox="0 0 48 48" aria-hidden="true">
      <rect width="48" height="48" fill={ground} />
      <path d={shape} fill={figure} />
    </svg>
  );
}
