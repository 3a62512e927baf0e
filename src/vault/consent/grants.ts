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
  type Duration,
  type Remembered,
  type TimedCapability,
  type WithoutAskingUntil,
  type AskingUntil,
} from '../../contract/grants';
import type { GrantUndo, SiteGrant } from '../../contract/pages/sites';
import { capabilitiesAfter, rememberedAfter } from './connection';
import { keysOfSafe, type Database } from '../store/database';
import { isGrantOrigin, rememberedFor, withRemembered, type RememberedFor, type StoredGrant } from './grant-record';
import { endMs, hasEnded, holds, withoutAskingUntil } from './grant-time';
import { createGrantStore, currentGrant, grantKey, type GrantEntry } from './grant-store';
import type { VaultHost } from '../store/host';
import type { UnlockedSafes } from '../store/unlocked-safes';
import type { Moment } from './grant-time';
import { createWithdrawn } from './withdrawn';

/** A grant that holds at the moment it was looked up. */
export interface Grant {
  origin: string;
  safeId: string;
  account: string;
  capabilities: Capability[];
  duration: Duration;
  grantedAtMs: number;
  expiresAtMs: number | null;
  lastUsedAtMs: number | null;
  /** A 'once' grant holds in this document only. */
  documentKey: string;
  /** How long the site had asked for when it was given; null when it named no time. */
  wish: Duration | null;
  /** The person wants a card for each connection. */
  asksToConnect: boolean;
  /** Until when each is answered without asking: `sign`, and the timed capabilities the grant has. Null when not verified. */
  withoutAskingUntil: WithoutAskingUntil;
  /** False while the identity is locked: then it says only that there is a grant to be unlocked, and nothing may be done under it. */
  verified: boolean;
}

/** What a person approved on a connect card. `requestId` makes carrying it out twice the same as once. */
export interface NewGrant {
  origin: string;
  safeId: string;
  capabilities: readonly Capability[];
  duration: Duration;
  documentKey: string;
  requestId: string;
  /** What the card asked about. What a grant that holds gives besides stays; absent: everything was asked about, and nothing else stays. */
  asked?: readonly Capability[] | undefined;
  /** How long the site asked for. */
  wish?: Duration | null | undefined;
  /** Timed capabilities are used without a further card for that long; undefined: the first use of each asks. */
  remember?: Remembered | undefined;
}

export interface Grants {
  /**
   * Stores a grant. Of an earlier one of this origin and identity that holds for this document stays what the card did not ask about, and
   * the remembered decisions for all that is still given; anything else it replaces. With the `requestId` of the stored one it changes
   * nothing and returns that. Throws 'locked', 'not-found' (no such identity), 'invalid-input', 'storage-failed'.
   */
  put(grant: NewGrant): Promise<Grant>;
  /**
   * The grants of an origin that hold now, newest first. With `documentKey`, 'once' grants of other documents are left out; without, the
   * caller compares. A spent 'once' grant is found only for the `requestId` that spent it. Throws 'storage-failed'.
   */
  find(origin: string, documentKey?: string, requestId?: string): Promise<Grant[]>;
  /** True when this capability may be used under this grant, just found, without asking. Never for `network.token` and `identity`. */
  remembers(grant: Grant, capability: Capability): boolean;
  /**
   * The gate before every use of a key: returns the grant when it is genuine, holds, has the capability and belongs to this document,
   * and notes the use. Throws 'locked', or 'not-found' when any of that is missing.
   */
  use(origin: string, safeId: string, capability: Capability, documentKey: string, requestId?: string): Promise<Grant>;
  /**
   * Ends a 'once' grant; call it before a signature is released. With `requestId` it goes on holding for that request for a minute, so that
   * a restart can finish it. Does nothing to other durations. Throws 'not-found' when the grant is gone or another request spent it.
   */
  consumeOnce(origin: string, safeId: string, requestId?: string): Promise<void>;
  /**
   * Remembers a decision: the capability is used without asking for that long. Nothing for signatures under a 'once' grant. Throws
   * 'locked', 'not-found' (also when the grant does not have the capability).
   */
  remember(origin: string, safeId: string, capability: RememberedFor, until: Remembered): Promise<void>;
  /** Whether a person is asked for each connection, also when it asks for nothing new. Throws 'locked', 'not-found', 'storage-failed'. */
  setAsking(origin: string, safeId: string, asksToConnect: boolean): Promise<void>;
  /** Ends the grants of an origin, with one identity or all. Works while locked. Throws 'storage-failed'. */
  revoke(origin: string, safeId?: string): Promise<GrantUndo | null>;
  /** The same for every origin. */
  revokeAll(): Promise<GrantUndo | null>;
  /** Takes back what a person ended a moment ago, as far as that can be (withdrawn.ts); the places of what holds again. Throws 'stale', 'storage-failed'. */
  undo(id: string): Promise<{ origin: string; safeId: string }[]>;
  /** All grants that hold, for our pages, newest first. */
  list(): Promise<SiteGrant[]>;
  /** Removes what was given until this lock. What it removes is dead without it too: it was bound to the session that ended. */
  endedByLock(safeId: string): Promise<void>;
  /** The document is gone, and its 'once' grants with it. */
  documentGone(documentKey: string): Promise<void>;
  /**
   * Removes what has ended from the disk. Returns when the clock ends the next, in milliseconds since 1970. Only after the
   * sessions of an earlier worker were taken up again: a grant 'until-locked' is taken for ended when its identity is locked.
   */
  sweep(): Promise<number | undefined>;
  /** Removes every grant of an identity that is being forgotten. */
  forget(safeId: string): Promise<void>;
}

/** How often the time of the last use is written. */
const useWrittenEveryMs = 60_000;

/** Whether a grant is for this document and request; undefined `documentKey`: of any document. */
function isFor(grant: StoredGrant, documentKey: string | undefined, requestId: string | undefined): boolean {
  if (grant.spent && grant.spent.requestId !== requestId) return false;
  return grant.duration !== 'once' || documentKey === undefined || grant.documentKey === documentKey;
}

function view(grant: StoredGrant, moment: Moment): Grant {
  const {
    origin,
    safeId,
    account,
    duration,
    grantedAtMs,
    expiresAtMs,
    lastUsedAtMs,
    documentKey,
    wish,
    asksToConnect,
  } = grant;
  const isVerified = moment.sessionId !== undefined;
  const until = (capability: RememberedFor) => (isVerified ? withoutAskingUntil(grant, capability, moment) : null);
  const timed = timedCapabilities.filter((one) => grant.capabilities.includes(one)).map((one) => [one, until(one)]);
  const shared = {
    origin,
    safeId,
    account,
    duration,
    grantedAtMs,
    expiresAtMs,
    lastUsedAtMs,
    documentKey,
    wish,
    asksToConnect,
  };
  return {
    ...shared,
    capabilities: [...grant.capabilities],
    withoutAskingUntil: { sign: until('sign'), ...Object.fromEntries(timed) },
    verified: isVerified,
  };
}

/** A grant as our pages see it. */
export function siteGrant({ documentKey: _documentKey, verified: _verified, wish: _wish, ...grant }: Grant): SiteGrant {
  return grant;
}

function decisionFor(
  capability: RememberedFor,
  remember: Remembered,
  decidedAtMs: number,
  sessionId: string,
): StoredGrant['remembered'][number] {
  const lastsMs = rememberedMs[remember];
  if (lastsMs === undefined && remember !== 'until-locked') throw new VaultError('invalid-input');
  return { capability, until: lastsMs === undefined ? 'until-locked' : decidedAtMs + lastsMs, decidedAtMs, sessionId };
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
      const decide = remember && ((one: TimedCapability) => decisionFor(one, remember, grantedAtMs, sessionId));
      const remembered = rememberedAfter(before, { capabilities: after, given, duration }, decide);
      const time = { grantedAtMs, expiresAtMs, lastUsedAtMs: before?.lastUsedAtMs ?? null };
      const bounds = { documentKey, runId, sessionId, requestId };
      const asksToConnect = before?.asksToConnect ?? false;
      return {
        safeId,
        origin,
        account,
        capabilities: after,
        duration,
        ...time,
        ...bounds,
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
  ): Promise<Grant> {
    const key = grantKey({ safeId, origin });
    await open.rootKey(safeId);
    const sessionId = await open.sessionId(safeId);
    if (sessionId === undefined) throw new VaultError('locked');
    const found = (await store.load()).get(key);
    if (found && found.isGenuine === undefined) await store.isGenuine(found);
    const entry = (await store.load()).get(key);
    // Judged without another await, as it stands now.
    const moment = momentOf(sessionId);
    const isGiven =
      entry?.isGenuine === true &&
      entry.grant.capabilities.includes(capability) &&
      isFor(entry.grant, documentKey, requestId) &&
      holds(currentGrant(entry), moment);
    if (!isGiven) throw new VaultError('not-found');
    // Never backwards, or a clock put back in small steps would go unnoticed.
    entry.lastUsedAtMs = Math.max(moment.nowMs, entry.lastUsedAtMs ?? 0);
    const used = view(currentGrant(entry), moment);
    if (entry.lastUsedAtMs - (entry.grant.lastUsedAtMs ?? 0) >= useWrittenEveryMs) await noteUse(safeId, origin);
    return used;
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

  async function remember(origin: string, safeId: string, capability: RememberedFor, until: Remembered): Promise<void> {
    const decidedAtMs = host.nowMs();
    await store.replace('grants.remember', { safeId, origin }, (known, sessionId) => {
      const isGiven = rememberedFor.includes(capability) && known?.capabilities.includes(capability);
      if (!known || !isGiven || !holds(known, momentOf(sessionId))) throw new VaultError('not-found');
      if (known.duration === 'once' && capability === 'sign') return undefined;
      return {
        ...known,
        remembered: withRemembered(known.remembered, decisionFor(capability, until, decidedAtMs, sessionId)),
      };
    });
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
      return grant.verified && (until === 'until-locked' || (typeof until === 'number' && host.nowMs() < until));
    },
    use,
    consumeOnce,
    remember,
    setAsking,
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
