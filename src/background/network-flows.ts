// The rows of contract/flows: what each call of our own pages about network, retrieval, rotation, slots and backup does.
// Promises: signatures are wiped when the vault has answered (R-E5); what changes one identity over the network happens one after the
// other; every call can be repeated after a dead worker.
// Must not: decide anything the vault should decide.
import { VaultError } from '../contract/errors';
import type { FileSecret, flowMethods, HistoryPage, NetworkLook, SlotSecret } from '../contract/flows';
import { readInvitePage, readCopies } from '../network/account-topics';
import { ownTopics } from '../vault/contacts';
import type { Vault } from '../vault/vault';
import type { NodeAccess } from './node-access';
import type { InternalHandlers } from './page-ports';
import { accountOf, contactOnNode, logAct, type Publishing } from './publishing';
import type { RotationFlow } from './rotation-flow';
import type { SafeQueues } from './safe-queues';

export type FlowHandlers = Pick<InternalHandlers, keyof typeof flowMethods>;

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
    <Input extends { safeId: string }, T>(call: (params: Input) => Promise<T>, secretsOf: (params: Input) => (SlotSecret | Uint8Array)[] = () => []) =>
    async (params: Input): Promise<T> => {
      try {
        await vault.touch(params.safeId);
        return await call(params);
      } finally {
        for (const secret of secretsOf(params)) wipe(secret);
      }
    };

  /** One that has the identity for itself until the node has answered. */
  const inTurn =
    <Input extends { safeId: string }, T>(call: (params: Input) => Promise<T>) =>
    (params: Input): Promise<T> =>
      queues.run(params.safeId, () => call(params));

  return {
    enrol_passphrase: (params) => vault.enrolment.passphrase(params),
    // In turn, so that the node it is read from is the one that is remembered to have it.
    enrol_retrieve: ({ safeId, copyId, signature }) =>
      queues
        .run(safeId, async () => {
          const { account } = await vault.enrolment.get({ safeId });
          const { copies } = vault.retrieval.candidates(await node.ask((client) => readCopies(client, account)));
          const copy = copies.find((one) => one.copyId === copyId);
          // It was there when the person looked, and the node no longer gives it back.
          if (!copy) throw new VaultError('stale');
          return vault.enrolment.retrieve({ safeId, envelopes: copy.envelopes, signature });
        })
        .finally(() => signature.fill(0)),
    enrol_import: (params) => vault.enrolment.importFile(params).finally(() => wipeFile(params)),
    unlock_withPassphrase: (params) => vault.unlock.withPassphrase(params),

    network_check: async (environment) => {
      await node.ask((client) => client.query({ topics: [ownTopics(nobody).contact], limit: 1 }), environment);
    },
    network_look: ({ account }): Promise<NetworkLook> =>
      node.ask(async (client) => {
        const contact = await contactOnNode(client, account);
        const { copies, unreadable } = vault.retrieval.candidates(await readCopies(client, account));
        return {
          contact: contact
            ? { version: contact.version, publishedAtMs: Number(contact.timestampNs / 1_000_000n), identityKeyHex: contact.identityKeyHex }
            : null,
          copies: copies.map(({ copyId, publishedAtMs, text }) => ({ copyId, publishedAtMs, text })),
          unreadable,
        };
      }),
    network_state: ({ safeId }) => publishing.state(safeId),
    network_publishContact: act(inTurn(publishing.publishContact)),
    network_copyText: act(inTurn(async ({ safeId }) => ({ text: await vault.publication.copyText(safeId) }))),
    network_publishCopy: act(inTurn(publishing.publishCopy), ({ signature }) => [signature]),
    network_confirmCopy: act(inTurn(publishing.confirmCopy), ({ signature }) => [signature]),
    network_dismissNotice: act(inTurn(({ safeId }) => vault.publication.notice(safeId, null))),
    network_readHistory: async ({ safeId, cursor }): Promise<HistoryPage> => {
      const account = await accountOf(vault, safeId);
      const page = await node.ask((client) => readInvitePage(client, account, cursor));
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
    rotation_run: async ({ safeId }) => {
      await vault.touch(safeId);
      return await rotation.run(safeId).finally(onSchedule);
    },
    rotation_cancel: async ({ safeId }) => {
      await vault.touch(safeId);
      return await rotation.cancel(safeId).finally(onSchedule);
    },

    slots_check: act((params) => vault.slots.check(params), ({ secret }) => [secret]),
    slots_addPassphrase: act((params) => vault.slots.addPassphrase(params), ({ proof }) => [proof]),
    slots_addWallet: act((params) => vault.slots.addWallet(params), ({ proof, first, second }) => [proof, first, second]),
    slots_newCode: act((params) => vault.slots.newCode(params)),
    slots_replaceCode: act((params) => vault.slots.replaceCode(params), ({ kept }) => kept),
    slots_remove: act((params) => vault.slots.remove(params), ({ kept }) => kept),

    backup_export: act((params) => vault.backup.export(params), ({ proof }) => [proof]),
    backup_preview: (params) => vault.backup.preview(params).finally(() => wipeFile(params)),
    backup_check: act((params) => vault.backup.check(params).finally(() => wipeFile(params))),
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
}
