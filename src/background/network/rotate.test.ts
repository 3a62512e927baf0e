// Rotation over the real vault and the demo node: in order, to its end, from wherever it was cut off, and never over somebody else's.
import 'fake-indexeddb/auto';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { TestNode } from '../../../demo/node/node';
import { startNode } from '../../../demo/node/node';
import { failWith, hangUp, onCalls } from '../../../demo/node/faults';
import type { RotationState } from '../../contract/pages/rotation';
import { ownTopics } from '../../vault/publication/contacts';
import { testStartMs } from '../../vault/testkit/memory-host.testkit';
import { freezeAt, unlockWithWallet } from '../../vault/testkit/vault.testkit';
import {
  flowBrowser,
  flowsOf,
  freshWallet,
  neverAnswers,
  nextWorker,
  publishAll,
  setEnvironment,
  swapNode,
  type FlowBrowser,
} from '../testkit/flows.testkit';

const dayMs = 86_400_000;

/** A node with a clock of its own: tokens are dated by the browser's, which tests move forward only. */
async function node(): Promise<TestNode> {
  const started = await startNode({ nowMs: () => testStartMs });
  onTestFinished(() => started.close());
  return started;
}

async function preKeys({ vault, safeId }: FlowBrowser): Promise<{ publicKeyHex: string; current: boolean }[]> {
  return (await vault.identity.details({ safeId })).prekeys;
}

const rotationOf = ({ flows, safeId }: FlowBrowser) =>
  flows.handlers.rotation_get({ safeId }) as Promise<RotationState>;

/** Whole: one new prekey, which is current here, in the newest contact and in the newest copy; nothing pending. */
async function expectRotated(net: TestNode, browser: FlowBrowser, count = 2): Promise<void> {
  const { vault, safeId, wallet } = browser;
  const keys = await preKeys(browser);
  expect(keys).toHaveLength(count);
  expect(keys[0]?.current).toBe(true);
  expect((await rotationOf(browser)).pending).toBeNull();
  const topics = ownTopics(wallet.account);
  const newest = (topic: string) => net.stored(topic).at(-1)!.message;
  expect(await vault.publication.classifyContact(safeId, newest(topics.contact))).toBe('current');
  expect(await vault.publication.opensCopy(safeId, newest(topics.copy))).toBe('same');
}

async function published(): Promise<{ net: TestNode; browser: FlowBrowser }> {
  const net = await node();
  const browser = await flowBrowser(net);
  await publishAll(browser);
  browser.clock.nowMs += 1000;
  return { net, browser };
}

describe('a rotation', () => {
  test('publishes the copy first, then the contact, V1 before V2, and only then is the new prekey current', async () => {
    const { net, browser } = await published();
    const { safeId, flows } = browser;
    const calls: string[] = [];
    net.faults.push((request) => {
      if (request.call === 'publish')
        calls.push(
          (JSON.parse(Buffer.from(request.body).toString()) as { envelopes: { contentTopic: string }[] }).envelopes[0]!
            .contentTopic,
        );
      return undefined;
    });
    await flows.handlers.rotation_run({ safeId });
    const { contact, copy } = ownTopics(browser.wallet.account);
    expect(calls).toEqual([copy, contact, contact]);
    await expectRotated(net, browser);
    expect(await flows.bundleChanges.all()).toEqual({ [browser.wallet.account]: browser.clock.nowMs });
  });

  test('three in a row keep every private prekey', async () => {
    const { net, browser } = await published();
    for (let times = 0; times < 3; times++) {
      browser.clock.nowMs += 1000;
      await browser.flows.handlers.rotation_run({ safeId: browser.safeId });
    }
    await expectRotated(net, browser, 4);
  });

  test('of an identity that publishes nothing asks no node', async () => {
    const net = await node();
    const browser = await flowBrowser(net);
    net.faults.push(hangUp());
    await browser.flows.handlers.rotation_run({ safeId: browser.safeId });
    expect(await preKeys(browser)).toHaveLength(2);
    await setEnvironment(browser.vault, null);
    browser.clock.nowMs += 1000;
    await browser.flows.handlers.rotation_run({ safeId: browser.safeId });
    expect(await preKeys(browser)).toHaveLength(3);
  });

  test('runs once for a person who asks for it twice, or while it runs by itself', async () => {
    const { net, browser } = await published();
    const { safeId, flows, clock, vault, wallet } = browser;
    await Promise.all([flows.handlers.rotation_run({ safeId }), flows.handlers.rotation_run({ safeId })]);
    await expectRotated(net, browser);
    await flows.handlers.rotation_setPolicy({ safeId, everyDays: 7 });
    clock.nowMs += 7 * dayMs;
    await unlockWithWallet(vault, safeId, wallet);
    await flows.rotation.startDue();
    await flows.handlers.rotation_run({ safeId });
    await expectRotated(net, browser, 3);
  });

  test('is taken back at once, also while the node it has asked does not answer', async () => {
    const { net, browser } = await published();
    const { safeId, flows } = browser;
    const asked = neverAnswers(net);
    const run = flows.handlers.rotation_run({ safeId });
    const outcome = expect(run).rejects.toMatchObject({ reason: 'stopped' });
    await asked;
    expect(await flows.handlers.rotation_cancel({ safeId })).toMatchObject({ pending: null });
    await outcome;
    expect(await preKeys(browser)).toHaveLength(1);
  });

  test('that was ended by leaving the node has not failed: it goes on with the node that is set then', async () => {
    const { net, browser } = await published();
    const { safeId, flows, clock } = browser;
    const asked = neverAnswers(net);
    const run = flows.handlers.rotation_run({ safeId });
    const outcome = expect(run).rejects.toMatchObject({ reason: 'stopped' });
    await asked;
    await swapNode(browser, (await node()).url);
    await outcome;
    expect((await rotationOf(browser)).pending).toMatchObject({ stage: 'sealed', reason: null, canCancel: true });
    net.faults.length = 0;
    await swapNode(browser, net.url);
    clock.nowMs += 60_000;
    await flows.rotation.startDue();
    await expect.poll(async () => (await rotationOf(browser)).pending).toBeNull();
    await expectRotated(net, browser);
  });

  test('waits when there is a copy on a node and no node is set', async () => {
    const { net, browser } = await published();
    await setEnvironment(browser.vault, null);
    await expect(browser.flows.handlers.rotation_run({ safeId: browser.safeId })).rejects.toMatchObject({
      reason: 'no-network',
    });
    expect((await rotationOf(browser)).pending).toMatchObject({ reason: 'no-network', canCancel: true });
    await setEnvironment(browser.vault, { name: 'custom', url: net.url });
    await browser.flows.handlers.rotation_run({ safeId: browser.safeId });
    await expectRotated(net, browser);
  });
});

describe('a rotation that was cut off', () => {
  test('P3 by a failure of each single request: it stays pending with its reason and is finished by the next try', async () => {
    for (let at = 1, wasCut = true; wasCut; at++) {
      const { net, browser } = await published();
      const before = (await preKeys(browser)).find((key) => key.current);
      let requests = 0;
      wasCut = false;
      net.faults.push(async (request) => {
        if (++requests !== at) return undefined;
        wasCut = true;
        // The odd ones take effect although the client hears nothing.
        return hangUp(at % 2 === 1)(request);
      });
      // Once only: the client's own second try must not hide the cut.
      const cutting = flowsOf(browser, browser.vault, {
        fetch: (...input) => (wasCut ? Promise.reject(new TypeError('cut')) : fetch(...input)),
      });
      const run = cutting.handlers.rotation_run({ safeId: browser.safeId });
      await run.catch(() => undefined);
      if (wasCut) {
        await expect(run).rejects.toMatchObject({ reason: 'unreachable' });
        const { pending } = await rotationOf(browser);
        expect(pending, `request ${at}`).toMatchObject({ reason: 'unreachable' });
        expect((await preKeys(browser)).find((key) => key.current)).toEqual(before);
      }
      net.faults.length = 0;
      const next = nextWorker(browser);
      if (wasCut) await next.flows.rotation.resume(browser.safeId);
      await expectRotated(net, next);
      if (!wasCut) expect(at).toBeGreaterThan(7);
    }
  });

  test('P3 by the end of the worker at each of its steps: the next worker finishes it, with one new prekey', async () => {
    const recorded = await published();
    recorded.browser.labels.length = 0;
    await recorded.browser.flows.handlers.rotation_run({ safeId: recorded.browser.safeId });
    const labels = [...new Set(recorded.browser.labels)].filter((label) =>
      /^(rotation|network)\.(.+\.)?(mirror|database):after$/.test(label),
    );
    // Both copies of each of: begun, about to publish, copied, contact published, announced, complete. The journeys kill at all of them.
    expect(labels).toHaveLength(12);
    for (const label of labels) {
      const { net, browser } = await published();
      const { checkpoint, reached } = freezeAt(label);
      const vault = browser.startWorker({ checkpoint });
      void flowsOf(browser, vault).handlers.rotation_run({ safeId: browser.safeId });
      await reached;
      const next = nextWorker(browser);
      // What the page does when its worker is gone: it asks again.
      await next.flows.handlers.rotation_run({ safeId: browser.safeId });
      await expectRotated(net, next);
    }
  });

  test('P3 a call that is repeated after the next worker has finished it begins no second rotation', async () => {
    const { net, browser } = await published();
    const { checkpoint, reached } = freezeAt('rotation.copied.mirror:before');
    void flowsOf(browser, browser.startWorker({ checkpoint })).handlers.rotation_run({ safeId: browser.safeId });
    await reached;
    const next = nextWorker(browser);
    await next.flows.rotation.resumeInterrupted(browser.safeId);
    await expectRotated(net, next);
    await next.flows.handlers.rotation_run({ safeId: browser.safeId });
    await expectRotated(net, next);
    next.clock.nowMs += 1000;
    await next.flows.handlers.rotation_run({ safeId: browser.safeId });
    await expectRotated(net, next, 3);
  });

  test('may be taken back as long as nothing was sent', async () => {
    const { net, browser } = await published();
    const { safeId } = browser;
    net.faults.push(hangUp());
    await expect(browser.flows.handlers.rotation_run({ safeId })).rejects.toMatchObject({ reason: 'unreachable' });
    expect(await browser.flows.handlers.rotation_cancel({ safeId })).toMatchObject({ pending: null });
    expect(await preKeys(browser)).toHaveLength(1);
    net.faults.length = 0;
    net.faults.push(onCalls(['publish'], hangUp()));
    await expect(browser.flows.handlers.rotation_run({ safeId })).rejects.toMatchObject({ reason: 'unreachable' });
    await expect(browser.flows.handlers.rotation_cancel({ safeId })).rejects.toMatchObject({ reason: 'wrong-step' });
    net.faults.length = 0;
    await browser.flows.handlers.rotation_run({ safeId });
    await expectRotated(net, browser);
  });
});

describe('R-I4 a rotation replaces nothing of another identity', () => {
  async function withOther(
    publishOther: (other: FlowBrowser) => Promise<unknown>,
  ): Promise<{ net: TestNode; browser: FlowBrowser; other: FlowBrowser }> {
    const net = await node();
    const wallet = freshWallet();
    const browser = await flowBrowser(net, wallet);
    await publishAll(browser);
    const other = await flowBrowser(net, wallet);
    await publishOther(other);
    browser.clock.nowMs += 1000;
    return { net, browser, other };
  }

  test('R-I4 a copy of another identity stops it before anything is sent; then it can be taken back', async () => {
    const { net, browser, other } = await withOther(async ({ flows, safeId, wallet }) => {
      const { text } = (await flows.handlers.network_copyText({ safeId })) as { text: string };
      await flows.handlers.network_publishCopy({ safeId, signature: wallet.sign(text), typed: wallet.account });
    });
    const { safeId, flows, wallet } = browser;
    await expect(flows.handlers.rotation_run({ safeId })).rejects.toMatchObject({ reason: 'needs-confirmation' });
    expect(await flows.handlers.rotation_cancel({ safeId })).toMatchObject({ pending: null });
    expect(
      await other.vault.publication.opensCopy(other.safeId, net.stored(ownTopics(wallet.account).copy).at(-1)!.message),
    ).toBe('same');
  });

  test('R-I4 a contact of another identity stops it until the person has confirmed that ours replaces it', async () => {
    const { net, browser, other } = await withOther(({ flows, safeId, wallet }) =>
      flows.handlers.network_publishContact({ safeId, typed: wallet.account }),
    );
    const { safeId, flows, wallet } = browser;
    await expect(flows.handlers.rotation_run({ safeId })).rejects.toMatchObject({ reason: 'needs-confirmation' });
    const newest = () => net.stored(ownTopics(wallet.account).contact).at(-1)!.message;
    expect(await other.vault.publication.classifyContact(other.safeId, newest())).toBe('current');
    await flows.handlers.network_publishContact({ safeId, typed: wallet.account });
    await flows.handlers.rotation_run({ safeId });
    await expectRotated(net, browser);
  });
});

describe('by itself', () => {
  test('when it is due, only while the identity is open; the next time is known', async () => {
    const net = await node();
    const browser = await flowBrowser(net);
    const { safeId, flows, clock, vault, wallet } = browser;
    await flows.handlers.rotation_setPolicy({ safeId, everyDays: 7 });
    const { nextAtMs } = await rotationOf(browser);
    expect(nextAtMs! - clock.nowMs).toBeLessThanOrEqual(7 * dayMs);
    expect(await flows.rotation.startDue()).toBe(nextAtMs);
    await vault.lock();
    clock.nowMs = nextAtMs! + 1;
    expect(await flows.rotation.startDue()).toBeUndefined();
    await unlockWithWallet(vault, safeId, wallet);
    await flows.rotation.startDue();
    await expect.poll(async () => (await preKeys(browser)).length).toBe(2);
    await expect.poll(async () => (await rotationOf(browser)).pending).toBeNull();
  });

  test('after a failure not before an hour has passed, and not in a loop', async () => {
    const { net, browser } = await published();
    const { safeId, flows, clock } = browser;
    await flows.handlers.rotation_setPolicy({ safeId, everyDays: 7 });
    net.faults.push(failWith(503, 14));
    let requests = 0;
    net.faults.unshift(() => void requests++ as undefined);
    await expect(flows.handlers.rotation_run({ safeId })).rejects.toMatchObject({ reason: 'refused-by-node' });
    const after = requests;
    clock.nowMs += 60_000;
    const next = nextWorker(browser);
    await next.flows.rotation.resumeInterrupted(safeId);
    const nextAtMs = await next.flows.rotation.startDue();
    expect(nextAtMs! - clock.nowMs).toBeGreaterThan(3_000_000);
    expect(requests).toBe(after);
  });
});
