// Types of zip.mjs, for tests.
export function zipOf(files: ReadonlyMap<string, Uint8Array>): Uint8Array;
/** Everything below a folder, by its name from there. */
export function filesBelow(folder: string): Map<string, Uint8Array>;
