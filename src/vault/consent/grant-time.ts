// Whether a grant has ended (`hasEnded`) or holds (`holds`), and until when a decision is remembered: by the clock, a lock, the run of the
// browser, or because it was spent.
// Promises: pure; while the clock stands before its last use a grant does not hold, and it holds again when the clock is right.
import { clockToleranceMs } from '../work/clock';
import type { StoredGrant, RememberedFor } from './grant-record';

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

/** Until when a capability is used without asking, as of this moment; null means "ask". */
export function withoutAskingUntil(
  grant: StoredGrant,
  capability: RememberedFor,
  moment: Moment,
): number | 'until-locked' | null {
  const decision = grant.remembered.find((one) => one.capability === capability);
  if (!decision || !grant.capabilities.includes(capability) || moment.nowMs < decision.decidedAtMs - clockToleranceMs)
    return null;
  if (decision.until === 'until-locked') return decision.sessionId === moment.sessionId ? 'until-locked' : null;
  return moment.nowMs < decision.until ? decision.until : null;
}
