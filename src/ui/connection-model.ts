// What a connection card says where the site has something already: what is new, what stays, and what its choices start with.
// Promises: pure. Must not: decide anything; the worker answers and keeps by itself what needs no person.
import { durationsByLength, isCareful, timedCapabilities, type Capability, type Duration } from '../contract/grants';
import { isWithin, type Scope, type ScopedCapability } from '../contract/scopes';
import { keyOf, type FirstUse } from './grant-model';
import type { ShownRequest } from '../contract/pages/approvals';
import type { SiteGrant } from '../contract/pages/sites';

type Asked = Pick<Extract<ShownRequest, { kind: 'connect' }>, 'capabilities' | 'duration'>;
type Before = Pick<SiteGrant, 'capabilities' | 'duration' | 'withoutAskingUntil'>;

export interface ConnectionNews {
  /** `first`: nothing was given yet. Else what it is about: more capabilities, a longer time, or nothing new. */
  about: 'first' | 'more' | 'longer' | 'again';
  /** Asked for and not given yet. */
  added: Capability[];
  /** Given and not asked about: it stays. */
  stays: Capability[];
  /** What the choice of a time starts with: never shorter than what was given. */
  duration: Duration;
  /** Whether reading, writing or the like goes on without asking now. */
  isRemembered: boolean;
}

export function connectionNews(asked: Asked, before: Before | undefined): ConnectionNews {
  const wish = asked.duration;
  if (!before)
    return { about: 'first', added: [...asked.capabilities], stays: [], duration: wish ?? '30d', isRemembered: false };
  const added = asked.capabilities.filter((capability) => !before.capabilities.includes(capability));
  const isLonger = wish !== null && durationsByLength.indexOf(wish) > durationsByLength.indexOf(before.duration);
  return {
    about: added.length > 0 ? 'more' : isLonger ? 'longer' : 'again',
    added,
    stays: before.capabilities.filter((capability) => !asked.capabilities.includes(capability)),
    duration: isLonger ? wish : before.duration,
    isRemembered: timedCapabilities.some((capability) => (before.withoutAskingUntil[capability] ?? null) !== null),
  };
}

/** What is ticked before the person looked: what is given already, and what is new, but never what needs care. */
export function isTickedFirst(capability: Capability, before: Before | undefined): boolean {
  return !isCareful(capability) || before?.capabilities.includes(capability) === true;
}

/** Answers about messages in words: each a scope, and whether it asks. */
export type Preset = 'ask' | 'site' | 'full';

/**
 * The presets that fit into what a site asked for, and the one that the choices are now; undefined for choices of one's own. `wishes`: where each
 * capability was asked for.
 */
export function presetsOf(
  wishes: readonly Scope[],
  scope: Scope,
  firstUse: FirstUse,
): { offered: Preset[]; chosen: Preset | undefined } {
  const mayBe = (one: Scope) => wishes.length > 0 && wishes.every((wish) => isWithin(one, wish));
  const offered: Preset[] = ['ask'];
  if (mayBe({ of: 'site' })) offered.push('site');
  if (mayBe({ of: 'all' })) offered.push('full');
  const widest = mayBe({ of: 'all' }) ? 'all' : scope.of;
  const isWidest = scope.of === widest;
  if (firstUse === 'ask') return { offered, chosen: isWidest ? 'ask' : undefined };
  const named = scope.of === 'site' ? 'site' : scope.of === 'all' ? 'full' : undefined;
  return { offered, chosen: offered.find((one) => one === named) };
}

/** A choice of conversations for a capability, never wider than where it was asked for. */
export function narrowed(chosen: Scope, wish: Scope): Scope {
  return isWithin(chosen, wish) ? chosen : wish;
}

/** The scope that a site has for all of these, where it has one and asks for no less; none otherwise. */
export function hadBefore(
  before: Pick<SiteGrant, 'bounds'> | undefined,
  capabilities: readonly ScopedCapability[],
  wishes: readonly Scope[],
): Scope[] {
  const scopes = capabilities.flatMap(
    (capability) => before?.bounds.find((one) => one.capability === capability)?.scope ?? [],
  );
  const [first] = scopes;
  if (!first || !scopes.every((one) => keyOf(one) === keyOf(first))) return [];
  return wishes.every((wish) => isWithin(first, wish)) ? [first] : [];
}
