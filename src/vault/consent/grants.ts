// What origins may do: given by a person (giving.ts), used (using.ts), ended by clock, lock, use or revocation.
// Promises: no key is used but under a grant whose MAC fits and that holds now (P2); absence never means everything; look-ups
// need no disk after the first (the worker is the only writer).
// Must not: know what a capability is used for, or keep a key.
import { VaultError } from '../../contract/errors';
import type { AskingUntil, Capability } from '../../contract/grants';
import type { GrantUndo } from '../../contract/pages/sites';
import { keysOfSafe, type Database } from '../store/database';
import type { VaultHost } from '../store/host';
import type { UnlockedSafes } from '../store/unlocked-safes';
import { createGiving } from './giving';
import type { StoredGrant } from './grant-record';
import { createGrantStore, currentGrant, type GrantEntry } from './grant-store';
import { endMs, hasEnded, holds, type Moment } from './grant-time';
import { isFor, siteGrant, view } from './grant-view';
import type { Grant, Grants } from './grants-api';
import { createUsing } from './using';
import { createWithdrawn } from './withdrawn';

export { siteGrant } from './grant-view';
export type { Grant, GrantEdit, Grants, NewGrant } from './grants-api';

/** The grants of one database. `onChange` is told when what origins may do has changed, not at every use. */
export function createGrants(options: {
  db: Database;
  host: VaultHost;
  open: UnlockedSafes;
  /** Whether a site is blocked, as it stands now: then nothing is given to it. */
  isBlocked?: (origin: string) => boolean;
  onChange: () => void;
}): Grants {
  const { host, open, isBlocked = () => false } = options;
  const store = createGrantStore(options);
  const withdrawn = createWithdrawn({ host, open, store });
  const isAhead = (until: AskingUntil) =>
    until === 'until-locked' || (typeof until === 'number' && host.nowMs() < until);

  const momentOf = (sessionId: string | undefined): Moment => ({
    nowMs: host.nowMs(),
    sessionId,
    runId: store.runId(),
  });
  const giving = createGiving({ host, open, store, withdrawn, momentOf, isBlocked });
  const using = createUsing({ host, open, store, momentOf });

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

  /** Everything that holds and passes `isMeant`, newest first. `origin`: of one only, so that nothing else is looked at. */
  async function holding(isMeant: (grant: StoredGrant) => boolean, origin?: string): Promise<Grant[]> {
    const entries = await store.load(origin);
    const found: Grant[] = [];
    for (const seen of (origin === undefined ? entries.all() : entries.of(origin)).filter((one) =>
      isMeant(one.grant),
    )) {
      const sessionId = await sessionOf(seen);
      // It may have been revoked or replaced while we looked.
      const entry = entries.get(seen.grant);
      if (!entry || !isMeant(entry.grant)) continue;
      // Unknown is enough for "there is something to unlock", never for more.
      if (sessionId === undefined ? entry.isGenuine === false : entry.isGenuine !== true) continue;
      const moment = momentOf(sessionId);
      if (holds(currentGrant(entry), moment)) found.push(view(currentGrant(entry), moment));
    }
    return found.sort((a, b) => b.grantedAtMs - a.grantedAtMs);
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
    const entries = await store.load();
    const sessionIds = new Map<string, string | undefined>();
    for (const { grant } of entries.all()) {
      if (!sessionIds.has(grant.safeId)) sessionIds.set(grant.safeId, await open.sessionId(grant.safeId));
    }
    for (const entry of entries.all()) {
      const moment = momentOf(sessionIds.get(entry.grant.safeId));
      if (hasEnded(currentGrant(entry), moment)) ended.add(entry.grant);
      else endsMs.push(endMs(currentGrant(entry)));
    }
    await store.remove('grants.sweep', (grant) => ended.has(grant));
    return endsMs.length === 0 ? undefined : Math.min(...endsMs);
  }

  return {
    ...giving,
    ...using,
    preload: (origin) => void store.load(origin).catch(() => undefined),
    find: (origin, documentKey, requestId) => holding((grant) => isFor(grant, documentKey, requestId), origin),
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
