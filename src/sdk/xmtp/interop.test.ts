// The whole of it without a browser: xmtp-js 13.0.4, unmodified, on the vault, with stock peers, over a real node.
// Each test says what both sides see. A stock client with the vault's own keys is the judge of what the vault may answer.
import { Client, type DecodedMessage, PrivateKeyBundleV1, type Stream } from '@xmtp/xmtp-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startNode, type TestNode } from '../../../demo/node/node';
import { bytesToHex } from '../../protocol/base/bytes';
import { getPublicKey } from '../../protocol/base/secp256k1';
import { testWallet } from '../../protocol/testkit/reference.testkit';
import { openVaultPage, type VaultPage } from '../vault-page.testkit';
import { vaultClientOptions, type VaultKeystoreOptions } from './index';

let node: TestNode;
beforeAll(async () => {
  node = await startNode();
});
afterAll(() => node.close());

/** A page whose vault publishes to the node of these tests. */
async function openPage(): Promise<VaultPage> {
  const page = await openVaultPage();
  await page.setNode(node.url);
  return page;
}

type ClientOptions = NonNullable<Parameters<typeof Client.create>[1]>;
const network = () => ({ env: 'local', apiUrl: node.url }) as const;
let people = 0;

/** A stock client with keys of its own, of a new account. */
const stockPeer = (options: Partial<ClientOptions> = {}) =>
  Client.create(testWallet(`peer ${++people}`).signer as never, { ...network(), ...options });
/** An unmodified client on the vault of `page`. */
const onVault = (page: VaultPage, options: VaultKeystoreOptions = {}, more: Partial<ClientOptions> = {}) =>
  Client.create(null, { ...vaultClientOptions(page.provider, options), ...network(), ...more });
const texts = (messages: DecodedMessage[]) =>
  messages.map(({ senderAddress, content }) => [senderAddress, content as string]);

/** The vault's own private keys, found among everything its host drew by the public keys they belong to. */
function keysOf(page: VaultPage, client: Client): PrivateKeyBundleV1 {
  const { identityKey, preKey } = client.publicKeyBundle;
  const [identity, pre] = [identityKey, preKey].map((key) => {
    const wanted = bytesToHex(key.secp256k1Uncompressed.bytes);
    const bytes = page.browser.drawn.find((drawn) => drawn.length === 32 && bytesToHex(getPublicKey(drawn)) === wanted);
    if (!bytes) throw new Error('the private key was not drawn');
    return { timestamp: key.timestamp, secp256k1: { bytes }, publicKey: key };
  });
  return new PrivateKeyBundleV1({ identityKey: identity, preKeys: [pre] } as never);
}
/** A stock client with the vault's identity. */
const stockTwin = (page: VaultPage, client: Client) =>
  Client.create(null, { ...network(), privateKeyOverride: keysOf(page, client).encode() });

/** Waits until the node has `count` open streams, then runs `act`, then takes `wanted` items of the stream. */
async function hear<T>(
  stream: AsyncGenerator<T> | Stream<T>,
  wanted: number,
  act: () => Promise<unknown>,
): Promise<T[]> {
  await expect.poll(() => node.subscriberCount()).toBeGreaterThan(0);
  await act();
  const heard: T[] = [];
  for await (const one of stream as AsyncIterable<T>) if (heard.push(one) === wanted) break;
  await (stream as { return(value?: unknown): Promise<unknown> }).return(undefined);
  await expect.poll(() => node.subscriberCount()).toBe(0);
  return heard;
}

/** The same conversations and the same messages, whichever of the two clients is asked. */
async function expectSameHistory(one: Client, other: Client): Promise<void> {
  const read = async (client: Client) => {
    const rows: unknown[] = [];
    for (const conversation of await client.conversations.list()) {
      const messages = await conversation.messages();
      rows.push([
        conversation.topic,
        conversation.peerAddress,
        conversation.conversationVersion,
        conversation.createdAt.getTime(),
        conversation.context,
        messages.map(({ id, senderAddress, content, sent }) => [id, senderAddress, content as string, sent.getTime()]),
      ]);
    }
    return rows.map((row) => JSON.stringify(row)).sort((a, b) => (a < b ? -1 : 1));
  };
  expect(await read(one)).toEqual(await read(other));
}

describe('V2', () => {
  it('goes both ways, whoever begins, and no wallet is there to be asked', async () => {
    const page = await openPage();
    const [ada, bob, eve] = [await onVault(page), await stockPeer(), await stockPeer()];
    expect(ada.address).toBe(page.account);
    const mine = await ada.conversations.newConversation(bob.address);
    expect(mine.conversationVersion).toBe('v2');
    await mine.send('hello Bob');
    const [theirs] = await bob.conversations.list();
    expect([theirs!.topic, theirs!.peerAddress]).toEqual([mine.topic, ada.address]);
    await theirs!.send('hello Ada');
    const said = [
      [ada.address, 'hello Bob'],
      [bob.address, 'hello Ada'],
    ];
    expect(texts(await mine.messages())).toEqual(said);
    expect(texts(await theirs!.messages())).toEqual(said);

    const fromEve = await eve.conversations.newConversation(ada.address);
    await fromEve.send('you do not know me');
    const [, found] = await ada.conversations.list();
    expect([found!.topic, found!.peerAddress]).toEqual([fromEve.topic, eve.address]);
    await found!.send('now I do');
    expect(texts(await fromEve.messages())).toEqual([
      [eve.address, 'you do not know me'],
      [ada.address, 'now I do'],
    ]);
    await expectSameHistory(ada, await stockTwin(page, ada));
  });

  it('keeps conversations with different contexts apart, and finds them again', async () => {
    const page = await openPage();
    const [ada, bob] = [await onVault(page), await stockPeer()];
    const context = (conversationId: string) => ({
      conversationId,
      metadata: { title: `About ${conversationId}`, empty: '' },
    });
    const chess = await ada.conversations.newConversation(bob.address, context('chess'));
    const tea = await bob.conversations.newConversation(ada.address, context('tea'));
    const plain = await ada.conversations.newConversation(bob.address);
    expect(new Set([chess.topic, tea.topic, plain.topic]).size).toBe(3);
    await chess.send('e4');
    await tea.send('five?');
    expect((await ada.conversations.newConversation(bob.address, context('tea'))).topic).toBe(tea.topic);
    expect((await bob.conversations.newConversation(ada.address, context('chess'))).topic).toBe(chess.topic);
    const seen = await (await onVault(page)).conversations.list();
    expect(seen.find(({ topic }) => topic === tea.topic)?.context).toEqual(context('tea'));
    expect(texts(await seen.find(({ topic }) => topic === tea.topic)!.messages())).toEqual([[bob.address, 'five?']]);
    await expectSameHistory(ada, await stockTwin(page, ada));
  });
});

describe('V1', () => {
  it('goes both ways, whoever begins', async () => {
    const page = await openPage();
    const [ada, bob, eve] = [
      await onVault(page, {}, { publishLegacyContact: true }),
      await stockPeer({ publishLegacyContact: true }),
      await stockPeer(),
    ];
    const mine = await ada.conversations.newConversation(bob.address);
    expect(mine.conversationVersion).toBe('v1');
    await mine.send('old but good');
    const [theirs] = await bob.conversations.list();
    await theirs!.send('indeed');
    const said = [
      [ada.address, 'old but good'],
      [bob.address, 'indeed'],
    ];
    expect(texts(await mine.messages())).toEqual(said);
    expect(texts(await theirs!.messages())).toEqual(said);

    const fromEve = await eve.conversations.newConversation(ada.address);
    expect(fromEve.conversationVersion).toBe('v1');
    await fromEve.send('me too');
    const fresh = await onVault(page, {}, { publishLegacyContact: true });
    const found = (await fresh.conversations.list()).find(({ peerAddress }) => peerAddress === eve.address);
    await found!.send('welcome');
    expect(texts(await fromEve.messages())).toEqual([
      [eve.address, 'me too'],
      [ada.address, 'welcome'],
    ]);
    await expectSameHistory(fresh, await stockTwin(page, ada));
  });
});

describe('live', () => {
  it('hears messages of old conversations and of ones that begin meanwhile', async () => {
    const page = await openPage();
    const [ada, bob, eve] = [await onVault(page), await stockPeer(), await stockPeer()];
    const old = await bob.conversations.newConversation(ada.address);
    const heard = await hear(await ada.conversations.streamAllMessages(), 2, async () => {
      await old.send('still there?');
      await (await eve.conversations.newConversation(ada.address)).send('hello');
    });
    expect(new Map(texts(heard) as [string, string][])).toEqual(
      new Map([
        [bob.address, 'still there?'],
        [eve.address, 'hello'],
      ]),
    );
  });

  it('hears new conversations, and answers in them', async () => {
    const page = await openPage();
    const [ada, bob] = [await onVault(page), await stockPeer()];
    const [begun] = await hear(await ada.conversations.stream(), 1, () =>
      bob.conversations.newConversation(ada.address),
    );
    expect(begun!.peerAddress).toBe(bob.address);
    const theirs = (await bob.conversations.list())[0]!;
    const [answer] = await hear(await theirs.streamMessages(), 1, () => begun!.send('at once'));
    expect(texts([answer!])).toEqual([[ada.address, 'at once']]);
  });

  it.each(['v1', 'v2'] as const)('carries ephemeral messages both ways, which nobody keeps: %s', async (version) => {
    const page = await openPage();
    const publishLegacyContact = version === 'v1';
    const [ada, bob] = [await onVault(page, {}, { publishLegacyContact }), await stockPeer({ publishLegacyContact })];
    const mine = await ada.conversations.newConversation(bob.address);
    expect(mine.conversationVersion).toBe(version);
    await mine.send('kept');
    const theirs = (await bob.conversations.list())[0]!;
    const [toBob] = await hear(await theirs.streamEphemeral(), 1, () => mine.send('typing', { ephemeral: true }));
    const [toAda] = await hear(await mine.streamEphemeral(), 1, () => theirs.send('reading', { ephemeral: true }));
    expect(texts([toBob!, toAda!])).toEqual([
      [ada.address, 'typing'],
      [bob.address, 'reading'],
    ]);
    expect(texts(await mine.messages())).toEqual([[ada.address, 'kept']]);
  });
});

describe('consent', () => {
  it('is one list for the vault and for a stock client with its keys, in both directions', async () => {
    const page = await openPage();
    const ada = await onVault(page);
    const twin = await stockTwin(page, ada);
    const [bob, eve] = [testWallet('bob').address, testWallet('eve').address];
    await ada.contacts.allow([bob]);
    await ada.contacts.deny([eve]);
    await twin.contacts.loadConsentList();
    expect([twin.contacts.consentState(bob), twin.contacts.consentState(eve)]).toEqual(['allowed', 'denied']);
    await twin.contacts.deny([bob]);
    await ada.contacts.loadConsentList();
    expect([ada.contacts.consentState(bob), ada.contacts.consentState(eve)]).toEqual(['denied', 'denied']);
    const fresh = await onVault(page);
    await fresh.contacts.loadConsentList();
    expect([fresh.contacts.consentState(bob), fresh.contacts.consentState(eve)]).toEqual(['denied', 'denied']);
    await fresh.contacts.refreshConsentList();
    expect(fresh.contacts.isDenied(bob)).toBe(true);
  });

  it('follows by itself from writing to somebody, and streams to the other client', async () => {
    const page = await openPage();
    const [ada, bob] = [await onVault(page), await stockPeer()];
    const twin = await stockTwin(page, ada);
    const [action] = await hear((await twin.contacts.streamConsentList()) as never, 1, () =>
      ada.conversations.newConversation(bob.address),
    );
    expect(action).toMatchObject({ allowAddress: { walletAddresses: [bob.address] } });
    expect(twin.contacts.isAllowed(bob.address)).toBe(true);
  });
});

describe('history', () => {
  it('of 1,000 messages is read by a fresh client in chunks, complete and in order, without a card of its own', async () => {
    const page = await openPage();
    const [ada, bob] = [await onVault(page), await stockPeer()];
    const mine = await ada.conversations.newConversation(bob.address);
    const theirs = (await bob.conversations.list())[0] as never as {
      createMessage(payload: Uint8Array, push: boolean, at: Date): Promise<{ sent: Date; toBytes(): Uint8Array }>;
    };
    const from = Date.now() - 1_000_000;
    const envelopes = [];
    for (let at = 0; at < 1000; at++) {
      const { payload } = await bob.encodeContent(`message ${at}`);
      const message = await theirs.createMessage(payload, true, new Date(from + at));
      envelopes.push({ contentTopic: mine.topic, message: message.toBytes(), timestamp: message.sent });
    }
    await bob.publishEnvelopes(envelopes);

    const cardsBefore = page.cards.length;
    const progress: [string, number, number][] = [];
    const fresh = await onVault(page, {
      chunkItems: 150,
      onProgress: ({ method, done, total }) => void progress.push([method, done, total]),
    });
    const [found] = await fresh.conversations.list();
    const messages = await found!.messages();
    expect(messages.map(({ content }) => content as string)).toEqual(
      Array.from({ length: 1000 }, (_, at) => `message ${at}`),
    );
    expect(new Set(messages.map(({ senderAddress }) => senderAddress))).toEqual(new Set([bob.address]));
    expect(progress.map(([method, , total]) => `${method} ${total}`)).toEqual(
      Array.from({ length: 8 }, () => 'decryptV2 1000'),
    );
    const done = progress.map(([, count]) => count);
    expect(done).toEqual(done.toSorted((a, b) => a - b));
    expect(progress.at(-1)![1]).toBe(1000);
    expect(page.cards.length).toBe(cardsBefore);
    expect(page.cards.filter(({ kind }) => kind === 'messages').length).toBeLessThanOrEqual(3);
  });
});

it('P1 nothing private comes into the page in a session of everything', async () => {
  const page = await openPage();
  const [ada, bob] = [await onVault(page), await stockPeer()];
  const mine = await ada.conversations.newConversation(bob.address);
  await mine.send('hello');
  await (await bob.conversations.list())[0]!.send('hi');
  expect((await mine.messages()).length).toBe(2);
  await ada.contacts.loadConsentList();
  const bundle = keysOf(page, ada);
  const twin = await stockTwin(page, ada);
  await twin.conversations.list();
  const topic = (
    twin.keystore as never as {
      lookupTopic(topic: string): { invitation: { aes256GcmHkdfSha256: { keyMaterial: Uint8Array } } };
    }
  ).lookupTopic(mine.topic);
  const secrets = [
    bundle.identityKey.secp256k1.bytes,
    bundle.preKeys[0]!.secp256k1.bytes,
    topic.invitation.aes256GcmHkdfSha256.keyMaterial,
  ].map(bytesToHex);
  const seen = page.traffic.map(({ result }) =>
    result instanceof Uint8Array
      ? bytesToHex(result)
      : JSON.stringify(result, (_key, value: unknown) => (value instanceof Uint8Array ? bytesToHex(value) : value)),
  );
  expect(seen.length).toBeGreaterThan(20);
  expect(secrets.every((secret) => secret.length === 64)).toBe(true);
  for (const secret of secrets) expect(seen.filter((text) => text.includes(secret))).toEqual([]);
});
