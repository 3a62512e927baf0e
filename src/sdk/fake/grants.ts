// What the site of a fake vault was given: in memory, by the rules of the real grants, which are pure.
// Promises that a grant is given, asked for again, used up and ended by the very functions that the vault uses (docs/adr/0025).
// Must not have a rule of its own beside them.
import { durationMs, timedCapabilities, type Capability, type Duration } from '../../contract/grants';
import type { Budgets, Scopes } from '../../contract/scopes';
import {
  boundsAfter,
  capabilitiesAfter,
  isGivenBy,
  rememberedAfter,
  type ConnectionAsked,
} from '../../vault/consent/connection';
import { boundsGiven } from '../../vault/consent/grant-edit';
import { boundsOf, withRemembered, type StoredGrant } from '../../vault/consent/grant-record';
import { afterUse, holds } from '../../vault/consent/grant-time';
import { isFor, view } from '../../vault/consent/grant-view';
import type { Grant } from '../../vault/consent/grants-api';
import type { FakeIdentity } from './identity';
import { limitExceeded, unauthorized } from './refusals';

/** There is one page, in one run of the browser. */
const documentKey = 'page';
const runId = 'run';

export interface Given {
  capabilities: readonly Capability[];
  duration: Duration;
  scopes?: Scopes | undefined;
  budgets?: Budgets | undefined;
}

export interface FakeGrants {
  /** Those that hold, newest first; of a locked identity only that there is one. */
  find(): Grant[];
  /** The one that gives a capability already, an unlocked identity before a locked one. Throws 4100. `orSpent`: also one that was used up. */
  findFor(capability: Capability, account: string | undefined): Grant;
  /** One that gives all that is asked for. */
  findGiving(asked: ConnectionAsked): Grant | undefined;
  put(identity: FakeIdentity, asked: ConnectionAsked, given: Given): Grant;
  /** One use. Throws 4100, or -32005 when the budget of this hour is used up. */
  use(grant: Grant, capability: Capability): void;
  /** A grant for one signature has had it. */
  spend(grant: Grant): void;
  remember(grant: Grant, capability: 'sign' | (typeof timedCapabilities)[number]): void;
  remembers(grant: Grant, capability: Capability): boolean;
  /** Ends those of one account, or all; those that end with the lock only, when it is one. Returns how many there were. */
  end(isMeant: (grant: StoredGrant) => boolean): number;
}

export function createFakeGrants(options: {
  origin: string;
  nowMs: () => number;
  identities: readonly FakeIdentity[];
}): FakeGrants {
  const { origin, nowMs, identities } = options;
  /** By the id of the identity. */
  const stored = new Map<string, StoredGrant>();
  const moment = ({ safeId }: Pick<StoredGrant, 'safeId'>) => ({
    nowMs: nowMs(),
    sessionId: identities.find(({ id }) => id === safeId)?.session,
    runId,
  });
  const isTimed = (capability: Capability) => timedCapabilities.find((one) => one === capability);
  const decided = (grant: StoredGrant, capability: 'sign' | (typeof timedCapabilities)[number]) => ({
    capability,
    until: 'until-locked' as const,
    decidedAtMs: nowMs(),
    sessionId: moment(grant).sessionId ?? '',
    scope: boundsOf(grant, capability)?.scope ?? null,
  });

  const find = () =>
    [...stored.values()]
      .filter((grant) => isFor(grant, documentKey, undefined) && holds(grant, moment(grant)))
      .map((grant) => view(grant, moment(grant)))
      .sort((a, b) => b.grantedAtMs - a.grantedAtMs);

  /** The stored one behind what was found, as it stands now. Throws 4100. */
  function current({ safeId }: Grant, capability: Capability): StoredGrant {
    const grant = stored.get(safeId);
    if (!grant?.capabilities.includes(capability) || !holds(grant, moment(grant))) throw unauthorized();
    return grant;
  }

  return {
    find,
    findFor(capability, account) {
      const fitting = find().filter(
        (grant) =>
          grant.capabilities.includes(capability) &&
          (account === undefined || grant.account.toLowerCase() === account.toLowerCase()),
      );
      const grant = fitting.find(({ verified }) => verified) ?? fitting[0];
      if (!grant) throw unauthorized();
      return grant;
    },
    findGiving(asked) {
      const giving = find().filter((grant) => isGivenBy(grant, asked));
      return giving.find(({ verified }) => verified) ?? giving[0];
    },
    put({ id, account, session }, asked, { capabilities: given, duration, scopes, budgets }) {
      const known = stored.get(id);
      const before = known && isFor(known, documentKey, undefined) && holds(known, moment(known)) ? known : undefined;
      const after = capabilitiesAfter(before, asked.capabilities, given);
      const grantedAtMs = nowMs();
      const lastsMs = durationMs[duration];
      const grant: StoredGrant = {
        safeId: id,
        origin,
        account,
        capabilities: after,
        duration,
        grantedAtMs,
        expiresAtMs: lastsMs === undefined ? null : grantedAtMs + lastsMs,
        lastUsedAtMs: before?.lastUsedAtMs ?? null,
        documentKey,
        runId,
        sessionId: session ?? '',
        requestId: '',
        bounds: boundsAfter(before, after, boundsGiven({ scopes, scopesAsked: asked.scopes, budgets }, given)),
        remembered: rememberedAfter(before, { capabilities: after, given, duration }, undefined),
        spent: null,
        wish: asked.duration ?? null,
        asksToConnect: false,
      };
      stored.set(id, grant);
      return view(grant, moment(grant));
    },
    use(found, capability) {
      const grant = current(found, capability);
      const bounds = boundsOf(grant, capability);
      if (!bounds) throw unauthorized();
      const after = afterUse(bounds, '', nowMs());
      if (after === null) throw bounds.budget?.per === 'hour' ? limitExceeded() : unauthorized();
      // A use has no name here, so that each one counts.
      const counted = after?.used ? { ...after, used: { ...after.used, last: ' ' } } : bounds;
      stored.set(grant.safeId, {
        ...grant,
        lastUsedAtMs: nowMs(),
        bounds: grant.bounds.map((one) => (one === bounds ? counted : one)),
      });
    },
    spend({ safeId, duration }) {
      if (duration === 'once') stored.delete(safeId);
    },
    remember(found, capability) {
      const grant = stored.get(found.safeId);
      if (!grant?.capabilities.includes(capability) || (grant.duration === 'once' && capability === 'sign')) return;
      stored.set(grant.safeId, { ...grant, remembered: withRemembered(grant.remembered, decided(grant, capability)) });
    },
    remembers(grant, capability) {
      const timed = isTimed(capability) ?? (capability === 'sign' ? 'sign' : undefined);
      return grant.verified && timed !== undefined && (grant.withoutAskingUntil[timed] ?? null) !== null;
    },
    end(isMeant) {
      const ended = [...stored.values()].filter(isMeant);
      for (const { safeId } of ended) stored.delete(safeId);
      return ended.length;
    },
  };
}
