// What a look at the network found, and what another app did there, in words. Pure.
import type { NetworkLook, NetworkNotice } from '../../contract/pages/network';
import type { MessageKey } from '../text';

export const noticeWords: Record<NetworkNotice, [title: MessageKey, body: MessageKey]> = {
  'older-prekey-republished': ['noticeOlderTitle', 'noticeOlder'],
  'other-identity-published': ['noticeOtherTitle', 'noticeOther'],
  'dated-ahead': ['noticeAheadTitle', 'noticeAhead'],
  'not-newest': ['noticeNotNewestTitle', 'noticeNotNewest'],
  'foreign-rows': ['noticeRowsTitle', 'noticeRows'],
  'other-copy-published': ['noticeCopyTitle', 'noticeCopy'],
  'left-behind': ['noticeBehindTitle', 'noticeBehind'],
};

/** Whose public keys the network gives for the account. */
export type Found = 'nobody' | 'ours' | 'other';

export const foundWords: Record<Found, MessageKey> = { nobody: 'lookNobody', ours: 'lookOurs', other: 'lookOther' };

/** `ownKeyHex`: the identity key of the identity in this browser. */
export function foundBy({ contact }: Pick<NetworkLook, 'contact'>, ownKeyHex: string): Found {
  if (!contact) return 'nobody';
  return contact.identityKeyHex.toLowerCase() === ownKeyHex.toLowerCase() ? 'ours' : 'other';
}
