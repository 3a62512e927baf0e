// Types of for-stores.mjs, for tests.
/** Which scenes each of the five pictures shows. */
export const boards: readonly (readonly string[])[];
export function listingOf(locale: string): { name: string; summary: string; description: string; sentences: string[] };
