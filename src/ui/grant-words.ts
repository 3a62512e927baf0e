// Grants in sentences: what an origin may do, and until when.
// Promises: the same words in popup, approval window and vault page.
import type { Capability, Duration } from '../contract/grants';
import type { SiteGrant } from '../contract/internal';
import { dateTime, timeOrDate } from './format';
import { grantGroups } from './grant-model';
import { t, type MessageKey } from './text';

export const capabilityWords: Record<Capability, [name: MessageKey, meaning: MessageKey]> = {
  identity: ['capabilityIdentity', 'capabilityIdentityMeaning'],
  sign: ['capabilitySign', 'capabilitySignMeaning'],
  'messages.read': ['capabilityRead', 'capabilityReadMeaning'],
  'messages.write': ['capabilityWrite', 'capabilityWriteMeaning'],
  preferences: ['capabilityPreferences', 'capabilityPreferencesMeaning'],
  notifications: ['capabilityNotifications', 'capabilityNotificationsMeaning'],
  'sign.digest': ['capabilityDigest', 'capabilityDigestMeaning'],
};

/** The same as things a site does, to stand in a list. */
const useWords: Record<Exclude<Capability, 'identity'>, MessageKey> = {
  sign: 'useSign',
  'messages.read': 'useRead',
  'messages.write': 'useWrite',
  preferences: 'usePreferences',
  notifications: 'useNotifications',
  'sign.digest': 'useDigest',
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
  if (grant.expiresAtMs !== null && grant.duration !== 'until-revoked') return t('grantUntil', dateTime(grant.expiresAtMs));
  return t(durationWords[grant.duration]);
}

/** What a site may do and whether it asks, a line for each way: "Without asking until 14:05: reading messages, writing messages". */
export function grantSentences(grant: SiteGrant, nowMs: number): string[] {
  return grantGroups(grant, nowMs).map(({ answered, capabilities }) => {
    if (answered === 'always') return t('grantSeesIdentity');
    const uses = capabilities.flatMap((capability) => (capability === 'identity' ? [] : [t(useWords[capability])])).join(', ');
    if (answered === 'first-use') return t('grantAsksFirst', uses);
    if (answered === 'each-time') return t('grantAsksEachTime', uses);
    return answered === 'until-locked' ? t('grantFreeUntilLocked', uses) : t('grantFreeUntil', uses, timeOrDate(answered, nowMs));
  });
}
