// What two looks at the network found together. Pure.
// Promises: a copy that was seen before keeps its place, and where it was found.
import type { NetworkLook } from '../../contract/pages/network';

/** A look, and the look that went on where it had stopped. */
export function lookedFurther(before: NetworkLook, next: NetworkLook): NetworkLook {
  const known = new Set(before.copies.map(({ copyId }) => copyId));
  const copies = [...before.copies, ...next.copies.filter(({ copyId }) => !known.has(copyId))];
  return { ...before, copies, unreadable: before.unreadable + next.unreadable, more: next.more };
}
