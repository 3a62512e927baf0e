// What each line of the activity list says: words of a method, of what kind it is, who decided, and its note taken apart.
// Promises: pure; every method that is logged has words, and a note that is not understood stays as it is. Must not: hold sentences.
import { capabilities } from '../../../contract/grants';
import type { ActivityEntry } from '../../../contract/pages/identity';
import type { MessageKey, PluralStem } from '../../text';

export const methodWords: ReadonlyMap<string, MessageKey> = new Map<string, MessageKey>([
  ['vault_connect', 'actConnect'],
  ['vault_sign', 'actSign'],
  ['vault_getPublicKeyBundle', 'actBundle'],
  ['vault_disconnect', 'actDisconnect'],
  ['xmtp_createAuthToken', 'actPass'],
  ['xmtp_createInvite', 'actStart'],
  ['xmtp_encryptV1', 'actWrite'],
  ['xmtp_encryptV2', 'actWrite'],
  ['xmtp_saveInvites', 'actKeep'],
  ['xmtp_decryptV1', 'actRead'],
  ['xmtp_decryptV2', 'actRead'],
  ['xmtp_getV1Conversations', 'actList'],
  ['xmtp_saveV1Conversations', 'actKeep'],
  ['xmtp_getV2Conversations', 'actList'],
  ['xmtp_getRefreshJob', 'actLastLook'],
  ['xmtp_setRefreshJob', 'actLastLook'],
  ['xmtp_getV2ConversationHmacKeys', 'actNotify'],
  ['xmtp_selfEncrypt', 'actSealEntries'],
  ['xmtp_selfDecrypt', 'actOpenEntries'],
  ['xmtp_getPrivatePreferencesTopicIdentifier', 'actPreferencesPlace'],
  ['xmtp_createPrivatePreference', 'actPreferencesChange'],
  ['xmtp_getPrivatePreferences', 'actPreferencesRead'],
  ['xmtp_savePrivatePreferences', 'actPreferencesChange'],
  // Gone since; logs of earlier versions have it.
  ['xmtp_signDigest', 'actDigest'],
  ['xmtp_publish', 'actPublishFor'],
  ['xmtp_v3_getIdentifier', 'actIdentifier'],
  ['xmtp_v3_signIdentityText', 'actIdentityText'],
  ['xmtp_v3_getArchiveKey', 'actArchiveKey'],
  ['enrol', 'actEnrol'],
  ['unlock', 'actUnlock'],
  ['lock', 'actLock'],
  ['revoke', 'actRevoke'],
  ['restore', 'actRestore'],
  ['unreject', 'actUnreject'],
  ['rename', 'actRename'],
  ['settings', 'actSettings'],
  ['slots', 'actSlots'],
  ['rotate', 'actRotate'],
  ['inbox', 'actInbox'],
  ['backup', 'actBackup'],
  ['archive', 'actArchive'],
  ['publish', 'actPublish'],
  ['retrieve', 'actRetrieve'],
  ['network', 'actNetwork'],
  // A line that cannot be read.
  ['damaged', 'actDamaged'],
]);

/** Methods whose note counts something that has a name of its own; the others count entries. */
const counted = new Map<string, PluralStem>([
  ['xmtp_encryptV1', 'messages'],
  ['xmtp_encryptV2', 'messages'],
  ['xmtp_publish', 'messages'],
  ['xmtp_decryptV1', 'messages'],
  ['xmtp_decryptV2', 'messages'],
  ['xmtp_saveInvites', 'newConversations'],
  ['xmtp_saveV1Conversations', 'newConversations'],
  ['xmtp_selfEncrypt', 'entries'],
  ['xmtp_selfDecrypt', 'entries'],
  ['xmtp_savePrivatePreferences', 'entries'],
]);

/** Notes of the person's own acts, by method and note. */
const ownNotes = new Map<string, MessageKey>([
  ['unlock wallet', 'slotWallet'],
  ['unlock recovery-code', 'slotRecoveryCode'],
  ['unlock passphrase', 'slotPassphrase'],
  ['unlock passkey', 'slotPasskey'],
  ['slots add passphrase', 'noteAddPassphrase'],
  ['slots add passkey', 'noteAddPasskey'],
  ['slots add wallet', 'noteAddWallet'],
  ['slots replace recovery-code', 'noteReplaceCode'],
  ['slots remove wallet', 'noteRemoveWallet'],
  ['slots remove passphrase', 'noteRemovePassphrase'],
  ['slots remove passkey', 'noteRemovePasskey'],
  ['slots remove recovery-code', 'noteRemoveCode'],
  ['settings log', 'noteLogKept'],
  ['backup export', 'noteBackupSaved'],
  ['backup check', 'noteBackupChecked'],
  ['backup import', 'noteBackupRestored'],
  ['backup names', 'noteBackupNames'],
  ['archive page', 'noteArchivePage'],
  ['archive sealed', 'noteArchiveSealed'],
  ['archive clear', 'noteArchiveClear'],
  ['inbox name', 'noteInboxNamed'],
  ['inbox recovery', 'noteInboxRecovery'],
  ['inbox correct', 'noteInboxCorrected'],
  ['inbox read', 'noteInboxRead'],
  ['inbox forget read', 'noteInboxReadForgotten'],
  ['inbox new key', 'noteInboxKey'],
  ['inbox new archive key', 'noteArchiveKey'],
  ['inbox export key', 'noteInboxKeyExported'],
]);

export type Note =
  | { is: 'nothing' }
  /** Words of ours. */
  | { is: 'words'; key: MessageKey }
  /** What a connection allows; a name this version does not know stays a name. */
  | { is: 'capabilities'; names: string[] }
  | { is: 'count'; of: PluralStem; count: number }
  /** 32 bytes in hexadecimal digits. */
  | { is: 'digest'; hex: string }
  /** Text of a site. */
  | { is: 'text'; text: string };

/** The note of an entry: `purpose` as the worker wrote it. Numbers are read only from the worker's own forms, never from a site's text. */
export function noteOf(method: string, purpose: string): Note {
  if (purpose === '') return { is: 'nothing' };
  if (method === 'vault_connect') return { is: 'capabilities', names: purpose.split(', ') };
  if (method.startsWith('xmtp_')) {
    if (/^[0-9a-f]{64}$/.test(purpose)) return { is: 'digest', hex: purpose };
    const calls = /^(\d{1,9}) calls$/.exec(purpose)?.[1];
    if (calls !== undefined) return { is: 'count', of: 'calls', count: Number(calls) };
    const [, capability = '', items] = /^([a-z.]+): (\d{1,9})$/.exec(purpose) ?? [];
    if (items !== undefined && capabilities.some((one) => one === capability)) {
      const words = counted.get(method);
      return words ? { is: 'count', of: words, count: Number(items) } : { is: 'nothing' };
    }
  }
  const own = ownNotes.get(`${method} ${purpose}`);
  return own ? { is: 'words', key: own } : { is: 'text', text: purpose };
}

/** What an act is about, to choose by. */
export const kinds = ['connections', 'signatures', 'messages', 'keys', 'network', 'settings'] as const;
export type Kind = (typeof kinds)[number];

const kindOfMethod = new Map<string, Kind>([
  ['vault_connect', 'connections'],
  ['vault_disconnect', 'connections'],
  ['vault_getPublicKeyBundle', 'connections'],
  ['revoke', 'connections'],
  ['restore', 'connections'],
  ['unreject', 'connections'],
  ['vault_sign', 'signatures'],
  ['xmtp_signDigest', 'signatures'],
  ['xmtp_v3_getIdentifier', 'connections'],
  ['xmtp_v3_signIdentityText', 'signatures'],
  ['xmtp_v3_getArchiveKey', 'messages'],
  ['archive', 'messages'],
  ['publish', 'network'],
  ['network', 'network'],
  ['retrieve', 'network'],
  ['settings', 'settings'],
  ['rename', 'settings'],
]);

export function kindOf(method: string): Kind {
  return kindOfMethod.get(method) ?? (method.startsWith('xmtp_') ? 'messages' : 'keys');
}

/**
 * Who decided, and how it ended. `approved`: a person said yes to this very request. `covered`: nobody was asked, a grant allows it. `site`: the
 * site about itself. `you`: an act in our own pages. `vault`: an act of ours that may go by itself. `done`: the line does not say.
 */
export const decisions = [
  'approved',
  'covered',
  'rejected',
  'expired',
  'failed',
  'site',
  'you',
  'vault',
  'done',
] as const;
export type Decision = (typeof decisions)[number];

/** Acts that happen without a press too: by the clock, or when an earlier one goes on. */
const byItself = new Set(['lock', 'rotate', 'publish', 'network', 'retrieve']);

/** `isChained`: lines of before there was a chain do not say whether a signature was asked for. */
export function decisionOf({ origin, method, purpose, outcome }: ActivityEntry, isChained: boolean): Decision {
  if (outcome !== 'done') return outcome;
  if (origin === null || !/^(vault|xmtp)_/.test(method)) return byItself.has(method) ? 'vault' : 'you';
  if (method === 'vault_disconnect') return 'site';
  if (isChained) return 'approved';
  if (method === 'vault_sign') return 'done';
  const isCovered = method !== 'xmtp_createAuthToken' && /^(?:\d+ calls)?$/.test(purpose) && method.startsWith('xmtp_');
  return isCovered && !method.startsWith('xmtp_v3') ? 'covered' : 'approved';
}

/** How many acts a line stands for. */
export function actsOf({ method, purpose, count }: ActivityEntry): number {
  const note = noteOf(method, purpose);
  return note.is === 'count' && note.of === 'calls' ? note.count * count : count;
}
