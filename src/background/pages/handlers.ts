// What each call of our own pages does: mostly one call of the vault, then what the gate has to do about it.
// Promises: an act of a person (and nothing else) keeps the vault awake (R-F4). Must not: decide anything the vault should decide.
import { VaultError } from '../../contract/errors';
import type { ApprovalCard, ShownCard } from '../../contract/pages/approvals';
import type { Person } from '../../contract/pages/people';
import type { SiteGrant } from '../../contract/pages/sites';
import { siteGrant } from '../../vault/consent/grants';
import type { Vault } from '../../vault/vault';
import { lookAlike } from './look-alike';
import type { ArchiveHandlers } from './archive-handlers';
import type { FlowHandlers } from './network-handlers';
import type { EnsNames } from '../network/ens-names';
import type { InboxNode } from '../network/inbox-reading';
import type { NodeAccess } from '../network/node-access';
import type { PageHandlers } from './calls';
import { createSiteHandlers } from './site-handlers';
import type { Faces } from '../browser/faces';
import type { HostAccess } from '../browser/host-access';
import type { Prompts } from '../browser/prompts';
import type { Router } from '../dapps/router';

export function createHandlers(options: {
  vault: Vault;
  router: Router;
  prompts: Pick<Prompts, 'showWaiting' | 'heldBack' | 'allow' | 'inOrder'>;
  mayCloseApproval: () => Promise<boolean>;
  showUnlock: (safeId?: string) => Promise<void>;
  /** The origin of the page in a tab, as the browser's sender names it; null when there is none we serve. */
  originOfTab: (tabId: number) => Promise<string | null>;
  /** The rows about network, rotation, slots and backup. */
  flows: FlowHandlers;
  archives: ArchiveHandlers;
  node: Pick<NodeAccess, 'leftFor'>;
  inboxNode: InboxNode;
  ensNames: EnsNames;
  faces: Faces;
  hosts: HostAccess;
  nowMs: () => number;
}): PageHandlers {
  const { vault, router, prompts, mayCloseApproval, showUnlock, originOfTab, flows, archives, node, inboxNode } =
    options;
  const { ensNames, faces, hosts, nowMs } = options;

  /** A wallet signature is a secret: its bytes are wiped as soon as the vault has answered (R-E5). */
  const wiping =
    <Input extends { signature: Uint8Array }, T>(call: (params: Input) => Promise<T>) =>
    (params: Input): Promise<T> =>
      call(params).finally(() => params.signature.fill(0));

  /** An act of the person, which keeps the identity awake. */
  const personally =
    <Input extends { safeId: string }, T>(act: (params: Input) => Promise<T>) =>
    async (params: Input): Promise<T> => {
      await vault.touch(params.safeId);
      return act(params);
    };

  /** What the document of a connection was given already. A grant of a locked identity is not believed, so it is not shown. */
  async function givenBefore({ id, origin, shown }: ApprovalCard): Promise<SiteGrant[]> {
    const record = shown.kind === 'connect' ? await vault.approvals.get(id) : undefined;
    if (!record) return [];
    return (await vault.grants.find(origin, record.documentKey)).filter(({ verified }) => verified).map(siteGrant);
  }

  /** What the person calls the peers of a card. A card is shown without names rather than not at all. */
  async function namesOn({ shown }: ApprovalCard): Promise<Person[]> {
    if (shown.kind !== 'messages' || shown.facts.peers.length === 0) return [];
    return vault.people.named(shown.safeId, shown.facts.peers).catch(() => []);
  }

  /** A setting that is of no identity alone: a line in the log of each that can write one. */
  async function logSettings(origin: string | null): Promise<void> {
    for (const { safeId, status } of (await vault.state()).identities)
      if (status === 'unlocked')
        await vault.activity.append(safeId, {
          atMs: nowMs(),
          origin,
          method: 'settings',
          purpose: '',
          outcome: 'done',
        });
  }

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
    identity_rename: personally((params) => vault.identity.rename(params)),
    identity_forget: async (params) => {
      const grants = (await vault.grants.list()).filter((grant) => grant.safeId === params.safeId);
      await vault.identity.forget(params);
      for (const { origin } of grants) await router.revoked(origin);
      // Without an identity there is nothing that a site could meet, or that asks for anything.
      if ((await vault.state()).status !== 'empty') return;
      await faces.clear();
      await vault.ownPhrase.set(null);
    },

    approvals_list: async () => {
      const granted = (await vault.grants.list()).map((grant) => grant.origin);
      const cards = await prompts.inOrder(await vault.approvals.list());
      return await Promise.all(
        cards.map(async (card): Promise<ShownCard> => ({
          ...card,
          looksLike: lookAlike(card.origin, granted),
          given: await givenBefore(card),
          names: await namesOn(card),
        })),
      );
    },
    approvals_open: (params) => prompts.showWaiting(params?.origin),
    approvals_held: () => prompts.heldBack(),
    approvals_allow: ({ origin }) => prompts.allow(origin),
    approvals_mayClose: () => mayCloseApproval(),
    approvals_decide: async ({ id, digest, nonce, others = [], decision }) => {
      const card = (await vault.approvals.list()).find((one) => one.id === id);
      const shown = card?.shown;
      const safeId =
        decision.kind === 'connect'
          ? decision.safeId
          : shown === undefined || shown.kind === 'connect' || shown.kind === 'unlock'
            ? undefined
            : shown.safeId;
      if (decision.kind !== 'reject') {
        if (safeId === undefined) throw new VaultError('stale');
        // Approving needs an open safe; opening it is an act of its own.
        const identity = (await vault.state()).identities.find((one) => one.safeId === safeId);
        if (identity?.status !== 'unlocked') throw new VaultError(identity ? 'locked' : 'not-found');
      }
      const records = await vault.approvals.decideAll([{ id, digest, nonce }, ...others], decision);
      await vault.touch(safeId);
      // The page hears of it at once; the dapp is answered as soon as its document is connected.
      for (const record of records) void router.settle(record).catch(() => undefined);
      return records.map((record) => record.id);
    },
    approvals_fate: ({ id }) => vault.approvals.fateOf(id),
    approvals_rejectAll: async ({ origin, undoable = false }) => {
      if (undoable) return router.rejections.rejectAll(origin);
      await router.rejectAll(origin);
      return null;
    },
    approvals_takeBack: async ({ id }) => {
      const back = await router.rejections.takeBack(id);
      await vault.touch();
      return back;
    },

    inbox_list: (params) => vault.inboxes.list(params),
    inbox_name: personally((params) => vault.inboxes.name(params)),
    inbox_markRecovery: personally((params) => vault.inboxes.markRecovery(params)),
    inbox_correct: personally((params) => vault.inboxes.correct(params)),
    inbox_readState: personally((params) => inboxNode.read(params)),
    inbox_forgetState: personally((params) => vault.inboxes.forgetLog(params)),
    inbox_checkNode: ({ url }) => inboxNode.check(url),
    inbox_newKey: personally((params) => vault.inboxes.newKey(params)),
    inbox_newArchiveKey: personally((params) => vault.inboxes.newArchiveKey(params)),

    people_list: (params) => vault.people.list(params),
    people_name: personally((params) => vault.people.name(params)),
    ens_names: ({ accounts }) => ensNames.names(accounts),
    ens_checkNode: ({ url }) => ensNames.check(url),

    ...createSiteHandlers({ vault, router, originOfTab, faces, nowMs }),

    face_list: () => faces.list(),
    face_set: async ({ origin, face }) => {
      const outcome = await faces.set(origin, face);
      if (outcome === 'done') await logSettings(origin);
      return outcome;
    },

    activity_list: ({ safeId, before, limit }) => vault.activity.list(safeId, { before, limit }),
    activity_chain: ({ safeId }) => vault.activity.chain(safeId),
    activity_keep: personally(async ({ safeId, days }) => {
      await vault.activity.keep(safeId, days);
      await vault.activity.append(safeId, {
        atMs: nowMs(),
        origin: null,
        method: 'settings',
        purpose: 'log',
        outcome: 'done',
      });
    }),
    settings_set: async (change) => {
      await vault.touch();
      const before = await vault.settings.get();
      await vault.settings.set(change);
      const settings = await vault.settings.get();
      // At once, however long the node before would have taken; what was under way there says of itself that it was stopped.
      node.leftFor(settings.environment);
      inboxNode.leftFor(settings.inboxNode);
      ensNames.leftFor(settings.ensNode);
      // Of what is still in use, as the other kind of node for one, nothing is given back.
      if (before.environment && before.environment.url !== settings.environment?.url)
        await hosts.giveBack(before.environment.url);
      if (before.inboxNode !== null && before.inboxNode !== settings.inboxNode) await hosts.giveBack(before.inboxNode);
      if (before.ensNode !== null && before.ensNode !== settings.ensNode) await hosts.giveBack(before.ensNode);
      await logSettings(null);
    },
    ownPhrase_get: () => vault.ownPhrase.get(),
    ownPhrase_isSet: async () => (await vault.ownPhrase.get()) !== null,
    ownPhrase_set: async ({ own }) => {
      await vault.touch();
      await vault.ownPhrase.set(own);
      await logSettings(null);
    },

    ...flows,
    ...archives,
  };
}
