// Publishing contact and copy, with the real vault and the demo node: nothing is replaced by accident, nothing is called saved too soon.
import 'fake-indexeddb/auto';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { TestNode } from '../../../demo/node/node';
import { startNode } from '../../../demo/node/node';
import { atMost, executeButAnswer, failWith, hangUp, onCalls } from '../../../demo/node/faults';
import type { NetworkState } from '../../contract/pages/network';
import { ownTopics } from '../../vault/publication/contacts';
import { testStartMs } from '../../vault/testkit/memory-host.testkit';
import { createTestBrowser, enrol } from '../../vault/testkit/vault.testkit';
import {
  flowBrowser,
  flowsOf,
  freshWallet,
  nextWorker,
  publishAll,
  setEnvironment,
  swapNode,
  type FlowBrowser,
} from '../testkit/flows.testkit';

async function node(): Promise<TestNode> {
  const started = await startNode({ nowMs: () => testStartMs });
  onTestFinished(() => started.close());
  return started;
}

const contacts = (one: TestNode, { wallet }: Pick<FlowBrowser, 'wallet'>) =>
  one.stored(ownTopics(wallet.account).contact);
const copies = (one: TestNode, { wallet }: Pick<FlowBrowser, 'wallet'>) => one.stored(ownTopics(wallet.account).copy);

async function copyText({ flows, safeId }: FlowBrowser): Promise<string> {
  return ((await flows.handlers.network_copyText({ safeId })) as { text: string }).text;
}

describe('the contact', () => {
  test('is published as V1, then V2, later; a second time nothing is added', async () => {
    const net = await node();
    const browser = await flowBrowser(net);
    const state = (await browser.flows.handlers.network_publishContact({ safeId: browser.safeId })) as NetworkState;
    expect(state).toMatchObject({ environment: { url: net.url }, copy: { state: 'none' }, notice: null });
    expect(state.contactPublishedAtMs).not.toBeNull();
    const [v1, v2, ...more] = contacts(net, browser);
    expect(more).toEqual([]);
    expect(v2!.timestampNs > v1!.timestampNs).toBe(true);
    expect(await browser.vault.publication.classifyContact(browser.safeId, v2!.message)).toBe('current');
    await nextWorker(browser).flows.handlers.network_publishContact({ safeId: browser.safeId });
    expect(contacts(net, browser)).toHaveLength(2);
    const acts = (await browser.vault.activity.list(browser.safeId, { limit: 10 })).filter(
      ({ method }) => method === 'publish',
    );
    expect(acts).toMatchObject([{ origin: null, outcome: 'done' }]);
  });

  test('R-I4 of another identity of the account is replaced only after a typed confirmation', async () => {
    const net = await node();
    const wallet = freshWallet();
    await flowBrowser(net, wallet).then(publishAll);
    const other = await flowBrowser(net, wallet);
    const { network_publishContact: publish } = other.flows.handlers;
    await expect(publish({ safeId: other.safeId })).rejects.toMatchObject({ reason: 'needs-confirmation' });
    await expect(publish({ safeId: other.safeId, typed: 'zzzz' })).rejects.toMatchObject({ reason: 'not-confirmed' });
    expect(contacts(net, other)).toHaveLength(2);
    await publish({ safeId: other.safeId, typed: wallet.account.slice(-4).toLowerCase() });
    const all = contacts(net, other);
    expect(all).toHaveLength(4);
    expect(all[2]!.timestampNs > all[1]!.timestampNs).toBe(true);
    expect(await other.vault.publication.classifyContact(other.safeId, all[3]!.message)).toBe('current');
  });

  test('a token that the node no longer takes is made anew, once', async () => {
    const net = await node();
    const browser = await flowBrowser(net);
    net.faults.push(atMost(1, onCalls(['publish'], failWith(401, 16))));
    await browser.flows.handlers.network_publishContact({ safeId: browser.safeId });
    expect(contacts(net, browser)).toHaveLength(2);
    const refused = await flowBrowser(net);
    net.faults.push(onCalls(['publish'], failWith(401, 16)));
    await expect(refused.flows.handlers.network_publishContact({ safeId: refused.safeId })).rejects.toMatchObject({
      reason: 'refused-by-node',
      detail: '16',
    });
  });

  test('what failed in the middle is finished by the next try', async () => {
    const net = await node();
    const browser = await flowBrowser(net);
    let publishes = 0;
    net.faults.push(onCalls(['publish'], (request) => (++publishes === 2 ? failWith(503, 14)(request) : undefined)));
    await expect(browser.flows.handlers.network_publishContact({ safeId: browser.safeId })).rejects.toMatchObject({
      reason: 'refused-by-node',
      detail: '14',
    });
    net.faults.length = 0;
    await nextWorker(browser).flows.handlers.network_publishContact({ safeId: browser.safeId });
    expect(
      await browser.vault.publication.classifyContact(browser.safeId, contacts(net, browser).at(-1)!.message),
    ).toBe('current');
  });
});

describe('the copy', () => {
  test('R-I2 is published when it came back and opened, saved when a second signature opened it; signatures are wiped', async () => {
    const net = await node();
    const browser = await flowBrowser(net);
    const { safeId, wallet, flows } = browser;
    const text = await copyText(browser);
    const [first, second] = [wallet.sign(text), wallet.sign(text)];
    expect(await flows.handlers.network_publishCopy({ safeId, signature: first })).toMatchObject({
      copy: { state: 'published' },
    });
    expect(await flows.handlers.network_confirmCopy({ safeId, signature: second })).toMatchObject({
      copy: { state: 'saved' },
    });
    expect([...first, ...second].every((byte) => byte === 0)).toBe(true);
    expect(copies(net, browser)).toHaveLength(1);
  });

  test('R-I2 a wallet that signs differently each time is found out, and nothing is called saved', async () => {
    const net = await node();
    const browser = await flowBrowser(net);
    const { safeId, wallet, flows } = browser;
    const text = await copyText(browser);
    await flows.handlers.network_publishCopy({ safeId, signature: wallet.sign(text, 'random-k') });
    await expect(
      flows.handlers.network_confirmCopy({ safeId, signature: wallet.sign(text, 'random-k') }),
    ).rejects.toMatchObject({ reason: 'unsteady-wallet' });
    expect(await flows.handlers.network_state({ safeId })).toMatchObject({ copy: { state: 'published' } });
  });

  test('a signature of another account publishes nothing', async () => {
    const net = await node();
    const browser = await flowBrowser(net);
    const text = await copyText(browser);
    const signature = browser.wallet.sign(text, 'other-account');
    await expect(
      browser.flows.handlers.network_publishCopy({ safeId: browser.safeId, signature }),
    ).rejects.toMatchObject({ reason: 'wrong-account' });
    expect(copies(net, browser)).toHaveLength(0);
    await browser.flows.handlers.network_publishCopy({ safeId: browser.safeId, signature: browser.wallet.sign(text) });
    const other = browser.wallet.sign(text, 'other-account');
    await expect(
      browser.flows.handlers.network_confirmCopy({ safeId: browser.safeId, signature: other }),
    ).rejects.toMatchObject({ reason: 'wrong-account' });
  });

  test('R-I2 a node that keeps nothing, or gives back something else, is not believed', async () => {
    const net = await node();
    const browser = await flowBrowser(net);
    const text = await copyText(browser);
    const sign = () => ({ safeId: browser.safeId, signature: browser.wallet.sign(text) });
    net.faults.push(onCalls(['publish'], () => ({ body: '{}' })));
    await expect(browser.flows.handlers.network_publishCopy(sign())).rejects.toMatchObject({ reason: 'bad-answer' });
    expect(await browser.flows.handlers.network_state({ safeId: browser.safeId })).toMatchObject({
      copy: { state: 'none' },
    });
  });

  test('R-I4 one that is not ours is replaced only after a typed confirmation', async () => {
    const net = await node();
    const wallet = freshWallet();
    await flowBrowser(net, wallet).then(publishAll);
    const other = await flowBrowser(net, wallet);
    const text = await copyText(other);
    const sign = () => ({ safeId: other.safeId, signature: wallet.sign(text) });
    await expect(other.flows.handlers.network_publishCopy(sign())).rejects.toMatchObject({
      reason: 'needs-confirmation',
    });
    await expect(other.flows.handlers.network_publishCopy({ ...sign(), typed: 'no' })).rejects.toMatchObject({
      reason: 'not-confirmed',
    });
    expect(copies(net, other)).toHaveLength(1);
    await other.flows.handlers.network_publishCopy({ ...sign(), typed: wallet.account });
    expect(copies(net, other)).toHaveLength(2);
  });

  test('a call repeated after its answer was lost publishes nothing twice', async () => {
    const net = await node();
    const browser = await flowBrowser(net);
    const text = await copyText(browser);
    const sign = () => ({ safeId: browser.safeId, signature: browser.wallet.sign(text) });
    let executed = false;
    net.faults.push(
      onCalls(['publish'], async (request) =>
        executed ? hangUp()(request) : ((executed = true), executeButAnswer({ status: 0, isCut: true })(request)),
      ),
    );
    await expect(browser.flows.handlers.network_publishCopy(sign())).rejects.toMatchObject({ reason: 'unreachable' });
    net.faults.length = 0;
    expect(await nextWorker(browser).flows.handlers.network_publishCopy(sign())).toMatchObject({
      copy: { state: 'published' },
    });
    expect(new Set(copies(net, browser).map(({ message }) => Buffer.from(message).toString('hex'))).size).toBe(1);
  });
});

describe('the way to the node', () => {
  test('R-J2 without a node, or without the permission for its host, nothing is fetched', async () => {
    const net = await node();
    const browser = await flowBrowser(net);
    let fetched = 0;
    const counting: typeof fetch = (...input) => (fetched++, fetch(...input));
    const { handlers } = flowsOf(browser, browser.vault, { mayReach: false, fetch: counting });
    const environment = { name: 'custom' as const, url: net.url };
    for (const call of [
      () => handlers.network_check(environment),
      () => handlers.network_look({ account: browser.wallet.account }),
      () => handlers.network_publishContact({ safeId: browser.safeId }),
    ])
      await expect(call()).rejects.toMatchObject({ reason: 'no-network' });
    await setEnvironment(browser.vault, null);
    const open = flowsOf(browser, browser.vault, { fetch: counting });
    await expect(open.handlers.network_look({ account: browser.wallet.account })).rejects.toMatchObject({
      reason: 'no-network',
    });
    expect(fetched).toBe(0);
    await open.handlers.network_check(environment);
    expect(fetched).toBe(1);
  });

  test.each([
    'http://example.org',
    'https://example.org/path',
    'https://user:secret@example.org',
    'ftp://example.org',
    'http://localhost:5555/',
    'nonsense',
    'https://EXAMPLE.org',
  ])('%s is no node', async (url) => {
    const { handlers } = flowsOf(createTestBrowser(), createTestBrowser().startWorker());
    await expect(handlers.network_check({ name: 'custom', url })).rejects.toMatchObject({ reason: 'invalid-input' });
  });

  test('a node that is away, and one that answers nonsense, are told apart', async () => {
    const net = await node();
    const { handlers } = flowsOf(createTestBrowser(), createTestBrowser().startWorker());
    const environment = { name: 'custom' as const, url: net.url };
    net.faults.push(() => ({ body: 'nonsense' }));
    await expect(handlers.network_check(environment)).rejects.toMatchObject({ reason: 'bad-answer' });
    net.faults.length = 0;
    net.faults.push(hangUp());
    await expect(handlers.network_check(environment)).rejects.toMatchObject({ reason: 'unreachable' });
  });
});

describe('retrieval', () => {
  test('a second browser gets the same identity with one signature of the copy', async () => {
    const net = await node();
    const first = await flowBrowser(net);
    await publishAll(first);
    const browser = createTestBrowser();
    const vault = browser.startWorker();
    await setEnvironment(vault, { name: 'custom', url: net.url });
    const { handlers } = flowsOf(browser, vault);
    const { wallet } = first;
    const look = await handlers.network_look({ account: wallet.account });
    expect(look).toMatchObject({ contact: { version: 2 }, copies: [{ publishedAtMs: testStartMs }], unreadable: 0 });
    const begun = await vault.enrolment.begin({
      account: wallet.account,
      wallet: { kind: 'manual' },
      name: 'Ada',
      source: 'network',
      first: 'wallet',
    });
    const { safeId } = begun;
    const opened = await vault.enrolment.unlockSignature({ safeId, signature: wallet.sign(begun.text!) });
    expect(opened.step).toBe('retrieve');
    const [copy] = (look as { copies: { copyId: string; text: string }[] }).copies;
    await expect(
      handlers.enrol_retrieve({ safeId, copyId: 'f'.repeat(64), signature: wallet.sign(copy!.text) }),
    ).rejects.toMatchObject({ reason: 'stale', detail: 'copy' });
    const wrong = wallet.sign(copy!.text, 'other-account');
    await expect(handlers.enrol_retrieve({ safeId, copyId: copy!.copyId, signature: wrong })).rejects.toMatchObject({
      reason: 'wrong-account',
    });
    const signature = wallet.sign(copy!.text);
    expect(await handlers.enrol_retrieve({ safeId, copyId: copy!.copyId, signature })).toMatchObject({
      step: 'unlock-2',
    });
    expect([...wrong, ...signature].every((byte) => byte === 0)).toBe(true);
  });

  test('an account that has nothing on the network: nothing is found', async () => {
    const net = await node();
    const browser = await flowBrowser(net);
    expect(await browser.flows.handlers.network_look({ account: browser.wallet.account })).toEqual({
      nodeUrl: net.url,
      contact: null,
      copies: [],
      unreadable: 0,
      more: null,
    });
  });
});

describe('calls', () => {
  test('two flows of one identity never interleave', async () => {
    const net = await node();
    const browser = await flowBrowser(net);
    const { network_publishContact: publish } = browser.flows.handlers;
    await Promise.all([
      publish({ safeId: browser.safeId }),
      publish({ safeId: browser.safeId }),
      publish({ safeId: browser.safeId }),
    ]);
    expect(contacts(net, browser)).toHaveLength(2);
    expect(browser.flows.queues.isBusy()).toBe(false);
  });

  test('a locked identity publishes nothing', async () => {
    const net = await node();
    const browser = await flowBrowser(net);
    await browser.vault.lock();
    await expect(browser.flows.handlers.network_publishContact({ safeId: browser.safeId })).rejects.toMatchObject({
      reason: 'locked',
    });
    expect(net.envelopeCount()).toBe(0);
    expect(await enrol(browser.vault, freshWallet())).toBeDefined();
  });
});

describe('another node', () => {
  test('R-I2 what one node has is never said of another, and comes back with it', async () => {
    const [net, another] = [await node(), await node()];
    const browser = await flowBrowser(net);
    const { safeId, vault, flows } = browser;
    await publishAll(browser);
    const here = (await flows.handlers.network_state({ safeId })) as NetworkState;
    await setEnvironment(vault, { name: 'custom', url: another.url });
    expect(await flows.handlers.network_state({ safeId })).toMatchObject({
      copy: { state: 'none' },
      contactPublishedAtMs: null,
    });
    await flows.handlers.network_publishContact({ safeId });
    expect(contacts(another, browser)).toHaveLength(2);
    await setEnvironment(vault, { name: 'custom', url: net.url });
    expect(await flows.handlers.network_state({ safeId })).toEqual(here);
  });

  test('R-I1 is never sent a copy that was agreed to for the first; the first is not called saved when it lacks a prekey', async () => {
    const [net, another] = [await node(), await node()];
    const browser = await flowBrowser(net);
    const { safeId, vault, flows, clock } = browser;
    await publishAll(browser);
    await setEnvironment(vault, { name: 'custom', url: another.url });
    clock.nowMs += 1000;
    await flows.handlers.rotation_run({ safeId });
    expect((await vault.identity.details({ safeId })).prekeys).toHaveLength(2);
    expect(another.envelopeCount()).toBe(0);
    await setEnvironment(vault, { name: 'custom', url: net.url });
    expect(await flows.handlers.network_state({ safeId })).toMatchObject({ copy: { state: 'none' } });
  });

  test('R-I2 is not said to hold a copy that was retrieved from the one before', async () => {
    const [net, another] = [await node(), await node()];
    const first = await flowBrowser(net);
    await publishAll(first);
    const { wallet } = first;
    const browser = createTestBrowser();
    const vault = browser.startWorker();
    await setEnvironment(vault, { name: 'custom', url: net.url });
    const { handlers, node: access } = flowsOf(browser, vault);
    const { copies: found } = (await handlers.network_look({ account: wallet.account })) as {
      copies: { copyId: string; text: string }[];
    };
    const { safeId, text } = await vault.enrolment.begin({
      account: wallet.account,
      wallet: { kind: 'manual' },
      name: 'Ada',
      source: 'network',
    });
    await vault.enrolment.unlockSignature({ safeId, signature: wallet.sign(text!) });
    const signed = () => ({ safeId, copyId: found[0]!.copyId, signature: wallet.sign(found[0]!.text) });
    // Left while it is read: then nothing of it is kept.
    net.faults.push(async (request) => {
      const answer = await request.honest();
      await swapNode({ vault, flows: { node: access } }, another.url);
      return answer;
    });
    await expect(handlers.enrol_retrieve(signed())).rejects.toMatchObject({ reason: 'stopped' });
    net.faults.length = 0;
    await swapNode({ vault, flows: { node: access } }, net.url);
    const { text: again } = (await handlers.enrol_retrieve(signed())) as { text: string };
    await swapNode({ vault, flows: { node: access } }, another.url);
    await vault.enrolment.confirmUnlockSignature({ safeId, signature: wallet.sign(again) });
    const { code, ask } = await vault.enrolment.createRecoveryCode({ safeId });
    await vault.enrolment.finish({ safeId, code, typed: ask.map((group) => code.split('-')[group] ?? '') });
    expect(await handlers.network_state({ safeId })).toMatchObject({
      environment: { url: another.url },
      copy: { state: 'none' },
    });
    await setEnvironment(vault, { name: 'custom', url: net.url });
    expect(await handlers.network_state({ safeId })).toMatchObject({ copy: { state: 'saved' } });
  });
});
