// What a connection card says where the site has something already: what is new, what stays, and what its choices start with.
// Promises: pure. Must not: decide anything; the worker answers and keeps by itself what needs no person.
import { durationsByLength, isCareful, timedCapabilities, type Capability, type Duration } from '../contract/grants';
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
