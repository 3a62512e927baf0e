// Publishing for a dapp, through the real gate and vault to the demo node.
import { describe, expect, onTestFinished, test } from 'vitest';
import { atMost, failWith, hangUp, onCalls } from '../../../demo/node/faults';
import { startNode } from '../../../demo/node/node';
import { errorCode } from '../../contract/errors';
import type { PublishEnvelope } from '../../protocol/keystore/publish';
import { introTopic, inviteTopic } from '../../protocol/messages/topics';
import { ownTopics } from '../../vault/publication/contacts';
import { testStartMs } from '../../vault/testkit/memory-host.testkit';
import { createDappPublisher, mostFirst } from './dapp-publisher';
import { dapp, message, params, setup, topic } from '../testkit/dapp-publisher.testkit';
import { nextWorker, setEnvironment, swapNode } from '../testkit/flows.testkit';
import type { Router } from '../dapps/router';
import { sendTo } from '../testkit/router.testkit';

describe('xmtp_publish', () => {
  test('P2 is asked about with facts, and published by the decision under the own token', async () => {
    const { net, browser, send, decide } = await setup(false);
    const answer = send('xmtp_publish', params(message(topic), message(inviteTopic(browser.wallet.account))));
    await expect.poll(() => browser.vault.approvals.waitingCount()).toBe(1);
    expect((await browser.vault.approvals.list())[0]?.shown).toMatchObject({
      kind: 'messages',
      method: 'xmtp_publish',
      capability: 'messages.write',
      facts: { items: 2 },
    });
    expect(net.envelopeCount()).toBe(0);
    await decide({ kind: 'messages', remember: '5m', scope: 'granted' });
    expect(await answer).toEqual({ result: new Uint8Array(0) });
    expect(net.stored(topic)).toHaveLength(1);
    expect((await send('xmtp_publish', params(message(introTopic(browser.wallet.account))))).result).toEqual(
      new Uint8Array(0),
    );
  });

  test('P2 without the capability, and for a stranger, nothing is published', async () => {
    const { net, browser, send, router } = await setup();
    const stranger = { ...dapp, origin: 'https://other.example' };
    const answer = sendTo(
      router,
      { id: 'f'.repeat(32), method: 'xmtp_publish', dapp: stranger },
      params(message(topic)),
    );
    expect((await answer).error?.code).toBe(errorCode.unauthorized);
    await browser.vault.grants.revoke(dapp.origin);
    expect((await send('xmtp_publish', params(message(topic)))).error?.code).toBe(errorCode.unauthorized);
    expect(net.envelopeCount()).toBe(0);
  });

  test('never to a private-store topic, and to the contact topic only the own bundle', async () => {
    const { net, browser, send } = await setup();
    const { contact, copy } = ownTopics(browser.wallet.account);
    const { v1, v2 } = await browser.vault.publication.contactMessages(browser.safeId);
    for (const envelope of [
      message(copy),
      message(contact),
      message(ownTopics(`0x${'1'.repeat(40)}`).contact),
      message('/any/topic'),
    ])
      expect((await send('xmtp_publish', params(message(topic), envelope))).error, envelope.contentTopic).toMatchObject(
        { code: errorCode.invalidParams },
      );
    expect(net.envelopeCount()).toBe(0);
    expect(
      (await send('xmtp_publish', params({ ...message(contact), message: v1 }, { ...message(contact), message: v2 })))
        .result,
    ).toBeDefined();
    expect(net.stored(contact)).toHaveLength(2);
    expect(
      (await browser.flows.handlers.network_state({ safeId: browser.safeId })) as { contactPublishedAtMs: number },
    ).toMatchObject({ contactPublishedAtMs: testStartMs });
  });

  test('says what is wrong with the network, and nothing more', async () => {
    const { net, browser, send } = await setup();
    const trouble = async () => (await send('xmtp_publish', params(message(topic)))).error;
    net.faults.push(hangUp());
    expect(await trouble()).toEqual({
      code: errorCode.internal,
      message: expect.any(String),
      data: { network: 'unreachable' },
    });
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
      atMost(
        1,
        onCalls(['publish'], async (request) => {
          await browser.vault.grants.revoke(dapp.origin);
          return refuse(request);
        }),
      ),
    );
    expect((await send('xmtp_publish', params(message(topic)))).error?.code).toBe(errorCode.unauthorized);
    expect(net.envelopeCount()).toBe(0);
  });

  test('what is kept of requests for a later worker is bounded, and a site that sends many pushes out its own', async () => {
    const { browser } = await setup();
    const { vault, safeId, host, flows } = browser;
    const publisher = createDappPublisher({
      vault,
      node: flows.node,
      queues: flows.queues,
      session: host.session,
      nowMs: host.nowMs,
    });
    const publish = (origin: string, requestId: string) =>
      publisher
        .publish({
          safeId,
          origin,
          documentKey: 'D1',
          requestId,
          request: new Uint8Array([1]),
          within: [],
          mustStillBeGranted: async () => undefined,
        })
        .catch(() => undefined);
    await publish('https://honest.example', 'h');
    for (let at = 0; at < mostFirst + 20; at++) await publish('https://many.example', `m${at}`);
    const kept = Object.keys((await host.session.get(null))['publish-first'] as object);
    expect(kept).toHaveLength(mostFirst);
    expect([kept.includes('h'), kept.includes('m0'), kept.includes(`m${mostFirst + 19}`)]).toEqual([true, false, true]);
  });

  test('P3 sent again to a later worker, an envelope without a time is the same row', async () => {
    const { net, browser, router, nextRouter } = await setup();
    const ask = (worker: Router, request: PublishEnvelope, id: string) =>
      sendTo(worker, { id, method: 'xmtp_publish', dapp }, params(request));
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
    await expect
      .poll(async () =>
        (await vault.activity.list(safeId, { limit: 10 })).some((entry) => entry.method === 'xmtp_publish'),
      )
      .toBe(true);
    expect(JSON.stringify(await vault.activity.list(safeId, { limit: 50 }))).not.toContain('/xmtp/');
  });
});

describe('R-I1 the node that a card shows', () => {
  const another = async () => {
    const other = await startNode({ nowMs: () => testStartMs });
    onTestFinished(() => other.close());
    return other;
  };
  const changed = { code: errorCode.internal, message: expect.any(String), data: { network: 'changed' } };

  test('R-I1 is the one that is published to, or none: another that is set meanwhile gets nothing', async () => {
    const { net, browser, send, decide } = await setup(false);
    const other = await another();
    const answer = send('xmtp_publish', params(message(topic)));
    await expect.poll(() => browser.vault.approvals.waitingCount()).toBe(1);
    expect((await browser.vault.approvals.list())[0]?.shown).toMatchObject({ facts: { nodeUrl: net.url } });
    await swapNode(browser, other.url);
    await decide({ kind: 'messages', remember: '5m', scope: 'granted' });
    expect((await answer).error).toEqual(changed);
    expect([net.envelopeCount(), other.envelopeCount()]).toEqual([0, 0]);
    expect((await send('xmtp_publish', params(message(topic)))).result).toBeDefined();
    expect([net.envelopeCount(), other.envelopeCount()]).toEqual([0, 1]);
  });

  test('R-I1 is that of whatever shares the card, also where the decision about another card answers them', async () => {
    const { net, browser, send, decide } = await setup(false);
    const other = await another();
    const shared = [send('xmtp_publish', params(message(topic))), send('xmtp_publish', params(message(topic)))];
    await expect.poll(async () => (await browser.vault.approvals.list())[0]?.joined).toBe(2);
    await swapNode(browser, other.url);
    const later = send('xmtp_publish', params(message(inviteTopic(browser.wallet.account))));
    await expect.poll(() => browser.vault.approvals.waitingCount()).toBe(2);
    await decide({ kind: 'messages', remember: '5m', scope: 'granted' }, 1);
    expect((await later).result).toBeDefined();
    for (const answer of shared) expect((await answer).error).toEqual(changed);
    expect([net.envelopeCount(), other.stored(topic)]).toEqual([0, []]);
  });

  test('P3 a worker that goes on with another of the requests that share a card publishes the same row', async () => {
    const { net, browser, decide, router, nextRouter } = await setup(false);
    const undated = params({ ...message(topic), timestampNs: 0n });
    const ids = ['a', 'b'].map((digit) => digit.repeat(32));
    for (const [at, id] of ids.entries()) {
      void sendTo(router, { id, method: 'xmtp_publish', dapp }, undated);
      await expect.poll(async () => (await browser.vault.approvals.list())[0]?.joined).toBe(at + 1);
    }
    const honest = new Promise<void>((tell) => {
      net.faults.push(
        onCalls(['publish'], async (request) => {
          await request.honest();
          tell();
          net.faults.length = 0;
          return new Promise(() => undefined);
        }),
      );
    });
    await decide({ kind: 'messages', remember: '5m', scope: 'granted' });
    await honest;
    browser.clock.nowMs += 1000;
    const next = nextRouter(nextWorker(browser));
    const answers = ids.toReversed().map((id) => sendTo(next, { id, method: 'xmtp_publish', dapp }, undated));
    for (const answer of answers) expect((await answer).result).toBeDefined();
    expect(net.stored(topic)).toHaveLength(1);
  });

  test('R-J2 without one a request is refused at once, and for good', async () => {
    const { net, browser, router } = await setup();
    await setEnvironment(browser.vault, null);
    const ask = () => sendTo(router, { id: 'c'.repeat(32), method: 'xmtp_publish', dapp }, params(message(topic)));
    expect((await ask()).error).toMatchObject({ data: { network: 'none' } });
    await swapNode(browser, net.url);
    expect((await ask()).error).toMatchObject({ data: { network: 'none' } });
    expect(net.envelopeCount()).toBe(0);
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
    const bundle = async () =>
      ((await send('vault_getPublicKeyBundle', undefined)).result as { signedPublicKeyBundle: Uint8Array })
        .signedPublicKeyBundle;
    const before = await bundle();
    browser.clock.nowMs += 1000;
    await browser.flows.handlers.rotation_run({ safeId: browser.safeId });
    expect(await bundle()).not.toEqual(before);
  });
});
