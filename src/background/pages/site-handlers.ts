// What our pages do about sites: what each may do, its end, and the way back for a moment.
// Promises: what a person ends has ended for the site before the page is told; what is taken back is decided by the vault, never by the page.
// Must not: keep anything a restart would need: after one, what was ended stays ended.
import type { SiteGrant, siteMethods } from '../../contract/pages/sites';
import { siteGrant } from '../../vault/consent/grants';
import type { Vault } from '../../vault/vault';
import type { Faces } from '../browser/faces';
import type { Router } from '../dapps/router';
import type { PageHandlers } from './calls';

export type SiteHandlers = Pick<PageHandlers, keyof typeof siteMethods>;

export function createSiteHandlers(options: {
  vault: Vault;
  router: Pick<Router, 'revoked' | 'quieted'>;
  /** The origin of the page in a tab, as the browser's sender names it; null when there is none we serve. */
  originOfTab: (tabId: number) => Promise<string | null>;
  faces: Pick<Faces, 'list' | 'set'>;
  nowMs: () => number;
}): SiteHandlers {
  const { vault, router, originOfTab, faces, nowMs } = options;
  /** Origins whose wallet face went with their last grant, by the id of what can be taken back. */
  const facesGone = new Map<string, Set<string>>();

  const log = (safeId: string, origin: string, method: string) =>
    vault.activity.append(safeId, { atMs: nowMs(), origin, method, purpose: '', outcome: 'done' });

  /** What follows when these grants were ended, by this act. */
  async function ended(grants: readonly SiteGrant[], origins: readonly string[], undoId?: string): Promise<void> {
    for (const origin of origins) await router.revoked(origin);
    // All handed in at once, so that they share a transaction; a line that cannot be written undoes nothing.
    await Promise.allSettled(grants.map(({ safeId, origin }) => log(safeId, origin, 'revoke')));
    // Who ends all that a site may do wants nothing more of it.
    const left = new Set((await vault.grants.list()).map(({ origin }) => origin));
    const on = new Set((await faces.list()).map(({ origin }) => origin));
    const gone = origins.filter((origin) => !left.has(origin) && on.has(origin));
    for (const origin of gone) await faces.set(origin, 'off');
    if (undoId !== undefined && gone.length > 0) facesGone.set(undoId, new Set(gone));
  }

  return {
    grants_list: () => vault.grants.list(),
    grants_revoke: async ({ origin, safeId }) => {
      const grants = (await vault.grants.list()).filter(
        (grant) => grant.origin === origin && (safeId === undefined || grant.safeId === safeId),
      );
      const undo = await vault.grants.revoke(origin, safeId);
      await ended(grants, [origin], undo?.id);
      return undo;
    },
    grants_revokeAll: async () => {
      const grants = await vault.grants.list();
      const undo = await vault.grants.revokeAll();
      await ended(grants, [...new Set(grants.map(({ origin }) => origin))], undo?.id);
      return undo;
    },
    grants_undo: async ({ id }) => {
      const restored = await vault.grants.undo(id);
      await Promise.allSettled(restored.map(({ safeId, origin }) => log(safeId, origin, 'restore')));
      const faceIsOff = restored.some(({ origin }) => facesGone.get(id)?.has(origin));
      return { restored: restored.length, faceIsOff };
    },
    quiet_list: async () => vault.quiet.list(),
    quiet_set: async ({ origin, quiet }) => {
      await vault.touch();
      await vault.quiet.set(origin, quiet ?? undefined);
      if (quiet !== null) await router.quieted(origin);
      // It is of no identity alone: a line in the log of each that can write one.
      const { identities } = await vault.state();
      const open = identities.filter(({ status }) => status === 'unlocked');
      await Promise.allSettled(open.map(({ safeId }) => log(safeId, origin, 'settings')));
    },
    grants_setAsking: async ({ origin, safeId, asksToConnect }) => {
      await vault.touch(safeId);
      await vault.grants.setAsking(origin, safeId, asksToConnect);
      await log(safeId, origin, 'settings');
    },
    grants_edit: async ({ origin, safeId, ...edit }) => {
      await vault.touch(safeId);
      const grant = await vault.grants.edit(origin, safeId, edit);
      await log(safeId, origin, 'settings');
      return siteGrant(grant);
    },
    site_get: async ({ tabId }) => {
      const origin = await originOfTab(tabId);
      return {
        origin,
        grants: origin === null ? [] : (await vault.grants.list()).filter((grant) => grant.origin === origin),
      };
    },
  };
}
