// What there is to say about backups: a reminder, and what a checked file is worth. Pure.
// Must not: beg. One reminder for one state, in the words of what is missing.
import type { BackupComparison, BackupState } from '../contract/pages/backup';
import type { MessageKey } from './text';

/** `none`: there is no file; `unchecked`: no file was opened again; `changed`: keys changed since one was. */
export type Reminder = 'none' | 'unchecked' | 'changed';

export const reminderWords: Record<Reminder, [title: MessageKey, body: MessageKey]> = {
  none: ['backupNoneTitle', 'backupNone'],
  unchecked: ['backupUncheckedTitle', 'backupUnchecked'],
  changed: ['backupChangedTitle', 'backupChanged'],
};

/** Undefined when the last checked file brings all keys back. */
export function reminderOf({ keysChangedSince, lastCheckedAtMs, lastExportedAtMs }: BackupState): Reminder | undefined {
  if (!keysChangedSince) return undefined;
  if (lastCheckedAtMs !== null) return 'changed';
  return lastExportedAtMs === null ? 'none' : 'unchecked';
}

/** What a file is worth: `other` identity; `good`; `good-older`: newer conversations, texts or names are not in it; `incomplete`: not all keys. */
export type Verdict = 'other' | 'good' | 'good-older' | 'incomplete';

export const verdictWords: Record<Verdict, [title: MessageKey, body: MessageKey]> = {
  other: ['checkOtherTitle', 'checkOther'],
  good: ['checkGoodTitle', 'checkGood'],
  'good-older': ['checkGoodTitle', 'checkGoodOlder'],
  incomplete: ['checkIncompleteTitle', 'checkIncomplete'],
};

export function verdictOf({
  sameIdentity,
  complete,
  missingConversations,
  missingInboxTexts,
  missingNames,
}: BackupComparison): Verdict {
  if (!sameIdentity) return 'other';
  if (!complete) return 'incomplete';
  return missingConversations + missingInboxTexts + missingNames > 0 ? 'good-older' : 'good';
}
