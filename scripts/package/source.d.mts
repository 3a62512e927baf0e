// Types of source.mjs, for tests.
export function sourceFiles(root: string): Map<string, Uint8Array>;
/** What differs from the last commit; empty where there is no git. */
export function uncommitted(root: string): string;
