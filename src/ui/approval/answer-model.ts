// How far an answer on a card of messages goes: what it starts with, and what a person can make of it.
// Promises: pure; what it starts with is the narrowest that the card can name, never the widest. Must not: decide anything; the worker takes
// what a request names from its own bytes.
import type { Remembered, TimedCapability } from '../../contract/grants';
import type { MessageFacts, ScopeOffer } from '../../contract/pages/approvals';
import { isScoped } from '../../contract/scopes';

export type AnswerTime = 'once' | Remembered;
export type AnswerScope = ScopeOffer | 'granted';

export interface AnswerChoices {
  /** Where it can hold, the narrowest first; one only for what has no scope. */
  scopes: AnswerScope[];
  scope: AnswerScope;
  time: AnswerTime;
}

/**
 * The choices when several cards get one answer: only where each of them offers it. What was chosen stays where that can be; otherwise it begins
 * anew, with the narrowest again.
 */
export function sharedChoices(
  chosen: AnswerChoices,
  capability: TimedCapability,
  cards: readonly Pick<MessageFacts, 'offers' | 'whole'>[],
): AnswerChoices {
  const [first, ...others] = cards;
  if (!first) return chosen;
  const offers = (first.offers ?? []).filter((one) => others.every((other) => other.offers?.includes(one)));
  const whole = cards.find((one) => one.whole)?.whole;
  const start = answerChoices(capability, { offers, ...(whole && { whole }) });
  return start.scopes.includes(chosen.scope) ? { ...chosen, scopes: start.scopes } : start;
}

/** The choices for a card, and what they start with. */
export function answerChoices(
  capability: TimedCapability,
  { offers = [], whole }: Pick<MessageFacts, 'offers' | 'whole'>,
): AnswerChoices {
  const scopes: AnswerScope[] = [...offers, 'granted'];
  const [scope = 'granted'] = scopes;
  // A list, or our own topics: whatever lasts would be everything, so that only this one request starts as chosen.
  const isWidest = isScoped(capability) && scope === 'granted';
  // Of a list in parts the card can name the first only: all of it, and nothing else, is what it says.
  return { scopes, scope, time: isWidest || whole ? 'once' : 'until-locked' };
}
