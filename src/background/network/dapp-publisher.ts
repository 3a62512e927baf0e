// Publishing for dapps (`xmtp_publish`): a page's envelopes go to the node under the vault's own token, which no page ever sees.
// Promises: what may be published is the vault's word (never a private-store topic, on the contact topic only its own bundle), asked
// again right before it happens; a page puts nothing over the contact of another identity (R-I4); a request goes to the node that its card
// shows, else to the one that was set when it came, or to none; what is sent again after a dead worker are the same rows; of rows that peers
// find instead of a page's contact the person is told at once.
// Must not: log or keep a topic, or be called without a grant.
import { KeystoreRefusal, VaultError } from '../../contract/errors';
import { isDatedAhead } from '../../network/account-topics';
import type { Envelope } from '../../network/envelope';
import { ownTopics } from '../../vault/publication/contacts';
import type { KeyValueArea } from '../../vault/store/host';
import type { Publication } from '../../vault/publication/publication';
import { createQueue } from '../../vault/work/queue';
import { surplus } from '../../vault/work/shares';
import type { Within } from '../../vault/keystore/reach';
import type { Vault } from '../../vault/vault';
import { isFirstTime } from './first-time';
import type { NodeAccess } from './node-access';
import { contactRows, type ContactRows } from './node-rows';
import { accountOf, asFlow, atMsOf, withToken, type Flow } from './publishing';
import type { SafeQueues } from './identity-queues';
import type { MessageFacts } from '../../contract/pages/approvals';
import type { NetworkNotice } from '../../contract/pages/network';

/** A page's request, and whether it may still be carried out. */
export interface PublishCall {
  safeId: string;
  origin: string;
  documentKey: string;
  /** The same when the request is sent again; of requests that share a card, that of the card. */
  requestId: string;
  /** The node that the card showed; undefined when there was none to show it. */
  nodeUrl?: string | undefined;
  /** Which conversations the site was given. */
  within: Within;
  request: Uint8Array;
  /** Throws when the grant has ended, or reaches less by now; asked right before anything is sent. */
  mustStillBeGranted(): Promise<unknown>;
}

export interface DappPublisher {
  /** What the request is about, for a card, and the node it would go to. Throws as `publish` does for what can be told without asking the node. */
  describe(
    safeId: string,
    by: Pick<PublishCall, 'documentKey' | 'origin' | 'within'>,
    request: Uint8Array,
  ): Promise<MessageFacts>;
  /** These requests shared a card that showed this node, and are now carried out without it: `publish` asks no other for them. */
  fix(requestIds: readonly string[], shown: { origin: string; nodeUrl: string }): Promise<void>;
  /**
   * The bytes of the node's answer. Throws VaultError with a network reason, 'limit', 'locked', 'stopped' (detail: `node`) when another node
   * was set since the request came, 'needs-confirmation' when the contact on the node is another identity's; KeystoreRefusal for a request that is refused; what `mustStillBeGranted` throws.
   */
  publish(call: PublishCall): Promise<Uint8Array>;
}

const firstKey = 'publish-first';
const toldKey = 'publish-told';
/** As long as a page may go on sending a request again: longer than anything waits. */
const keptForMs = 600_000;
/** Requests of all origins that are kept; beyond it the oldest of the origin that has most is forgotten. */
export const mostFirst = 256;

/** When a request was first carried out, and the node it is meant for: shown on its card, else the one that was set then. */
interface First {
  origin: string;
  atMs: number;
  /** Undefined for none. */
  nodeUrl?: string | undefined;
}

/** What the contact topic held before something was sent to it. */
interface Found extends ContactRows {
  verdict: Awaited<ReturnType<Publication['classifyContact']>> | undefined;
}

/** What a person should hear of rows that peers find instead of a contact that was sent; undefined for nothing. */
function noticeOf({ contact: there, verdict, above, canBeTopped }: Found, nowNs: bigint): NetworkNotice | undefined {
  if (verdict === 'current' && above === 0)
    return there && isDatedAhead(there.timestampNs, nowNs) ? 'dated-ahead' : undefined;
  if (!canBeTopped) return 'not-newest';
  return above > 0 ? 'foreign-rows' : verdict === 'older-prekey' ? 'older-prekey-republished' : undefined;
}

export function createDappPublisher(options: {
  vault: Vault;
  node: NodeAccess;
  queues: SafeQueues;
  session: KeyValueArea;
  nowMs: () => number;
}): DappPublisher {
  const { vault, node, queues, session, nowMs } = options;
  const inTurn = createQueue();

  /** Kept for a later worker: what has no time of its own is dated by it, and what was meant for one node goes to no other. One for all of these requests. */
  const firstOf = (
    requestIds: readonly string[],
    { origin, nodeUrl }: Pick<PublishCall, 'origin' | 'nodeUrl'>,
  ): Promise<First> =>
    inTurn(async () => {
      const known = ((await session.get([firstKey]))[firstKey] ?? {}) as Record<string, First>;
      const before = requestIds.flatMap((id) => known[id] ?? [])[0];
      if (before && requestIds.every((id) => known[id])) return before;
      const first = before ?? { origin, atMs: nowMs(), nodeUrl: nodeUrl ?? (await node.environment())?.url };
      const kept = Object.entries(known).filter(([, { atMs }]) => nowMs() - atMs < keptForMs);
      const all = [...kept, ...requestIds.filter((id) => !known[id]).map((id) => [id, first] as const)];
      const dropped = new Set(
        surplus(
          all.map(([id, one]) => [id, one.origin]),
          mostFirst,
        ),
      );
      await session.set({ [firstKey]: Object.fromEntries(all.filter(([id]) => !dropped.has(id))) });
      return first;
    });

  function dated({ atMs }: First, envelopes: readonly Envelope[]): readonly Envelope[] {
    const atNs = BigInt(atMs) * 1_000_000n;
    return envelopes.map((one) => (one.timestampNs === 0n ? { ...one, timestampNs: atNs } : one));
  }

  /** What is there. A page does not decide between two identities of one account; its owner does, in our own pages. */
  async function mustNotReplaceAnother({ client, publication }: Flow, safeId: string, account: string): Promise<Found> {
    const rows = await contactRows(client, account);
    const verdict = rows.contact && (await publication.classifyContact(safeId, rows.contact.message));
    if (verdict !== 'other-identity') return { ...rows, verdict };
    await publication.notice(safeId, 'other-identity-published');
    throw new VaultError('needs-confirmation');
  }

  /** From now on a rotation announces itself to peers, and the contact is watched; what peers find in place of what was sent is told at once. */
  async function contactSent({ publication }: Flow, safeId: string, found: Found, sentNs: bigint): Promise<void> {
    const { contact: there, verdict, above } = found;
    const { contactPublishedAtMs } = await publication.facts(safeId);
    const thereAtMs = there && there.timestampNs > sentNs ? atMsOf(there) : null;
    const isOurs = verdict === 'current';
    await publication.contactPublished(safeId, isOurs && thereAtMs !== null ? thereAtMs : nowMs());
    // Ours as this browser dated it, or as it was told before.
    const isKnown = above === 0 && (thereAtMs === null || thereAtMs === contactPublishedAtMs);
    const notice = isKnown ? undefined : noticeOf(found, BigInt(nowMs()) * 1_000_000n);
    const tell = async () => {
      // A page publishes at each of its starts.
      if (notice !== undefined && (await isFirstTime(session, toldKey, safeId)))
        await publication.notice(safeId, notice);
    };
    // It is published, whether this can be written down or not; the next look tells it too.
    await tell().catch(() => undefined);
  }

  const send = (
    { client }: Flow,
    { safeId, mustStillBeGranted }: PublishCall,
    envelopes: readonly Envelope[],
  ): Promise<void> =>
    withToken(vault, safeId, async (token) => {
      await mustStillBeGranted();
      await client.publish(envelopes, token);
    });

  /** What nodes do not take is the page's fault: an envelope dated before 1970, one that is too large. */
  async function asRefusal(sending: Promise<void>): Promise<void> {
    try {
      await sending;
    } catch (error) {
      throw error instanceof VaultError && error.reason === 'invalid-input' ? new KeystoreRefusal(1) : error;
    }
  }

  return {
    async describe(safeId, { documentKey, ...by }, request) {
      const nodeUrl = await node.mustBeSet();
      await vault.keystore.checkPublish(safeId, documentKey, request, by);
      return { ...(await vault.keystore.describe(safeId, 'xmtp_publish', request, by)), nodeUrl };
    },
    fix: async (requestIds, shown) => void (await firstOf(requestIds, shown)),
    async publish(call) {
      const { safeId, documentKey, origin, within, request } = call;
      const check = () => vault.keystore.checkPublish(safeId, documentKey, request, { origin, within });
      const account = await accountOf(vault, safeId);
      const { contact } = ownTopics(account);
      const first = await firstOf([call.requestId], call);
      const at = first.nodeUrl;
      // Not to one that was set since: nobody meant it for that.
      if (at === undefined) throw new VaultError('no-network');
      const checked = await check();
      if (!checked.some(({ contentTopic }) => contentTopic === contact))
        await asRefusal(asFlow(options, { at }, (flow) => send(flow, call, dated(first, checked))));
      // In turn with rotations: the prekey that is announced must be the one that counts when the node has it.
      else
        await queues.run(safeId, (signal) =>
          asRefusal(
            asFlow(options, { at, signal }, async (flow) => {
              const envelopes = dated(first, await check());
              const found = await mustNotReplaceAnother(flow, safeId, account);
              await send(flow, call, envelopes);
              const datesNs = envelopes.flatMap((one) => (one.contentTopic === contact ? [one.timestampNs] : []));
              await contactSent(
                flow,
                safeId,
                found,
                datesNs.reduce((latest, one) => (one > latest ? one : latest)),
              );
            }),
          ),
        );
      // PublishResponse has no fields.
      return new Uint8Array(0);
    },
  };
}
