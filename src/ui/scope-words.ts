// Scopes, budgets and answers as parts of a sentence.
// Promises: the same words on cards and in the sites list. Must not: choose what is offered; grant-model.ts does.
import type { Duration } from '../contract/grants';
import type { Budget, Scope } from '../contract/scopes';
import { budgetChoices, budgetKey, keyOf, type FirstUse } from './grant-model';
import { plural, t, type MessageKey } from './text';

export interface Option<Value extends string> {
  value: Value;
  words: string;
}

/** "conversations it began" */
export function scopeWords(scope: Scope): string {
  switch (scope.of) {
    case 'all':
      return t('scopeAll');
    case 'site':
      return t('scopeSite');
    case 'peers':
      return plural('scopePeers', scope.peers.length);
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

export const scopeOptions = (scopes: readonly Scope[]): Option<string>[] =>
  scopes.map((scope) => ({ value: keyOf(scope), words: scopeWords(scope) }));

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
