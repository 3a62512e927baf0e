// Whether a grant has ended (`hasEnded`) or holds (`holds`), and until when a decision is remembered: by the clock, a lock, the run of the
// browser, or because it was spent.
// Promises: pure; while the clock stands before its last use a grant does not hold, and it holds again when the clock is right.
import type { Capability } from '../../contract/grants';
import { isWithin } from '../../contract/scopes';
import { clockToleranceMs } from '../work/clock';
import { boundsOf, type Bounds, type RememberedDecision, type StoredGrant, type RememberedFor } from './grant-record';

/** What is known of the moment at which a grant is judged. `sessionId` is undefined while the identity is locked. */
export interface Moment {
  nowMs: number;
  sessionId: string | undefined;
  runId: string | undefined;
}

/** A grant that nobody used for so long lapses, in milliseconds. */
export const lapseMs = 30 * 24 * 3_600_000;

/** How long a spent grant still holds for the request that spent it, in milliseconds. */
export const spentKeptMs = 60_000;

/** When it was last known to be in use, in milliseconds since 1970. */
function lastSignMs(grant: StoredGrant): number {
  return Math.max(grant.grantedAtMs, grant.lastUsedAtMs ?? 0);
}

/** When the clock will end it, in milliseconds since 1970. */
export function endMs(grant: StoredGrant): number {
  const lapsesAtMs = lastSignMs(grant) + lapseMs;
  if (grant.spent) return grant.spent.atMs + spentKeptMs;
  return grant.expiresAtMs === null ? lapsesAtMs : Math.min(grant.expiresAtMs, lapsesAtMs);
}

/** True when it has ended for good: by the clock, by a lock, with the run of the browser, or because nothing it gave exists any more. */
export function hasEnded(grant: StoredGrant, moment: Moment): boolean {
  if (grant.capabilities.length === 0) return true;
  if (moment.nowMs >= endMs(grant)) return true;
  if (grant.duration === 'until-locked') return grant.sessionId !== moment.sessionId;
  return grant.duration === 'once' && grant.runId !== moment.runId;
}

/** True when it holds now. A clock that went back ends nothing for good, but nothing holds until it is right again (R-F5). */
export function holds(grant: StoredGrant, moment: Moment): boolean {
  return !hasEnded(grant, moment) && moment.nowMs >= lastSignMs(grant) - clockToleranceMs;
}

/** The decisions that let a capability be used without asking now, wherever each holds. */
export function decisionsNow(grant: StoredGrant, capability: RememberedFor, moment: Moment): RememberedDecision[] {
  if (!grant.capabilities.includes(capability)) return [];
  return grant.remembered.filter(({ capability: of, until, decidedAtMs, sessionId }) => {
    if (of !== capability || moment.nowMs < decidedAtMs - clockToleranceMs) return false;
    return until === 'until-locked' ? sessionId === moment.sessionId : moment.nowMs < until;
  });
}

/** Whether a decision holds wherever the grant does. */
export function holdsEverywhere(grant: StoredGrant, { capability, scope }: RememberedDecision): boolean {
  const given = boundsOf(grant, capability)?.scope ?? null;
  return scope === null || given === null ? scope === given : isWithin(given, scope);
}

/** Until when all that a capability gives is used without asking, as of this moment; null means "ask". */
export function withoutAskingUntil(
  grant: StoredGrant,
  capability: RememberedFor,
  moment: Moment,
): number | 'until-locked' | null {
  const ends = decisionsNow(grant, capability, moment)
    .filter((one) => holdsEverywhere(grant, one))
    .map(({ until }) => until);
  const times = ends.filter((until) => typeof until === 'number');
  return times.length > 0 ? Math.max(...times) : (ends[0] ?? null);
}

const hourMs = 3_600_000;

/** How often a capability may still be used, and of a budget for an hour in this hour; null: as often as it likes. */
export function usesLeft(
  { budget, used }: Pick<Bounds, 'budget' | 'used'>,
  { nowMs }: Pick<Moment, 'nowMs'>,
): number | null {
  if (budget === null) return null;
  if (used === null || (budget.per === 'hour' && nowMs >= used.fromMs + hourMs)) return budget.uses;
  return Math.max(0, budget.uses - used.count);
}

/** True when a capability was used as often as the grant gave it: nothing brings it back but the person. */
export function isSpentFor(grant: StoredGrant, capability: Capability): boolean {
  const bounds = boundsOf(grant, capability);
  return bounds?.budget?.per === 'all' && (bounds.used?.count ?? 0) >= bounds.budget.uses;
}

/** The bounds after one more use; undefined when it is the last one once more, null when none is left. */
export function afterUse(bounds: Bounds, use: string, nowMs: number): Bounds | undefined | null {
  if (bounds.budget === null || bounds.used?.last === use) return undefined;
  const left = usesLeft(bounds, { nowMs });
  if (left === null || left <= 0) return null;
  const isFirst = bounds.used === null || left === bounds.budget.uses;
  const used = isFirst ? { fromMs: nowMs, count: 1 } : { fromMs: bounds.used.fromMs, count: bounds.used.count + 1 };
  return { ...bounds, used: { ...used, last: use } };
}
