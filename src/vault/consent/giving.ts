// The half of the grants that gives: what a person approved on a card, decided for a while, or changed afterwards.
// Promises: nothing is given beyond what was asked for, and nothing of an earlier grant stays that does not hold; one approval given twice is given once.
// Must not: be called for a site without a person's word. Whoever calls has it.
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
} from '../../contract/grants';
import { isWithin, type Scope } from '../../contract/scopes';
import type { VaultHost } from '../store/host';
import type { UnlockedSafes } from '../store/unlocked-safes';
import { boundsAfter, capabilitiesAfter, rememberedAfter } from './connection';
import { boundsGiven, edited } from './grant-edit';
import {
  boundsOf,
  isGrantOrigin,
  rememberedFor,
  withRemembered,
  type RememberedFor,
  type StoredGrant,
} from './grant-record';
import type { GrantStore } from './grant-store';
import { holds, type Moment } from './grant-time';
import { isFor, view } from './grant-view';
import type { Grant, GrantEdit, Grants, NewGrant } from './grants-api';
import type { Withdrawn } from './withdrawn';

export type Giving = Pick<Grants, 'put' | 'remember' | 'edit' | 'setAsking'>;

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

/** The grant with each of its timed capabilities answered for that long, as far as it goes. */
function withDecisions(grant: StoredGrant, until: Remembered, nowMs: number, sessionId: string): StoredGrant {
  const decided = timedCapabilities.filter((one) => grant.capabilities.includes(one));
  const scopeOf = (capability: TimedCapability) => boundsOf(grant, capability)?.scope ?? null;
  return {
    ...grant,
    remembered: decided.reduce(
      (list, one) =>
        withRemembered(list, decisionFor({ capability: one, scope: scopeOf(one) }, until, nowMs, sessionId)),
      grant.remembered,
    ),
  };
}

export function createGiving(options: {
  host: VaultHost;
  open: UnlockedSafes;
  store: GrantStore;
  withdrawn: Pick<Withdrawn, 'drop'>;
  momentOf: (sessionId: string | undefined) => Moment;
  isBlocked: (origin: string) => boolean;
}): Giving {
  const { host, open, store, withdrawn, momentOf } = options;
  /** A site that is blocked in this very moment gets nothing that it would have once the block is undone. */
  const unlessBlocked = (origin: string) => ({ mayStand: () => !options.isBlocked(origin) });

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
    const grant = await store.replace(
      'grants.put',
      { safeId, origin },
      (known, sessionId) => {
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
      },
      unlessBlocked(origin),
    );
    // What was ended before it does not come back in its place, also when it ends.
    withdrawn.drop((one) => one.safeId === safeId && one.origin === origin);
    const sessionId = await open.sessionId(safeId);
    if (!grant || sessionId === undefined) throw new VaultError('locked');
    return view(grant, momentOf(sessionId));
  }

  async function remember(
    origin: string,
    safeId: string,
    capability: RememberedFor,
    until: Remembered,
    scope?: Scope,
  ): Promise<void> {
    const decidedAtMs = host.nowMs();
    await store.replace(
      'grants.remember',
      { safeId, origin },
      (known, sessionId) => {
        const isGiven = rememberedFor.includes(capability) && known?.capabilities.includes(capability);
        if (!known || !isGiven || !holds(known, momentOf(sessionId))) throw new VaultError('not-found');
        if (known.duration === 'once' && capability === 'sign') return undefined;
        // Without a scope, or with a wider one: as far as the grant goes.
        const given = boundsOf(known, capability)?.scope ?? null;
        const decided = { capability, scope: given && scope && !isWithin(given, scope) ? scope : given };
        return {
          ...known,
          remembered: withRemembered(known.remembered, decisionFor(decided, until, decidedAtMs, sessionId)),
        };
      },
      unlessBlocked(origin),
    );
  }

  async function edit(origin: string, safeId: string, change: GrantEdit): Promise<Grant> {
    const grant = await store.replace('grants.edit', { safeId, origin }, (known, sessionId) => {
      const moment = momentOf(sessionId);
      if (!known || known.spent || !holds(known, moment)) throw new VaultError('not-found');
      const next = edited(known, change, { nowMs: moment.nowMs, sessionId });
      const { remember: until } = change;
      return until ? withDecisions(next, until, moment.nowMs, sessionId) : next;
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

  return { put, remember, edit, setAsking };
}
