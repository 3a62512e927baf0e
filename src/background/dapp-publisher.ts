// Publishing for dapps (`xmtp_publish`): a page's envelopes go to the node under the vault's own token, which no page ever sees.
// Promises: what may be published is the vault's word (never a private-store topic, on the contact topic only its own bundle), asked
// again right before it happens; a page puts nothing over the contact of another identity (R-I4); a request that is sent again after a
// dead worker publishes the same rows. Must not: log or keep a topic, or be called without a grant.
import { KeystoreRefusal, VaultError } from '../contract/errors';
import type { MessageFacts } from '../contract/internal';
import type { Envelope } from '../network/envelope';
import { ownTopics } from '../vault/contacts';
import type { KeyValueArea } from '../vault/host';
import { createQueue } from '../vault/queue';
import type { Vault } from '../vault/vault';
import type { NodeAccess } from './node-access';
import { accountOf, contactOnNode, withToken } from './publishing';
import type { SafeQueues } from './safe-queues';

/** A page's request, and whether it may still be carried out. */
export interface PublishCall {
  safeId: string;
  documentKey: string;
  /** The same when the request is sent again. */
  requestId: string;
  request: Uint8Array;
  /** Throws when the grant has ended; asked right before anything is sent. */
  mustStillBeGranted(): Promise<unknown>;
}

export interface DappPublisher {
  /** What the request is about, for a card. Throws as `publish` does for what can be told without asking the node. */
  describe(safeId: string, documentKey: string, request: Uint8Array): Promise<MessageFacts>;
  /**
   * The bytes of the node's answer. Throws VaultError with a network reason, 'limit', 'locked', 'needs-confirmation' when the contact
   * on the node is another identity's; KeystoreRefusal for a request that is refused; what `mustStillBeGranted` throws.
   */
  publish(call: PublishCall): Promise<Uint8Array>;
}

const datedKey = 'publish-dated';
/** As long as a page may go on sending a request again: longer than anything waits. */
const datedForMs = 600_000;

export function createDappPublisher(options: {
  vault: Vault;
  node: NodeAccess;
  queues: SafeQueues;
  session: KeyValueArea;
  nowMs: () => number;
}): DappPublisher {
  const { vault, node, queues, session, nowMs } = options;
  const inTurn = createQueue();

  /** When a request was first carried out: what has no time of its own is dated by it, also by a later worker. */
  const firstAtMs = (requestId: string): Promise<number> =>
    inTurn(async () => {
      const known = ((await session.get([datedKey]))[datedKey] ?? {}) as Record<string, number>;
      const atMs = known[requestId] ?? nowMs();
      const kept = Object.entries(known).filter(([, oneMs]) => nowMs() - oneMs < datedForMs);
      await session.set({ [datedKey]: { ...Object.fromEntries(kept), [requestId]: atMs } });
      return atMs;
    });

  async function dated(requestId: string, envelopes: readonly Envelope[]): Promise<readonly Envelope[]> {
    if (envelopes.every(({ timestampNs }) => timestampNs !== 0n)) return envelopes;
    const atNs = BigInt(await firstAtMs(requestId)) * 1_000_000n;
    return envelopes.map((one) => (one.timestampNs === 0n ? { ...one, timestampNs: atNs } : one));
  }

  /** A page does not decide between two identities of one account; its owner does, in our own pages. */
  async function mustNotReplaceAnother(safeId: string, account: string): Promise<void> {
    const there = await node.ask((client) => contactOnNode(client, account));
    if (!there || (await vault.publication.judgeContact(safeId, there.message)) !== 'other-identity') return;
    await vault.publication.notice(safeId, 'other-identity-published');
    throw new VaultError('needs-confirmation');
  }

  async function send({ safeId, requestId, mustStillBeGranted }: PublishCall, checked: readonly Envelope[]): Promise<void> {
    const envelopes = await dated(requestId, checked);
    try {
      await node.ask((client) =>
        withToken(vault, safeId, async (token) => {
          await mustStillBeGranted();
          await client.publish(envelopes, token);
        }),
      );
    } catch (error) {
      throw error instanceof VaultError && error.reason === 'invalid-input' ? new KeystoreRefusal(1) : error;
    }
  }

  return {
    async describe(safeId, documentKey, request) {
      await node.mustBeSet();
      await vault.keystore.checkPublish(safeId, documentKey, request);
      return await vault.keystore.describe(safeId, 'xmtp_publish', request);
    },
    async publish(call) {
      const { safeId, documentKey, request } = call;
      const check = () => vault.keystore.checkPublish(safeId, documentKey, request);
      const account = await accountOf(vault, safeId);
      const { contact } = ownTopics(account);
      const checked = await check();
      if (!checked.some(({ contentTopic }) => contentTopic === contact)) await send(call, checked);
      // In turn with rotations: the prekey that is announced must be the one that counts when the node has it.
      else
        await queues.run(safeId, async () => {
          const envelopes = await check();
          await mustNotReplaceAnother(safeId, account);
          await send(call, envelopes);
          // From now on a rotation announces itself to peers, and the contact is watched.
          await vault.publication.contactPublished(safeId, nowMs());
        });
      // PublishResponse has no fields.
      return new Uint8Array(0);
    },
  };
}
