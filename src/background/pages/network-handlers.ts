// What each call of our own pages about network, retrieval, rotation, slots and backup does.
// Promises: signatures are wiped when the vault has answered (R-E5); what changes one identity over the network happens one after the
// other; every call can be repeated after a dead worker.
// Must not: decide anything the vault should decide.
import type { backupMethods, FileSecret } from '../../contract/pages/backup';
import type { PageMethodName } from '../../contract/pages/methods';
import type { networkMethods } from '../../contract/pages/network';
import type { rotationMethods } from '../../contract/pages/rotation';
import type { SlotSecret } from '../../contract/schemas';
import { readInvitePage } from '../../network/account-topics';
import { ownTopics } from '../../vault/publication/contacts';
import type { Vault } from '../../vault/vault';
import type { NodeAccess, NodeUse } from '../network/node-access';
import type { PageHandlers } from './calls';
import { accountOf, logAct, type Publishing } from '../network/publishing';
import { lookForKeys, retrieveKeys } from '../network/retrieve';
import type { RotationFlow } from '../network/rotate';
import type { SafeQueues } from '../network/identity-queues';

/** The rows of these topics, and those of enrolment, unlocking and inboxes that take a passphrase, a file, or a copy from the node. */
export type FlowHandlers = Pick<
  PageHandlers,
  | keyof (typeof networkMethods & typeof rotationMethods & typeof backupMethods)
  | Extract<PageMethodName, `slots_${string}`>
  | 'enrol_passphrase'
  | 'enrol_retrieve'
  | 'enrol_import'
  | 'unlock_withPassphrase'
  | 'unlock_withPasskey'
  | 'inbox_exportKey'
>;

/** An account that nobody has: asking for its contact tells whether a node answers, and nothing else. */
const nobody = '0x0000000000000000000000000000000000000000';

export function createFlowHandlers(options: {
  vault: Vault;
  node: NodeAccess;
  publishing: Publishing;
  rotation: RotationFlow;
  queues: SafeQueues;
  nowMs: () => number;
  /** Something the one alarm depends on has changed. */
  onSchedule: () => void;
}): FlowHandlers {
  const { vault, node, publishing, rotation, queues, nowMs, onSchedule } = options;

  /** An act of a person on one identity: it keeps the vault awake, and its signatures are wiped. */
  const act =
    <Input extends { safeId: string }, T>(
      call: (params: Input) => Promise<T>,
      secretsOf: (params: Input) => (SlotSecret | Uint8Array)[] = () => [],
    ) =>
    async (params: Input): Promise<T> => {
      try {
        await vault.touch(params.safeId);
        return await call(params);
      } finally {
        for (const secret of secretsOf(params)) wipe(secret);
      }
    };

  /** One that has the identity for itself until the node has answered: the node that was set, or that the page showed, when it was pressed. */
  const inTurn =
    <Input extends { safeId: string; node?: string | undefined }, T>(
      call: (params: Input, use: NodeUse) => Promise<T>,
    ) =>
    async (params: Input): Promise<T> => {
      const at = params.node ?? (await node.environment())?.url;
      return await queues.run(params.safeId, (signal) => call(params, { at, signal }));
    };

  return {
    enrol_passphrase: (params) => vault.enrolment.passphrase(params),
    enrol_retrieve: (params) =>
      inTurn((input: typeof params, use) => node.ask((client, at) => retrieveKeys({ vault, client, at }, input), use))(
        params,
      ).finally(() => params.signature.fill(0)),
    enrol_import: (params) => vault.enrolment.importFile(params).finally(() => wipeFile(params)),
    unlock_withPassphrase: (params) => vault.unlock.withPassphrase(params),
    unlock_withPasskey: (params) => vault.unlock.withPasskey(params).finally(() => params.prfSecret.fill(0)),

    network_check: async (environment) => {
      await node.askOther(environment, (client) => client.query({ topics: [ownTopics(nobody).contact], limit: 1 }));
    },
    network_look: ({ account, from = null }) =>
      node.ask((client, at) => lookForKeys({ vault, client, at }, account, from)),
    network_state: ({ safeId }) => publishing.state(safeId),
    network_publishContact: act(inTurn(publishing.publishContact)),
    // These two ask no node, so they wait for none.
    network_copyText: act(async ({ safeId, node: at }) => ({
      text: await (at === undefined ? vault.publication : vault.publicationAt(at)).copyText(safeId),
    })),
    network_publishCopy: act(inTurn(publishing.publishCopy), ({ signature }) => [signature]),
    network_confirmCopy: act(inTurn(publishing.confirmCopy), ({ signature }) => [signature]),
    network_dismissNotice: act(({ safeId }) => vault.publication.notice(safeId, null)),
    network_readHistory: async ({ safeId, node: at, cursor }) => {
      const account = await accountOf(vault, safeId);
      const page = await node.ask((client) => readInvitePage(client, account, cursor), { at });
      const { added } = await queues.run(safeId, () => vault.history.save(safeId, page.envelopes));
      if (page.cursor === null) await logAct({ vault, nowMs }, safeId, 'network');
      return { seen: page.envelopes.length, added, cursor: page.cursor };
    },

    rotation_get: ({ safeId }) => rotation.state(safeId),
    rotation_setPolicy: act(async (params) => {
      await vault.rotation.setPolicy(params);
      onSchedule();
      return rotation.state(params.safeId);
    }),
    rotation_run: async ({ safeId, typed }) => {
      await vault.touch(safeId);
      return await rotation.run(safeId, typed).finally(onSchedule);
    },
    rotation_finishHere: async ({ safeId }) => {
      await vault.touch(safeId);
      return await rotation.finishHere(safeId).finally(onSchedule);
    },
    rotation_cancel: async ({ safeId }) => {
      await vault.touch(safeId);
      return await rotation.cancel(safeId).finally(onSchedule);
    },

    slots_check: act(
      (params) => vault.slots.check(params),
      ({ secret }) => [secret],
    ),
    slots_addPassphrase: act(
      (params) => vault.slots.addPassphrase(params),
      ({ proof }) => [proof],
    ),
    slots_addPasskey: act(
      (params) => vault.slots.addPasskey(params),
      ({ proof, prfSecret }) => [proof, prfSecret],
    ),
    slots_addWallet: act(
      (params) => vault.slots.addWallet(params),
      ({ proof, first, second }) => [proof, first, second],
    ),
    slots_newCode: act((params) => vault.slots.newCode(params)),
    slots_replaceCode: act(
      (params) => vault.slots.replaceCode(params),
      ({ kept }) => kept,
    ),
    slots_remove: act(
      (params) => vault.slots.remove(params),
      ({ kept }) => kept,
    ),

    backup_export: act(
      (params) => vault.backup.export(params),
      ({ proof }) => [proof],
    ),
    inbox_exportKey: act(
      (params) => vault.inboxes.exportKey(params),
      ({ proof }) => [proof],
    ),
    backup_preview: (params) => vault.backup.preview(params).finally(() => wipeFile(params)),
    backup_check: act((params) => vault.backup.check(params).finally(() => wipeFile(params))),
    backup_takeNames: act((params) => vault.backup.takeNames(params).finally(() => wipeFile(params))),
    backup_state: (params) => vault.backup.state(params),
  };
}

/** A file of the stock client holds private keys in clear. */
function wipeFile({ file, secret }: { file: Uint8Array; secret: FileSecret }): void {
  if (secret.kind === 'none') file.fill(0);
}

function wipe(secret: SlotSecret | Uint8Array): void {
  if (secret instanceof Uint8Array) secret.fill(0);
  else if (secret.kind === 'wallet') secret.signature.fill(0);
  else if (secret.kind === 'passkey') secret.prfSecret.fill(0);
}
