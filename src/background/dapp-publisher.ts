// Publishing for dapps (`xmtp_publish`): a page's envelopes go to the node under the vault's own token, which no page ever sees.
// Promises: what may be published is the vault's word (never a private-store topic, on the contact topic only its own bundle), asked
// again right before it happens. Must not: log or keep a topic, or be called without a grant.
import { KeystoreRefusal, VaultError } from '../contract/errors';
import type { MessageFacts } from '../contract/internal';
import { ownTopics } from '../vault/contacts';
import type { Vault } from '../vault/vault';
import type { NodeAccess } from './node-access';
import { accountOf, withToken } from './publishing';

export interface DappPublisher {
  /** What the request is about, for a card. Throws as `publish` does for what can be told without asking the node. */
  describe(safeId: string, documentKey: string, request: Uint8Array): Promise<MessageFacts>;
  /** The bytes of the node's answer. Throws VaultError with a network reason, 'limit', 'locked'; KeystoreRefusal for a request that is refused. */
  publish(safeId: string, documentKey: string, request: Uint8Array): Promise<Uint8Array>;
}

export function createDappPublisher(options: { vault: Vault; node: NodeAccess; nowMs: () => number }): DappPublisher {
  const { vault, node, nowMs } = options;

  return {
    async describe(safeId, documentKey, request) {
      await node.mustBeSet();
      await vault.keystore.checkPublish(safeId, documentKey, request);
      return await vault.keystore.describe(safeId, 'xmtp_publish', request);
    },
    async publish(safeId, documentKey, request) {
      const envelopes = await vault.keystore.checkPublish(safeId, documentKey, request);
      try {
        await node.ask((client) => withToken(vault, safeId, (token) => client.publish(envelopes, token)));
      } catch (error) {
        throw error instanceof VaultError && error.reason === 'invalid-input' ? new KeystoreRefusal(1) : error;
      }
      // From now on a rotation announces itself to peers, and the contact is watched.
      const contactTopic = ownTopics(await accountOf(vault, safeId)).contact;
      if (envelopes.some((envelope) => envelope.contentTopic === contactTopic)) await vault.publication.contactPublished(safeId, nowMs());
      // PublishResponse has no fields.
      return new Uint8Array(0);
    },
  };
}
