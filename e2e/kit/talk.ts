// A client of xmtp-js on the vault in a page, as tests talk through it, and the same questions asked of a stock client.
// Promises both are asked for the same things in the same shape: who said what where. Needs the page of kit/messaging.
import type * as Xmtp from '@xmtp/xmtp-js';
import type { Page } from 'playwright';
import type {} from './messaging-page';

export interface Talker {
  /** Makes the page's client, without opening the page anew. `publishing` as in the SDK; the vault publishes unless told. */
  begin(
    more?: { publishLegacyContact?: boolean; skipContactPublishing?: boolean },
    publishing?: 'vault' | 'token' | 'vault-or-token',
  ): Promise<string>;
  /** Begins or finds a conversation. */
  converse(
    peer: string,
    context?: { conversationId: string; metadata: Record<string, string> },
  ): Promise<{ topic: string; version: string }>;
  send(topic: string, text: string): Promise<void>;
  /** Sender and words of what is in a conversation, named by its topic or its peer. */
  read(topic: string): Promise<[string, string][]>;
  list(): Promise<{ topic: string; peer: string; version: string }[]>;
  /** The prekey that the client puts into its messages, in hex. */
  preKey(): Promise<string>;
}

export function talkerIn(page: Page, nodeUrl: string): Talker {
  return {
    begin: (more = {}, publishing = 'vault') =>
      page.evaluate(
        async ([url, options, who]) => {
          window.messaging.kept.ada = await window.messaging.onVault(url, options, { publishing: who });
          window.messaging.kept.begun.length = 0;
          return window.messaging.kept.ada.address;
        },
        [nodeUrl, more, publishing] as const,
      ),
    converse: (peer, context) =>
      page.evaluate(
        async ([to, about]) => {
          const { ada, begun } = window.messaging.kept;
          const conversation = await ada.conversations.newConversation(to, about);
          begun.push(conversation);
          return { topic: conversation.topic, version: conversation.conversationVersion };
        },
        [peer, context] as const,
      ),
    send: (topic, text) =>
      page.evaluate(
        async ([where, words]) => {
          const found = await window.messaging.find(where);
          await found.send(words);
        },
        [topic, text] as const,
      ),
    read: (topic) =>
      page.evaluate(async (where) => {
        const found = await window.messaging.find(where);
        return (await found.messages()).map(({ senderAddress, content }): [string, string] => [
          senderAddress,
          content as string,
        ]);
      }, topic),
    list: () =>
      page.evaluate(async () =>
        (await window.messaging.kept.ada.conversations.list()).map(({ topic, peerAddress, conversationVersion }) => ({
          topic,
          peer: peerAddress,
          version: conversationVersion,
        })),
      ),
    preKey: () =>
      page.evaluate(() =>
        [...window.messaging.kept.ada.publicKeyBundle.preKey.secp256k1Uncompressed.bytes]
          .map((byte) => byte.toString(16).padStart(2, '0'))
          .join(''),
      ),
  };
}

/** Sender and words of a conversation of a stock client. */
export async function said(conversation: Xmtp.Conversation): Promise<[string, string][]> {
  return (await conversation.messages()).map(({ senderAddress, content }): [string, string] => [
    senderAddress,
    content as string,
  ]);
}

/** The conversation of a stock client with this topic. Throws when there is none. */
export async function heardIn(client: Xmtp.Client, topic: string): Promise<Xmtp.Conversation> {
  const found = (await client.conversations.list()).find((one) => one.topic === topic);
  if (!found) throw new Error(`${client.address} has no conversation ${topic}`);
  return found;
}
