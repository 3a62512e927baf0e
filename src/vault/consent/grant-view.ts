// A grant as those who ask see it, and whom it is for.
// Promises: pure; of a grant that was not verified it tells that there is one to be unlocked, and nothing that could be used.
import { timedCapabilities, type TimedCapability } from '../../contract/grants';
import type { GrantView } from '../../contract/dapp/methods';
import type { SiteGrant } from '../../contract/pages/sites';
import type { Scope } from '../../contract/scopes';
import type { Bounds, RememberedFor, StoredGrant } from './grant-record';
import { decisionsNow, holdsEverywhere, isSpentFor, usesLeft, withoutAskingUntil, type Moment } from './grant-time';
import type { Grant } from './grants-api';

/** Whether a grant is for this document and request; undefined `documentKey`: of any document. */
export function isFor(grant: StoredGrant, documentKey: string | undefined, requestId: string | undefined): boolean {
  if (grant.spent && grant.spent.requestId !== requestId) return false;
  return grant.duration !== 'once' || documentKey === undefined || grant.documentKey === documentKey;
}

function boundsView(bounds: Bounds, moment: Moment): Grant['bounds'][number] {
  const { capability, scope, wish, budget } = bounds;
  return { capability, scope, wish, budget: budget && { ...budget }, usesLeft: usesLeft(bounds, moment) };
}

/** What a grant gives at this moment. */
export function view(grant: StoredGrant, moment: Moment): Grant {
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
    bounds: grant.bounds.map((one) => boundsView(one, moment)),
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
  const held = grant.bounds.filter(({ capability }) => grant.capabilities.includes(capability));
  return { ...grant, bounds: held.map(({ wish: _scopeWish, ...bounds }) => bounds) };
}

/** The bounds of what can still be used. */
const heldBounds = ({ bounds, capabilities }: Grant) => bounds.filter((one) => capabilities.includes(one.capability));

/** One grant as a dapp sees it. */
export const grantView = (grant: Grant): GrantView => ({
  account: grant.account,
  capabilities: [...grant.capabilities],
  duration: grant.duration,
  grantedAtMs: grant.grantedAtMs,
  expiresAtMs: grant.expiresAtMs,
  scopes: Object.fromEntries(
    heldBounds(grant).flatMap(({ capability, scope }) => (scope ? [[capability, scope]] : [])),
  ),
  budgets: Object.fromEntries(
    heldBounds(grant).flatMap(({ capability, budget, usesLeft }) =>
      budget === null ? [] : [[capability, { ...budget, left: usesLeft ?? 0 }]],
    ),
  ),
});
