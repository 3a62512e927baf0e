// How an XMTP inbox is named on our pages: what is known of it, what this vault is in it, what was signed for it, and numbers that a person types.
// Promises: pure; every word of the contract has words here. Must not: hold sentences; those are in _locales.
import type { IdentityTextShape } from '../contract/choices';
import type { InboxStanding, InboxView } from '../contract/pages/inbox';
import { pastedLine, pastedSigns } from '../contract/paste';
import type { MessageKey } from './text';

export const standingWords: Record<InboxStanding, MessageKey> = {
  new: 'inboxIsNew',
  'made-here': 'inboxMadeHere',
  'linked-here': 'inboxLinkedHere',
  'named-here': 'inboxNamedHere',
  unknown: 'inboxNotKnown',
};

export const roleWords: Record<InboxView['role'], MessageKey> = {
  recovery: 'roleRecovery',
  member: 'roleMember',
  unknown: 'roleUnknown',
};

export const shapeWords: Record<IdentityTextShape, MessageKey> = {
  'create+grant': 'signedNewInbox',
  grant: 'signedGrant',
  link: 'signedLink',
  revoke: 'signedRevoke',
  unlink: 'signedUnlink',
  recovery: 'signedRecovery',
};

/** A whole number from 0 to `most`, as typed; undefined for everything else. */
export function countIn(typed: string, most: number): number | undefined {
  const text = pastedLine(typed);
  const count = /^\d{1,6}$/.test(text) ? Number(text) : Infinity;
  return count <= most ? count : undefined;
}

/** The number of an inbox, as typed or pasted: 64 hex digits, with or without `0x`; undefined for everything else. */
export function inboxIdIn(typed: string): string | undefined {
  const digits = pastedSigns(typed).toLowerCase().replace(/^0x/, '');
  return /^[0-9a-f]{64}$/.test(digits) ? digits : undefined;
}

/** "1f3d5b79…c0ffee00": enough to tell apps and inboxes apart on a page; the whole of it stands in a tooltip. */
export function shortId(id: string): string {
  return id.length > 20 ? `${id.slice(0, 8)}…${id.slice(-8)}` : id;
}
