// The real client, xmtp-js 13.0.4 unmodified, against the node: its HTTP client alone, and two people with stock clients.
// Promises nothing is mocked: their keys are made, published, looked up and used over HTTP.
import { createRequire } from 'node:module';
import type * as ReferenceClient from '@xmtp/xmtp-js';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { atMost, failWith, lieAboutCursors, onCalls } from './faults';
import type { TestNode } from './node';
import { startNode } from './node';
import { testAccount, until } from './node.testkit';

// Plain node cannot import this package as an ES module, its CommonJS build works.
const xmtp = createRequire(import.meta.url)('@xmtp/xmtp-js') as typeof ReferenceClient;
const { SORT_DIRECTION_ASCENDING, SORT_DIRECTION_DESCENDING } = xmtp.SortDirection;

let node: TestNode;
beforeAll(async () => {
  // Their client tells of lost streams on the console.
  vi.spyOn(console, 'info').mockImplementation(() => undefined);
  node = await startNode();
});
afterAll(() => node.close());
beforeEach(() => {
  node.faults.length = 0;
});

type StockClient = ReferenceClient.Client<string | undefined>;

function stockClient(name: string, options: object = {}): Promise<StockClient> {
  return xmtp.Client.create(
    testAccount(name).signer as never,
    { apiUrl: node.url, env: 'local', ...options } as never,
  ) as unknown as Promise<StockClient>;
}

describe('the HTTP client of xmtp-js', () => {
  let api: InstanceType<typeof xmtp.HttpApiClient>;
  const topic = '/xmtp/0/m-http-client/proto';
  const at = (ms: number): Date => new Date(1_700_000_000_000 + ms);

  beforeAll(async () => {
    const bundle = await xmtp.PrivateKeyBundleV1.generate(testAccount('poster').signer as never);
    api = new xmtp.HttpApiClient(node.url);
    api.setAuthenticator(new xmtp.LocalAuthenticator(bundle.identityKey));
    await api.publish(
      Array.from({ length: 250 }, (_, i) => ({ contentTopic: topic, message: Uint8Array.of(i), timestamp: at(i) })),
    );
  });

  const bytesOf = (envelopes: { message?: unknown }[]): number[] =>
    envelopes.map(({ message }) => (message as Uint8Array)[0] as number);

  it('publishes with its token and pages through everything, in both directions', async () => {
    const ascending = await api.query({ contentTopic: topic }, { direction: SORT_DIRECTION_ASCENDING });
    expect(bytesOf(ascending)).toEqual(Array.from({ length: 250 }, (_, i) => i));
    const descending = await api.query(
      { contentTopic: topic },
      { direction: SORT_DIRECTION_DESCENDING, limit: 120, pageSize: 50 },
    );
    expect(bytesOf(descending)).toEqual(Array.from({ length: 120 }, (_, i) => 249 - i));
    const between = await api.query({ contentTopic: topic, startTime: at(10), endTime: at(12) }, {});
    expect(bytesOf(between)).toEqual([10, 11, 12]);
  });

  it('batches queries by 50', async () => {
    const queries = Array.from({ length: 60 }, (_, i) => ({
      contentTopic: i % 2 ? topic : 'none',
      pageSize: 3,
      direction: SORT_DIRECTION_ASCENDING,
    }));
    const answers = await api.batchQuery(queries);
    expect(answers.map((envelopes) => envelopes.length)).toEqual(queries.map((_, i) => (i % 2 ? 3 : 0)));
  });

  it('subscribes, and hears its own envelopes', async () => {
    const heard: number[] = [];
    const subscription = api.subscribe(
      { contentTopics: ['/xmtp/0/mE-live/proto'] },
      (envelope: { message?: unknown }) => heard.push(...bytesOf([envelope])),
    );
    await until(() => node.subscriberCount('/xmtp/0/mE-live/proto') === 1);
    for (let i = 0; i < 5; i++)
      await api.publish([{ contentTopic: '/xmtp/0/mE-live/proto', message: Uint8Array.of(i + 1) }]);
    await until(() => heard.length === 5);
    expect(heard).toEqual([1, 2, 3, 4, 5]);
    await subscription.unsubscribe();
    await until(() => node.subscriberCount('/xmtp/0/mE-live/proto') === 0);
  });

  it('is refused another account’s contact topic with code 7', async () => {
    const contact = xmtp.buildUserContactTopic(testAccount('nobody else').address);
    await expect(api.publish([{ contentTopic: contact, message: Uint8Array.of(1) }])).rejects.toMatchObject({
      code: 7,
      message: 'publishing to restricted topic',
    });
  });

  it('refreshes its token once after code 16', async () => {
    const authorizations: (string | undefined)[] = [];
    node.faults.push(onCalls(['publish'], ({ headers }) => void authorizations.push(headers.authorization)));
    node.faults.push(onCalls(['publish'], atMost(1, failWith(401, 16))));
    await api.publish([{ contentTopic: topic, message: Uint8Array.of(1), timestamp: at(300) }]);
    expect(authorizations).toHaveLength(2);
    expect(authorizations[0]).not.toBe(authorizations[1]);
  });

  it('retries passing errors; follows a lying cursor until told otherwise', async () => {
    node.faults.push(onCalls(['query'], atMost(2, failWith(503, 14))));
    expect(await api.query({ contentTopic: topic }, { limit: 1 })).toHaveLength(1);
    node.faults.length = 0;
    node.faults.push(atMost(3, lieAboutCursors({ digest: 'AAAA', senderTimeNs: '1' })));
    expect(await api.query({ contentTopic: topic }, { limit: 350, direction: SORT_DIRECTION_ASCENDING })).toHaveLength(
      350,
    );
  });
});

describe('two stock clients', () => {
  let alice: StockClient;
  let bob: StockClient;
  beforeAll(async () => {
    alice = await stockClient('alice');
    bob = await stockClient('bob');
  });

  it('publish their keys: the private store sealed, both contacts, each seen by the other', async () => {
    for (const client of [alice, bob]) {
      expect(node.stored(xmtp.buildUserPrivateStoreTopic(`${client.address}/key_bundle`))).toHaveLength(1);
      expect(node.stored(xmtp.buildUserContactTopic(client.address))).toHaveLength(2);
    }
    expect(await alice.canMessage(bob.address)).toBe(true);
    expect(await alice.canMessage(testAccount('nobody').address)).toBe(false);
  });

  it('exchange V2 messages both ways, listed and live', async () => {
    const conversation = await alice.conversations.newConversation(bob.address, {
      conversationId: 'app.example/1',
      metadata: { title: 'a' },
    });
    expect(conversation.conversationVersion).toBe('v2');
    await conversation.send('hello bob');
    const [invited] = (await bob.conversations.list()).filter(({ topic }) => topic === conversation.topic);
    if (!invited) throw new Error('bob has no invitation');
    expect(invited.context?.conversationId).toBe('app.example/1');
    const live = await conversation.streamMessages();
    await until(() => node.subscriberCount(conversation.topic) === 1);
    await invited.send('hello alice');
    expect((await live.next()).value.content).toBe('hello alice');
    await live.return();
    expect((await invited.messages()).map(({ senderAddress, content }) => [senderAddress, content])).toEqual([
      [alice.address, 'hello bob'],
      [bob.address, 'hello alice'],
    ]);
  });

  it('exchange V1 messages both ways with a peer whose contact is V1', async () => {
    const carol = await stockClient('carol', { publishLegacyContact: true });
    expect(node.stored(xmtp.buildUserContactTopic(carol.address))).toHaveLength(1);
    const conversation = await alice.conversations.newConversation(carol.address);
    expect(conversation.conversationVersion).toBe('v1');
    await conversation.send('hello carol');
    const [introduced] = await carol.conversations.list();
    expect([introduced?.conversationVersion, introduced?.peerAddress]).toEqual(['v1', alice.address]);
    await introduced?.send('hello alice');
    expect((await conversation.messages()).map(({ content }) => content)).toEqual(['hello carol', 'hello alice']);
    // Each side's first message goes to both introduction topics.
    expect(node.stored(xmtp.buildUserIntroTopic(carol.address))).toHaveLength(2);
    expect(node.stored(xmtp.buildUserIntroTopic(alice.address))).toHaveLength(2);
  });

  it('hear ephemeral messages, which are not stored', async () => {
    const conversation = await alice.conversations.newConversation(bob.address);
    const live = await conversation.streamEphemeral();
    await until(() => node.subscriberCount(conversation.ephemeralTopic) === 1);
    await conversation.send('typing', { ephemeral: true } as never);
    expect((await live?.next())?.value.content).toBe('typing');
    await live?.return();
    expect(node.stored(conversation.ephemeralTopic)).toEqual([]);
  });

  it('find their keys and conversations again with nothing but the wallet', async () => {
    const publishes = node.publishCount();
    const again = await stockClient('alice');
    expect(node.publishCount()).toBe(publishes);
    const topics = (await again.conversations.list()).map(({ topic }) => topic).sort();
    expect(topics).toEqual((await alice.conversations.list()).map(({ topic }) => topic).sort());
  });

  it('keep their consent list in their preferences topic', async () => {
    await alice.contacts.allow([bob.address]);
    const again = await stockClient('alice');
    await again.contacts.refreshConsentList();
    expect(again.contacts.isAllowed(bob.address)).toBe(true);
  });
});
