// The unmodified @xmtp/browser-sdk 7.1.0 (libxmtp 1.11.0 as wasm) on the V3 node, its keys signing identity texts and nothing else.
import type * as BrowserSdk from '@xmtp/browser-sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { archiveKeyOf } from '../../src/protocol/inbox/archive-key';
import { isInboxMadeBy } from '../../src/protocol/inbox/inbox-id';
import { loadBrowserSdk, seed, testSigner, type Client, type TestSigner } from './browser-sdk.testkit';
import { startNodeV3, type TestNodeV3 } from './node';
import { until } from './node-v3.testkit';

let node: TestNodeV3;
let sdk: typeof BrowserSdk;
const clients: Client[] = [];
const clientOf = async ({ signer }: TestSigner): Promise<Client> => {
  const options = { env: 'local', apiUrl: node.url, dbPath: null, disableDeviceSync: true, loggingLevel: 0 } as const;
  const client = await sdk.Client.create(signer, { ...options });
  clients.push(client);
  return client;
};
const shapesAsked = ({ asked }: TestSigner) => asked.map(({ shape }) => shape);
/** The texts of a conversation, oldest first. */
const textsOf = async (conversation: BrowserSdk.Conversation) =>
  (await conversation.messages()).map(({ content }) => content).filter((content) => typeof content === 'string');

const [vault, wallet, friend] = [testSigner('vault'), testSigner('wallet'), testSigner('friend')];
let mine: Client;
let theirs: Client;
beforeAll(async () => {
  [node, sdk] = await Promise.all([startNodeV3({ port: 0 }), loadBrowserSdk()]);
  [mine, theirs] = await Promise.all([clientOf(vault), clientOf(friend)]);
});
afterAll(async () => {
  for (const client of clients) client.close();
  await until(() => node.subscriberCount() === 0);
  await node.close();
});

describe('clients of XMTP V3', () => {
  it('make inboxes of their keys with one text each', () => {
    for (const [client, key] of [
      [mine, vault],
      [theirs, friend],
    ] as const) {
      expect(shapesAsked(key)).toEqual(['create+grant']);
      expect(isInboxMadeBy(client.inboxId as string, key.address)).toBe(true);
      expect(key.asked[0]).toMatchObject({ owner: key.address, installationId: client.installationId });
      expect(node.inboxOf(key.address)).toBe(client.inboxId);
    }
  });

  it('write to each other, and hear each other live', async () => {
    const heard: unknown[] = [];
    const stream = await theirs.conversations.streamAllMessages({ onValue: ({ content }) => heard.push(content) });
    // One listens for welcomes and one for messages of groups, when there is a group.
    await until(() => node.subscriberCount() > 0);
    const conversation = await mine.conversations.createDm(theirs.inboxId as string);
    await conversation.sendText('hello friend');
    await until(() => heard.includes('hello friend'));
    const [answered] = await theirs.conversations.listDms();
    await answered?.sendText('hello yourself');
    await conversation.sync();
    expect(await textsOf(conversation)).toEqual(['hello friend', 'hello yourself']);
    const live: unknown[] = [];
    const own = await conversation.stream({ onValue: ({ content }) => live.push(content) });
    await answered?.sendText('live as well');
    await until(() => live.includes('live as well'));
    await Promise.all([stream.end(), own.end()]);
    await until(() => node.subscriberCount() === 0);
  });

  it('vault first: link a wallet with one text of the wallet, and the vault’s key stays recovery', async () => {
    await mine.unsafe_addAccount(wallet.signer, true);
    expect(shapesAsked(wallet)).toEqual(['link']);
    expect(shapesAsked(vault)).toEqual(['create+grant']);
    expect(node.inboxOf(wallet.address)).toBe(mine.inboxId);
    const [seen] = await theirs.preferences.fetchInboxStates([mine.inboxId as string]);
    expect(seen?.recoveryIdentifier.identifier).toBe(vault.address);
    expect(new Set(seen?.accountIdentifiers.map(({ identifier }) => identifier))).toEqual(
      new Set([vault.address, wallet.address]),
    );
  });

  it('join an inbox a second time with one grant, and bring an archive of the first: the same 50 texts', async () => {
    const texts = Array.from({ length: 50 }, (_, at) => `number ${at}`);
    const conversation = await mine.conversations.createGroup([theirs.inboxId as string]);
    for (const text of texts) await conversation.sendText(text, { optimistic: true });
    await conversation.publishMessages();

    const again = await clientOf(vault);
    expect(shapesAsked(vault)).toEqual(['create+grant', 'grant']);
    expect(again.inboxId).toBe(mine.inboxId);
    expect(again.installationId).not.toBe(mine.installationId);

    const key = archiveKeyOf(seed('archive secret'), mine.inboxId as string);
    const archive = await mine.createArchive(key);
    await expect(again.importArchive(archive, seed('another key'))).rejects.toThrow();
    await again.importArchive(archive, key);
    const brought = await again.conversations.getConversationById(conversation.id);
    expect(await textsOf(brought as BrowserSdk.Conversation)).toEqual(texts);
  });

  it('are asked for nothing when the vault removes an app, except the text of recovery', async () => {
    const [state] = await theirs.preferences.fetchInboxStates([mine.inboxId as string]);
    const others = state?.installations.filter(({ id }) => id !== mine.installationId) ?? [];
    expect(others).toHaveLength(1);
    await mine.revokeInstallations(others.map(({ bytes }) => bytes));
    expect(shapesAsked(vault)).toEqual(['create+grant', 'grant', 'revoke']);
    expect((await mine.preferences.fetchInboxState()).installations.map(({ id }) => id)).toEqual([mine.installationId]);
  });

  it('call nothing that the node has not', () => {
    expect([...node.unknownCalls]).toEqual([]);
  });
});
