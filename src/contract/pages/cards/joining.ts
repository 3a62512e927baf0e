// Which waiting requests can share a card and an answer: the one rule, for the window that lists them and for the vault that takes the answer.
// Promises: pure; requests of two sites or two identities never join, nor do identity texts and archive keys, each of which is asked for by itself.
// Must not: know what an answer says. Whether it fits each request is judged for each.
import type { ShownRequest } from '../approvals';

interface Asked {
  origin: string;
  shown: ShownRequest;
}

/** True when a person may give both the same answer, once both were listed. */
export function joins(one: Asked, other: Asked): boolean {
  const [a, b] = [one.shown, other.shown];
  if (one.origin !== other.origin) return false;
  switch (a.kind) {
    case 'sign':
    case 'token':
      return b.kind === a.kind && b.safeId === a.safeId;
    case 'messages':
      return b.kind === 'messages' && b.safeId === a.safeId && b.capability === a.capability;
    case 'connect':
      // The same wish from several documents: one grant answers all of them.
      return b.kind === 'connect' && wishOf(a) === wishOf(b);
    default:
      return false;
  }
}

function wishOf({ capabilities, duration, scopes = {} }: Extract<ShownRequest, { kind: 'connect' }>): string {
  const named = Object.entries(scopes).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([[...capabilities].toSorted(), duration, named]);
}
