// Publishing for dapps (`xmtp_publish`): a page's envelopes go to the node under the vault's own token, which no page ever sees.
// Promises: what may be published is the vault's word (never a private-store topic, on the contact topic only its own bundle), asked
// again right before it happens. Must not: log or keep a topic, or be called without a grant.
import { errorCode, ProviderError, VaultError } from '../contract/errors';
import type { MessageFacts } from '../contract/internal';
import { publishFacts } from '../vault/publish-facts';
import type { FlowVault } from './flow-vault';
import type { NodeAccess } from './node-access';
import { withToken } from './publishing';

export interface DappPublisher {
  /** What the request is about, for a card. Throws as `publish` does for what can be told without asking the node. */
  describe(safeId: string, documentKey: string, request: Uint8Array): Promise<MessageFacts>;
  /** The bytes of the node's answer. Throws VaultError with a network reason, 'limit', 'locked'; ProviderError for a request that is refused. */
  publish(safeId: string, documentKey: string, request: Uint8Array): Promise<Uint8Array>;
}

export function createDappPublisher(options: { vault: FlowVault; node: NodeAccess }): DappPublisher {
  const { vault, node } = options;

  async function checked(safeId: string, documentKey: string, request: Uint8Array) {
    try {
      return await vault.publication.checkPublish(safeId, documentKey, request);
    } catch (error) {
      if (error instanceof VaultError && error.reason === 'invalid-input') throw new ProviderError(errorCode.invalidParams, { field: 'request' });
      throw error;
    }
  }

  return {
    async describe(safeId, documentKey, request) {
      await node.mustBeSet();
      const envelopes = await checked(safeId, documentKey, request);
      const account = (await vault.state()).identities.find((one) => one.safeId === safeId)?.account ?? '';
      return publishFacts(account, envelopes);
    },
    async publish(safeId, documentKey, request) {
      await node.mustBeSet();
      const envelopes = await checked(safeId, documentKey, request);
      await node.ask((client) => withToken(vault, safeId, (token) => client.publish(envelopes, token)));
      // PublishResponse has no fields.
      return new Uint8Array(0);
    },
  };
}
