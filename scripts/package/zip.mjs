// Makes a zip whose bytes depend on nothing but what is in it: names in one order, one time for all, one compression.
// Promises: the same files give the same bytes on every machine, in every folder, at any time (the compression is JavaScript, so that another
// node with another zlib changes nothing). Must not: follow links, or know what is packed.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { zipSync } from 'fflate';

/** Zip keeps local time without a zone: the first moment it can say, whatever the zone of the machine. */
const theTime = () => new Date(1980, 0, 1, 0, 0, 0);

/** One order on every machine, whatever its language. */
export const byCodeUnits = (one, other) => (one < other ? -1 : one > other ? 1 : 0);

/**
 * @param {ReadonlyMap<string, Uint8Array>} files by their names in the zip, with "/" between folders
 * @returns {Uint8Array}
 */
export function zipOf(files) {
  const names = [...files.keys()].sort(byCodeUnits);
  return zipSync(Object.fromEntries(names.map((name) => [name, files.get(name)])), { level: 9, mtime: theTime() });
}

/**
 * Everything below a folder, by its name from there.
 * @param {string} folder
 * @returns {Map<string, Uint8Array>}
 */
export function filesBelow(folder) {
  const files = new Map();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    files.set(path.relative(folder, file).split(path.sep).join('/'), readFileSync(file));
  }
  return files;
}
