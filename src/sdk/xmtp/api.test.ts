// Publishing through the vault: an unmodified xmtp-js whose page has neither key nor token, over the real gate, vault and node client.
import { Client, type PublishParams } from '@xmtp/xmtp-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failWith, hangUp, answerGarbage, onCalls, type Fault } from '../../../demo/node/faults';
import { startNode, type TestNode } from '../../../demo/node/node';
import { testWallet } from '../../protocol/testkit/reference.testkit';
import { callKeystore } from '../calls';
import { failing, openVaultPage, type VaultPage } from '../vault-page.testkit';
import { vaultApiClientFactory, vaultClientOptions, xmtpCapabilities, type VaultClientOptions } from './index';

let node: TestNode;
beforeAll(async () => {
  node = await startNode();
});
afterAll(() => node.close());

const network = () => ({ env: 'local', apiUrl: node.url }) as const;
let people = 0;
const stockPeer = () => Client.create(testWallet(`receiver ${++people}`).signer as never, network());
const onVault = (page: VaultPage, options: VaultClientOptions = {}) =>
  Client.create(null, { ...vaultClientOptions(page.provider, options), ...network() });
const requestsOf = (page: VaultPage, method: string) => page.traffic.filter((one) => one.method === method);
const contactsOf = (account: string) => node.stored(`/xmtp/0/contact-${account}/proto`).length;

/** A page whose vault has the node of these tests. */
async function withNode(options?: Parameters<typeof openVaultPage>[0]): Promise<VaultPage> {
  const page = await openVaultPage(options);
  await page.setNode(node.url);
  return page;
}
/** The API client as xmtp-js would make it, without a Client around it. */
const apiOf = (page: Pick<VaultPage, 'provider'>, options?: Parameters<typeof vaultApiClientFactory>[1]) =>
  vaultApiClientFactory(page.provider, options)(network() as Parameters<ReturnType<typeof vaultApiClientFactory>>[0]);
const topicOf = (name: string) => `/xmtp/0/m-${name}/proto`;
const envelope = (name: string, bytes = 3): PublishParams => ({
  contentTopic: topicOf(name),
  message: new Uint8Array(bytes).fill(7),
  timestamp: new Date(1_700_000_000_000),
});

/** Runs `act` while the node misbehaves. */
async function during<T>(fault: Fault, act: () => Promise<T>): Promise<T> {
  node.faults.push(fault);
  return act().finally(() => node.faults.splice(node.faults.indexOf(fault), 1));
}

describe('a client for which the vault publishes', () => {
  it('talks with stock peers both ways, and no token ever comes into the page', async () => {
    const page = await withNode();
    const [ada, bob] = [await onVault(page), await stockPeer()];
    expect(contactsOf(page.account)).toBe(2);
    const mine = await ada.conversations.newConversation(bob.address);
    await mine.send('hello');
    const [theirs] = await bob.conversations.list();
    await theirs!.send('hi');
    expect((await mine.messages()).map(({ content }) => content as string)).toEqual(['hello', 'hi']);
    expect(ada.contacts.isAllowed(bob.address)).toBe(true);
    expect(requestsOf(page, 'xmtp_createAuthToken')).toEqual([]);
    expect(requestsOf(page, 'xmtp_publish').length).toBeGreaterThanOrEqual(4);
    for (const { params } of requestsOf(page, 'xmtp_publish')) expect(params).toMatchObject({ account: page.account });
  });

  it('hears live messages straight from the node', async () => {
    const page = await withNode();
    const [ada, bob] = [await onVault(page), await stockPeer()];
    const stream = await ada.conversations.streamAllMessages();
    await expect.poll(() => node.subscriberCount()).toBeGreaterThan(0);
    await (await bob.conversations.newConversation(page.account)).send('live');
    const { value } = await stream.next();
    expect((value as { content: string }).content).toBe('live');
    await stream.return(undefined);
  });

  it('finds its contact published when it starts again, and publishes nothing', async () => {
    const page = await withNode();
    await onVault(page);
    await onVault(page);
    expect(contactsOf(page.account)).toBe(2);
  });

  it('goes on after a rotation: the bundle of its session is still its own to publish, and a new client has the new one', async () => {
    const page = await withNode();
    const [ada, bob] = [await onVault(page), await stockPeer()];
    const mine = await ada.conversations.newConversation(bob.address);
    await page.rotate();
    await mine.send('as before');
    await ada.publishUserContact();
    const [theirs] = await bob.conversations.list();
    expect((await theirs!.messages()).map(({ content }) => content as string)).toEqual(['as before']);
    const next = await onVault(page);
    expect(next.publicKeyBundle.preKey.equals(ada.publicKeyBundle.preKey)).toBe(false);
    expect((await next.conversations.newConversation(bob.address)).topic).toBe(mine.topic);
  });
});

describe('what the vault does not publish', () => {
  it.each([
    ['a private store', (account: string) => `/xmtp/0/privatestore-${account}/key_bundle/proto`],
    ["another account's contact", () => `/xmtp/0/contact-0x${'11'.repeat(20)}/proto`],
    ['an own contact with other bytes', (account: string) => `/xmtp/0/contact-${account}/proto`],
    ['a topic of no kind', () => '/xmtp/0/whatever/proto'],
  ])('%s: -32602, and nothing of the request is on the node', async (_what, topic) => {
    const page = await withNode();
    const before = node.envelopeCount();
    const sent = apiOf(page).publish([envelope('fine'), { ...envelope('x'), contentTopic: topic(page.account) }]);
    await expect(sent).rejects.toMatchObject({ name: 'PrekeyVaultError', code: -32602 });
    expect(node.envelopeCount()).toBe(before);
  });

  it('nothing without the capability, or when the person refuses', async () => {
    const reader = await openVaultPage({ capabilities: ['identity', 'messages.read'] });
    await reader.setNode(node.url);
    await expect(apiOf(reader).publish([envelope('no')])).rejects.toMatchObject({ code: 4100 });
    const page = await withNode();
    page.refuseAll();
    await expect(apiOf(page).publish([envelope('no')])).rejects.toMatchObject({ code: 4001, reason: 'rejected' });
    expect(node.stored(topicOf('no'))).toEqual([]);
  });

  it('an empty topic, an empty message: the words of the client itself', async () => {
    const api = apiOf(await withNode());
    await expect(api.publish([{ ...envelope('x'), contentTopic: '' }])).rejects.toThrow(
      'Content topic cannot be empty',
    );
    await expect(api.publish([{ ...envelope('x'), message: new Uint8Array() }])).rejects.toThrow('0 length messages');
  });
});

describe('troubles of the network', () => {
  const publishes = (fault: Fault) => onCalls(['publish'], fault);
  it.each([
    ['unreachable', hangUp()],
    ['refused', failWith(400, 3)],
    ['bad-answer', answerGarbage('<html>')],
  ] as const)('are told apart, in words: %s', async (network_, fault) => {
    const page = await withNode();
    const thrown = await during(publishes(fault), () => apiOf(page).publish([envelope(network_)])).catch(
      (error: unknown) => error,
    );
    expect(thrown).toMatchObject({ name: 'PrekeyVaultError', code: -32603, network: network_ });
    expect((thrown as Error).message).toContain('XMTP node');
    // The same again, once the node is back: one envelope.
    await apiOf(page).publish([envelope(network_)]);
    await apiOf(page).publish([envelope(network_)]);
    expect(node.stored(topicOf(network_))).toHaveLength(1);
  });

  it('no node set: fails and says so; with `vault-or-token` the client publishes with a token, and only then', async () => {
    const page = await openVaultPage({ capabilities: [...xmtpCapabilities, 'network.token'] });
    await expect(onVault(page)).rejects.toMatchObject({ code: -32603, network: 'none' });
    expect(requestsOf(page, 'xmtp_createAuthToken')).toEqual([]);
    const ada = await onVault(page, { publishing: 'vault-or-token' });
    expect(page.cards.filter(({ kind }) => kind === 'token')).toHaveLength(1);
    expect(contactsOf(page.account)).toBe(2);
    expect(requestsOf(page, 'xmtp_createAuthToken')).toHaveLength(1);
    await page.setNode(node.url);
    const bob = await stockPeer();
    await (await ada.conversations.newConversation(bob.address)).send('through the vault');
    expect(requestsOf(page, 'xmtp_createAuthToken')).toHaveLength(1);
    expect(requestsOf(page, 'xmtp_publish').length).toBeGreaterThan(0);
  });

  it('P2 tokens are opted into: without `network.token` neither the client nor the page gets one', async () => {
    const page = await openVaultPage();
    for (const publishing of ['token', 'vault-or-token'] as const)
      await expect(onVault(page, { publishing })).rejects.toThrow();
    await expect(callKeystore(page.provider, 'xmtp_createAuthToken', new Uint8Array())).rejects.toMatchObject({
      code: 4100,
    });
    expect(requestsOf(page, 'xmtp_createAuthToken')).toEqual([]);
    expect(contactsOf(page.account)).toBe(0);
    expect(xmtpCapabilities).not.toContain('network.token');
  });

  it('P2 with `network.token` a client publishes with tokens, and the person is asked for each', async () => {
    const page = await openVaultPage({ capabilities: [...xmtpCapabilities, 'network.token'] });
    for (const clients of [1, 2]) {
      const client = await onVault(page, { publishing: 'token' });
      await client.apiClient.publish([envelope(`token ${clients}`)]);
      expect(page.cards.filter(({ kind }) => kind === 'token')).toHaveLength(clients);
    }
    expect(requestsOf(page, 'xmtp_publish')).toEqual([]);
    expect(contactsOf(page.account)).toBeGreaterThan(0);
  });

  it('a node that is taken away in the middle: what was published already is not there twice', async () => {
    const page = await withNode({ capabilities: [...xmtpCapabilities, 'network.token'] });
    let asked: number | undefined;
    const provider: VaultPage['provider'] = {
      ...page.provider,
      request: async (args) => {
        if (args.method === 'xmtp_publish' && asked !== undefined && ++asked === 2) await page.setNode(null);
        return page.provider.request(args);
      },
    };
    const ada = await onVault({ ...page, provider }, { publishing: 'vault-or-token' });
    asked = 0;
    const undated = Array.from({ length: 101 }, (_, at) => ({
      contentTopic: topicOf('half'),
      message: Uint8Array.of(at, 1),
    }));
    await ada.apiClient.publish(undated);
    expect(asked).toBe(2);
    expect(node.stored(topicOf('half'))).toHaveLength(101);
  });

  it('an extension that is out of reach once is asked again; a node that fails is not hidden behind a token', async () => {
    const page = await withNode();
    await apiOf({ provider: failing(page.provider, 4900, 1) }).publish([envelope('again')]);
    expect(node.stored(topicOf('again'))).toHaveLength(1);
    await expect(
      apiOf({ provider: failing(page.provider, 4900, 2) }).publish([envelope('again')]),
    ).rejects.toMatchObject({ code: 4900 });
    await expect(
      during(publishes(hangUp()), () => apiOf(page, { orToken: true }).publish([envelope('hidden')])),
    ).rejects.toMatchObject({ network: 'unreachable' });
    expect(node.stored(topicOf('hidden'))).toEqual([]);
  });
});

describe('much at once', () => {
  it('is cut into requests the vault takes, in order', async () => {
    const page = await withNode();
    const from = 1_700_000_000_000;
    const many = Array.from({ length: 203 }, (_, at) => ({
      contentTopic: topicOf('many'),
      message: Uint8Array.of(at >> 8, at & 255, 1),
      timestamp: new Date(from + at),
    }));
    await apiOf(page).publish(many);
    expect(node.stored(topicOf('many')).map(({ message }) => message[0]! * 256 + message[1]!)).toEqual(
      many.map((_, at) => at),
    );
    expect(requestsOf(page, 'xmtp_publish')).toHaveLength(3);
    const large = Array.from({ length: 10 }, (_, at) => ({
      ...envelope('large', 1_000_000),
      timestamp: new Date(from + at),
    }));
    await apiOf(page).publish(large);
    expect(node.stored(topicOf('large'))).toHaveLength(10);
    expect(requestsOf(page, 'xmtp_publish')).toHaveLength(5);
  });

  it('reading goes from the page to the node of its own choice', async () => {
    const page = await withNode();
    const api = apiOf(page, { apiUrl: node.url });
    await api.publish([envelope('read', 9)]);
    const found = await api.query({ contentTopic: topicOf('read') }, {});
    expect(found.map(({ message }) => (message as Uint8Array).length)).toEqual([9]);
    expect((await api.batchQuery([{ contentTopic: topicOf('read') }])).map((list) => list.length)).toEqual([1]);
    const pages = [];
    for await (const one of api.queryIteratePages({ contentTopic: topicOf('read') }, {})) pages.push(one.length);
    for await (const one of api.queryIterator({ contentTopic: topicOf('read') }, {}))
      pages.push((one.message as Uint8Array).length);
    expect(pages).toEqual([1, 9]);
    expect(requestsOf(page, 'xmtp_createAuthToken')).toEqual([]);
  });
});
