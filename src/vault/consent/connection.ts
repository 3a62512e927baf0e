// What a connection asks for against what a site has: whether it needs a person at all, and what stays when it is given more.
// Promises: pure. A connection that is answered from a grant gives nothing beyond it; a grant that is given takes away only what was asked about.
// Must not: judge whether a grant is genuine or holds. Who calls has seen to that.
import {
  capabilities,
  durationsByLength,
  type Capability,
  type Duration,
  type TimedCapability,
} from '../../contract/grants';
import { isScoped, isWithin, type Scopes } from '../../contract/scopes';
import { rememberedFor, type Bounds, type RememberedDecision, type StoredGrant } from './grant-record';

/** The longer of two durations. */
function longer(one: Duration, other: Duration): Duration {
  return durationsByLength.indexOf(one) < durationsByLength.indexOf(other) ? other : one;
}

/** What `vault_connect` asks for. */
export interface ConnectionAsked {
  capabilities: readonly Capability[];
  /** null or absent: no wish. */
  duration?: Duration | null | undefined;
  /** What is left out is asked for everywhere. */
  scopes?: Scopes | undefined;
}

/** What a site has, as far as a new wish is compared with it. */
type Has = Pick<StoredGrant, 'capabilities' | 'duration' | 'wish' | 'asksToConnect'> & {
  readonly bounds: readonly Pick<Bounds, 'capability' | 'scope' | 'wish'>[];
};

/**
 * True when a grant that holds gives all that is asked for, and the person did not want to be asked each time. A wish for a time, or for
 * where, is no more when it is no longer, or wider, than what was given, or than what the person was asked for when they gave it: that they
 * gave less was their answer.
 */
export function isGivenBy(grant: Has, asked: ConnectionAsked): boolean {
  if (grant.asksToConnect || asked.capabilities.length === 0) return false;
  if (!asked.capabilities.every((capability) => givesWhereAsked(grant, capability, asked))) return false;
  const answered = longer(grant.duration, grant.wish ?? grant.duration);
  return longer(answered, asked.duration ?? answered) === answered;
}

function givesWhereAsked(grant: Has, capability: Capability, { scopes = {} }: ConnectionAsked): boolean {
  if (!grant.capabilities.includes(capability)) return false;
  if (!isScoped(capability)) return true;
  const bounds = grant.bounds.find((one) => one.capability === capability);
  const asked = scopes[capability] ?? { of: 'all' };
  return [bounds?.scope, bounds?.wish].some((one) => one && isWithin(asked, one));
}

/** The bounds of a grant after a person answered: those of before for what stays, those given now for the rest. */
export function boundsAfter(
  before: Pick<StoredGrant, 'bounds'> | undefined,
  after: readonly Capability[],
  given: readonly Bounds[],
): Bounds[] {
  return after.flatMap((capability) => {
    const isIt = (one: Bounds) => one.capability === capability;
    return given.find(isIt) ?? before?.bounds.find(isIt) ?? [];
  });
}

/** The capabilities of a grant after a person answered: what was not asked about stays, what was asked about is as they said. */
export function capabilitiesAfter(
  before: Pick<StoredGrant, 'capabilities'> | undefined,
  asked: readonly Capability[],
  given: readonly Capability[],
): Capability[] {
  return capabilities.filter(
    (one) => given.includes(one) || (before?.capabilities.includes(one) === true && !asked.includes(one)),
  );
}

/**
 * The remembered decisions after a person answered: those of before for what the grant still gives, and new ones for the timed capabilities
 * that were given now. Nothing is remembered for signatures under a 'once' grant.
 */
export function rememberedAfter(
  before: Pick<StoredGrant, 'remembered'> | undefined,
  after: { capabilities: readonly Capability[]; given: readonly Capability[]; duration: Duration },
  decide: ((capability: TimedCapability) => RememberedDecision) | undefined,
): RememberedDecision[] {
  return rememberedFor.flatMap((capability): RememberedDecision[] => {
    if (!after.capabilities.includes(capability) || (capability === 'sign' && after.duration === 'once')) return [];
    if (decide && capability !== 'sign' && after.given.includes(capability)) return [decide(capability)];
    return before?.remembered.filter((one) => one.capability === capability) ?? [];
  });
}
