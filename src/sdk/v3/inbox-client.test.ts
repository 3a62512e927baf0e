// The vault as signer and as keeper of archive keys, for the unmodified @xmtp/browser-sdk 7.1.0 (libxmtp 1.11.0 as wasm) on the V3 node.
// Promises: the real gate and the real client; every card and every prompt of a wallet is counted. Must not: sign for the vault.
import 'fake-indexeddb/auto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  loadBrowserSdk,
  testSigner,
  type Client,
  type Conversation,
  type Sdk,
  type Signer,
  type TestSigner,
} from '../../../demo/node-v3/browser-sdk.testkit';
import { startNodeV3, type TestNodeV3 } from '../../../demo/node-v3/node';
import { until } from '../../../demo/node-v3/node-v3.testkit';
import { createInboxNode } from '../../background/network/inbox-reading';
import type { InboxView } from '../../contract/pages/inbox';
import { vaultArchive, vaultXmtpSigner } from './inbox';
import type { PrekeyVaultProvider } from '../types';
import { openVaultPage, type VaultPage } from '../vault-page.testkit';

let node: TestNodeV3;
let sdk: Sdk;
const clients: Client[] = [];

async function clientOf(signer: Signer): Promise<Client> {
  const options = { env: 'local', apiUrl: node.url, dbPath: null, disableDeviceSync: true, loggingLevel: 0 } as const;
  const client = await sdk.Client.create(signer, { ...options });
  clients.push(client);
  return client;
}
const vaultClient = async (provider: PrekeyVaultProvider): Promise<Client> => clientOf(await vaultXmtpSigner(provider));
const openPage = () => openVaultPage({ capabilities: ['xmtp.v3', 'xmtp.v3.archive'] });

/** What a person was shown while something was done: the shape of a text, else the kind of the card. */
async function cardsOf(page: VaultPage, act: () => Promise<unknown>): Promise<string[]> {
  const from = page.cards.length;
  await act();
  return page.cards.slice(from).map((shown) => (shown.kind === 'v3' ? shown.facts.shape : shown.kind));
}
const promptsOf = ({ asked }: TestSigner) => asked.map(({ shape }) => shape);
const textsOf = async (conversation: Conversation | undefined) =>
  (await conversation!.messages()).map(({ content }) => content).filter((content) => typeof content === 'string');
/** The address that apps show of an inbox: the first that is not its recovery. */
async function shownAddressOf(inboxId: string): Promise<string | undefined> {
  const [state] = await friend.preferences.fetchInboxStates([inboxId]);
  const { accountIdentifiers = [], recoveryIdentifier } = state ?? {};
  return accountIdentifiers.find(({ identifier }) => identifier !== recoveryIdentifier?.identifier)?.identifier;
}

/** The inbox as the person's own page has it, after it was read from the node. */
async function readFrom({ vault, safeId }: VaultPage, inboxId: string): Promise<InboxView> {
  await vault.settings.set({ ...(await vault.settings.get()), inboxNode: node.url });
  const inboxNode = createInboxNode({ vault, mayReach: async () => true, nowMs: Date.now });
  const { inboxes } = await inboxNode.read({ safeId, inboxId });
  return inboxes.find((one) => one.inboxId === inboxId)!;
}
/** The same inbox as libxmtp reads it from the node. */
async function readByClient(inboxId: string) {
  const [state] = await friend.preferences.fetchInboxStates([inboxId]);
  return {
    recovery: state!.recoveryIdentifier.identifier,
    addresses: state!.accountIdentifiers.map(({ identifier }) => identifier).toSorted(),
    installations: state!.installations.map(({ id }) => id).toSorted(),
    updates: node.identityUpdates(inboxId).length,
  };
}
const installationsOf = ({ granted, read }: InboxView) =>
  [...granted, ...(read?.strangers ?? [])].map(({ installationId }) => installationId).toSorted();

/** A stock client, with a key that no vault has. */
let friend: Client;
beforeAll(async () => {
  [node, sdk] = await Promise.all([startNodeV3({ port: 0 }), loadBrowserSdk()]);
  friend = await clientOf(testSigner('friend').signer);
});
afterAll(async () => {
  for (const client of clients) client.close();
  await until(() => node.subscriberCount() === 0);
  await node.close();
});

describe.sequential('vault first', () => {
  const wallet = testSigner('wallet');
  const history = Array.from({ length: 500 }, (_, at) => `number ${at}`);
  let page: VaultPage;
  let appA: Client;
  let appB: Client;
  let providerB: PrekeyVaultProvider;
  let archive: Uint8Array;
  let conversationId: string;

  test('one card makes the inbox; linking the wallet takes one prompt of the wallet and no card', async () => {
    page = await openPage();
    const { identifier } = (await vaultXmtpSigner(page.provider)).getIdentifier();
    expect(await cardsOf(page, async () => (appA = await vaultClient(page.provider)))).toEqual(['create+grant']);
    expect(node.inboxOf(identifier)).toBe(appA.inboxId);
    expect(await cardsOf(page, () => appA.unsafe_addAccount(wallet.signer, true))).toEqual([]);
    expect(promptsOf(wallet)).toEqual(['link']);
    expect(node.inboxOf(wallet.address)).toBe(appA.inboxId);
    const state = await appA.preferences.fetchInboxState();
    expect(state.recoveryIdentifier.identifier).toBe(identifier);
    expect(await shownAddressOf(appA.inboxId!)).toBe(wallet.address);
    expect(state.accountIdentifiers.map((one) => one.identifier)).toEqual([wallet.address, identifier]);
  });

  test('an app of another site joins with one card and no prompt', async () => {
    providerB = await page.visit('https://pond.example');
    expect(await cardsOf(page, async () => (appB = await vaultClient(providerB)))).toEqual(['grant']);
    expect(appB.inboxId).toBe(appA.inboxId);
    expect(appB.installationId).not.toBe(appA.installationId);
    expect(promptsOf(wallet)).toEqual(['link']);
  });

  test('both apps and a stock client write to each other, and nobody is asked', async () => {
    const heard: unknown[] = [];
    const said = await cardsOf(page, async () => {
      const stream = await friend.conversations.streamAllMessages({ onValue: ({ content }) => heard.push(content) });
      await until(() => node.subscriberCount() > 0);
      const ours = await appA.conversations.createDm(friend.inboxId!);
      await ours.sendText('hello from A');
      await until(() => heard.includes('hello from A'));
      const theirs = (await friend.conversations.listDms())[0]!;
      await theirs.sendText('hello both');
      await appB.conversations.syncAll();
      const inB = (await appB.conversations.listDms())[0]!;
      await inB.sendText('hello from B');
      await until(() => heard.includes('hello from B'));
      await stream.end();
      await ours.sync();
      const all = ['hello from A', 'hello both', 'hello from B'];
      for (const conversation of [ours, inB, theirs]) expect(await textsOf(conversation)).toEqual(all);
      const senders = (await theirs.messages()).map(({ senderInboxId }) => senderInboxId);
      expect(new Set(senders)).toEqual(new Set([appA.inboxId, friend.inboxId]));
    });
    expect(said).toEqual([]);
  });

  test('an archive of 500 messages made in one app is opened in the other: one card each, and the same 500', async () => {
    const group = await appA.conversations.createGroup([friend.inboxId!]);
    conversationId = group.id;
    for (const text of history) await group.sendText(text, { optimistic: true });
    await group.publishMessages();
    const saving = await cardsOf(page, async () => (archive = await vaultArchive(page.provider, appA).save()));
    expect(saving).toEqual(['archive']);
    expect(await cardsOf(page, () => vaultArchive(providerB, appB).open(archive))).toEqual(['archive']);
    const brought = await textsOf(await appB.conversations.getConversationById(conversationId));
    expect(brought).toHaveLength(500);
    expect(brought).toEqual(history);
  });

  test('after a new archive key the old archive opens with the key before it, a new one with today’s', async () => {
    await page.vault.inboxes.newArchiveKey({ safeId: page.safeId });
    const providerC = await page.visit('https://third.example');
    const appC = await vaultClient(providerC);
    const inC = vaultArchive(providerC, appC);
    const first = await inC.open(archive).catch((error: unknown) => error);
    expect(first).toMatchObject({ code: -32602, field: 'archive' });
    expect(await cardsOf(page, () => inC.open(archive, { earlier: 1 }))).toEqual(['archive']);
    expect(page.cards.slice(-2)).toMatchObject([{ facts: { earlier: 0 } }, { facts: { earlier: 1 } }]);
    await expect(inC.open(archive, { earlier: 2 })).rejects.toMatchObject({ code: -32602, field: 'earlier' });
    expect(await textsOf(await appC.conversations.getConversationById(conversationId))).toEqual(history);
    const newer = await vaultArchive(page.provider, appA).save();
    expect(await cardsOf(page, () => inC.open(newer))).toEqual(['archive']);
  });

  test('as recovery it removes an app, for the typed end of the inbox’s id', async () => {
    const lost = appB.installationId!;
    const { installations } = await appA.preferences.fetchInboxState();
    const bytes = installations.filter(({ id }) => id === lost).map((one) => one.bytes);
    expect(await cardsOf(page, () => appA.revokeInstallations(bytes))).toEqual(['revoke']);
    expect(page.cards.at(-1)).toMatchObject({ facts: { values: [lost], inboxId: appA.inboxId } });
    const left = (await friend.preferences.fetchInboxStates([appA.inboxId!]))[0]!.installations.map(({ id }) => id);
    expect(left).not.toContain(lost);
    expect(left).toHaveLength(2);
  });

  test('the ledger has each text once, with the site that asked', async () => {
    const [inbox] = (await page.vault.inboxes.list({ safeId: page.safeId })).inboxes;
    expect(inbox).toMatchObject({ inboxId: appA.inboxId, inbox: 'made-here', role: 'recovery' });
    expect(inbox!.texts.map(({ shape, origin }) => `${shape} ${origin}`)).toEqual([
      'create+grant https://quill.example',
      'grant https://pond.example',
      'grant https://third.example',
      'revoke https://quill.example',
    ]);
    expect(promptsOf(wallet)).toEqual(['link']);
  });

  test('read from the node it is what libxmtp reads, and the app that the wallet let in is pointed out', async () => {
    const inboxId = appA.inboxId!;
    const walletsApp = await clientOf(wallet.signer);
    expect((await page.vault.inboxes.list({ safeId: page.safeId })).inboxes[0]).toMatchObject({ installations: 2 });
    const inbox = await readFrom(page, inboxId);
    const seen = await readByClient(inboxId);
    expect(inbox).toMatchObject({ isRead: true, installations: 3, updates: seen.updates, role: 'recovery' });
    expect(inbox.read).toMatchObject({ unread: null, checked: seen.updates, recovery: seen.recovery, gone: [] });
    expect(inbox.read).toMatchObject({ isRecoveryOurs: true, isRecoveryAsKnown: true });
    expect(inbox.read!.addresses.toSorted()).toEqual(seen.addresses);
    expect(installationsOf(inbox)).toEqual(seen.installations);
    expect(inbox.read!.strangers).toEqual([
      { installationId: walletsApp.installationId, addedBy: wallet.address, isByUs: false, isRevokedHere: false },
    ]);
  });
});

describe.sequential('wallet first', () => {
  const wallet = testSigner('wallet that was first');
  let page: VaultPage;
  let walletsApp: Client;

  test('one prompt makes the inbox; linking the vault takes one card and no prompt', async () => {
    [page, walletsApp] = await Promise.all([openPage(), clientOf(wallet.signer)]);
    const signer = await vaultXmtpSigner(page.provider);
    expect(await cardsOf(page, () => walletsApp.unsafe_addAccount(signer, true))).toEqual(['link']);
    expect(promptsOf(wallet)).toEqual(['create+grant']);
    expect(node.inboxOf(signer.getIdentifier().identifier)).toBe(walletsApp.inboxId);
    expect(await shownAddressOf(walletsApp.inboxId!)).toBe(signer.getIdentifier().identifier);
  });

  test('an app joins by the vault with one card and no prompt, and is heard as the wallet’s inbox', async () => {
    let joined: Client | undefined;
    expect(await cardsOf(page, async () => (joined = await vaultClient(page.provider)))).toEqual(['grant']);
    expect(joined!.inboxId).toBe(walletsApp.inboxId);
    await (await joined!.conversations.createDm(friend.inboxId!)).sendText('it is me');
    await friend.conversations.syncAll();
    const heard = await friend.conversations.getDmByInboxId(walletsApp.inboxId!);
    expect(await textsOf(heard)).toEqual(['it is me']);
    expect(promptsOf(wallet)).toEqual(['create+grant']);
  });

  test('as a plain member it removes nobody: refused at once, without a card', async () => {
    const { installations } = await walletsApp.preferences.fetchInboxState();
    const [own] = installations.filter(({ id }) => id === walletsApp.installationId);
    const joined = clients.at(-1)!;
    const cards = await cardsOf(page, async () => {
      await expect(joined.revokeInstallations([own!.bytes])).rejects.toMatchObject({
        code: -32602,
        field: 'text',
        identityText: 'not-recovery',
      });
    });
    expect(cards).toEqual([]);
  });

  test('read from the node it is what libxmtp reads: the wallet is recovery, and its app was not let in from here', async () => {
    const inboxId = walletsApp.inboxId!;
    const inbox = await readFrom(page, inboxId);
    const seen = await readByClient(inboxId);
    expect(inbox).toMatchObject({ isRead: true, installations: 2, updates: seen.updates, role: 'member' });
    expect(inbox.read).toMatchObject({ unread: null, recovery: wallet.address, isRecoveryAsKnown: true });
    expect(inbox.read!.addresses.toSorted()).toEqual(seen.addresses);
    expect(installationsOf(inbox)).toEqual(seen.installations);
    expect(inbox.read!.strangers.map(({ installationId }) => installationId)).toEqual([walletsApp.installationId]);
  });

  test('and after recovery was handed to the vault, which nobody asks for that, the page can tell', async () => {
    const { identifier } = (await vaultXmtpSigner(page.provider)).getIdentifier();
    await walletsApp.changeRecoveryIdentifier({ identifier, identifierKind: 0 });
    const { read } = await readFrom(page, walletsApp.inboxId!);
    expect(read).toMatchObject({ recovery: identifier, isRecoveryOurs: true, isRecoveryAsKnown: false });
  });
});

test('the clients called nothing that the node has not', () => {
  expect([...node.unknownCalls]).toEqual([]);
});
