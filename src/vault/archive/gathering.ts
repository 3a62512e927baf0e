// Taking rows in: from a node or a file, in any order, and more than once.
// Promises: invitations become conversations of the safe and first messages its V1 peers, by the keystore's own way of saving; a row is kept whether it can
// be opened or not, and what is no row of this account's messages is counted. A worker that dies in between does the same again.
// Must not: ask a node, or decide what a message says.
import { VaultError } from '../../contract/errors';
import { ProtocolError } from '../../protocol/base/errors';
import { encodeConversations } from '../../protocol/keystore/calls';
import { walletAddressOf } from '../../protocol/keys/keys';
import type { ConversationReference } from '../../protocol/messages/conversation';
import { decodeConversationReference } from '../../protocol/messages/conversation';
import { decodeMessage } from '../../protocol/messages/message';
import { decodeMessageHeaderV1 } from '../../protocol/messages/message-v1';
import { directMessageTopic, introTopic, inviteTopic, isConversationTopic } from '../../protocol/messages/topics';
import { attempt } from '../keystore/call';
import type { Conversations } from '../keystore/conversations';
import type { Keystore } from '../keystore/keystore';
import type { History } from '../publication/history';
import type { ArchiveRows, GatheredRow } from './rows';

/** Rows of one source, and how far that source is read with them. */
export interface Gathered {
  source: string;
  /** Where the source goes on; null at its end. */
  next: string | null;
  rows: readonly GatheredRow[];
  /** What stood among them that is no row. */
  badLines: number;
  /** The source is read from its beginning: what was counted of it before counts no more. */
  isFirst: boolean;
}

/** Where an account's conversations begin: its invitations (V2), and first messages to it (V1). */
export function firstTopics(account: string): { invitations: string; introductions: string } {
  return { invitations: inviteTopic(account), introductions: introTopic(account) };
}

export interface Gathering {
  /** How many of the rows were not there before. Throws 'limit', and what the keystore throws. */
  add(safeId: string, gathered: Gathered): Promise<{ added: number }>;
  /** The topics of all conversations that are known, sorted: what there is to read. */
  topics(safeId: string): Promise<string[]>;
}

const documentKey = 'archive';
/** As many as one call of the keystore takes. */
const mostAtOnce = 1_000;

type Kind = 'invitation' | 'message' | 'other';

export function createGathering(options: {
  rows: ArchiveRows;
  history: History;
  keystore: Pick<Keystore, 'run'>;
  conversations: Pick<Conversations, 'list' | 'listPeers'>;
  accountOf: (safeId: string) => string | undefined;
  nowMs: () => number;
}): Gathering {
  const { rows: store, history, keystore, conversations, accountOf, nowMs } = options;

  /** V1 conversations that these rows are of. */
  function peersIn(
    account: string,
    of: ReturnType<typeof topicsOf>,
    rows: readonly GatheredRow[],
  ): ConversationReference[] {
    const found = new Map<string, ConversationReference>();
    for (const row of rows) {
      const peerAddress = of(row.contentTopic).peer ?? peerOfFirst(row, account);
      if (peerAddress === undefined) continue;
      const topic = directMessageTopic(account, peerAddress);
      const known = found.get(topic);
      if (!known || row.timestampNs < known.createdNs)
        found.set(topic, { topic, peerAddress, createdNs: row.timestampNs });
    }
    return [...found.values()];
  }

  async function saveInvitations(safeId: string, rows: readonly GatheredRow[]): Promise<number> {
    let failed = 0;
    for (let at = 0; at < rows.length; at += mostAtOnce) {
      const part = rows.slice(at, at + mostAtOnce);
      failed += (await history.save(safeId, part)).failed;
    }
    return failed;
  }

  async function savePeers(safeId: string, peers: readonly ConversationReference[]): Promise<void> {
    for (let at = 0; at < peers.length; at += mostAtOnce)
      await keystore.run(safeId, 'xmtp_saveV1Conversations', encodeConversations(peers.slice(at, at + mostAtOnce)), {
        documentKey,
        nowMs: nowMs(),
      });
  }

  return {
    async add(safeId, { source, next, rows, badLines, isFirst }) {
      const account = accountOf(safeId);
      if (account === undefined) throw new VaultError('not-found');
      const of = topicsOf(account);
      const kept = rows.filter(({ contentTopic }) => of(contentTopic).kind !== 'other');
      const fresh = await store.newAmong(safeId, kept);
      const isInvitation = ({ contentTopic }: GatheredRow) => of(contentTopic).kind === 'invitation';
      // Before they are kept: what was not saved is new once more.
      const invitationsLeft = await saveInvitations(safeId, fresh.filter(isInvitation));
      await savePeers(safeId, peersIn(account, of, fresh));
      return store.add(safeId, fresh, (state) => {
        const before = isFirst ? undefined : state.sources[source];
        state.invitationsLeft += invitationsLeft;
        state.sources[source] = {
          next,
          rows: (before?.rows ?? 0) + rows.length,
          badLines: (before?.badLines ?? 0) + badLines,
          otherRows: (before?.otherRows ?? 0) + rows.length - kept.length,
        };
      });
    },
    async topics(safeId) {
      const topics = new Set<string>();
      for (const listing of [await conversations.list(safeId), await conversations.listPeers(safeId)]) {
        for (const encoded of listing) topics.add(decodeConversationReference(encoded).topic);
        listing.release();
      }
      return [...topics].toSorted();
    },
  };
}

/** What topics hold for an account; each is looked at once. */
function topicsOf(account: string): (topic: string) => { kind: Kind; peer?: string } {
  const { invitations, introductions } = firstTopics(account);
  const known = new Map<string, { kind: Kind; peer?: string }>();
  const look = (topic: string): { kind: Kind; peer?: string } => {
    if (topic === invitations) return { kind: 'invitation' };
    if (topic === introductions || isConversationTopic(topic)) return { kind: 'message' };
    const peer = otherIn(topic, account);
    return peer === undefined ? { kind: 'other' } : { kind: 'message', peer };
  };
  return (topic) => {
    const found = known.get(topic) ?? look(topic);
    known.set(topic, found);
    return found;
  };
}

/** The other of the two accounts in the name of a V1 topic. */
function otherIn(topic: string, account: string): string | undefined {
  const [, one, other] = /^\/xmtp\/0\/dm-(0x[0-9a-fA-F]{40})-(0x[0-9a-fA-F]{40})\/proto$/.exec(topic) ?? [];
  const peer = one === account ? other : other === account ? one : undefined;
  return peer !== undefined && directMessageTopic(account, peer) === topic ? peer : undefined;
}

/** The other party of a first message, by its header. */
function peerOfFirst({ contentTopic, message }: GatheredRow, account: string): string | undefined {
  if (!contentTopic.startsWith('/xmtp/0/intro-')) return undefined;
  const parties = attempt(() => {
    const decoded = decodeMessage(message);
    if (decoded.version !== 1) return [];
    const { sender, recipient } = decodeMessageHeaderV1(decoded.headerBytes);
    return [walletAddressOf(sender.identityKey), walletAddressOf(recipient.identityKey)];
  });
  if (parties instanceof ProtocolError) return undefined;
  const [sender, recipient] = parties;
  return sender === account ? recipient : recipient === account ? sender : undefined;
}
