// Calls about what each site may do.
import * as v from 'valibot';
import type { Capability, Duration, WithoutAskingUntil } from '../grants';
import { row, type Row } from './pages';
import { none, origin, safeId } from '../schemas';

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
  /** Until when each is answered without asking: milliseconds, 'until-locked', or null for "ask each time". `sign` is always there, of the others what the grant has. */
  withoutAskingUntil: WithoutAskingUntil;
}

export const siteMethods = {
  grants_list: row<SiteGrant[]>()({ params: none, pages: ['popup', 'vault'] }),
  grants_revoke: row<null>()({
    params: v.strictObject({ origin, safeId: v.optional(safeId) }),
    pages: ['popup', 'vault'],
  }),
  /** Whether the person is asked for each connection of a site, also when it asks for nothing new. Throws `locked`, `not-found`. */
  grants_setAsking: row<null>()({
    params: v.strictObject({ origin, safeId, asksToConnect: v.boolean() }),
    pages: ['vault'],
  }),
  /** Grants of the page in one tab. */
  site_get: row<{ origin: string | null; grants: SiteGrant[] }>()({
    params: v.strictObject({ tabId: v.pipe(v.number(), v.integer()) }),
    pages: ['popup'],
  }),
} as const satisfies Record<string, Row>;
