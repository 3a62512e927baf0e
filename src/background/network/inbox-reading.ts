// Reads the real state of an inbox from the node of V3 that a person set: asks for its log, and gives that to the vault, which believes nothing of it.
// Promises: only at a person's press, only for an inbox of the list, only from the node that is set (R-J2); nothing is written to a node.
// Must not: judge an update.
import { VaultError } from '../../contract/errors';
import type { InboxList } from '../../contract/pages/inbox';
import { createInboxNodeClient, type InboxNodeClient } from '../../network/inbox-node';
import type { Vault } from '../../vault/vault';
import { createNodeUses, eitherOf, type NodeUses } from './node-uses';

export interface InboxNode {
  /** Asks a node that is not set yet whether it answers. Throws a network reason. */
  check(url: string): Promise<void>;
  /** What the node knows of an inbox, kept: the list as it is then. `node`: as the page showed it. Throws a network reason, and as the vault. */
  read(input: { safeId: string; inboxId: string; node?: string | undefined }): Promise<InboxList>;
  /** Another node was set, or none: what is under way elsewhere ends with 'stopped'. */
  leftFor(url: string | null): void;
}

/** An inbox that nobody has: asking for it tells whether a node answers, and nothing else. */
const nobodys = '00'.repeat(32);

export function createInboxNode(options: {
  vault: Pick<Vault, 'settings' | 'inboxes'>;
  mayReach: (pattern: string) => Promise<boolean>;
  nowMs: () => number;
  createClient?: (url: string) => InboxNodeClient;
}): InboxNode {
  const { vault, mayReach, nowMs, createClient = (url) => createInboxNodeClient({ url }) } = options;
  const uses: NodeUses<InboxNodeClient> = createNodeUses({
    address: async () => (await vault.settings.get()).inboxNode,
    mayReach,
    createClient,
    bound: (client, { mayAsk, ending }) => ({
      async updatesOf(inboxId, signal) {
        await mayAsk();
        return await client.updatesOf(inboxId, eitherOf(ending, signal));
      },
    }),
  });
  return {
    check: (url) => uses.askOther(url, async (client) => void (await client.updatesOf(nobodys))),
    async read({ safeId, inboxId, node }) {
      const { inboxes } = await vault.inboxes.list({ safeId });
      if (!inboxes.some((one) => one.inboxId === inboxId)) throw new VaultError('not-found');
      // Before the question: what is signed while the node answers is counted on, and may stand in the answer, but is never left out.
      const atMs = nowMs();
      const log = await uses.ask(async (client, nodeUrl) => ({ nodeUrl, updates: await client.updatesOf(inboxId) }), {
        at: node,
      });
      return await vault.inboxes.readLog({ safeId, inboxId, atMs, ...log });
    },
    leftFor: uses.leftFor,
  };
}
