// The conversations of an inbox and the open one's lines, as the tab of today's XMTP shows them.
// Promises: a conversation stands once, whatever groups lie underneath; a message stands once and in its place; what is no text stands for what its
// sender said instead of it, or for nothing. Must not: send anything.
import type { Client, ConsentState, DecodedMessage, Dm } from '@xmtp/browser-sdk';
import type { ChatLine, ChatRow } from './chat';

interface Entry {
  conversation: Dm;
  peer: string;
  consent: ChatRow['consent'];
  lastText: string | undefined;
  lastAtMs: number;
  unread: number;
}

export interface TodayBook {
  /** Most recent first. */
  rows(): ChatRow[];
  /** Of the open conversation, oldest first. */
  lines(): ChatLine[];
  /** Gives the topic of a conversation, new or known: the inbox of the other person. */
  know(conversation: Dm): Promise<string>;
  /** Undefined for a group that is not known yet, though its conversation may be. */
  topicOf(conversationId: string): string | undefined;
  conversationOf(topic: string): Dm | undefined;
  /** `isNews`: it came by itself, and counts as unread unless its conversation is open. */
  take(topic: string, message: DecodedMessage, isNews: boolean): void;
  /** From now on the lines are of this conversation. */
  turnTo(topic: string | undefined): void;
  openTopic(): string | undefined;
  setConsent(topic: string, consent: 'allowed' | 'denied'): void;
  /** A line that is on its way; the function takes it back. */
  addPending(text: string): () => void;
  /** The address by which apps call an inbox: the first that is not its recovery. */
  addressOf(inboxId: string): Promise<string>;
  /** How many messages with something to read the client has. */
  countAll(): Promise<number>;
}

export function createTodayBook(client: Client, allowed: ConsentState, denied: ConsentState): TodayBook {
  /** By the inbox of the other person: one conversation may be several groups underneath. */
  const entries = new Map<string, Entry>();
  const lines = new Map<string, ChatLine>();
  const topics = new Map<string, string>();
  let open: string | undefined;
  let pendingCount = 0;

  async function addressOf(inboxId: string): Promise<string> {
    const [state] = await client.preferences.fetchInboxStates([inboxId]);
    const all = state?.accountIdentifiers.map(({ identifier }) => identifier) ?? [];
    return all.find((one) => one !== state?.recoveryIdentifier.identifier) ?? all[0] ?? inboxId;
  }
  function lineOf(message: DecodedMessage): ChatLine | undefined {
    const text = typeof message.content === 'string' ? message.content : message.fallback;
    if (text === undefined || text === '') return undefined;
    const isMine = message.senderInboxId === client.inboxId;
    return { id: message.id, isMine, text, sentAtMs: message.sentAt.getTime(), isPending: false };
  }

  return {
    rows: () =>
      [...entries]
        .map(([topic, { peer, consent, lastText, lastAtMs, unread }]): ChatRow => {
          const said = { peer, consent, lastText, lastAtMs, unread };
          return { ...said, topic, version: 'v3', about: undefined };
        })
        .sort((a, b) => b.lastAtMs - a.lastAtMs),
    lines: () => [...lines.values()].sort((a, b) => a.sentAtMs - b.sentAtMs),
    async know(conversation) {
      const topic = await conversation.peerInboxId();
      const [state, peer] = await Promise.all([
        conversation.consentState(),
        entries.get(topic)?.peer ?? addressOf(topic),
      ]);
      const consent = state === allowed ? 'allowed' : state === denied ? 'denied' : 'unknown';
      const entry = entries.get(topic) ?? {
        lastText: undefined,
        lastAtMs: conversation.createdAt?.getTime() ?? Date.now(),
        unread: 0,
      };
      topics.set(conversation.id, topic);
      entries.set(topic, Object.assign(entry, { conversation, consent, peer } as const));
      return topic;
    },
    topicOf: (conversationId) => topics.get(conversationId),
    conversationOf: (topic) => entries.get(topic)?.conversation,
    take(topic, message, isNews) {
      const entry = entries.get(topic);
      const line = lineOf(message);
      if (!entry || !line) return;
      if (line.sentAtMs >= entry.lastAtMs || entry.lastText === undefined)
        Object.assign(entry, { lastText: line.text, lastAtMs: line.sentAtMs });
      if (topic === open) lines.set(line.id, line);
      else if (isNews && !line.isMine) entry.unread++;
    },
    turnTo(topic) {
      open = topic;
      lines.clear();
      const entry = topic === undefined ? undefined : entries.get(topic);
      if (entry) entry.unread = 0;
    },
    openTopic: () => open,
    setConsent(topic, consent) {
      const entry = entries.get(topic);
      if (entry) entry.consent = consent;
    },
    addPending(text) {
      const id = `pending-${++pendingCount}`;
      lines.set(id, { id, isMine: true, text, sentAtMs: Date.now(), isPending: true });
      return () => void lines.delete(id);
    },
    addressOf,
    async countAll() {
      let count = 0;
      for (const conversation of await client.conversations.listDms())
        count += (await conversation.messages()).filter((message) => lineOf(message)).length;
      return count;
    },
  };
}
