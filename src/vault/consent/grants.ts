// What origins may do: given by a person, bound to one origin and one identity, ended by clock, lock, use or revocation.
// Promises: no key is used but under a grant whose MAC fits and that holds now (P2); absence never means everything; look-ups
// need no disk after the first (the worker is the only writer).
// Must not: know what a capability is used for, or keep a key.
import { VaultError } from '../../contract/errors';
import {
  capabilities,
  durationMs,
  durations,
  rememberedMs,
  timedCapabilities,
  type Capability,
  type Remembered,
  type TimedCapability,
  type AskingUntil,
} from '../../contract/grants';
import type { GrantUndo, SiteGrant } from '../../contract/pages/sites';
import { isScoped, isWithin, type Scope } from '../../contract/scopes';
import { boundsAfter, capabilitiesAfter, rememberedAfter } from './connection';
import { edited, normalBudget, normalScope } from './grant-edit';
import { keysOfSafe, type Database } from '../store/database';
import {
  boundsOf,
  isGrantOrigin,
  rememberedFor,
  withRemembered,
  type Bounds,
  type RememberedFor,
  type StoredGrant,
} from './grant-record';
import {
  afterUse,
  decisionsNow,
  endMs,
  hasEnded,
  holds,
  holdsEverywhere,
  isSpentFor,
  usesLeft,
  withoutAskingUntil,
} from './grant-time';
import type { Grant, GrantEdit, Grants, NewGrant } from './grants-api';
import { createGrantStore, currentGrant, grantKey, type GrantEntry, type GrantPlace } from './grant-store';
import type { VaultHost } from '../store/host';
import type { UnlockedSafes } from '../store/unlocked-safes';
import type { Moment } from './grant-time';
import { createWithdrawn } from './withdrawn';

export type { Grant, GrantEdit, Grants, NewGrant } from './grants-api';

/** How often the time of the last use is written. */
const useWrittenEveryMs = 60_000;

/** Whether a grant is for this document and request; undefined `documentKey`: of any document. */
function isFor(grant: StoredGrant, documentKey: string | undefined, requestId: string | undefined): boolean {
  if (grant.spent && grant.spent.requestId !== requestId) return false;
  return grant.duration !== 'once' || documentKey === undefined || grant.documentKey === documentKey;
}

function boundsView(bounds: Bounds, moment: Moment): Grant['bounds'][number] {
  const { capability, scope, wish, budget } = bounds;
  return { capability, scope, wish, budget: budget && { ...budget }, usesLeft: usesLeft(bounds, moment) };
}

function view(grant: StoredGrant, moment: Moment): Grant {
  const { origin, safeId, account, duration, grantedAtMs, expiresAtMs, lastUsedAtMs } = grant;
  const { documentKey, wish, asksToConnect } = grant;
  const isVerified = moment.sessionId !== undefined;
  const held = grant.capabilities.filter((one) => !isSpentFor(grant, one));
  const until = (capability: RememberedFor) => (isVerified ? withoutAskingUntil(grant, capability, moment) : null);
  const timed = timedCapabilities.filter((one) => held.includes(one)).map((one) => [one, until(one)]);
  const inParts = (capability: TimedCapability) =>
    decisionsNow(grant, capability, moment).filter((one) => one.scope !== null && !holdsEverywhere(grant, one));
  const whose = { origin, safeId, account, documentKey };
  const times = { duration, grantedAtMs, expiresAtMs, lastUsedAtMs, wish, asksToConnect };
  return {
    ...whose,
    ...times,
    capabilities: held,
    bounds: grant.bounds.filter((one) => held.includes(one.capability)).map((one) => boundsView(one, moment)),
    withoutAskingUntil: { sign: until('sign'), ...Object.fromEntries(timed) },
    withoutAskingIn: isVerified
      ? timedCapabilities
          .filter((one) => held.includes(one))
          .flatMap(inParts)
          .map(({ capability, scope, until: end }) => ({
            capability: capability as TimedCapability,
            scope: scope as Scope,
            until: end,
          }))
      : [],
    sessionId: moment.sessionId,
    verified: isVerified,
  };
}

/** A grant as our pages see it. */
export function siteGrant(one: Grant): SiteGrant {
  const { documentKey: _key, sessionId: _session, verified: _verified, wish: _wish, ...grant } = one;
  return { ...grant, bounds: grant.bounds.map(({ wish: _scopeWish, ...bounds }) => bounds) };
}

function decisionFor(
  { capability, scope }: Pick<StoredGrant['remembered'][number], 'capability' | 'scope'>,
  remember: Remembered,
  decidedAtMs: number,
  sessionId: string,
): StoredGrant['remembered'][number] {
  const lastsMs = rememberedMs[remember];
  if (lastsMs === undefined && remember !== 'until-locked') throw new VaultError('invalid-input');
  const until = lastsMs === undefined ? 'until-locked' : decidedAtMs + lastsMs;
  return { capability, until, decidedAtMs, sessionId, scope };
}

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

/** How far what is given now goes. Throws 'invalid-input' for a scope wider than was asked, or of what has none, and for a budget that is none. */
function boundsGiven(
  { scopes = {}, scopesAsked = {}, budgets = {} }: NewGrant,
  given: readonly Capability[],
): Bounds[] {
  return given.map((capability) => {
    const budget = normalBudget(budgets[capability] ?? null);
    if (!isScoped(capability)) return { capability, scope: null, wish: null, budget, used: null };
    const wish = normalScope(scopesAsked[capability] ?? { of: 'all' });
    const scope = normalScope(scopes[capability] ?? wish);
    if (!isWithin(scope, wish)) throw new VaultError('invalid-input');
    return { capability, scope, wish, budget, used: null };
  });
}

/** The grants of one database. `onChange` is told when what origins may do has changed, not at every use. */
export function createGrants(options: {
  db: Database;
  host: VaultHost;
  open: UnlockedSafes;
  onChange: () => void;
}): Grants {
  const { host, open } = options;
  const store = createGrantStore(options);
  const withdrawn = createWithdrawn({ host, open, store });
  const notingUse = new Set<string>();
  const isAhead = (until: AskingUntil) =>
    until === 'until-locked' || (typeof until === 'number' && host.nowMs() < until);

  const momentOf = (sessionId: string | undefined): Moment => ({
    nowMs: host.nowMs(),
    sessionId,
    runId: store.runId(),
  });

  /** The unlock session of an entry's identity, and its MAC checked when there is one. Asks once per entry and worker. */
  async function sessionOf(entry: GrantEntry): Promise<string | undefined> {
    const sessionId = await open.sessionId(entry.grant.safeId);
    if (sessionId === undefined || entry.isGenuine !== undefined) return sessionId;
    try {
      await store.isGenuine(entry);
      return sessionId;
    } catch (error) {
      if (error instanceof VaultError && error.reason === 'locked') return undefined;
      throw error;
    }
  }

  /** Everything that holds and passes `isMeant`, newest first. */
  async function holding(isMeant: (grant: StoredGrant) => boolean): Promise<Grant[]> {
    const entries = await store.load();
    const found: Grant[] = [];
    for (const seen of [...entries.values()].filter((entry) => isMeant(entry.grant))) {
      const sessionId = await sessionOf(seen);
      // It may have been revoked or replaced while we looked.
      const entry = entries.get(grantKey(seen.grant));
      if (!entry || !isMeant(entry.grant)) continue;
      // Unknown is enough for "there is something to unlock", never for more.
      if (sessionId === undefined ? entry.isGenuine === false : entry.isGenuine !== true) continue;
      const moment = momentOf(sessionId);
      if (holds(currentGrant(entry), moment)) found.push(view(currentGrant(entry), moment));
    }
    return found.sort((a, b) => b.grantedAtMs - a.grantedAtMs);
  }

  async function put(asked: NewGrant): Promise<Grant> {
    const { origin, safeId, duration, documentKey, requestId } = asked;
    const given = capabilities.filter((capability) => asked.capabilities.includes(capability));
    const { remember, asked: about = capabilities, wish = null } = asked;
    const news = boundsGiven(asked, given);
    const isKnown =
      durations.includes(duration) &&
      (wish === null || durations.includes(wish)) &&
      given.every((one) => about.includes(one));
    const isWhole = given.length > 0 && given.length === asked.capabilities.length && isKnown;
    if (!isWhole || !isGrantOrigin(origin) || documentKey === '' || !/^[0-9a-f]{32}$/.test(requestId))
      throw new VaultError('invalid-input');
    const account = open.account(safeId);
    if (account === undefined) throw new VaultError('not-found');
    const runId = await store.nameRun();
    const grantedAtMs = host.nowMs();
    const lastsMs = durationMs[duration];
    const expiresAtMs = lastsMs === undefined ? null : grantedAtMs + lastsMs;
    const grant = await store.replace('grants.put', { safeId, origin }, (known, sessionId) => {
      if (known?.requestId === requestId) return undefined;
      // What this document could use until now; a 'once' grant of another document, or one that is spent, does not count.
      const before =
        known && isFor(known, documentKey, undefined) && holds(known, momentOf(sessionId)) ? known : undefined;
      const after = capabilitiesAfter(before, about, given);
      const bounds = boundsAfter(before, after, news);
      const scopeOf = (capability: Capability) => boundsOf({ bounds }, capability)?.scope ?? null;
      const decide =
        remember &&
        ((capability: TimedCapability) =>
          decisionFor({ capability, scope: scopeOf(capability) }, remember, grantedAtMs, sessionId));
      const remembered = rememberedAfter(before, { capabilities: after, given, duration }, decide);
      const time = { grantedAtMs, expiresAtMs, lastUsedAtMs: before?.lastUsedAtMs ?? null };
      const place = { documentKey, runId, sessionId, requestId };
      const asksToConnect = before?.asksToConnect ?? false;
      return {
        safeId,
        origin,
        account,
        capabilities: after,
        duration,
        ...time,
        ...place,
        bounds,
        remembered,
        spent: null,
        wish,
        asksToConnect,
      };
    });
    // What was ended before it does not come back in its place, also when it ends.
    withdrawn.drop((one) => one.safeId === safeId && one.origin === origin);
    const sessionId = await open.sessionId(safeId);
    if (!grant || sessionId === undefined) throw new VaultError('locked');
    return view(grant, momentOf(sessionId));
  }

  async function use(
    origin: string,
    safeId: string,
    capability: Capability,
    documentKey: string,
    requestId?: string,
    use?: (() => string | Promise<string>) | null,
  ): Promise<Grant> {
    const key = grantKey({ safeId, origin });
    await open.rootKey(safeId);
    const sessionId = await open.sessionId(safeId);
    if (sessionId === undefined) throw new VaultError('locked');
    const found = (await store.load()).get(key);
    if (found && found.isGenuine === undefined) await store.isGenuine(found);
    // Judged without another await, as it stands now; once more after the use was written down.
    const judged = async () => {
      const entry = (await store.load()).get(key);
      const moment = momentOf(sessionId);
      if (!entry || !isGiven(entry, capability, moment) || !isFor(entry.grant, documentKey, requestId))
        throw new VaultError('not-found');
      return { entry, moment, bounds: boundsOf(entry.grant, capability) };
    };
    let { entry, moment, bounds } = await judged();
    if (!bounds) throw new VaultError('not-found');
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
      await store.replace('grants.use', { safeId, origin }, (known) => known, true);
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
    const { duration } = mustHold((await store.load()).get(grantKey({ safeId, origin }))?.grant);
    if (duration !== 'once') return;
    const atMs = host.nowMs();
    await store.replace('grants.consume', { safeId, origin }, (known) => {
      const grant = mustHold(known);
      return grant.spent || grant.duration !== 'once'
        ? undefined
        : { ...grant, spent: { requestId: requestId ?? '', atMs } };
    });
  }

  async function remember(
    origin: string,
    safeId: string,
    capability: RememberedFor,
    until: Remembered,
    scope?: Scope,
  ): Promise<void> {
    const decidedAtMs = host.nowMs();
    await store.replace('grants.remember', { safeId, origin }, (known, sessionId) => {
      const isGiven = rememberedFor.includes(capability) && known?.capabilities.includes(capability);
      if (!known || !isGiven || !holds(known, momentOf(sessionId))) throw new VaultError('not-found');
      if (known.duration === 'once' && capability === 'sign') return undefined;
      // Without a scope: as far as the grant goes.
      const given = boundsOf(known, capability)?.scope ?? null;
      const decided = { capability, scope: given && (scope ?? given) };
      return {
        ...known,
        remembered: withRemembered(known.remembered, decisionFor(decided, until, decidedAtMs, sessionId)),
      };
    });
  }

  async function edit(origin: string, safeId: string, change: GrantEdit): Promise<Grant> {
    const grant = await store.replace('grants.edit', { safeId, origin }, (known, sessionId) => {
      const moment = momentOf(sessionId);
      if (!known || known.spent || !holds(known, moment)) throw new VaultError('not-found');
      return edited(known, change, { nowMs: moment.nowMs, sessionId });
    });
    const sessionId = await open.sessionId(safeId);
    if (!grant || sessionId === undefined) throw new VaultError('locked');
    return view(grant, momentOf(sessionId));
  }

  async function setAsking(origin: string, safeId: string, asksToConnect: boolean): Promise<void> {
    await store.replace('grants.asking', { safeId, origin }, (known, sessionId) => {
      if (!known || !holds(known, momentOf(sessionId))) throw new VaultError('not-found');
      return known.asksToConnect === asksToConnect ? undefined : { ...known, asksToConnect };
    });
  }

  async function revoke(origin: string, safeId?: string): Promise<GrantUndo | null> {
    const isMeant = (place: { origin: string; safeId: string }) =>
      place.origin === origin && (safeId === undefined || place.safeId === safeId);
    const ended = await store.remove('grants.revoke', isMeant, async (transaction) => {
      const rows = transaction.objectStore('grants');
      const keys = await rows.index('byOrigin').getAllKeys(origin);
      await Promise.all(keys.filter(([ofSafe]) => isMeant({ origin, safeId: ofSafe })).map((key) => rows.delete(key)));
    });
    return withdrawn.note(ended);
  }

  /** Ends grants for another reason than a person's word: they do not come back by one either. */
  async function endAll(
    label: string,
    isMeant: (grant: StoredGrant) => boolean,
    wipe?: Parameters<typeof store.remove>[2],
  ): Promise<void> {
    withdrawn.drop(isMeant);
    await store.remove(label, isMeant, wipe);
  }

  async function sweep(): Promise<number | undefined> {
    const ended = new Set<StoredGrant>();
    const endsMs: number[] = [];
    for (const entry of (await store.load()).values()) {
      const moment = momentOf(await open.sessionId(entry.grant.safeId));
      if (hasEnded(currentGrant(entry), moment)) ended.add(entry.grant);
      else endsMs.push(endMs(currentGrant(entry)));
    }
    await store.remove('grants.sweep', (grant) => ended.has(grant));
    return endsMs.length === 0 ? undefined : Math.min(...endsMs);
  }

  return {
    put,
    find: (origin, documentKey, requestId) =>
      holding((grant) => grant.origin === origin && isFor(grant, documentKey, requestId)),
    remembers(grant, capability) {
      const until = (grant.withoutAskingUntil as Partial<Record<Capability, AskingUntil>>)[capability];
      return grant.verified && isAhead(until ?? null);
    },
    rememberedScopes(grant, capability) {
      const bounds = grant.bounds.find((one) => one.capability === capability);
      if (!grant.verified || !bounds?.scope) return [];
      const until = (grant.withoutAskingUntil as Partial<Record<Capability, AskingUntil>>)[capability] ?? null;
      if (isAhead(until)) return [bounds.scope];
      return grant.withoutAskingIn
        .filter((one) => one.capability === capability && isAhead(one.until))
        .map(({ scope }) => scope);
    },
    use,
    consumeOnce,
    remember,
    setAsking,
    edit,
    revoke,
    revokeAll: async () => withdrawn.note(await store.remove('grants.revoke', () => true)),
    undo: async (id) => (await withdrawn.undo(id)).map(({ origin, safeId }) => ({ origin, safeId })),
    list: async () => (await holding((grant) => !grant.spent)).map(siteGrant),
    endedByLock: (safeId) =>
      endAll('grants.lock', (grant) => grant.safeId === safeId && grant.duration === 'until-locked'),
    documentGone: (documentKey) =>
      endAll('grants.document', (grant) => grant.duration === 'once' && grant.documentKey === documentKey),
    sweep,
    forget: (safeId) =>
      endAll(
        'grants.forget',
        (grant) => grant.safeId === safeId,
        (transaction) => transaction.objectStore('grants').delete(keysOfSafe(safeId)),
      ),
  };
}
