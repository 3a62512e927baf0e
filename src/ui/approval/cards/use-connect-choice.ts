// What a person chose on a connection card so far, and what follows from it.
// Promises: nothing is granted that was not asked for; choices start as asked, at what was given before, or at 30 days, and each use of messages asks.
// Must not: draw, or say anything to the worker.
import { useState } from 'preact/hooks';
import { timedCapabilities, type Capability, type Duration } from '../../../contract/grants';
import type { ShownCard, ShownRequest } from '../../../contract/pages/approvals';
import type { IdentitySummary } from '../../../contract/pages/identity';
import {
  isScoped,
  isWithin,
  type Budget,
  type Scope,
  type ScopedCapability,
  type Scopes,
} from '../../../contract/scopes';
import { connectionNews, hadBefore, isTickedFirst, narrowed, presetsOf, type Preset } from '../../connection-model';
import { budgetsOf, distinct, keyOf, sameBudget, scopeChoices, type FirstUse } from '../../grant-model';
import type { Decision } from './frame/card-props';

const all: Scope = { of: 'all' };

export type ConnectChoice = ReturnType<typeof useConnectChoice>;

export function useConnectChoice(
  card: ShownCard,
  shown: Extract<ShownRequest, { kind: 'connect' }>,
  identity: IdentitySummary,
) {
  // As far as the person chose; the rest follows from the identity.
  const [ticked, setTicked] = useState<Partial<Record<Capability, boolean>>>({});
  const [chosenDuration, setDuration] = useState<Duration>();
  const [firstUse, setFirstUse] = useState<FirstUse>('ask');
  const [chosenScope, setScope] = useState<Scope>();
  const [each, setEach] = useState<Scopes>({});
  const [chosenBudgets, setBudgets] = useState<Partial<Record<Capability, Budget | null>>>({});
  const [isPicking, setPicking] = useState(false);
  const before = card.given.find(({ safeId }) => safeId === identity.safeId);
  const news = connectionNews(shown, before);
  const budgetOf = (capability: Capability): Budget | null => {
    const picked = chosenBudgets[capability];
    return picked === undefined
      ? (before?.bounds.find((one) => one.capability === capability)?.budget ?? null)
      : picked;
  };
  const duration = chosenDuration ?? news.duration;
  const kept = shown.capabilities.filter((capability) => ticked[capability] ?? isTickedFirst(capability, before));
  const usesMessages = timedCapabilities.some((capability) => kept.includes(capability));
  const scoped = kept.filter(isScoped);
  const wishOf = (capability: ScopedCapability): Scope => shown.scopes?.[capability] ?? all;
  const wishes = scoped.map(wishOf);
  // What was given before is where the choice begins, where it is not more than is asked for now.
  const had = hadBefore(before, scoped, wishes);
  const own = chosenScope?.of === 'peers' && wishes.some((wish) => isWithin(chosenScope, wish)) ? [chosenScope] : [];
  const places = distinct([...scopeChoices(...wishes), ...had, ...own]);
  // People can be chosen where the site asked for everybody, or for some.
  const [asked] = wishes.flatMap((wish) => (wish.of === 'peers' ? [wish.peers] : []));
  const isAnybody = wishes.some((wish) => wish.of === 'all');
  const scope =
    chosenScope && places.some((one) => keyOf(one) === keyOf(chosenScope)) ? chosenScope : (had[0] ?? places[0] ?? all);
  const given = scoped.map((capability) => ({
    capability,
    scope: each[capability] ?? narrowed(scope, wishOf(capability)),
  }));
  const isOne = given.every((one) => keyOf(one.scope) === keyOf(scope));
  const presets = presetsOf(wishes, scope, firstUse);
  const choosePlace = (one: Scope | undefined) => {
    setScope(one);
    setEach({});
  };
  return {
    news,
    kept,
    toggle: (capability: Capability, isKept: boolean) => setTicked({ ...ticked, [capability]: isKept }),
    /** Those of `kept` that have a place. */
    scoped,
    wishOf,
    places,
    scope,
    /** Each capability has the scope that is chosen for all. */
    isOne,
    given,
    choosePlace,
    setScopeOf: (capability: ScopedCapability, one: Scope) => setEach({ ...each, [capability]: one }),
    presets: { offered: presets.offered, chosen: isOne ? presets.chosen : undefined },
    choosePreset: (one: Preset) => {
      choosePlace(one === 'site' ? { of: 'site' } : undefined);
      setFirstUse(one === 'ask' ? 'ask' : 'until-locked');
    },
    usesMessages,
    firstUse,
    setFirstUse,
    budgetOf,
    /** That of all, undefined where they differ. */
    budget: sameBudget(kept.map(budgetOf)),
    setBudgetOf: (capability: Capability, next: Budget | null) => setBudgets({ ...chosenBudgets, [capability]: next }),
    setEveryBudget: (next: Budget | null) =>
      setBudgets(Object.fromEntries(shown.capabilities.map((one) => [one, next]))),
    duration,
    setDuration,
    people: {
      chosen: scope.of === 'peers' ? scope.peers : [],
      /** Among whom they are chosen; undefined for anybody. */
      within: isAnybody ? undefined : asked,
      // Names are within the safe: of a locked identity nobody can be chosen.
      mayPick: identity.status !== 'locked' && (isAnybody || (asked?.length ?? 0) > 1),
      isPicking,
      pick: setPicking,
    },
    /** A pass reaches all conversations. */
    needsAll: kept.includes('network.token') && scoped.length > 0 && given.some((one) => one.scope.of !== 'all'),
    decision: (): Decision => ({
      kind: 'connect',
      safeId: identity.safeId,
      capabilities: kept,
      duration,
      ...(usesMessages && firstUse !== 'ask' ? { remember: firstUse } : {}),
      scopes: Object.fromEntries(given.map((one) => [one.capability, one.scope])),
      budgets: budgetsOf(kept, budgetOf),
    }),
  };
}
