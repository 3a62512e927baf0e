// The half of the grants that is asked before each use of a key, and once more before its answer leaves: whether the grant gives it then, and how often.
// Promises: judged as it stands at that moment, without another await after the last look; a use that counts is written down before it happens.
// Must not: give anything, or know what a capability is used for.
import { VaultError } from '../../contract/errors';
import type { Capability } from '../../contract/grants';
import { isWithin } from '../../contract/scopes';
import type { VaultHost } from '../store/host';
import type { UnlockedSafes } from '../store/unlocked-safes';
import { boundsOf, type Bounds, type StoredGrant } from './grant-record';
import { currentGrant, grantKey, type GrantEntry, type GrantPlace, type GrantStore } from './grant-store';
import { afterUse, holds, usesLeft, type Moment } from './grant-time';
import { isFor, view } from './grant-view';
import type { Grant, Grants } from './grants-api';

export type Using = Pick<Grants, 'use' | 'release' | 'consumeOnce'>;

/** How often the time of the last use is written. */
const useWrittenEveryMs = 60_000;

/** Whether an entry gives a capability now. A token reaches every conversation, so that it is given by no grant that does not. */
function isGiven(entry: GrantEntry, capability: Capability, moment: Moment): boolean {
  const { grant, isGenuine } = entry;
  if (isGenuine !== true || !grant.capabilities.includes(capability) || !holds(currentGrant(entry), moment))
    return false;
  return capability !== 'network.token' || reachesAll(grant);
}

/** Whether a grant reaches every conversation with all that it gives. */
const reachesAll = (grant: StoredGrant): boolean =>
  grant.bounds.every(({ scope }) => scope === null || scope.of === 'all');

/** How a use is refused that is not left: of an hour's budget for now, of a budget in all for good. */
const noneLeft = ({ budget }: Bounds) => new VaultError(budget?.per === 'hour' ? 'limit' : 'not-found');

export function createUsing(options: {
  host: VaultHost;
  open: UnlockedSafes;
  store: GrantStore;
  momentOf: (sessionId: string | undefined) => Moment;
}): Using {
  const { host, open, store, momentOf } = options;
  const notingUse = new Set<string>();

  /** The look at a grant for one use, as often as it is wanted: each without another await but for memory, as it stands then. */
  async function judging(place: GrantPlace, capability: Capability, documentKey: string, requestId?: string) {
    const lockCount = open.lockCount(place.safeId);
    await open.rootKey(place.safeId);
    const sessionId = await open.sessionId(place.safeId);
    if (sessionId === undefined) throw new VaultError('locked');
    const found = (await store.load(place.origin)).get(place);
    if (found && found.isGenuine === undefined) await store.isGenuine(found);
    return async () => {
      const entry = (await store.load(place.origin)).get(place);
      if (open.lockCount(place.safeId) !== lockCount) throw new VaultError('locked');
      const moment = momentOf(sessionId);
      const bounds = entry && boundsOf(entry.grant, capability);
      if (!entry || !bounds || !isGiven(entry, capability, moment) || !isFor(entry.grant, documentKey, requestId))
        throw new VaultError('not-found');
      return { entry, moment, bounds };
    };
  }

  async function use(
    origin: string,
    safeId: string,
    capability: Capability,
    documentKey: string,
    requestId?: string,
    use?: (() => string | Promise<string>) | null,
  ): Promise<Grant> {
    const judged = await judging({ origin, safeId }, capability, documentKey, requestId);
    let { entry, moment, bounds } = await judged();
    if (use === undefined && usesLeft(bounds, moment) === 0) throw noneLeft(bounds);
    if (use && bounds.budget !== null) {
      await count({ origin, safeId }, capability, await use());
      ({ entry, moment, bounds } = await judged());
    }
    // Never backwards, or a clock put back in small steps would go unnoticed.
    entry.lastUsedAtMs = Math.max(moment.nowMs, entry.lastUsedAtMs ?? 0);
    const used = view(currentGrant(entry), moment);
    if (entry.lastUsedAtMs - (entry.grant.lastUsedAtMs ?? 0) >= useWrittenEveryMs) await noteUse(safeId, origin);
    return used;
  }

  async function release(
    given: Grant,
    capability: Capability,
    documentKey: string,
    requestId?: string,
    use?: (() => string | Promise<string>) | null,
  ): Promise<void> {
    const judged = await judging(given, capability, documentKey, requestId);
    const before = given.bounds.find((one) => one.capability === capability)?.scope ?? null;
    const mustReach = async () => {
      const { moment, bounds } = await judged();
      if (moment.sessionId !== given.sessionId) throw new VaultError('locked');
      if (before !== null && (bounds.scope === null || !isWithin(before, bounds.scope))) throw new VaultError('stale');
      return bounds;
    };
    const { budget, used } = await mustReach();
    if (!use || budget === null || used === null) return;
    await answered(given, capability, await use());
    await mustReach();
  }

  /** A use whose answer leaves is over. May be lost in a power cut, and is no news: nothing is given or taken by it. */
  async function answered(place: GrantPlace, capability: Capability, name: string): Promise<void> {
    const change = (known: StoredGrant | undefined) => {
      const bounds = known && boundsOf(known, capability);
      if (!known || bounds?.used?.last !== name) return undefined;
      const after = { ...bounds, used: { ...bounds.used, last: '' } };
      return { ...known, bounds: known.bounds.map((one) => (one === bounds ? after : one)) };
    };
    await store.replace('grants.answered', place, change, { isUse: true });
  }

  /** Writes one use down before it happens. */
  async function count(place: GrantPlace, capability: Capability, name: string): Promise<void> {
    await store.replace('grants.count', place, (known, sessionId) => {
      const bounds = known && holds(known, momentOf(sessionId)) ? boundsOf(known, capability) : undefined;
      if (!known || !bounds) throw new VaultError('not-found');
      const nowMs = host.nowMs();
      const after = afterUse(bounds, name, nowMs);
      if (after === null) throw noneLeft(bounds);
      const lastUsedAtMs = Math.max(nowMs, known.lastUsedAtMs ?? 0);
      return after && { ...known, lastUsedAtMs, bounds: known.bounds.map((one) => (one === bounds ? after : one)) };
    });
  }

  async function noteUse(safeId: string, origin: string): Promise<void> {
    const key = grantKey({ safeId, origin });
    if (notingUse.has(key)) return;
    notingUse.add(key);
    try {
      await store.replace('grants.use', { safeId, origin }, (known) => known, { isUse: true });
    } catch (error) {
      // A full disk must not take away what the person gave.
      if (!(error instanceof VaultError && error.reason === 'storage-failed')) throw error;
    } finally {
      notingUse.delete(key);
    }
  }

  async function consumeOnce(origin: string, safeId: string, requestId?: string): Promise<void> {
    const mustHold = (grant: StoredGrant | undefined): StoredGrant => {
      if (!grant || !isFor(grant, undefined, requestId)) throw new VaultError('not-found');
      return grant;
    };
    const { duration } = mustHold((await store.load(origin)).get({ safeId, origin })?.grant);
    if (duration !== 'once') return;
    const atMs = host.nowMs();
    await store.replace('grants.consume', { safeId, origin }, (known) => {
      const grant = mustHold(known);
      return grant.spent || grant.duration !== 'once'
        ? undefined
        : { ...grant, spent: { requestId: requestId ?? '', atMs } };
    });
  }

  return { use, release, consumeOnce };
}
