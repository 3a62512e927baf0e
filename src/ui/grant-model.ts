// How a site's capabilities are answered now, taken together: what is answered alike is one line. And what a person can choose of where, how often,
// and whether a site asks.
// Promises: pure; a time that is over counts as "asks first"; a choice never offers more than was asked for where a site asks. Must not: decide
// anything; the worker does.
import { isTimed, type Capability, type Remembered } from '../contract/grants';
import { isWithin, justOnce, type Budget, type Scope } from '../contract/scopes';
import type { SiteGrant } from '../contract/pages/sites';

/** Milliseconds and 'until-locked': without asking until then. 'first-use': asks, then no more for a time. 'each-time': one question for each use. */
export type Answered = 'always' | number | 'until-locked' | 'first-use' | 'each-time';

export interface GrantGroup {
  answered: Answered;
  capabilities: Capability[];
}

/** Capabilities that belong together, in the order they are shown; the last group is the one to think twice about. */
export const capabilityGroups: readonly (readonly Capability[])[] = [
  ['identity', 'sign'],
  ['messages.read', 'messages.write', 'preferences', 'notifications'],
  ['xmtp.v3'],
  ['network.token', 'xmtp.v3.archive'],
];

type Given = Pick<SiteGrant, 'capabilities' | 'withoutAskingUntil'>;

function answered(grant: Given, capability: Capability, nowMs: number): Answered {
  if (capability === 'identity') return 'always';
  if (capability !== 'sign' && !isTimed(capability)) return 'each-time';
  const until = grant.withoutAskingUntil[capability] ?? null;
  // Ends are shown to the minute: what was given in one press is one line.
  if (typeof until === 'number' && until > nowMs) return Math.floor(until / 60_000) * 60_000;
  if (until === 'until-locked') return until;
  return capability === 'sign' ? 'each-time' : 'first-use';
}

function rank(one: Answered): number {
  if (one === 'always') return Infinity;
  if (typeof one === 'number') return one;
  return one === 'until-locked' ? Number.MAX_VALUE : one === 'first-use' ? -1 : -2;
}

/** The capabilities of a grant by how they are answered: what needs no question first, what asks each time last. */
export function grantGroups(grant: Given, nowMs: number): GrantGroup[] {
  const groups = new Map<Answered, Capability[]>();
  for (const capability of capabilityGroups.flat()) {
    if (!grant.capabilities.includes(capability)) continue;
    const key = answered(grant, capability, nowMs);
    groups.set(key, [...(groups.get(key) ?? []), capability]);
  }
  const all = [...groups].map(([key, capabilities]) => ({ answered: key, capabilities }));
  return all.sort((one, other) => (rank(one.answered) < rank(other.answered) ? 1 : -1));
}

/** Every scope that is within one of `most`, the widest first, without a second that says the same. */
export function scopeChoices(...most: readonly Scope[]): Scope[] {
  const all: Scope[] = [{ of: 'all' }, ...most, { of: 'site' }];
  const fitting = all.filter((one) => most.some((outer) => isWithin(one, outer)));
  return distinct(fitting);
}

/** Each scope once. */
export function distinct(scopes: readonly Scope[]): Scope[] {
  return scopes.filter((one, at) => scopes.findIndex((other) => keyOf(other) === keyOf(one)) === at);
}

/** A scope as the value of a select. */
export function keyOf(scope: Scope): string {
  return JSON.stringify(scope);
}

/** The budgets a person chooses from, and the one that is there if it is another. */
export function budgetChoices(present: Budget | null): (Budget | null)[] {
  const usual: (Budget | null)[] = [
    null,
    justOnce,
    { uses: 20, per: 'hour' },
    { uses: 200, per: 'hour' },
    { uses: 2_000, per: 'hour' },
  ];
  const isThere = usual.some((one) => budgetKey(one) === budgetKey(present));
  return isThere ? usual : [...usual, present];
}

export const budgetKey = (budget: Budget | null): string => (budget === null ? 'any' : `${budget.uses} ${budget.per}`);

export type FirstUse = 'ask' | Remembered;

/** Milliseconds: without asking until then. 'mixed': not the same for all that a decision can be remembered of. */
export type AskingNow = 'ask' | 'until-locked' | 'mixed' | number;

/** How the timed capabilities of a grant are answered now, taken together; undefined when it has none. */
export function askingNowOf(grant: Given & Pick<SiteGrant, 'withoutAskingIn'>, nowMs: number): AskingNow | undefined {
  const answers = new Set(grant.capabilities.filter(isTimed).map((capability) => answered(grant, capability, nowMs)));
  const [first] = answers;
  if (first === undefined) return undefined;
  // A part of it only is neither.
  if (answers.size > 1 || grant.withoutAskingIn.length > 0) return 'mixed';
  return typeof first === 'number' || first === 'until-locked' ? first : 'ask';
}

/** The budget that all of these have; undefined when they differ. */
export function sameBudget(budgets: readonly (Budget | null)[]): Budget | null | undefined {
  const [first = null] = budgets;
  return budgets.every((one) => budgetKey(one) === budgetKey(first)) ? first : undefined;
}

/** The same budget for each of these. */
export const budgetFor = (
  capabilities: readonly Capability[],
  budget: Budget | null,
): Partial<Record<Capability, Budget>> =>
  budget === null ? {} : Object.fromEntries(capabilities.map((capability) => [capability, budget]));

/** The budgets of these, those without any left out. */
export const budgetsOf = (
  capabilities: readonly Capability[],
  of: (capability: Capability) => Budget | null,
): Partial<Record<Capability, Budget>> =>
  Object.fromEntries(capabilities.flatMap((capability) => (of(capability) ? [[capability, of(capability)]] : [])));
