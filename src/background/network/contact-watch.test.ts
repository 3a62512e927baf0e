// Watching the own contact on the demo node: the person is told, and nobody fights.
import 'fake-indexeddb/auto';
import { expect, onTestFinished, test } from 'vitest';
import { startNode, type TestNode } from '../../../demo/node/node';
import { ownTopics } from '../../vault/publication/contacts';
import { testStartMs } from '../../vault/testkit/memory-host.testkit';
import { publish } from '../../../demo/node/node.testkit';
import { flowBrowser, flowsOf, freshWallet, nextWorker, publishAll, type FlowBrowser } from '../testkit/flows.testkit';

async function node(): Promise<TestNode> {
  const started = await startNode({ nowMs: () => testStartMs, auth: false });
  onTestFinished(() => started.close());
  return started;
}

const contacts = (net: TestNode, { wallet }: FlowBrowser) => net.stored(ownTopics(wallet.account).contact);
const noticeOf = async ({ flows, safeId }: FlowBrowser) =>
  ((await flows.handlers.network_state({ safeId })) as { notice: string | null }).notice;

/** What a client does that knows nothing of the rotation: it publishes the contact it began with. */
async function republish(net: TestNode, browser: FlowBrowser, message: Uint8Array, agoMs = 0): Promise<void> {
  const topic = ownTopics(browser.wallet.account).contact;
  const newest = net.stored(topic).at(-1)!.timestampNs;
  await publish(net, {
    contentTopic: topic,
    timestampNs: String(newest + 1_000_000n - BigInt(agoMs) * 1_000_000n),
    message: Buffer.from(message).toString('base64'),
  });
}

async function rotated(net: TestNode): Promise<{ browser: FlowBrowser; before: Uint8Array }> {
  const browser = await flowBrowser(net);
  await publishAll(browser);
  const before = contacts(net, browser).at(-1)!.message;
  browser.clock.nowMs += 1000;
  await browser.flows.handlers.rotation_run({ safeId: browser.safeId });
  return { browser, before };
}

test('an older prekey that another client published again: the person is told, and ours goes out once until the browser starts anew', async () => {
  const net = await node();
  const { browser, before } = await rotated(net);
  const { safeId, vault } = browser;
  await republish(net, browser, before);
  await browser.flows.watch.look(safeId);
  expect(await noticeOf(browser)).toBe('older-prekey-republished');
  expect(await vault.publication.classifyContact(safeId, contacts(net, browser).at(-1)!.message)).toBe('current');
  const count = contacts(net, browser).length;
  await republish(net, browser, before);
  await nextWorker(browser).flows.watch.look(safeId);
  expect(contacts(net, browser)).toHaveLength(count + 1);
  await browser.flows.handlers.network_dismissNotice({ safeId });
  expect(await noticeOf(browser)).toBeNull();
});

test('another identity is only told about, never published over', async () => {
  const net = await node();
  const wallet = freshWallet();
  const browser = await flowBrowser(net, wallet);
  await publishAll(browser);
  const other = await flowBrowser(net, wallet);
  await other.flows.handlers.network_publishContact({ safeId: other.safeId, typed: wallet.account });
  const count = contacts(net, browser).length;
  await browser.flows.watch.look(browser.safeId);
  expect(await noticeOf(browser)).toBe('other-identity-published');
  expect(contacts(net, browser)).toHaveLength(count);
});

test('R-I3 garbage above ours is told, and ours is put above it, once until the browser starts anew', async () => {
  const net = await node();
  const { browser } = await rotated(net);
  const { safeId, vault } = browser;
  await republish(net, browser, Uint8Array.of(1, 2, 3));
  await browser.flows.watch.look(safeId);
  expect(await noticeOf(browser)).toBe('foreign-rows');
  expect(await vault.publication.classifyContact(safeId, contacts(net, browser).at(-1)!.message)).toBe('current');
  const count = contacts(net, browser).length;
  await republish(net, browser, Uint8Array.of(1, 2, 3));
  await nextWorker(browser).flows.watch.look(safeId);
  expect(contacts(net, browser)).toHaveLength(count + 1);
});

test.each(['garbage', 'an older prekey'])(
  'R-I3 %s that nothing can be dated after is told once, and not fought',
  async (what) => {
    const net = await node();
    const { browser, before } = await rotated(net);
    const { safeId } = browser;
    const message = Buffer.from(what === 'garbage' ? Uint8Array.of(1, 2, 3) : before).toString('base64');
    await publish(net, {
      contentTopic: ownTopics(browser.wallet.account).contact,
      timestampNs: String(2n ** 63n - 1n),
      message,
    });
    const count = contacts(net, browser).length;
    await browser.flows.watch.look(safeId);
    expect(await noticeOf(browser)).toBe('not-newest');
    await browser.flows.handlers.network_dismissNotice({ safeId });
    await nextWorker(browser).flows.watch.look(safeId);
    expect([await noticeOf(browser), contacts(net, browser).length]).toEqual([null, count]);
  },
);

test('garbage below, an older envelope and a node that is away change nothing', async () => {
  const net = await node();
  const { browser, before } = await rotated(net);
  await republish(net, browser, Uint8Array.of(1, 2, 3), 3_600_000);
  await republish(net, browser, before, 3_600_000);
  await browser.flows.watch.look(browser.safeId);
  net.faults.push(() => ({ status: 0, isCut: true }));
  await browser.flows.watch.look(browser.safeId);
  expect(await noticeOf(browser)).toBeNull();
});

test('the start of a worker looks at most once an hour, an unlock each time', async () => {
  const net = await node();
  const browser = await flowBrowser(net);
  await publishAll(browser);
  let requests = 0;
  const flows = flowsOf(browser, browser.vault, { fetch: (...input) => (requests++, fetch(...input)) });
  await flows.watch.look(browser.safeId);
  expect(requests).toBeGreaterThan(0);
  requests = 0;
  await flows.watch.lookNowAndThen(browser.safeId);
  expect(requests).toBe(0);
  for (let quarters = 0; quarters < 5; quarters++) {
    browser.clock.nowMs += 840_000;
    await browser.vault.touch(browser.safeId);
  }
  await flows.watch.lookNowAndThen(browser.safeId);
  expect(requests).toBeGreaterThan(0);
});

test('nothing is looked for before something was published', async () => {
  const net = await node();
  const browser = await flowBrowser(net);
  let requests = 0;
  await flowsOf(browser, browser.vault, { fetch: (...input) => (requests++, fetch(...input)) }).watch.look(
    browser.safeId,
  );
  expect(requests).toBe(0);
});

test('R-I3 a contact dated ahead is told about once, and ours is dated after it', async () => {
  const net = await node();
  const browser = await flowBrowser(net);
  await publishAll(browser);
  const { safeId } = browser;
  const yearMs = 365 * 24 * 3_600_000;
  await republish(net, browser, contacts(net, browser).at(-1)!.message, -yearMs);
  await browser.flows.watch.look(safeId);
  expect(await noticeOf(browser)).toBe('dated-ahead');
  await browser.flows.handlers.network_dismissNotice({ safeId });
  await nextWorker(browser).flows.watch.look(safeId);
  expect(await noticeOf(browser)).toBeNull();
  const before = contacts(net, browser).at(-1)!.timestampNs;
  await browser.flows.handlers.rotation_run({ safeId });
  expect(contacts(net, browser).at(-1)!.timestampNs > before).toBe(true);
  expect(await noticeOf(browser)).toBe('dated-ahead');
});
