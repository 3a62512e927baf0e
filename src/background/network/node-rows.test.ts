// Whatever rows others put on our topics, a rotation, a contact and a copy go on, or are taken back: it is told, and nobody is stuck.
// Who can: a stranger on a node that does not keep its rules, a page that has a token, another app of the account.
import 'fake-indexeddb/auto';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startNode, type TestNode } from '../../../demo/node/node';
import { envelope, publish } from '../../../demo/node/node.testkit';
import type { NetworkLook, NetworkState } from '../../contract/pages/network';
import type { RotationState } from '../../contract/pages/rotation';
import { hexToBytes } from '../../protocol/base/bytes';
import { encodeEncryptedPrivateKeyBundle } from '../../protocol/keys/encrypted-bundle';
import { sealWith } from '../../protocol/keys/seal';
import { ownTopics } from '../../vault/publication/contacts';
import { testStartMs } from '../../vault/testkit/memory-host.testkit';
import { retrievalLimits } from '../../vault/publication/retrieval';
import { createTestBrowser } from '../../vault/testkit/vault.testkit';
import {
  flowBrowser,
  flowsOf,
  freshWallet,
  neverAnswers,
  publishAll,
  setEnvironment,
  swapNode,
  type FlowBrowser,
} from '../testkit/flows.testkit';

const endOfTime = 2n ** 63n - 1n;
const garbage = (at: number): Uint8Array => Uint8Array.of(255, at, at >> 8);
const minuteNs = 60_000_000_000n;
const startNs = BigInt(testStartMs) * 1_000_000n;

/** A node that lets anybody write anywhere, and an identity that has published everything there. */
async function setup(): Promise<{ net: TestNode; browser: FlowBrowser; topics: { contact: string; copy: string } }> {
  const net = await startNode({ nowMs: () => testStartMs, auth: false });
  onTestFinished(() => net.close());
  const browser = await flowBrowser(net);
  await publishAll(browser);
  browser.clock.nowMs += 1000;
  return { net, browser, topics: ownTopics(browser.wallet.account) };
}

const stateOf = ({ flows, safeId }: FlowBrowser) => flows.handlers.network_state({ safeId }) as Promise<NetworkState>;
const rotationOf = ({ flows, safeId }: FlowBrowser) =>
  flows.handlers.rotation_get({ safeId }) as Promise<RotationState>;
const preKeyCount = async ({ vault, safeId }: FlowBrowser) => (await vault.identity.details({ safeId })).prekeys.length;
const copyText = async ({ flows, safeId }: FlowBrowser) =>
  ((await flows.handlers.network_copyText({ safeId })) as { text: string }).text;
const copyIdOf = async (browser: FlowBrowser) => /[0-9a-f]{64}/.exec(await copyText(browser))?.[0] ?? '';

/** Bytes that have the form of a sealed copy and open for nobody. */
function forgedCopy(copyId: string, at: number): Uint8Array {
  return encodeEncryptedPrivateKeyBundle({
    walletPreKey: hexToBytes(copyId),
    ciphertext: sealWith(
      new Uint8Array(200),
      new Uint8Array(65).fill(9),
      undefined,
      new Uint8Array(32).fill(at),
      new Uint8Array(12).fill(at >> 8),
    ),
  });
}

/** Another browser of the same person, about to take its keys from the network. */
async function draftOf({ wallet }: FlowBrowser, net: TestNode) {
  const browser = createTestBrowser();
  const vault = browser.startWorker();
  await setEnvironment(vault, { name: 'custom', url: net.url });
  const { safeId, text } = await vault.enrolment.begin({
    account: wallet.account,
    wallet: { kind: 'manual' },
    name: 'Ada',
    source: 'network',
  });
  await vault.enrolment.unlockSignature({ safeId, signature: wallet.sign(text!) });
  const { handlers } = flowsOf(browser, vault);
  /** Looks until the copy is among what was found; how many looks that took. */
  async function find(
    copyId: string,
  ): Promise<{ looks: number; from: string | null; text: string; first: NetworkLook }> {
    let first: NetworkLook | undefined;
    for (let [looks, from] = [1, null as string | null]; ; looks++) {
      const look = (await handlers.network_look({ account: wallet.account, from })) as NetworkLook;
      first ??= look;
      const copy = look.copies.find((one) => one.copyId === copyId);
      if (copy) return { looks, from: copy.from, text: copy.text, first };
      expect(look.more).not.toBeNull();
      from = look.more;
    }
  }
  async function retrieve(copyId: string): Promise<unknown> {
    const { from, text: asked } = await find(copyId);
    return handlers.enrol_retrieve({ safeId, copyId, from, signature: wallet.sign(asked) });
  }
  return { find, retrieve };
}

describe('R-I3 rows that nothing can be dated after', () => {
  test('R-I3 an older contact of ours at the end of time: the rotation is done, ours is the newest below it, and it is told', async () => {
    const { net, browser, topics } = await setup();
    const { safeId, vault, flows } = browser;
    const ours = net.stored(topics.contact).at(-1)!.message;
    await publish(net, envelope(topics.contact, endOfTime, ours));
    expect(await flows.handlers.rotation_run({ safeId })).toMatchObject({ pending: null });
    expect(await preKeyCount(browser)).toBe(2);
    const rows = net.stored(topics.contact);
    expect(await vault.publication.classifyContact(safeId, rows.at(-2)!.message)).toBe('current');
    expect((await stateOf(browser)).notice).toBe('not-newest');
    // The person presses once more: nothing is stuck, and what cannot be on top is told again.
    await flows.handlers.network_publishContact({ safeId });
    expect((await stateOf(browser)).notice).toBe('not-newest');
  });

  test('R-I3 garbage at the end of time on the key topic: the copy is renewed, opened and saved below it', async () => {
    const { net, browser, topics } = await setup();
    const { safeId, flows, wallet } = browser;
    await publish(net, ...[1, 2, 3].map((at) => envelope(topics.copy, endOfTime, garbage(at))));
    expect(await flows.handlers.rotation_run({ safeId })).toMatchObject({ pending: null });
    expect((await stateOf(browser)).notice).toBe('not-newest');
    const text = await copyText(browser);
    await flows.handlers.network_publishCopy({ safeId, signature: wallet.sign(text) });
    expect(await flows.handlers.network_confirmCopy({ safeId, signature: wallet.sign(text) })).toMatchObject({
      copy: { state: 'saved' },
    });
    // It was whole already: it is not put there again and again.
    expect(net.stored(topics.copy)).toHaveLength(3 + 2);
    expect(await (await draftOf(browser, net)).retrieve(await copyIdOf(browser))).toMatchObject({ step: 'unlock-2' });
  });

  test('R-I3 R-I4 another identity at the end of time: ours goes out below it once that is confirmed', async () => {
    const { net, browser, topics } = await setup();
    const { safeId, vault, flows, wallet } = browser;
    const other = await flowBrowser(net, wallet);
    await publish(
      net,
      envelope(topics.contact, endOfTime, (await other.vault.publication.contactMessages(other.safeId)).v2),
    );
    await expect(flows.handlers.rotation_run({ safeId })).rejects.toMatchObject({ reason: 'needs-confirmation' });
    expect((await stateOf(browser)).notice).toBe('other-identity-published');
    await expect(flows.handlers.rotation_run({ safeId, typed: 'nope' })).rejects.toMatchObject({
      reason: 'not-confirmed',
    });
    expect(await flows.handlers.rotation_run({ safeId, typed: wallet.account.slice(-4) })).toMatchObject({
      pending: null,
    });
    expect(await vault.publication.classifyContact(safeId, net.stored(topics.contact).at(-2)!.message)).toBe('current');
    expect((await stateOf(browser)).notice).toBe('not-newest');
  });
});

describe('R-I3 rows that nobody can use', () => {
  test('R-I3 garbage above contact and copy stops neither: both are put on top of it, and it is told', async () => {
    const { net, browser, topics } = await setup();
    const { safeId, vault, flows } = browser;
    for (const topic of [topics.contact, topics.copy])
      await publish(net, ...[1, 2].map((at) => envelope(topic, startNs + BigInt(at) * minuteNs, garbage(at))));
    expect(await flows.handlers.rotation_run({ safeId })).toMatchObject({ pending: null });
    expect(await vault.publication.classifyContact(safeId, net.stored(topics.contact).at(-1)!.message)).toBe('current');
    expect(await vault.publication.opensCopy(safeId, net.stored(topics.copy).at(-1)!.message)).toBe('same');
    expect((await stateOf(browser)).notice).toBe('foreign-rows');
  });

  test('R-I3 publishing again puts the contact above garbage', async () => {
    const { net, browser, topics } = await setup();
    const { safeId, vault, flows } = browser;
    await publish(net, envelope(topics.contact, startNs + minuteNs, garbage(1)));
    await flows.handlers.network_publishContact({ safeId });
    expect(await vault.publication.classifyContact(safeId, net.stored(topics.contact).at(-1)!.message)).toBe('current');
  });

  test('R-I3 publishing again puts the copy above garbage', async () => {
    const { net, browser, topics } = await setup();
    const { safeId, vault, flows, wallet } = browser;
    await publish(net, envelope(topics.copy, startNs + minuteNs, garbage(1)));
    await flows.handlers.network_publishCopy({ safeId, signature: wallet.sign(await copyText(browser)) });
    expect(await vault.publication.opensCopy(safeId, net.stored(topics.copy).at(-1)!.message)).toBe('same');
    expect((await stateOf(browser)).notice).toBe('foreign-rows');
  });

  test('R-I3 thousands of them hide neither contact nor copy', async () => {
    const { net, browser, topics } = await setup();
    for (const topic of [topics.contact, topics.copy])
      for (let part = 0; part < 3; part++)
        await publish(
          net,
          ...Array.from({ length: 1000 }, (_, at) =>
            envelope(topic, startNs + minuteNs + BigInt(part * 1000 + at), garbage(part * 1000 + at)),
          ),
        );
    const draft = await draftOf(browser, net);
    const copyId = await copyIdOf(browser);
    const { first } = await draft.find(copyId);
    expect(first).toMatchObject({ contact: { version: 2 }, copies: [{ copyId }], unreadable: 3000, more: null });
    expect(await draft.retrieve(copyId)).toMatchObject({ step: 'unlock-2' });
    expect(await browser.flows.handlers.rotation_run({ safeId: browser.safeId })).toMatchObject({ pending: null });
  });

  test('R-I3 hundreds of forgeries of our own copy, above and below: the one that opens is found', async () => {
    const { net, browser, topics } = await setup();
    const copyId = await copyIdOf(browser);
    const count = retrievalLimits.envelopesOfCopy + 60;
    await publish(
      net,
      ...Array.from({ length: count }, (_, at) =>
        envelope(topics.copy, startNs + minuteNs + BigInt(at), forgedCopy(copyId, at)),
      ),
    );
    await publish(net, envelope(topics.copy, 5, forgedCopy(copyId, 9999)));
    expect(await (await draftOf(browser, net)).retrieve(copyId)).toMatchObject({ step: 'unlock-2' });
  });

  test('R-I3 more sealed copies than are shown at once: one looks further, and ours is there', async () => {
    const { net, browser, topics } = await setup();
    const count = 2 * retrievalLimits.copies + 5;
    await publish(
      net,
      ...Array.from({ length: count }, (_, at) =>
        envelope(topics.copy, startNs + minuteNs + BigInt(at), forgedCopy((at + 1).toString(16).padStart(64, '0'), at)),
      ),
    );
    const draft = await draftOf(browser, net);
    const copyId = await copyIdOf(browser);
    const { looks, first } = await draft.find(copyId);
    expect([looks, first.copies.length]).toEqual([3, retrievalLimits.copies]);
    expect(await draft.retrieve(copyId)).toMatchObject({ step: 'unlock-2' });
  });
});

describe('R-I4 a sealed copy above ours that does not open', () => {
  async function stopped() {
    const made = await setup();
    const { net, browser, topics } = made;
    await publish(net, envelope(topics.copy, startNs + minuteNs, forgedCopy('ab'.repeat(32), 1)));
    const run = (typed?: string) =>
      browser.flows.handlers.rotation_run({ safeId: browser.safeId, ...(typed !== undefined && { typed }) });
    await expect(run()).rejects.toMatchObject({ reason: 'needs-confirmation' });
    expect(await rotationOf(browser)).toMatchObject({ pending: { reason: 'needs-confirmation', canCancel: true } });
    expect((await stateOf(browser)).notice).toBe('other-copy-published');
    return { ...made, run };
  }

  test('R-I4 stops a rotation, which goes on when the person says so', async () => {
    const { net, browser, topics, run } = await stopped();
    expect(await run(browser.wallet.account)).toMatchObject({ pending: null });
    expect((await stateOf(browser)).notice).toBeNull();
    expect(await browser.vault.publication.opensCopy(browser.safeId, net.stored(topics.copy).at(-1)!.message)).toBe(
      'same',
    );
  });

  test('R-I4 stops a rotation, which is taken back', async () => {
    const { browser } = await stopped();
    expect(await browser.flows.handlers.rotation_cancel({ safeId: browser.safeId })).toMatchObject({ pending: null });
    expect(await preKeyCount(browser)).toBe(1);
    expect((await stateOf(browser)).notice).toBeNull();
  });

  test('R-I4 that comes when ours was sent already leaves a way on, though not back', async () => {
    const { net, browser, topics, run } = await stopped();
    await browser.vault.publication.resealCopy(browser.safeId);
    await expect(browser.flows.handlers.rotation_cancel({ safeId: browser.safeId })).rejects.toMatchObject({
      reason: 'wrong-step',
    });
    await expect(run()).rejects.toMatchObject({ reason: 'needs-confirmation' });
    const rows = net.stored(topics.copy).length;
    expect(await browser.flows.handlers.rotation_finishHere({ safeId: browser.safeId })).toMatchObject({
      pending: null,
    });
    expect([await preKeyCount(browser), net.stored(topics.copy).length]).toEqual([2, rows]);
  });
});

describe('finishing a rotation here only', () => {
  test('asks no node, also one that hangs; no copy is called whole by it, and it is told', async () => {
    const { net, browser } = await setup();
    const { safeId, flows } = browser;
    const asked = neverAnswers(net);
    const run = expect(flows.handlers.rotation_run({ safeId })).rejects.toMatchObject({ reason: 'stopped' });
    await asked;
    expect(await flows.handlers.rotation_finishHere({ safeId })).toMatchObject({ pending: null });
    await run;
    expect(await stateOf(browser)).toMatchObject({ copy: { state: 'none' }, notice: 'left-behind' });
    expect((await browser.vault.identity.details({ safeId })).prekeys.map(({ current }) => current)).toEqual([
      true,
      false,
    ]);
    expect(await flows.handlers.rotation_finishHere({ safeId })).toMatchObject({ pending: null });
    expect(await preKeyCount(browser)).toBe(2);
  });

  test('what was left behind is published at the next look, and nobody else is blamed for it', async () => {
    const { net, browser, topics } = await setup();
    const { safeId, flows, vault } = browser;
    const faults = net.faults.splice(0);
    await vault.rotation.begin(safeId);
    await flows.handlers.rotation_finishHere({ safeId });
    net.faults.push(...faults);
    await flows.watch.look(safeId);
    expect(await vault.publication.classifyContact(safeId, net.stored(topics.contact).at(-1)!.message)).toBe('current');
    expect((await stateOf(browser)).notice).toBe('left-behind');
    const text = await copyText(browser);
    await flows.handlers.network_publishCopy({ safeId, signature: browser.wallet.sign(text) });
    expect(await flows.handlers.network_confirmCopy({ safeId, signature: browser.wallet.sign(text) })).toMatchObject({
      copy: { state: 'saved' },
    });
  });

  test('ends one that waits for a copy on a node when no node is wanted any more', async () => {
    const { browser } = await setup();
    const { safeId, flows } = browser;
    await swapNode(browser, null);
    await expect(flows.handlers.rotation_run({ safeId })).rejects.toMatchObject({ reason: 'no-network' });
    expect(await flows.handlers.rotation_finishHere({ safeId })).toMatchObject({ pending: null });
    expect(await preKeyCount(browser)).toBe(2);
  });
});

test('R-I3 a wallet of no identity finds nothing among garbage, and is told how much there is', async () => {
  const { net, browser } = await setup();
  const stranger = freshWallet();
  await publish(net, envelope(ownTopics(stranger.account).copy, 5, garbage(1)));
  const look = (await browser.flows.handlers.network_look({ account: stranger.account })) as NetworkLook;
  expect(look).toMatchObject({ contact: null, copies: [], unreadable: 1, more: null });
});
