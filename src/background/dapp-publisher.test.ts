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
import { flowBrowser, setEnvironment, type FlowBrowser } from './flows.testkit';
import { createRouter, type Router } from './router';
import type { Dapp } from './sender';

type Outcome = { result?: unknown; error?: { code: number; data?: unknown } };

const dapp: Dapp = { kind: 'dapp', origin: 'https://app.example', documentKey: 'D1', tabId: 1 };
let ids = 0;

interface Setup {
  net: TestNode;
  browser: FlowBrowser;
  router: Router;
  send(method: string, params: unknown): Promise<Outcome>;
  decide(decision: Parameters<FlowBrowser['vault']['approvals']['decide']>[0]['decision']): Promise<void>;
}

/** A page whose `messages.write` was granted; with `remembered`, also for some time. */
async function setup(remembered = true): Promise<Setup> {
  const net = await startNode({ nowMs: () => testStartMs });
  onTestFinished(() => net.close());
  const browser = await flowBrowser(net);
  const { vault, safeId, host, flows } = browser;
  const publisher = createDappPublisher({ vault, node: flows.node, nowMs: host.nowMs });
  const router = createRouter({ vault, version: '1', nowMs: host.nowMs, present: async () => undefined, publisher, rotatedAtMs: flows.bundleChanges.all });
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
  return { net, browser, router, send, decide };
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

  test('topics are in no log', async () => {
    const { browser, send } = await setup();
    await send('xmtp_publish', params(message(topic)));
    const { vault, safeId } = browser;
    await expect.poll(async () => (await vault.activity.list(safeId, { limit: 10 })).some((entry) => entry.method === 'xmtp_publish')).toBe(true);
    expect(JSON.stringify(await vault.activity.list(safeId, { limit: 50 }))).not.toContain('/xmtp/');
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
