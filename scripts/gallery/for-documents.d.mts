// Types of for-documents.mjs, for tests.
/** All files that the folder has, by the languages of the pages. */
export function filesFor(locales: readonly string[]): string[];
