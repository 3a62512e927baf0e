// What each call of our own pages does: mostly one call of the vault, then what the gate has to do about it.
// Promises: an act of a person (and nothing else) keeps the vault awake (R-F4). Must not: decide anything the vault should decide.
import { VaultError } from '../contract/errors';
import type { ShownCard, SiteGrant } from '../contract/internal';
import type { Vault } from '../vault/vault';
import { lookAlike } from './look-alike';
import type { FlowHandlers } from './network-flows';
import type { InternalHandlers } from './page-ports';
import type { Router } from './router';
import type { SafeQueues } from './safe-queues';

export function createHandlers(options: {
  vault: Vault;
  router: Router;
  showApproval: () => Promise<void>;
  mayCloseApproval: () => Promise<boolean>;
  showUnlock: (safeId?: string) => Promise<void>;
  /** The origin of the page in a tab, as the browser's sender names it; null when there is none we serve. */
  originOfTab: (tabId: number) => Promise<string | null>;
  /** The rows about network, rotation, slots and backup. */
  flows: FlowHandlers;
  queues: Pick<SafeQueues, 'alone'>;
  nowMs: () => number;
}): InternalHandlers {
  const { vault, router, showApproval, mayCloseApproval, showUnlock, originOfTab, flows, queues, nowMs } = options;

  /** A wallet signature is a secret: its bytes are wiped as soon as the vault has answered (R-E5). */
  const wiping =
    <Input extends { signature: Uint8Array }, T>(call: (params: Input) => Promise<T>) =>
    (params: Input): Promise<T> =>
      call(params).finally(() => params.signature.fill(0));

  return {
    state_get: () => vault.state(),

    enrol_begin: (params) => vault.enrolment.begin(params),
    enrol_get: (params) => vault.enrolment.get(params),
    enrol_unlockSignature: wiping(vault.enrolment.unlockSignature),
    enrol_identitySignature: wiping(vault.enrolment.identitySignature),
    enrol_confirmUnlockSignature: wiping(vault.enrolment.confirmUnlockSignature),
    enrol_createRecoveryCode: (params) => vault.enrolment.createRecoveryCode(params),
    enrol_finish: (params) => vault.enrolment.finish(params),
    enrol_discard: (params) => vault.enrolment.discard(params),

    unlock_getText: (params) => vault.unlock.text(params),
    unlock_withWallet: wiping(vault.unlock.withWallet),
    unlock_withRecoveryCode: (params) => vault.unlock.withRecoveryCode(params),
    unlock_open: (params) => showUnlock(params.safeId),
    lock_now: (params) => vault.lock(params?.safeId),

    identity_details: (params) => vault.identity.details(params),
    identity_rename: async (params) => {
      await vault.touch(params.safeId);
      await vault.identity.rename(params);
    },
    identity_forget: async (params) => {
      const grants = (await vault.grants.list()).filter((grant) => grant.safeId === params.safeId);
      await vault.identity.forget(params);
      for (const { origin } of grants) await router.revoked(origin);
    },

    approvals_list: async () => {
      const granted = (await vault.grants.list()).map((grant) => grant.origin);
      return (await vault.approvals.list()).map((card): ShownCard => ({ ...card, looksLike: lookAlike(card.origin, granted) }));
    },
    approvals_open: () => showApproval(),
    approvals_mayClose: () => mayCloseApproval(),
    approvals_decide: async ({ id, digest, nonce, decision }) => {
      const card = (await vault.approvals.list()).find((one) => one.id === id);
      const shown = card?.shown;
      const safeId = decision.kind === 'connect' ? decision.safeId : shown === undefined || shown.kind === 'connect' || shown.kind === 'unlock' ? undefined : shown.safeId;
      if (decision.kind !== 'reject') {
        if (safeId === undefined) throw new VaultError('stale');
        // Approving needs an open safe; opening it is an act of its own.
        const identity = (await vault.state()).identities.find((one) => one.safeId === safeId);
        if (identity?.status !== 'unlocked') throw new VaultError(identity ? 'locked' : 'not-found');
      }
      const record = await vault.approvals.decide({ id, digest, nonce, decision });
      await vault.touch(safeId);
      // The page hears of it at once; the dapp is answered as soon as its document is connected.
      void router.settle(record).catch(() => undefined);
    },
    approvals_rejectAll: (params) => router.rejectAll(params?.origin),

    grants_list: () => vault.grants.list(),
    grants_revoke: async ({ origin, safeId }) => {
      const ended = (await vault.grants.list()).filter(
        (grant) => grant.origin === origin && (safeId === undefined || grant.safeId === safeId),
      );
      await vault.grants.revoke(origin, safeId);
      await router.revoked(origin);
      for (const grant of ended) await vault.activity.append(grant.safeId, { atMs: nowMs(), origin, method: 'revoke', purpose: '', outcome: 'done' });
    },
    site_get: async ({ tabId }): Promise<{ origin: string | null; grants: SiteGrant[] }> => {
      const origin = await originOfTab(tabId);
      return { origin, grants: origin === null ? [] : (await vault.grants.list()).filter((grant) => grant.origin === origin) };
    },

    activity_list: ({ safeId, before, limit }) => vault.activity.list(safeId, { before, limit }),
    settings_set: async (settings) => {
      await vault.touch();
      const isSameNode = (await vault.settings.get()).environment?.url === settings.environment?.url;
      // What is under way is with one node from its first look to what it writes down.
      if (isSameNode) await vault.settings.set(settings);
      else await queues.alone(() => vault.settings.set(settings));
      for (const { safeId, status } of (await vault.state()).identities)
        if (status === 'unlocked') await vault.activity.append(safeId, { atMs: nowMs(), origin: null, method: 'settings', purpose: '', outcome: 'done' });
    },

    ...flows,
  };
}
