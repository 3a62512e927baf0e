// Scopes, budgets and answers as parts of a sentence.
// Promises: the same words on cards and in the sites list. Must not: choose what is offered; grant-model.ts does.
import { remembered, rememberedMs, type Duration } from '../contract/grants';
import type { Budget, Scope } from '../contract/scopes';
import { timeOrDate } from './format';
import { budgetChoices, budgetKey, keyOf, type AskingNow, type FirstUse } from './grant-model';
import { isolated, textLanguage } from './language/words';
import type { WhoIs } from './people';
import { listed, plural, t, type MessageKey } from './text';

export interface Option<Value extends string> {
  value: Value;
  words: string;
}

/** At most so many people of a scope are named. */
const namedAtMost = 3;

/** "conversations with Bob, Zoe and 2 more": those that have a name first. */
function peersWords(peers: readonly string[], whoIs: WhoIs): string {
  const names = peers.flatMap((peer) => whoIs(peer)?.name || []);
  if (names.length === 0) return plural('scopePeers', peers.length);
  const shown = names.slice(0, namedAtMost).map(isolated);
  const others = peers.length - shown.length;
  const list = new Intl.ListFormat(textLanguage(), { type: 'conjunction' });
  return t('scopePeersNamed', others > 0 ? `${listed(shown)} ${plural('others', others)}` : list.format(shown));
}

const nobody: WhoIs = () => undefined;

/** "conversations it began" */
export function scopeWords(scope: Scope, whoIs: WhoIs = nobody): string {
  switch (scope.of) {
    case 'all':
      return t('scopeAll');
    case 'site':
      return t('scopeSite');
    case 'peers':
      return peersWords(scope.peers, whoIs);
    case 'conversations':
      return plural('scopeConversations', scope.topics.length);
  }
}

/** "at most 20 times an hour"; null: no budget. */
export function budgetWords(budget: Budget | null): string {
  if (budget === null) return t('oftenAny');
  if (budget.per === 'hour') return plural('oftenHour', budget.uses);
  return plural('oftenAll', budget.uses);
}

export const scopeOptions = (scopes: readonly Scope[], whoIs?: WhoIs): Option<string>[] =>
  scopes.map((scope) => ({ value: keyOf(scope), words: scopeWords(scope, whoIs) }));

/** The value of a choice that opens the address book. */
export const picksPeople = 'pick';
export const pickOption = (): Option<string> => ({ value: picksPeople, words: t('scopePick') });

/** The value of a choice that stands for several. */
export const mixed = 'mixed';

export const budgetOptions = (present: Budget | null): Option<string>[] =>
  budgetChoices(present).map((one) => ({ value: budgetKey(one), words: budgetWords(one) }));

export function askingOptions(isRemembered: boolean): Option<FirstUse>[] {
  return [
    { value: 'ask', words: t(isRemembered ? 'askingKeep' : 'askingFirst') },
    { value: '5m', words: t('asking5m') },
    { value: 'until-locked', words: t('askingUntilLocked') },
    { value: '1h', words: t('asking1h') },
    { value: '1d', words: t('asking1d') },
  ];
}

/**
 * Whether it asks, of a grant as it is: what it does now, and the choices. An end that was chosen stands where the choice for that long would stand,
 * so that the arrow keys go on from it.
 */
export function askingNow(now: AskingNow, nowMs: number): { value: string; options: Option<string>[] } {
  const choices: Option<string>[] = askingOptions(false);
  if (now === 'ask' || now === 'until-locked') return { value: now, options: choices };
  const value = String(now);
  if (now === mixed) return { value, options: [{ value, words: t('askingMixed') }, ...choices] };
  const place = remembered.find((one) => (rememberedMs[one] ?? 0) >= now - nowMs) ?? '1d';
  const end = { value, words: t('askingUntil', timeOrDate(now, nowMs)) };
  return { value, options: choices.map((one) => (one.value === place ? end : one)) };
}

const longWords: Record<Duration, MessageKey> = {
  once: 'longOnce',
  'until-locked': 'longUntilLocked',
  '1h': 'long1h',
  '1d': 'long1d',
  '30d': 'long30d',
  'until-revoked': 'longUntilRevoked',
};

export const longOptions = <D extends Duration>(durations: readonly D[]): Option<D>[] =>
  durations.map((value) => ({ value, words: t(longWords[value]) }));
