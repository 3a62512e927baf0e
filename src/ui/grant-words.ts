// Grants in sentences: what an origin may do, and until when.
// Promises: the same words in popup, approval window and vault page.
import type { Capability, Duration } from '../contract/grants';
import type { SiteGrant } from '../contract/internal';
import { dateTime } from './format';
import { t, type MessageKey } from './text';

export const capabilityWords: Record<Capability, [name: MessageKey, meaning: MessageKey]> = {
  identity: ['capabilityIdentity', 'capabilityIdentityMeaning'],
  sign: ['capabilitySign', 'capabilitySignMeaning'],
};

export const durationWords: Record<Duration, MessageKey> = {
  once: 'durationOnce',
  'until-locked': 'durationUntilLocked',
  '1h': 'duration1h',
  '1d': 'duration1d',
  '30d': 'duration30d',
  'until-revoked': 'durationUntilRevoked',
};

/** "See your identity · Ask for signatures" */
export function capabilitiesSentence(grant: SiteGrant): string {
  return grant.capabilities.map((capability) => t(capabilityWords[capability][0])).join(' · ');
}

/** "Until 21 Nov 2026, 14:05" or the words of a duration without a date. */
export function untilSentence(grant: SiteGrant): string {
  if (grant.expiresAtMs !== null && grant.duration !== 'until-revoked') return t('grantUntil', dateTime(grant.expiresAtMs));
  return t(durationWords[grant.duration]);
}

/** How signatures are answered: asked each time, or not until when. */
export function signingSentence(grant: SiteGrant): string | undefined {
  if (!grant.capabilities.includes('sign')) return undefined;
  const until = grant.signWithoutAskingUntil;
  if (until === null) return t('grantSignAsk');
  return until === 'until-locked' ? t('grantSignUntilLocked') : t('grantSignUntil', dateTime(until));
}
