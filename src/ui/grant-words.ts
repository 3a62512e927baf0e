// Grants in sentences: what an origin may do, and until when.
// Promises: the same words in popup, approval window and vault page.
import type { Capability, Duration } from '../contract/grants';
import type { SiteGrant } from '../contract/pages/sites';
import { dateTime, timeOrDate } from './format';
import type { Answered } from './grant-model';
import { listed, t, type MessageKey } from './text';

export const capabilityWords: Record<Capability, [name: MessageKey, meaning: MessageKey]> = {
  identity: ['capabilityIdentity', 'capabilityIdentityMeaning'],
  sign: ['capabilitySign', 'capabilitySignMeaning'],
  'messages.read': ['capabilityRead', 'capabilityReadMeaning'],
  'messages.write': ['capabilityWrite', 'capabilityWriteMeaning'],
  preferences: ['capabilityPreferences', 'capabilityPreferencesMeaning'],
  notifications: ['capabilityNotifications', 'capabilityNotificationsMeaning'],
  'network.token': ['capabilityToken', 'capabilityTokenMeaning'],
  'xmtp.v3': ['capabilityInbox', 'capabilityInboxMeaning'],
  'xmtp.v3.archive': ['capabilityArchive', 'capabilityArchiveMeaning'],
};

/** The same as things, to stand in a list. */
const useWords: Record<Capability, MessageKey> = {
  identity: 'useIdentity',
  sign: 'useSign',
  'messages.read': 'useRead',
  'messages.write': 'useWrite',
  preferences: 'usePreferences',
  notifications: 'useNotifications',
  'network.token': 'useToken',
  'xmtp.v3': 'useInbox',
  'xmtp.v3.archive': 'useArchive',
};

export const durationWords: Record<Duration, MessageKey> = {
  once: 'durationOnce',
  'until-locked': 'durationUntilLocked',
  '1h': 'duration1h',
  '1d': 'duration1d',
  '30d': 'duration30d',
  'until-revoked': 'durationUntilRevoked',
};

/** "Until 21 Nov 2026, 14:05" or the words of a duration without a date. */
export function untilSentence(grant: SiteGrant): string {
  if (grant.expiresAtMs !== null && grant.duration !== 'until-revoked')
    return t('grantUntil', dateTime(grant.expiresAtMs));
  return t(durationWords[grant.duration]);
}

/** "Without asking until 14:05" */
export function answeredWords(answered: Answered, nowMs: number): string {
  switch (answered) {
    case 'always':
      return t('grantSees');
    case 'until-locked':
      return t('grantFreeUntilLocked');
    case 'first-use':
      return t('grantAsksFirst');
    case 'each-time':
      return t('grantAsksEachTime');
    default:
      return t('grantFreeUntil', timeOrDate(answered, nowMs));
  }
}

/** "reading messages, writing messages" */
export function usesWords(capabilities: readonly Capability[]): string {
  return listed(capabilities.map((capability) => t(useWords[capability])));
}
