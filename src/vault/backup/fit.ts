// What of an identity's lists goes into a file that may only be so large. The keys always do; they are counted before anything else.
// Promises: nothing is left out of what fits; where something must be, as few entries as possible: the largest.
// Must not: be a reason to refuse a file. Anybody can send invitations, and nobody may keep a person from a copy of their keys.

/** Bytes of one entry in the file besides its own: tags and lengths. */
export const framingBytes = 16;

/** Which of the entries, by their sizes in bytes, stay so that all together take no more than `roomBytes`. */
export function entriesThatFit(sizes: readonly number[], roomBytes: number): boolean[] {
  const kept = sizes.map(() => true);
  let total = sizes.reduce((sum, size) => sum + size, 0);
  const largestFirst = sizes.map((size, index) => ({ size, index })).sort((a, b) => b.size - a.size);
  for (const { size, index } of largestFirst) {
    if (total <= roomBytes) break;
    kept[index] = false;
    total -= size;
  }
  return kept;
}
