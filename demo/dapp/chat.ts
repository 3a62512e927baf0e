// The messages of one account: an unmodified xmtp-js client on the vault, and what the page shows of it.
// Promises that every act ends in a new state or in words, that a message stands once and in its place, and that closing stops
// the stream. Must not touch a key: there is none in this page.
import { Client, type Conversation, type DecodedMessage, SortDirection } from '@xmtp/xmtp-js';
import type { PrekeyVaultProvider } from '../../src/sdk/index';
import { vaultClientOptions } from '../../src/sdk/xmtp/index';
import { chatTroubleOf, type Trouble } from './words';

/** One conversation in the list. */
export interface ChatRow {
  topic: string;
  peer: string;
  version: 'v1' | 'v2' | 'v3';
  /** What the conversation is about, when whoever began it said so. */
  about: string | undefined;
  consent: 'allowed' | 'denied' | 'unknown';
  lastText: string | undefined;
  lastAtMs: number;
  unread: number;
}

/** One message as it is shown. */
export interface ChatLine {
  id: string;
  isMine: boolean;
  text: string;
  sentAtMs: number;
  /** Still on its way. */
  isPending: boolean;
}

/** What there is to show. Each change gives a new object. */
export interface ChatState {
  phase: 'starting' | 'ready' | 'failed' | 'closed';
  /** Most recent first. */
  rows: ChatRow[];
  openTopic: string | undefined;
  /** Of the open conversation, oldest first. */
  lines: ChatLine[];
  reading: 'no' | 'yes' | 'stopped';
  /** How far a long read has come. */
  progress: { done: number; total: number } | undefined;
  isOpening: boolean;
  trouble: Trouble | undefined;
}

export interface Chat {
  state(): ChatState;
  open(topic: string): Promise<void>;
  /** Closes the open conversation. */
  leave(): void;
  /** Begins, or finds, a conversation. False when it failed. */
  begin(peer: string, about: string): Promise<boolean>;
  /** Sends into the open conversation. False when it failed. */
  send(text: string): Promise<boolean>;
  decide(topic: string, consent: 'allowed' | 'denied'): Promise<void>;
  stopReading(): void;
  dismissTrouble(): void;
  close(): void;
}

interface Entry {
  conversation: Conversation;
  lastText: string | undefined;
  lastAtMs: number;
  unread: number;
}

/** Conversations whose last message is read for the list. */
const previews = 30;
const burstMs = 50;

/** Starts the client; `onChange` is told whenever `state` has something new. */
export function openChat(options: {
  provider: PrekeyVaultProvider;
  account: string;
  nodeUrl: string;
  onChange: () => void;
}): Chat {
  const { provider, account, nodeUrl, onChange } = options;
  const entries = new Map<string, Entry>();
  const lines = new Map<string, ChatLine>();
  let client: Client | undefined;
  let stream: AsyncGenerator<DecodedMessage> | undefined;
  let reading: AbortController | undefined;
  let soon: ReturnType<typeof setTimeout> | undefined;
  let pendingCount = 0;
  let flags: Pick<ChatState, 'phase' | 'openTopic' | 'reading' | 'progress' | 'isOpening' | 'trouble'> = {
    phase: 'starting',
    openTopic: undefined,
    reading: 'no',
    progress: undefined,
    isOpening: false,
    trouble: undefined,
  };
  let shown = snapshot();

  function snapshot(): ChatState {
    const rows = [...entries.values()].map(rowOf).sort((a, b) => b.lastAtMs - a.lastAtMs);
    return { ...flags, rows, lines: [...lines.values()].sort((a, b) => a.sentAtMs - b.sentAtMs) };
  }
  function rowOf({ conversation, ...rest }: Entry): ChatRow {
    return {
      ...rest,
      topic: conversation.topic,
      peer: conversation.peerAddress,
      version: conversation.conversationVersion,
      about: conversation.context?.conversationId || undefined,
      consent: client?.contacts.consentState(conversation.peerAddress) ?? 'unknown',
    };
  }
  const isClosed = () => flags.phase === 'closed';
  function change(more: Partial<typeof flags> = {}): void {
    if (isClosed()) return;
    flags = { ...flags, ...more };
    shown = snapshot();
    onChange();
  }
  /** A burst from the stream is shown together. */
  function changeSoon(): void {
    soon ??= setTimeout(() => {
      soon = undefined;
      change();
    }, burstMs);
  }
  const fail = (thrown: unknown): false => {
    change({ trouble: chatTroubleOf(thrown) });
    return false;
  };

  function know(conversation: Conversation): Entry {
    const known = entries.get(conversation.topic);
    if (known) return known;
    const entry = { conversation, lastText: undefined, lastAtMs: conversation.createdAt.getTime(), unread: 0 };
    entries.set(conversation.topic, entry);
    return entry;
  }
  function take(message: DecodedMessage, isNews: boolean): void {
    const entry = know(message.conversation);
    const line = lineOf(message);
    if (line.sentAtMs >= entry.lastAtMs || entry.lastText === undefined)
      Object.assign(entry, { lastText: line.text, lastAtMs: line.sentAtMs });
    if (message.conversation.topic === flags.openTopic) lines.set(line.id, line);
    else if (isNews && !line.isMine) entry.unread++;
  }
  const lineOf = (message: DecodedMessage): ChatLine => ({
    id: message.id,
    isMine: message.senderAddress === account,
    text: textOf(message),
    sentAtMs: message.sent.getTime(),
    isPending: false,
  });

  async function start(): Promise<void> {
    try {
      client = await Client.create(null, {
        ...vaultClientOptions(provider, {
          account,
          signal: () => reading?.signal,
          onProgress: ({ done, total }) => change({ progress: done < total ? { done, total } : undefined }),
        }),
        env: 'local',
        apiUrl: nodeUrl,
        appVersion: 'quill/1',
      });
      for (const conversation of await client.conversations.list()) know(conversation);
      await client.contacts.loadConsentList();
      change({ phase: 'ready' });
      void listen(client).catch(fail);
      await readPreviews();
    } catch (thrown) {
      change({ phase: flags.phase === 'ready' ? 'ready' : 'failed', trouble: chatTroubleOf(thrown) });
    }
  }

  async function listen(from: Client): Promise<void> {
    stream = await from.conversations.streamAllMessages(() => void catchUp(from).catch(fail));
    if (isClosed()) return void (await stream.return(undefined));
    for await (const message of stream) {
      if (isClosed()) return;
      take(message, true);
      changeSoon();
    }
  }

  /** The stream says nothing about what came while it was away. */
  async function catchUp(from: Client): Promise<void> {
    for (const conversation of await from.conversations.list()) know(conversation);
    const open = flags.openTopic === undefined ? undefined : entries.get(flags.openTopic);
    for (const message of (await open?.conversation.messages()) ?? []) take(message, false);
    change();
  }

  async function readPreviews(): Promise<void> {
    const recent = [...entries.values()].sort((a, b) => b.lastAtMs - a.lastAtMs).slice(0, previews);
    for (const { conversation } of recent) {
      if (isClosed()) return;
      const [last] = await conversation.messages({ limit: 1, direction: SortDirection.SORT_DIRECTION_DESCENDING });
      if (last) take(last, false);
      change();
    }
  }

  async function open(topic: string): Promise<void> {
    const entry = entries.get(topic);
    if (!entry) return;
    reading?.abort();
    const own = new AbortController();
    reading = own;
    entry.unread = 0;
    lines.clear();
    change({ openTopic: topic, reading: 'yes', progress: undefined });
    try {
      const messages = await entry.conversation.messages();
      if (flags.openTopic !== topic) return;
      for (const message of messages) take(message, false);
    } catch (thrown) {
      if (own.signal.aborted && flags.openTopic === topic && reading === undefined)
        return change({ reading: 'stopped', progress: undefined });
      if (!own.signal.aborted) fail(thrown);
    }
    if (reading !== own) return;
    reading = undefined;
    change({ reading: 'no', progress: undefined });
  }

  async function begin(peer: string, about: string): Promise<boolean> {
    if (!client) return false;
    change({ isOpening: true, trouble: undefined });
    try {
      const conversation = await client.conversations.newConversation(
        peer.trim(),
        about.trim() === '' ? undefined : { conversationId: about.trim(), metadata: {} },
      );
      know(conversation);
      change({ isOpening: false });
      await open(conversation.topic);
      return true;
    } catch (thrown) {
      change({ isOpening: false });
      return fail(thrown);
    }
  }

  async function send(text: string): Promise<boolean> {
    const entry = flags.openTopic === undefined ? undefined : entries.get(flags.openTopic);
    if (!entry) return false;
    const id = `pending-${++pendingCount}`;
    lines.set(id, { id, isMine: true, text, sentAtMs: Date.now(), isPending: true });
    change({ trouble: undefined });
    try {
      const sent = await entry.conversation.send(text);
      lines.delete(id);
      take(sent, false);
      change();
      return true;
    } catch (thrown) {
      lines.delete(id);
      return fail(thrown);
    }
  }

  async function decide(topic: string, consent: 'allowed' | 'denied'): Promise<void> {
    const entry = entries.get(topic);
    if (!entry) return;
    try {
      await (consent === 'allowed' ? entry.conversation.allow() : entry.conversation.deny());
      change();
    } catch (thrown) {
      fail(thrown);
    }
  }

  void start();
  return {
    state: () => shown,
    open,
    leave() {
      reading?.abort();
      reading = undefined;
      lines.clear();
      change({ openTopic: undefined, reading: 'no', progress: undefined });
    },
    begin,
    send,
    decide,
    stopReading() {
      const stopped = reading;
      reading = undefined;
      stopped?.abort();
    },
    dismissTrouble: () => change({ trouble: undefined }),
    close() {
      reading?.abort();
      change({ phase: 'closed' });
      void stream?.return(undefined);
    },
  };
}

function textOf({ content, contentFallback }: DecodedMessage): string {
  if (typeof content === 'string') return content;
  return contentFallback ?? 'A message of a kind that Quill cannot show.';
}
