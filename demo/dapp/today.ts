// The messages of one inbox of today's XMTP (V3): the unmodified @xmtp/browser-sdk, its key in the vault, and what the page shows of it.
// Promises that every act ends in a new state or in words, and that closing ends client and stream.
// Must not: load the client before the person asked for it, nor ask the vault for more than an address and what the person started.
import type * as BrowserSdk from '@xmtp/browser-sdk';
import type { PrekeyVaultProvider } from '../../src/sdk/index';
import { vaultArchive, vaultXmtpSigner } from '../../src/sdk/v3/index';
import type { Chat, ChatState } from './chat';
import type { TodayConfig } from './config';
import { createTodayBook, type TodayBook } from './today-book';
import { todayTroubleOf } from './today-words';

/** What is being waited for before there are messages. */
export type TodayStep = 'client' | 'card' | 'messages';

export interface TodayState extends ChatState {
  step: TodayStep;
  inboxId: string | undefined;
  /** The address that others see: of a linked wallet, else the vault's. */
  shownAddress: string | undefined;
  archive: 'idle' | 'saving' | 'opening';
  /** What came of the last archive. */
  archived: { kind: 'saved'; bytes: number } | { kind: 'opened'; news: number } | undefined;
}

export interface Today extends Chat {
  state(): TodayState;
  /** An archive of everything here, or undefined when it failed. */
  save(): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Brings an archive in. */
  bring(archive: Uint8Array): Promise<void>;
}

const burstMs = 50;

/** Starts the client; `onChange` is told whenever `state` has something new. */
export function openToday(options: {
  provider: PrekeyVaultProvider;
  account: string;
  today: TodayConfig;
  onChange: () => void;
}): Today {
  const { provider, account, today, onChange } = options;
  let sdk: typeof BrowserSdk | undefined;
  let client: BrowserSdk.Client | undefined;
  let book: TodayBook | undefined;
  let stream: { end(): Promise<unknown> } | undefined;
  let letGo: (() => void) | undefined;
  let soon: ReturnType<typeof setTimeout> | undefined;
  let flags: Omit<TodayState, 'rows' | 'lines' | 'openTopic'> = {
    phase: 'starting',
    step: 'client',
    reading: 'no',
    progress: undefined,
    isOpening: false,
    trouble: undefined,
    inboxId: undefined,
    shownAddress: undefined,
    archive: 'idle',
    archived: undefined,
  };
  let shown = snapshot();

  function snapshot(): TodayState {
    return { ...flags, openTopic: book?.openTopic(), rows: book?.rows() ?? [], lines: book?.lines() ?? [] };
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
    change({ trouble: todayTroubleOf(thrown) });
    return false;
  };

  async function start(): Promise<void> {
    try {
      letGo = await onlyHere();
      sdk = await import('@xmtp/browser-sdk');
      const signer = await vaultXmtpSigner(provider, { account });
      const asking: typeof signer = {
        ...signer,
        async signMessage(text) {
          change({ step: 'card' });
          const signature = await signer.signMessage(text);
          change({ step: 'messages' });
          return signature;
        },
      };
      const settings = {
        env: 'local',
        apiUrl: today.nodeUrl,
        // The node of the demo forgets everything when it ends, so what was kept of an earlier one is of no use.
        dbPath: `quill-${today.run}-${signer.getIdentifier().identifier}.db3`,
        disableDeviceSync: true,
        // In a step of its own, so that a client that was refused can be closed: an open one keeps its database from the next.
        disableAutoRegister: true,
        loggingLevel: sdk.LogLevel.Off,
      } as const;
      // Its type takes no options of a network that are written right here.
      client = await sdk.Client.create(asking, settings);
      if (!isClosed()) await client.register();
      if (isClosed()) return end();
      book = createTodayBook(client, sdk.ConsentState.Allowed, sdk.ConsentState.Denied);
      change({ step: 'messages', inboxId: client.inboxId, shownAddress: await book.addressOf(client.inboxId!) });
      await refresh();
      await listen(client);
      change({ phase: 'ready' });
    } catch (thrown) {
      end();
      change({ phase: 'failed', trouble: todayTroubleOf(thrown) });
    }
  }

  async function listen(from: BrowserSdk.Client): Promise<void> {
    stream = await from.conversations.streamAllDmMessages({
      onValue: (message) => void hear(from, message).catch(fail),
      onRestart: () => void refresh().catch(fail),
      onFail: () => void fail(new Error('network')),
    });
    if (isClosed()) end();
  }
  async function hear(from: BrowserSdk.Client, message: BrowserSdk.DecodedMessage): Promise<void> {
    if (!book || isClosed()) return;
    // Hundreds may come at once: a conversation that is known is not asked again.
    let topic = book.topicOf(message.conversationId);
    if (topic === undefined) {
      const conversation = await from.conversations.getConversationById(message.conversationId);
      if (!conversation || !('peerInboxId' in conversation)) return;
      topic = await book.know(conversation as BrowserSdk.Dm);
    }
    book.take(topic, message, true);
    changeSoon();
  }

  /** Shows what the client has, once it looked at the node. */
  async function refresh(): Promise<void> {
    if (!client || !book) return;
    await client.conversations.syncAll();
    for (const conversation of await client.conversations.listDms()) {
      const topic = await book.know(conversation);
      const last = await conversation.lastMessage();
      if (last) book.take(topic, last, false);
    }
    await readOpen();
    change();
  }
  async function readOpen(): Promise<void> {
    const topic = book?.openTopic();
    if (!book || topic === undefined) return;
    const messages = (await book.conversationOf(topic)?.messages()) ?? [];
    if (book.openTopic() === topic) for (const message of messages) book.take(topic, message, false);
  }

  async function open(topic: string): Promise<void> {
    book?.turnTo(topic);
    change({ reading: 'yes' });
    await readOpen().catch(fail);
    if (book?.openTopic() === topic) change({ reading: 'no' });
  }

  async function begin(peer: string): Promise<boolean> {
    if (!client || !book || !sdk) return false;
    change({ isOpening: true, trouble: undefined });
    try {
      const identifier = peer.trim().toLowerCase();
      if (!/^0x[0-9a-f]{40}$/.test(identifier)) throw new Error('invalid address');
      const inboxId = await client.fetchInboxIdByIdentifier({
        identifier,
        identifierKind: sdk.IdentifierKind.Ethereum,
      });
      if (inboxId === undefined) throw new Error('not registered');
      if (inboxId === client.inboxId) throw new Error('self messaging');
      const topic = await book.know(await client.conversations.createDm(inboxId));
      change({ isOpening: false });
      await open(topic);
      return true;
    } catch (thrown) {
      change({ isOpening: false });
      return fail(thrown);
    }
  }

  async function send(text: string): Promise<boolean> {
    const topic = book?.openTopic();
    const conversation = topic === undefined ? undefined : book?.conversationOf(topic);
    if (topic === undefined || !book || !conversation) return false;
    const takeBack = book.addPending(text);
    change({ trouble: undefined });
    try {
      const id = await (await activeOf(topic, conversation)).sendText(text);
      const sent = await client?.conversations.getMessageById(id);
      takeBack();
      if (sent) book.take(topic, sent, false);
      change();
      return true;
    } catch (thrown) {
      takeBack();
      return fail(thrown);
    }
  }

  /**
   * What an archive brought can be read, and not written to before somebody of the conversation wrote to it anew. A new one with the same person is
   * the same conversation for everybody.
   */
  async function activeOf(topic: string, conversation: BrowserSdk.Dm): Promise<BrowserSdk.Dm> {
    if (!client || !book || (await conversation.isActive())) return conversation;
    const anew = await client.conversations.createDm(topic);
    await book.know(anew);
    return anew;
  }

  async function decide(topic: string, consent: 'allowed' | 'denied'): Promise<void> {
    if (!book || !sdk) return;
    const { Allowed, Denied } = sdk.ConsentState;
    try {
      await book.conversationOf(topic)?.updateConsentState(consent === 'allowed' ? Allowed : Denied);
      book.setConsent(topic, consent);
      change();
    } catch (thrown) {
      fail(thrown);
    }
  }

  /** Runs one thing with an archive, and tells what came of it. */
  async function withArchive<T>(
    kind: 'saving' | 'opening',
    run: (archive: ReturnType<typeof vaultArchive>, open: TodayBook) => Promise<T>,
  ): Promise<T | undefined> {
    if (!client || !book || flags.archive !== 'idle') return undefined;
    change({ archive: kind, archived: undefined, trouble: undefined });
    try {
      return await run(vaultArchive(provider, client, { account }), book);
    } catch (thrown) {
      fail(thrown);
      return undefined;
    } finally {
      change({ archive: 'idle' });
    }
  }

  function end(): void {
    void stream?.end().catch(() => undefined);
    client?.close();
    stream = undefined;
    client = undefined;
    letGo?.();
    letGo = undefined;
  }

  void start();
  return {
    state: () => shown,
    open,
    leave() {
      book?.turnTo(undefined);
      change({ reading: 'no' });
    },
    begin,
    send,
    decide,
    save: () =>
      withArchive('saving', async (archive) => {
        const saved = Uint8Array.from(await archive.save());
        change({ archived: { kind: 'saved', bytes: saved.length } });
        return saved;
      }),
    bring: (bytes) =>
      withArchive('opening', async (archive, into) => {
        const before = await into.countAll();
        await archive.open(bytes);
        await refresh();
        change({ archived: { kind: 'opened', news: (await into.countAll()) - before } });
      }),
    // What is read lies in this browser already, and is there at once.
    stopReading: () => undefined,
    dismissTrouble: () => change({ trouble: undefined }),
    close() {
      change({ phase: 'closed' });
      end();
    },
  };
}

/** A client's database can be open once in an origin. Resolves to what gives it back; throws when another tab has it. */
function onlyHere(): Promise<() => void> {
  return new Promise((resolve, reject) => {
    void navigator.locks.request('quill-today', { ifAvailable: true }, (lock) => {
      if (!lock) return reject(new Error('open in another tab'));
      return new Promise<void>((done) => resolve(done));
    });
  });
}
