// npm run picture: draws docs/architecture.svg, the rooms and their folders, from the real imports of src.
// Promises: the same sources give the same bytes; an arrow stands where one room imports another, and nowhere else; no text is longer than its box.
// Must not: know a folder or an import by itself. Where a room stands is said here; what is in it is read.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { folderOf, folders } from '../lint/rooms.js';
import { countsOf, readHouse } from './house.mjs';
import { root } from './setup.mjs';

export const pictureFile = path.join(root, 'docs/architecture.svg');

/** Rooms in rows, from what pages see down to what everything stands on. `width`: of the row's width, in pixels at 900. */
const rows = [
  [
    { room: 'sdk', what: 'for dapps', width: 124 },
    { room: 'bridge', what: "in sites' pages", width: 132 },
    { room: 'wallet', what: 'asks the wallet', width: 140 },
    { room: 'ui', what: 'our pages', width: 309 },
  ],
  [{ room: 'contract', what: 'what may cross a boundary', width: 804 }],
  [
    { room: 'network', what: 'the XMTP node', width: 132 },
    { room: 'background', what: 'the gate', width: 230 },
    { room: 'vault', what: 'keys, grants, approvals', width: 376 },
  ],
  [{ room: 'protocol', what: 'XMTP bytes in, bytes out', width: 804 }],
];

const width = 900;
const side = 48;
const gapBetween = 33;
const gapBelow = 46;
const pad = 12;
const head = 50;
const chip = { height: 24, gap: 6, pad: 8, letter: 7.4 };
const widthOf = (label) => Math.ceil(label.length * chip.letter) + 2 * chip.pad;

const roomOf = (file) => file.split('/')[1];

/** The folders of each room in their order, with how many files lie in the folder and in folders within it. */
function countFolders(files) {
  const rooms = new Map();
  for (const name of files.keys()) {
    const room = roomOf(name);
    const folder = folderOf(room, name);
    const counts = rooms.get(room) ?? new Map();
    rooms.set(room, counts);
    const { own, within } = counts.get(folder) ?? { own: 0, within: 0 };
    const isOwn = name.split('/').length === (folder === '.' ? 3 : 4);
    counts.set(folder, isOwn ? { own: own + 1, within } : { own, within: within + 1 });
  }
  return rooms;
}

/** Which rooms import which, as "from to". */
function importsBetween(files) {
  /** @type {Set<string>} */
  const found = new Set();
  for (const [name, { imports }] of files)
    for (const target of imports) if (roomOf(target) !== roomOf(name)) found.add(`${roomOf(name)} ${roomOf(target)}`);
  return found;
}

/** The chips of a room, each with its place in the room's box, and how high the box is. */
function fill(room, counts, boxWidth) {
  const order = folders[room]?.order ?? ['.'];
  const unknown = [...counts.keys()].find((folder) => !order.includes(folder));
  if (unknown) throw new Error(`${room}/${unknown} has no place in the order of folders (lint/rooms.js)`);
  let [x, y] = [pad, head];
  const chips = [];
  for (const folder of order) {
    const { own, within } = counts.get(folder) ?? { own: 0, within: 0 };
    const label = `${folder} ${own}${within > 0 ? `+${within}` : ''}`;
    const chipWidth = widthOf(label);
    if (chipWidth > boxWidth - 2 * pad) throw new Error(`${room}/${folder} is wider than its room`);
    if (x + chipWidth > boxWidth - pad) [x, y] = [pad, y + chip.height + chip.gap];
    chips.push({ x, y, label, width: chipWidth, isApart: folders[room]?.apart[folder] !== undefined });
    x += chipWidth + chip.gap;
  }
  return { chips, height: y + chip.height + pad };
}

/** The boxes of all rooms by name. Boxes of one row are equally high. */
function layOut(rooms) {
  const boxes = new Map();
  let y = 16;
  for (const [index, row] of rows.entries()) {
    const filled = row.map((place) => ({ ...place, ...fill(place.room, rooms.get(place.room), place.width) }));
    const height = Math.max(...filled.map((box) => box.height));
    let x = side;
    for (const box of filled) {
      boxes.set(box.room, { ...box, height, x, y, row: index });
      x += box.width + gapBetween;
    }
    y += height + gapBelow;
  }
  const unplaced = [...rooms.keys()].find((room) => !boxes.has(room));
  if (unplaced) throw new Error(`${unplaced} has no place in the picture (scripts/picture.mjs)`);
  return { boxes, bottom: y - gapBelow };
}

/** The line from one box to another: straight between neighbours, along the nearer side to what lies further. */
function wayBetween(from, to, boxes) {
  const middle = (box) => box.y + box.height / 2;
  if (from.row === to.row) {
    const isBetween = ({ row, x }) => row === from.row && x > Math.min(from.x, to.x) && x < Math.max(from.x, to.x);
    if ([...boxes.values()].some(isBetween)) throw new Error(`there is no way from ${from.room} to ${to.room}`);
    return from.x < to.x
      ? `M${from.x + from.width} ${middle(from)}H${to.x - 3}`
      : `M${from.x} ${middle(from)}H${to.x + to.width + 3}`;
  }
  if (Math.abs(from.row - to.row) === 1) {
    const [left, right] = [Math.max(from.x, to.x), Math.min(from.x + from.width, to.x + to.width)];
    if (right - left < 2 * pad) throw new Error(`there is no way from ${from.room} to ${to.room}`);
    const x = (left + right) / 2;
    return from.row < to.row ? `M${x} ${from.y + from.height}V${to.y - 3}` : `M${x} ${from.y}V${to.y + to.height + 3}`;
  }
  const isFirst = from.x === side && to.x === side;
  const isLast = [from, to].every((box) => box.x + box.width === width - side);
  if (isFirst) return `M${side} ${middle(from)}H${side / 2}V${middle(to)}H${side - 3}`;
  if (isLast) return `M${width - side} ${middle(from)}H${width - side / 2}V${middle(to)}H${width - side + 3}`;
  // From the first of a row: along its side, and through the gap above the other.
  if (from.x === side && from.row < to.row)
    return `M${side} ${middle(from) + pad}H${side / 4}V${to.y - gapBelow / 2}H${to.x + 2 * pad}V${to.y - 3}`;
  throw new Error(`there is no way from ${from.room} to ${to.room}`);
}

const style = `
  svg { --paper: #ffffff; --box: #f4f6f8; --line: #8a949e; --ink: #1c2329; --soft: #56616b; --chip: #ffffff; --arrow: #2f6f9f; }
  @media (prefers-color-scheme: dark) {
    svg { --paper: #14181c; --box: #1d2328; --line: #66717b; --ink: #e8edf1; --soft: #a3afb9; --chip: #2a3238; --arrow: #7db7e0; }
  }
  .paper { fill: var(--paper); }
  .box { fill: var(--box); stroke: var(--line); }
  .chip { fill: var(--chip); stroke: var(--line); }
  .apart { stroke-dasharray: 4 3; }
  .arrow { fill: none; stroke: var(--arrow); stroke-width: 1.5; }
  .tip { fill: var(--arrow); }
  text { fill: var(--ink); font: 12px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
  .room { font-size: 15px; font-weight: 700; }
  .soft { fill: var(--soft); }`;

const legendOf = (files) => [
  'A box is a room of src. In it stand its folders with the number of their source files, lowest first: each',
  'imports only folders before it; a dashed one stands apart and imports few. A dot: files in the room itself.',
  '10+20: ten in the folder, twenty in folders within it. An arrow points from a room to one that it imports.',
  `${files.size} files in ${countsOf(files).size} folders, without tests and generated code.`,
];

function drawBox({ room, what, x, y, width: boxWidth, height, chips }) {
  const small = chips.map(
    (one) =>
      `    <rect class="chip${one.isApart ? ' apart' : ''}" x="${x + one.x}" y="${y + one.y}" width="${one.width}" height="${chip.height}" rx="5"/>
    <text x="${x + one.x + one.width / 2}" y="${y + one.y + 16}" text-anchor="middle">${one.label}</text>`,
  );
  return `  <g>
    <rect class="box" x="${x}" y="${y}" width="${boxWidth}" height="${height}" rx="8"/>
    <text class="room" x="${x + pad}" y="${y + 22}">${room}</text>
    <text class="soft" x="${x + pad}" y="${y + 39}">${what}</text>
${small.join('\n')}
  </g>`;
}

/** The picture of these files (of readHouse) as SVG. Throws when a room, a folder or an arrow has no place in it. */
export function drawHouse(files) {
  const { boxes, bottom } = layOut(countFolders(files));
  const arrows = [...importsBetween(files)].toSorted().map((pair) => {
    const [from, to] = pair.split(' ').map((room) => boxes.get(room));
    const way = wayBetween(from, to, boxes);
    return `  <path class="arrow" d="${way}" marker-end="url(#tip)"><title>${from.room} imports ${to.room}</title></path>`;
  });
  const legend = legendOf(files);
  const height = bottom + 24 + legend.length * 17;
  const words = legend.map(
    (line, index) => `  <text class="soft" x="${side}" y="${bottom + 30 + index * 17}">${line}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title">
  <title id="title">The rooms of Prekey Vault, their folders, and which room imports which</title>
  <style>${style}
  </style>
  <defs>
    <marker id="tip" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path class="tip" d="M0 0L8 4L0 8Z"/></marker>
  </defs>
  <rect class="paper" width="${width}" height="${height}"/>
${[...boxes.values()].map(drawBox).join('\n')}
${arrows.join('\n')}
${words.join('\n')}
</svg>
`;
}

if (process.argv[1] === import.meta.filename) writeFileSync(pictureFile, drawHouse(readHouse()));
