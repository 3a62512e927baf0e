// npm run house: how the house stands: files per folder, import circles, imports of later folders, the longest functions.
// Promises: measured on the real imports of src, types included, tests left out; ends with 1 when a bound of docs/architecture.md is broken.
// Must not: know a folder by itself; the order of folders is lint/rooms.js.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseSync } from 'vite';
import { folderOf, folders } from '../lint/rooms.js';
import { root } from './setup.mjs';

const mostFiles = 14;
/** What puts a whole room together must stay readable at one look. */
const composers = new Map([
  ['createVault', 150],
  ['createRouter', 150],
]);

function filesUnder(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const name = path.join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'gen' ? [] : filesUnder(name);
    return /\.tsx?$/.test(name) && !/\.(?:test|testkit)\.tsx?$|\.d\.ts$/.test(name) ? [name] : [];
  });
}

/** Every source file of src with what it imports of src, and how long its functions are. */
export function readHouse() {
  const files = new Map();
  const names = filesUnder(path.join(root, 'src')).map((file) => path.relative(root, file).split(path.sep).join('/'));
  const known = new Set(names);
  for (const name of names) {
    const text = readFileSync(path.join(root, name), 'utf8');
    const { program } = parseSync(name, text);
    const imports = new Set();
    const functions = [];
    const resolve = (from) => {
      if (!from.startsWith('.')) return;
      const target = path.posix.normalize(path.posix.join(path.posix.dirname(name), from));
      const file = [target, `${target}.ts`, `${target}.tsx`].find((one) => known.has(one));
      if (file) imports.add(file);
    };
    const visit = (node, parent) => {
      if (typeof node.source?.value === 'string') resolve(node.source.value);
      if (node.body && /Function/.test(node.type)) {
        const named = node.id ?? parent?.id ?? parent?.key;
        functions.push({
          file: name,
          name: named?.name ?? '(unnamed)',
          lines: text.slice(node.start, node.end).split('\n').length,
        });
      }
      for (const value of Object.values(node))
        for (const child of Array.isArray(value) ? value : [value])
          if (typeof child?.type === 'string') visit(child, node);
    };
    visit(program, undefined);
    files.set(name, { imports: [...imports], functions });
  }
  return files;
}

const roomOf = (file) => file.split('/')[1];

/** Groups of files that import one another in a circle (strongly connected components of more than one file). */
export function circlesOf(files) {
  const index = new Map();
  const low = new Map();
  const stack = [];
  const circles = [];
  const walk = (name) => {
    index.set(name, index.size);
    low.set(name, index.get(name));
    stack.push(name);
    for (const next of files.get(name).imports) {
      if (!index.has(next)) walk(next);
      if (stack.includes(next)) low.set(name, Math.min(low.get(name), low.get(next)));
    }
    if (low.get(name) !== index.get(name)) return;
    const circle = stack.splice(stack.indexOf(name));
    if (circle.length > 1) circles.push(circle);
  };
  for (const name of files.keys()) if (!index.has(name)) walk(name);
  return circles;
}

/** Imports of a folder that does not stand before the importing one, as "from → to". */
export function backArrowsOf(files) {
  const arrows = [];
  for (const [name, { imports }] of files) {
    const room = roomOf(name);
    const row = folders[room];
    if (!row) continue;
    const order = (file) => row.order.indexOf(folderOf(room, file));
    for (const target of imports)
      if (roomOf(target) === room && order(target) > order(name)) arrows.push(`${name} → ${target}`);
  }
  return arrows;
}

/** How many source files each folder holds, by its path. */
export function countsOf(files) {
  const counts = new Map();
  for (const name of files.keys())
    counts.set(path.posix.dirname(name), (counts.get(path.posix.dirname(name)) ?? 0) + 1);
  return counts;
}

/** The longest functions first, without those of pages: a page is one long function that says what is on it. */
export function longestOf(files) {
  return [...files.values()]
    .flatMap(({ functions }) => functions)
    .filter(({ file }) => !file.endsWith('.tsx'))
    .toSorted((a, b) => b.lines - a.lines);
}

const isTooLong = ({ name, lines }) => lines > (composers.get(name) ?? Infinity);

function print() {
  const files = readHouse();
  const counts = [...countsOf(files)].toSorted(([a], [b]) => (a < b ? -1 : 1));
  console.log('folders (source files, without tests and generated code)');
  for (const [folder, count] of counts)
    console.log(`  ${String(count).padStart(3)}  ${folder}${count > mostFiles ? `  more than ${mostFiles}` : ''}`);
  console.log(`  ${String(files.size).padStart(3)}  in all, in ${counts.length} folders`);
  const circles = circlesOf(files);
  console.log(`\nimport circles: ${circles.length}`);
  for (const circle of circles) console.log(`  ${circle.join(', ')}`);
  const arrows = backArrowsOf(files);
  console.log(`\nimports of later folders: ${arrows.length}`);
  for (const arrow of arrows) console.log(`  ${arrow}`);
  const longest = longestOf(files);
  console.log('\nlongest functions (lines)');
  for (const { file, name, lines } of longest.slice(0, 12))
    console.log(
      `  ${String(lines).padStart(3)}  ${name} in ${file}${isTooLong({ name, lines }) ? `  more than ${composers.get(name)}` : ''}`,
    );
  const broken =
    circles.length +
    arrows.length +
    counts.filter(([, count]) => count > mostFiles).length +
    longest.filter(isTooLong).length;
  console.log(broken === 0 ? '\nevery bound holds' : `\n${broken} bounds are broken`);
  process.exit(broken === 0 ? 0 : 1);
}

if (process.argv[1] === import.meta.filename) print();
