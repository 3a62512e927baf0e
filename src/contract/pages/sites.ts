// Calls about what each site may do, and about the wallet face: on which sites the vault may be met by apps that know wallets only.
import * as v from 'valibot';
import {
  capabilities,
  durations,
  remembered,
  type Capability,
  type Duration,
  type TimedCapability,
  type WithoutAskingUntil,
} from '../grants';
import { faceChoices } from '../choices';
import type { Budget, Scope } from '../scopes';
import { glancePages, row, type Row } from './pages';
import { budget, none, origin, safeId, scopes } from '../schemas';

/** How far one capability goes. */
export interface CapabilityBounds {
  capability: Capability;
  /** Null for what has no scope. */
  scope: Scope | null;
  /** Null: as often as the site likes. */
  budget: Budget | null;
  /** Of the budget, and of one for an hour in this hour. */
  usesLeft: number | null;
}

/** What is answered without asking in a part of what the grant gives. */
export interface WithoutAskingIn {
  capability: TimedCapability;
  scope: Scope;
  until: number | 'until-locked';
}

export interface SiteGrant {
  origin: string;
  safeId: string;
  account: string;
  capabilities: Capability[];
  duration: Duration;
  grantedAtMs: number;
  expiresAtMs: number | null;
  lastUsedAtMs: number | null;
  /** The person is asked for each connection, also when it asks for nothing new. */
  asksToConnect: boolean;
  /** How far each capability goes, in their order. While the identity is locked its scopes name nobody. */
  bounds: CapabilityBounds[];
  /** What is answered without asking in a part of it only. */
  withoutAskingIn: WithoutAskingIn[];
  /** Until when each is answered without asking: milliseconds, 'until-locked', or null for "ask each time". `sign` is always there, of the others what the grant has. */
  withoutAskingUntil: WithoutAskingUntil;
}

/** What a person can still take back: until then (milliseconds since 1970), by this id. */
export interface GrantUndo {
  id: string;
  untilMs: number;
}

/**
 * `muted`: for ten minutes what it asks of a person is refused at once; what it was granted goes on. `blocked`: until the person undoes it, its grants
 * are not in effect either.
 */
export const quietKinds = ['muted', 'blocked'] as const;
export type Quiet = (typeof quietKinds)[number];

export interface QuietSite {
  origin: string;
  quiet: Quiet;
  sinceMs: number;
  /** Null for one that is blocked. */
  untilMs: number | null;
}

export const siteMethods = {
  /** The sites that are muted or blocked now, newest first. */
  quiet_list: row<QuietSite[]>()({ params: none, pages: ['approval', ...glancePages, 'vault'] }),
  /** Mutes or blocks a site, and rejects what waits of it; null undoes either. Throws `limit`, `invalid-input`. */
  quiet_set: row<null>()({
    params: v.strictObject({ origin, quiet: v.nullable(v.picklist(quietKinds)) }),
    pages: ['approval', ...glancePages, 'vault'],
  }),

  grants_list: row<SiteGrant[]>()({ params: none, pages: [...glancePages, 'vault'] }),
  /** Ends a site's grants at once. Null: there is nothing to take back, for instance because it had ended already. */
  grants_revoke: row<GrantUndo | null>()({
    params: v.strictObject({ origin, safeId: v.optional(safeId) }),
    pages: ['approval', ...glancePages, 'vault'],
  }),
  /** The same for every site and identity. */
  grants_revokeAll: row<GrantUndo | null>()({ params: none, pages: ['vault'] }),
  /**
   * Takes the end of grants back, within its time. `restored`: how many are as they were; the others had ended otherwise, or there is a newer one.
   * `faceIsOff`: the wallet face of one of these sites went with the last grant and stays off. Throws `stale` when the time is over.
   */
  grants_undo: row<{ restored: number; faceIsOff: boolean }>()({
    params: v.strictObject({ id: v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/)) }),
    pages: ['approval', ...glancePages, 'vault'],
  }),
  /** Whether the person is asked for each connection of a site, also when it asks for nothing new. Throws `locked`, `not-found`. */
  grants_setAsking: row<null>()({
    params: v.strictObject({ origin, safeId, asksToConnect: v.boolean() }),
    pages: ['vault'],
  }),
  /**
   * Changes what a site may do, narrower or wider, at once; what is left out stays. Throws `locked`, `not-found`, `invalid-input` for a capability
   * that the grant does not have.
   */
  grants_edit: row<SiteGrant>()({
    params: v.strictObject({
      origin,
      safeId,
      capabilities: v.optional(
        v.pipe(v.array(v.picklist(capabilities)), v.minLength(1), v.maxLength(capabilities.length)),
      ),
      scopes: v.optional(scopes),
      budgets: v.optional(v.record(v.picklist(capabilities), v.nullable(budget))),
      duration: v.optional(v.picklist(durations.filter((one) => one !== 'once'))),
      /** Forgets all that goes on without asking. */
      asksAgain: v.optional(v.boolean()),
      /** Timed capabilities go on without asking for that long, as far as the grant goes. */
      remember: v.optional(v.picklist(remembered)),
    }),
    pages: ['vault'],
  }),
  /** Grants of the page in one tab. */
  site_get: row<{ origin: string | null; grants: SiteGrant[] }>()({
    params: v.strictObject({ tabId: v.pipe(v.number(), v.integer()) }),
    pages: glancePages,
  }),
} as const satisfies Record<string, Row>;

/** A site where the wallet face is on. */
export interface SiteFace {
  origin: string;
  /** It is `window.ethereum` there, too. */
  standsIn: boolean;
}

export const faceMethods = {
  face_list: row<SiteFace[]>()({ params: none, pages: [...glancePages, 'vault'] }),
  /**
   * Switches it on or off for one site, from the next time its pages are loaded. `waits`: the browser has not given its permission (yet). When it
   * does within five minutes, the face is switched on, also when the page that asked is closed by then. Throws `limit`; `invalid-input` for a site that cannot have it.
   */
  face_set: row<'done' | 'waits'>()({
    params: v.strictObject({ origin, face: v.picklist(faceChoices) }),
    pages: [...glancePages, 'vault'],
  }),
} as const satisfies Record<string, Row>;
