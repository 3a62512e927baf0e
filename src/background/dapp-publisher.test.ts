// Publishing for a dapp, through the real gate and vault to the demo node.
import 'fake-indexeddb/auto';
import { describe, expect, onTestFinished, test } from 'vitest';
import { atMost, failWith, hangUp, onCalls } from '../../demo/node/faults';
import { startNode, type TestNode } from '../../demo/node/node';
import { errorCode } from '../contract/errors';
import { encodePublishRequest, type PublishEnvelope } from '../protocol/publish';
import { conversationTopic, introTopic, inviteTopic } from '../protocol/topics';
import { ownTopics } from '../vault/contacts';
import { testStartMs } from '../vault/memory-host.testkit';
import { createDappPublisher } from './dapp-publisher';
import { flowBrowser, freshWallet, publishAll, setEnvironment, type FlowBrowser } from './flows.testkit';
import { createRouter, type Router } from './router';
import type { Dapp } from './sender';

type Outcome = { result?: unknown; error?: { code: number; data?: unknown } };

const dapp: Dapp = { kind: 'dapp', origin: 'https://app.example', documentKey: 'D1', tabId: 1 };
let ids = 0;

interface Setup {
  net: TestNode;
  browser: FlowBrowser;
  router: Router;
  /** The gate of a worker after this one, over the same stores. */
  nextRouter(): Router;
  send(method: string, params: unknown): Promise<Outcome>;
  decide(decision: Parameters<FlowBrowser['vault']['approvals']['decide']>[0]['decision']): Promise<void>;
}

/** A page whose `messages.write` was granted; with `remembered`, also for some time. */
async function setup(remembered = true, wallet = freshWallet()): Promise<Setup> {
  const net = await startNode({ nowMs: () => testStartMs });
  onTestFinished(() => net.close());
  const browser = await flowBrowser(net, wallet);
  const { vault, safeId, host, flows } = browser;
  const nextRouter = () => {
    const publisher = createDappPublisher({ vault, node: flows.node, queues: flows.queues, session: host.session, nowMs: host.nowMs });
    return createRouter({ vault, version: '1', nowMs: host.nowMs, present: async () => undefined, publisher, rotatedAtMs: flows.bundleChanges.all });
  };
  const router = nextRouter();
  const send: Setup['send'] = (method, params) =>
    new Promise((answer) => void router.handle({ id: (++ids).toString(16).padStart(32, '0'), method, params, dapp, answer }));
  const decide: Setup['decide'] = async (decision) => {
    await expect.poll(() => vault.approvals.waitingCount()).toBe(1);
    const [card] = await vault.approvals.list();
    await router.settle(await vault.approvals.decide({ id: card!.id, digest: card!.digest, nonce: card!.nonce, decision }));
  };
  const asked = send('vault_connect', { capabilities: ['identity', 'messages.write'] });
  await decide({ kind: 'connect', safeId, capabilities: ['identity', 'messages.write'], duration: '1d', ...(remembered && { remember: '1h' as const }) });
  await asked;
  return { net, browser, router, nextRouter, send, decide };
}

const message = (contentTopic: string): PublishEnvelope => ({ contentTopic, timestampNs: BigInt(testStartMs) * 1_000_000n, message: Uint8Array.of(1, 2, 3) });
const params = (...envelopes: PublishEnvelope[]) => ({ request: encodePublishRequest(envelopes) });
const topic = conversationTopic('a1');

describe('xmtp_publish', () => {
  test('P2 is asked about with facts, and published by the decision under the own token', async () => {
    const { net, browser, send, decide } = await setup(false);
    const answer = send('xmtp_publish', params(message(topic), message(inviteTopic(browser.wallet.account))));
    await expect.poll(() => browser.vault.approvals.waitingCount()).toBe(1);
    expect((await browser.vault.approvals.list())[0]?.shown).toMatchObject({ kind: 'messages', method: 'xmtp_publish', capability: 'messages.write', facts: { items: 2 } });
    expect(net.envelopeCount()).toBe(0);
    await decide({ kind: 'messages', remember: '5m' });
    expect(await answer).toEqual({ result: new Uint8Array(0) });
    expect(net.stored(topic)).toHaveLength(1);
    expect((await send('xmtp_publish', params(message(introTopic(browser.wallet.account))))).result).toEqual(new Uint8Array(0));
  });

  test('P2 without the capability, and for a stranger, nothing is published', async () => {
    const { net, browser, send, router } = await setup();
    const stranger = { ...dapp, origin: 'https://other.example' };
    const answer = new Promise<Outcome>((resolve) => void router.handle({ id: 'f'.repeat(32), method: 'xmtp_publish', params: params(message(topic)), dapp: stranger, answer: resolve }));
    expect((await answer).error?.code).toBe(errorCode.unauthorized);
    await browser.vault.grants.revoke(dapp.origin);
    expect((await send('xmtp_publish', params(message(topic)))).error?.code).toBe(errorCode.unauthorized);
    expect(net.envelopeCount()).toBe(0);
  });

  test('never to a private-store topic, and to the contact topic only the own bundle', async () => {
    const { net, browser, send } = await setup();
    const { contact, copy } = ownTopics(browser.wallet.account);
    const { v1, v2 } = await browser.vault.publication.contactMessages(browser.safeId);
    for (const envelope of [message(copy), message(contact), message(ownTopics(`0x${'1'.repeat(40)}`).contact), message('/any/topic')])
      expect((await send('xmtp_publish', params(message(topic), envelope))).error, envelope.contentTopic).toMatchObject({ code: errorCode.invalidParams });
    expect(net.envelopeCount()).toBe(0);
    expect((await send('xmtp_publish', params({ ...message(contact), message: v1 }, { ...message(contact), message: v2 }))).result).toBeDefined();
    expect(net.stored(contact)).toHaveLength(2);
    expect((await browser.flows.handlers.network_state({ safeId: browser.safeId })) as { contactPublishedAtMs: number }).toMatchObject({ contactPublishedAtMs: testStartMs });
  });

  test('says what is wrong with the network, and nothing more', async () => {
    const { net, browser, send } = await setup();
    const trouble = async () => (await send('xmtp_publish', params(message(topic)))).error;
    net.faults.push(hangUp());
    expect(await trouble()).toEqual({ code: errorCode.internal, message: expect.any(String), data: { network: 'unreachable' } });
    net.faults.splice(0, 1, failWith(503, 14));
    expect(await trouble()).toMatchObject({ data: { network: 'refused' } });
    net.faults.splice(0, 1, () => ({ body: 'nonsense' }));
    expect(await trouble()).toMatchObject({ data: { network: 'bad-answer' } });
    net.faults.length = 0;
    await setEnvironment(browser.vault, null);
    expect(await trouble()).toMatchObject({ code: errorCode.internal, data: { network: 'none' } });
    expect(net.envelopeCount()).toBe(0);
  });

  test('without a node nobody is asked', async () => {
    const { browser, send } = await setup(false);
    await setEnvironment(browser.vault, null);
    expect((await send('xmtp_publish', params(message(topic)))).error).toMatchObject({ data: { network: 'none' } });
    expect(await browser.vault.approvals.waitingCount()).toBe(0);
  });

  test('a token that the node no longer takes is made anew, once', async () => {
    const { net, send } = await setup();
    net.faults.push(atMost(1, onCalls(['publish'], failWith(401, 16))));
    expect((await send('xmtp_publish', params(message(topic)))).result).toBeDefined();
    net.faults.splice(0, 1, onCalls(['publish'], failWith(401, 16)));
    expect((await send('xmtp_publish', params(message(topic)))).error).toMatchObject({ data: { network: 'refused' } });
  });

  test('P2 a grant that ends while the node is asked publishes nothing more', async () => {
    const { net, browser, send } = await setup();
    const refuse = failWith(401, 16);
    net.faults.push(
      atMost(1, onCalls(['publish'], async (request) => {
        await browser.vault.grants.revoke(dapp.origin);
        return refuse(request);
      })),
    );
    expect((await send('xmtp_publish', params(message(topic)))).error?.code).toBe(errorCode.unauthorized);
    expect(net.envelopeCount()).toBe(0);
  });

  test('P3 sent again to a later worker, an envelope without a time is the same row', async () => {
    const { net, browser, router, nextRouter } = await setup();
    const ask = (worker: Router, request: PublishEnvelope, id: string) =>
      new Promise<Outcome>((answer) => void worker.handle({ id, method: 'xmtp_publish', params: params(request), dapp, answer }));
    const undated = { ...message(topic), timestampNs: 0n };
    await ask(router, undated, 'a'.repeat(32));
    browser.clock.nowMs += 1000;
    await ask(nextRouter(), undated, 'a'.repeat(32));
    expect(net.stored(topic).map(({ timestampNs }) => timestampNs)).toEqual([message(topic).timestampNs]);
    await ask(router, undated, 'b'.repeat(32));
    expect(net.stored(topic)).toHaveLength(2);
  });

  test('topics are in no log', async () => {
    const { browser, send } = await setup();
    await send('xmtp_publish', params(message(topic)));
    const { vault, safeId } = browser;
    await expect.poll(async () => (await vault.activity.list(safeId, { limit: 10 })).some((entry) => entry.method === 'xmtp_publish')).toBe(true);
    expect(JSON.stringify(await vault.activity.list(safeId, { limit: 50 }))).not.toContain('/xmtp/');
  });
});

describe('the contact that a page publishes', () => {
  async function contactOf({ browser }: Setup, aheadMs = 0): Promise<PublishEnvelope> {
    const { v2 } = await browser.vault.publication.contactMessages(browser.safeId);
    return { contentTopic: ownTopics(browser.wallet.account).contact, timestampNs: BigInt(browser.clock.nowMs + aheadMs) * 1_000_000n, message: v2 };
  }

  test('R-I4 is not put over that of another identity; the person is told, and may do it', async () => {
    const wallet = freshWallet();
    const page = await setup(true, wallet);
    const { net, browser, send } = page;
    const other = await flowBrowser(net, wallet);
    await publishAll(other);
    const { contact } = ownTopics(wallet.account);
    const before = net.envelopeCount();
    expect((await send('xmtp_publish', params(message(topic), await contactOf(page, 60_000)))).error).toEqual({ code: errorCode.internal, message: expect.any(String) });
    expect(net.envelopeCount()).toBe(before);
    expect(await other.vault.publication.judgeContact(other.safeId, net.stored(contact).at(-1)!.message)).toBe('current');
    const { handlers } = browser.flows;
    expect(await handlers.network_state({ safeId: browser.safeId })).toMatchObject({ notice: 'other-identity-published', contactPublishedAtMs: null });
    await handlers.network_publishContact({ safeId: browser.safeId, typed: wallet.account });
    expect((await send('xmtp_publish', params(await contactOf(page, 60_000)))).result).toBeDefined();
  });

  test('with the prekey before a rotation never becomes the newest after it, however slow the node is', async () => {
    const page = await setup();
    const { net, browser, send } = page;
    const { safeId, flows, wallet } = browser;
    await publishAll(browser);
    browser.clock.nowMs += 1000;
    let rotation: Promise<unknown> | undefined;
    net.faults.push(
      onCalls(['publish'], async (request) => {
        if (rotation) return undefined;
        // The page's own call stands still here; a rotation that does not wait for it would be done by then.
        rotation = flows.handlers.rotation_run({ safeId });
        await Promise.race([rotation, new Promise((resolve) => setTimeout(resolve, 1000))]);
        return request.honest();
      }),
    );
    expect((await send('xmtp_publish', params(await contactOf(page, 500_000)))).result).toBeDefined();
    await rotation;
    const newest = net.stored(ownTopics(wallet.account).contact).at(-1)!.message;
    expect(await browser.vault.publication.judgeContact(safeId, newest)).toBe('current');
  });
});

describe('publicKeyBundleChanged', () => {
  test('what a document is told changes with a rotation, for accounts whose bundle it may read', async () => {
    const { browser, router } = await setup();
    const { account } = browser.wallet;
    expect((await router.stateOf(dapp)).rotatedAtMs).toEqual({ [account]: 0 });
    browser.clock.nowMs += 1000;
    await browser.flows.handlers.rotation_run({ safeId: browser.safeId });
    expect((await router.stateOf(dapp)).rotatedAtMs).toEqual({ [account]: browser.clock.nowMs });
    expect((await router.stateOf({ ...dapp, origin: 'https://other.example' })).rotatedAtMs).toEqual({});
  });

  test('reading the bundle again gives the new prekey', async () => {
    const { browser, send } = await setup();
    const bundle = async () => ((await send('vault_getPublicKeyBundle', undefined)).result as { signedPublicKeyBundle: Uint8Array }).signedPublicKeyBundle;
    const before = await bundle();
    browser.clock.nowMs += 1000;
    await browser.flows.handlers.rotation_run({ safeId: browser.safeId });
    expect(await bundle()).not.toEqual(before);
  });
});
