// R-I1 another node is set at every step of every flow: at once, whatever the one before does, and nothing that was meant for one node
// reaches the other: no token, no copy, no contact.
import 'fake-indexeddb/auto';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startNode, type TestNode } from '../../../demo/node/node';
import { VaultError } from '../../contract/errors';
import type { NetworkState } from '../../contract/pages/network';
import type { RotationState } from '../../contract/pages/rotation';
import { encodePublishRequest } from '../../protocol/keystore/publish';
import { conversationTopic } from '../../protocol/messages/topics';
import { ownTopics } from '../../vault/publication/contacts';
import { testStartMs } from '../../vault/testkit/memory-host.testkit';
import { unlockWithWallet } from '../../vault/testkit/vault.testkit';
import { createDappPublisher } from './dapp-publisher';
import {
  flowBrowser,
  neverAnswers,
  nextWorker,
  publishAll,
  setEnvironment,
  swapNode,
  type FlowBrowser,
} from '../testkit/flows.testkit';
import { createHandlers } from '../pages/handlers';

async function node(): Promise<TestNode> {
  const started = await startNode({ nowMs: () => testStartMs });
  onTestFinished(() => started.close());
  return started;
}

/** What a node was sent, in order; it answers honestly. */
function heard(net: TestNode, onRequest: (count: number) => unknown = () => undefined): string[] {
  const calls: string[] = [];
  net.faults.push(async (request) => {
    calls.push(request.call ?? 'other');
    await onRequest(calls.length);
    return undefined;
  });
  return calls;
}

async function reasonOf(act: Promise<unknown>): Promise<string> {
  try {
    await act;
    return 'done';
  } catch (error) {
    if (error instanceof VaultError) return error.reason;
    throw error;
  }
}

const copyText = async ({ flows, safeId }: FlowBrowser) =>
  ((await flows.handlers.network_copyText({ safeId })) as { text: string }).text;
const publisherOf = ({ vault, flows, host }: FlowBrowser) =>
  createDappPublisher({ vault, node: flows.node, queues: flows.queues, session: host.session, nowMs: host.nowMs });
const pageMessage = { contentTopic: conversationTopic('a1'), timestampNs: 0n, message: Uint8Array.of(1) };

async function pagePublishes(browser: FlowBrowser, contentTopic?: string): Promise<unknown> {
  const { vault, safeId } = browser;
  const contact =
    contentTopic === undefined
      ? []
      : [{ contentTopic, timestampNs: 0n, message: (await vault.publication.contactMessages(safeId)).v2 }];
  const request = encodePublishRequest([pageMessage, ...contact]);
  return publisherOf(browser).publish({
    safeId,
    origin: 'https://app.example',
    documentKey: 'D1',
    requestId: 'R1',
    request,
    within: [],
    mustStillBeGranted: async () => undefined,
  });
}

/** Each flow that sends something, from a browser that has published everything, or nothing yet. */
const flows: Record<string, { isPublished: boolean; run(browser: FlowBrowser): Promise<unknown> }> = {
  'publishing the contact': {
    isPublished: false,
    run: ({ flows: { handlers }, safeId }) => handlers.network_publishContact({ safeId }),
  },
  'publishing the copy': {
    isPublished: false,
    run: async (browser) =>
      browser.flows.handlers.network_publishCopy({
        safeId: browser.safeId,
        signature: browser.wallet.sign(await copyText(browser)),
      }),
  },
  'a rotation': { isPublished: true, run: ({ flows: { handlers }, safeId }) => handlers.rotation_run({ safeId }) },
  'a page that publishes': { isPublished: true, run: (browser) => pagePublishes(browser) },
  'a page that publishes the contact': {
    isPublished: false,
    run: (browser) => pagePublishes(browser, ownTopics(browser.wallet.account).contact),
  },
};

describe('R-I1 another node set at every step', () => {
  test.each(Object.keys(flows))(
    '%s: what was meant for the first goes to it or nowhere',
    { timeout: 300_000 },
    async (name) => {
      const { isPublished, run } = flows[name]!;
      const browser = await flowBrowser(await node());
      for (let at = 1, wasSwapped = true; wasSwapped; at++) {
        const [net, another] = [await node(), await node()];
        browser.sessionItems.clear();
        await unlockWithWallet(browser.vault, browser.safeId, browser.wallet);
        await swapNode(browser, net.url);
        await browser.flows.handlers.rotation_finishHere({ safeId: browser.safeId });
        if (isPublished) await publishAll(browser);
        browser.clock.nowMs += 1000;
        wasSwapped = false;
        const toAnother = heard(another);
        const toFirst = heard(net, async (count) => {
          if (count !== at) return;
          wasSwapped = true;
          await swapNode(browser, another.url);
        });
        const reason = await reasonOf(run(browser));
        expect(reason, `request ${at}`).toBe(wasSwapped ? 'stopped' : 'done');
        if (!wasSwapped) expect(at).toBeGreaterThan(1);
        expect(toAnother).toEqual([]);
        expect(toFirst.length).toBe(wasSwapped ? at : at - 1);
        // The same call again, from a page that showed the first node, or a page whose request a dead worker had begun.
        if (!wasSwapped || name === 'a rotation') continue;
        const next = nextWorker(browser);
        if (name.startsWith('a page')) expect(await reasonOf(run(next))).toBe('stopped');
        else
          expect(
            await reasonOf(next.flows.handlers.network_publishContact({ safeId: next.safeId, node: net.url })),
          ).toBe('stopped');
        expect(toAnother).toEqual([]);
        // What is written down is said of no other node.
        const state = (await next.flows.handlers.network_state({ safeId: next.safeId })) as NetworkState;
        expect(state).toMatchObject({ copy: { state: 'none' }, contactPublishedAtMs: null });
      }
    },
  );

  test('R-I2 what the first has by then is remembered of it', async () => {
    const [net, another] = [await node(), await node()];
    const browser = await flowBrowser(net);
    const { safeId, vault } = browser;
    const publication = vault.publicationAt(net.url);
    await swapNode(browser, another.url);
    await publication.contactPublished(safeId, 5000);
    expect((await vault.publication.facts(safeId)).contactPublishedAtMs).toBeNull();
    await setEnvironment(vault, { name: 'custom', url: net.url });
    expect((await vault.publication.facts(safeId)).contactPublishedAtMs).toBe(5000);
  });

  test('R-I2 a rotation that ends with one node leaves no copy on another called whole', async () => {
    const [net, another] = [await node(), await node()];
    const browser = await flowBrowser(net);
    const {
      safeId,
      vault,
      flows: { handlers },
    } = browser;
    await publishAll(browser);
    await swapNode(browser, another.url);
    await publishAll(browser);
    await vault.rotation.begin(safeId);
    await vault.rotation.mark(safeId, 'copied');
    // The worker's last step of a rotation with the first node, after the person has set the other.
    await vault.rotation.complete(safeId, net.url);
    expect(await handlers.network_state({ safeId })).toMatchObject({
      environment: { url: another.url },
      copy: { state: 'none' },
    });
    await swapNode(browser, net.url);
    expect(await handlers.network_state({ safeId })).toMatchObject({ copy: { state: 'saved' } });
  });
});

describe('acts of a person do not wait for a node', () => {
  /** A browser in which everything that talks to the node hangs. */
  async function hung() {
    const [net, another] = [await node(), await node()];
    const browser = await flowBrowser(net);
    await publishAll(browser);
    const asked = neverAnswers(net);
    const {
      flows: { handlers, node: access },
      safeId,
      vault,
    } = browser;
    const rotating = reasonOf(handlers.rotation_run({ safeId }));
    await asked;
    // One that waits for its turn, and one that has none.
    const under = [
      rotating,
      ...[handlers.network_publishContact({ safeId }), handlers.network_look({ account: browser.wallet.account })].map(
        reasonOf,
      ),
    ];
    const gate = createHandlers({
      vault,
      node: access,
      inboxNode: { leftFor: () => undefined },
      ensNames: { leftFor: () => undefined },
      hosts: { giveBack: async () => undefined },
      flows: handlers,
      nowMs: browser.host.nowMs,
    } as unknown as Parameters<typeof createHandlers>[0]);
    return { net, another, browser, under, handlers, gate, safeId, vault };
  }

  test('leaving it takes effect at once, and ends what is under way there', async () => {
    const { another, vault, gate, under } = await hung();
    await gate.settings_set({ environment: { name: 'custom', url: another.url } });
    expect((await vault.settings.get()).environment?.url).toBe(another.url);
    expect(await Promise.all(under)).toEqual(['stopped', 'stopped', 'stopped']);
    expect(another.publishCount()).toBe(0);
  });

  test('so does using no network, and another setting leaves what is under way alone', async () => {
    const { gate, under, net } = await hung();
    await gate.settings_set({ theme: 'dark' });
    expect(await Promise.race([...under, new Promise((resolve) => setTimeout(resolve, 50, 'still under way'))])).toBe(
      'still under way',
    );
    await gate.settings_set({ environment: null });
    expect(await Promise.all(under)).toEqual(['stopped', 'stopped', 'stopped']);
    expect(net.publishCount()).toBeGreaterThan(0);
  });

  test('locking, taking back, putting a notice away, asking for the text to sign, and another identity', async () => {
    const { browser, handlers, safeId, vault, under, gate } = await hung();
    await handlers.network_dismissNotice({ safeId });
    await handlers.network_copyText({ safeId });
    expect(await handlers.rotation_cancel({ safeId })).toMatchObject({
      pending: null,
    } satisfies Partial<RotationState>);
    expect(await Promise.all(under.slice(0, 2))).toEqual(['stopped', 'stopped']);
    await handlers.rotation_setPolicy({ safeId, everyDays: 7 });
    const watching = browser.flows.watch.look(safeId);
    await gate.lock_now({ safeId });
    expect((await vault.state()).identities[0]?.status).toBe('locked');
    browser.flows.queues.stop(safeId);
    await watching;
  });
});
