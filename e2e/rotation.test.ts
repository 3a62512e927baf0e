// Rotations in the middle of conversations, in Chromium, against the embedded node, with stock peers.
// Promises: the steps come from a recorded run, so a new one is tested without anyone remembering it; after each kill there is exactly
// one current prekey, the node has its contact and its copy, and nothing that was readable stops being so. The open page goes on with
// the prekey it began with. Must not: look at words of a page, or at a clock.
import type { Page } from 'playwright';
import { afterAll, describe, expect, test } from 'vitest';
import { startNode } from '../demo/node/node';
import { testAccounts } from '../demo/wallet/accounts';
import { someOf } from '../scripts/campaign/size';
import type { NetworkState } from '../src/contract/pages/network';
import type { RotationState } from '../src/contract/pages/rotation';
import { bytesToHex } from '../src/protocol/base/bytes';
import { labelsOf, stopAt, stopped } from './kit/checkpoints';
import { launchChromium } from './kit/chromium';
import { detailsOf, enrolBy, personOf, publishAll, rotate, setNode } from './kit/flows';
import { internalClient, unlockThrough } from './kit/internal';
import { until } from './kit/journey';
import { connectMessaging, openSafe, serveMessaging, stockPeer, stockTwin } from './kit/messaging';
import { contactOn, contactTopic, copyOn, copyTopic, holdPublish } from './kit/on-the-node';
import { heardIn, said, talkerIn, type Talker } from './kit/talk';

// Launched while the tests are collected: the labels decide which tests there are.
const [browser, node, site] = await Promise.all([launchChromium(), startNode(), serveMessaging()]);
const ada = personOf(testAccounts()[0]!);
const { address } = ada.account;
const [onboarding, vault, looker, unlock] = [
  await internalClient(browser, 'onboarding'),
  await internalClient(browser, 'vault'),
  // A second page of the vault, which asks while the first waits.
  await internalClient(browser, 'vault'),
  await internalClient(browser, 'unlock'),
];
await setNode(vault, node.url);
const { safeId } = await enrolBy(onboarding, ada);
await publishAll(vault, ada, safeId);
/** The keys as a stock client of the same account would still have them. */
const before = await openSafe(browser, ada.account);

const page = await browser.context.newPage();
await page.goto(site.origin);
await connectMessaging(
  browser,
  page,
  await page.evaluate(() => [...window.messaging.xmtpCapabilities]),
  'until-locked',
);
await page.evaluate(() => {
  const heard = ((window as unknown as { renewed: unknown[] }).renewed = [] as unknown[]);
  (window as unknown as { prekeyVault: { on(name: string, listener: (data: unknown) => void): void } }).prekeyVault.on(
    'publicKeyBundleChanged',
    (data) => heard.push(data),
  );
});
const renewed = (of: Page) => of.evaluate(() => (window as unknown as { renewed: unknown[] }).renewed);
const open = talkerIn(page, node.url);
await open.begin();
const [bob, cem] = [
  await stockPeer('Bob', node.url),
  await stockPeer('Cem of old', node.url, { publishLegacyContact: true }),
];
/** Knows the contact of now, and does not look again. */
const dora = await stockPeer('Dora', node.url);
await dora.getUserContact(address);

const withBob = await open.converse(bob.address);
const withCem = await open.converse(cem.address);
await open.send(withBob.topic, 'before the rotation');
await open.send(cem.address, 'before the rotation, of old');
const fromBob = await heardIn(bob, withBob.topic);
const [fromCem] = await cem.conversations.list();
await fromBob.send('read it');
await fromCem!.send('read it too');
const inBob: [string, string][] = [
  [address, 'before the rotation'],
  [bob.address, 'read it'],
];
const inCem: [string, string][] = [
  [address, 'before the rotation, of old'],
  [cem.address, 'read it too'],
];

const preKeysOf = async () => (await detailsOf(looker, safeId)).prekeys;
const currentOf = (prekeys: Awaited<ReturnType<typeof preKeysOf>>) =>
  prekeys.filter(({ current }) => current).map(({ publicKeyHex }) => publicKeyHex);
const [first] = currentOf(await preKeysOf());
const labels = await labelsOf(browser, () => rotate(vault, safeId));

afterAll(async () => {
  await browser.close();
  await site.close();
  await node.close();
});

/** One current prekey, which is the one that peers find and that the newest sealed copy begins with; all older ones are there. */
async function expectWhole(known: readonly string[]): Promise<string[]> {
  const prekeys = await preKeysOf();
  const hexes = prekeys.map(({ publicKeyHex }) => publicKeyHex);
  expect(currentOf(prekeys)).toEqual([hexes[0]]);
  expect(hexes.slice(1)).toEqual(known);
  expect(contactOn(node, address)).toMatchObject({ version: 2, preKeyHex: hexes[0] });
  expect(copyOn(node, ada).preKeyHexes).toEqual(hexes);
  expect(await looker.call<RotationState>('rotation_get', { safeId })).toMatchObject({
    pending: null,
    publishes: true,
  });
  return hexes;
}

test('a recorded run passes each kind of step, and changes what peers find', async () => {
  const heads = new Set(labels.map((label) => label.replace(/:(before|after)$/, '')));
  expect(labels.length).toBe(2 * heads.size);
  expect([...heads].filter((label) => label.startsWith('rotation.')).length).toBeGreaterThanOrEqual(4);
  const hexes = await expectWhole([first!]);
  expect(hexes[0]).not.toBe(first);
  expect([node.stored(contactTopic(address)).length, node.stored(copyTopic(address)).length]).toEqual([4, 2]);
  const times = node.stored(contactTopic(address)).map(({ timestampNs }) => timestampNs);
  expect(times.every((time, at) => at === 0 || time > times[at - 1]!)).toBe(true);
});

describe.sequential('in the middle of conversations', () => {
  test('the open page is told once, goes on with its prekey, and peers keep reading it', async () => {
    await expect.poll(() => renewed(page)).toEqual([{ account: address }]);
    expect(await open.preKey()).toBe(first);
    await open.send(withBob.topic, 'after it, in the same page');
    await open.send(cem.address, 'after it, of old');
    inBob.push([address, 'after it, in the same page']);
    inCem.push([address, 'after it, of old']);
    expect(await said(fromBob)).toEqual(inBob);
    expect(await said(fromCem!)).toEqual(inCem);
    await fromBob.send('still here');
    await fromCem!.send('still here too');
    inBob.push([bob.address, 'still here']);
    inCem.push([cem.address, 'still here too']);
    expect(await open.read(withBob.topic)).toEqual(inBob);
    expect(await open.read(cem.address)).toEqual(inCem);
  });

  test('an open page begins conversations with its own prekey, and the other side answers', async () => {
    const finn = await stockPeer('Finn', node.url);
    const { topic } = await open.converse(finn.address);
    await open.send(topic, 'from a page of before');
    const theirs = await heardIn(finn, topic);
    expect(theirs.peerAddress).toBe(address);
    await theirs.send('welcome');
    expect(await open.read(topic)).toEqual([
      [address, 'from a page of before'],
      [finn.address, 'welcome'],
    ]);
  });

  test('a new client has the new prekey, reads everything, and finds its conversations again', async () => {
    await open.begin();
    expect(await open.preKey()).toBe(currentOf(await preKeysOf())[0]);
    // Its contact is there already: nothing new is published by the page.
    expect(node.stored(contactTopic(address))).toHaveLength(4);
    await expectHistory(open);
    expect((await open.converse(bob.address)).topic).toBe(withBob.topic);
    await open.send(withBob.topic, 'with the new one');
    await open.send(cem.address, 'with the new one, of old');
    inBob.push([address, 'with the new one']);
    inCem.push([address, 'with the new one, of old']);
    expect(await said(fromBob)).toEqual(inBob);
    expect(await said(fromCem!)).toEqual(inCem);
  });

  test('who knows only the old contact reaches us, and who looks now gets the new one', async () => {
    const gil = await stockPeer('Gil', node.url);
    for (const peer of [dora, gil]) {
      const theirs = await peer.conversations.newConversation(address);
      await theirs.send('hello');
      expect((await open.list()).find(({ topic }) => topic === theirs.topic)).toMatchObject({ peer: peer.address });
      await open.send(theirs.topic, 'hello to you');
      expect(await said(theirs)).toEqual([
        [peer.address, 'hello'],
        [address, 'hello to you'],
      ]);
    }
    const known = async (peer: typeof gil) =>
      (await peer.getUserContact(address))!.preKey as unknown as { secp256k1Uncompressed: { bytes: Uint8Array } };
    const hexOf = async (peer: typeof gil) => bytesToHex((await known(peer)).secp256k1Uncompressed.bytes);
    expect([await hexOf(dora), await hexOf(gil)]).toEqual([first, currentOf(await preKeysOf())[0]]);
  });
});

async function expectHistory(talker: Talker): Promise<void> {
  const list = await talker.list();
  expect(list.find(({ topic }) => topic === withBob.topic)).toMatchObject({ peer: bob.address, version: 'v2' });
  expect(list.filter(({ peer }) => peer === address)).toEqual([]);
  expect(list.filter(({ peer }) => peer === bob.address)).toHaveLength(1);
  expect(await talker.read(withBob.topic)).toEqual(inBob);
  expect(await talker.read(cem.address)).toEqual(inCem);
  expect(withCem.version).toBe('v1');
}

describe('a rotation, killed at each step', () => {
  // After a step nothing is awaited before the next one begins, but for the node's calls, which are held below.
  const stops = labels.filter((label, at) => label.endsWith(':before') || at === labels.length - 1);
  test.each(someOf('kills', 'stepOfOthers', stops))('P3 %s', async (label) => {
    const known = (await preKeysOf()).map(({ publicKeyHex }) => publicKeyHex);
    await stopAt(browser, label);
    const run = rotate(vault, safeId);
    expect(await stopped(browser, run)).toBe(true);
    await vault.hold();
    await browser.killWorker();
    // Whatever goes on by itself after the restart: one is current, and none is lost.
    const meanwhile = await preKeysOf();
    expect(currentOf(meanwhile)).toHaveLength(1);
    expect(meanwhile.map(({ publicKeyHex }) => publicKeyHex).slice(-known.length)).toEqual(known);
    await vault.release();
    await run;
    await expectWhole(known);
  });
});

describe('a rotation, killed while the node has its call', () => {
  // The copy, the contact of version 1, the contact of version 2.
  test.each(
    [1, 2, 3].flatMap(
      (call) =>
        [
          [call, false],
          [call, true],
        ] as const,
    ),
  )('P3 publish call %i, taken: %s', async (call, isExecuted) => {
    const known = (await preKeysOf()).map(({ publicKeyHex }) => publicKeyHex);
    const held = holdPublish(node, call, isExecuted);
    const run = rotate(vault, safeId);
    await held.reached;
    await vault.hold();
    await browser.killWorker();
    held.letGo();
    expect(currentOf(await preKeysOf())).toEqual([known[0]]);
    await vault.release();
    await run;
    await expectWhole(known);
  });

  test('a node that is away leaves it pending, says why, and peers keep reading; then it goes on', async () => {
    const known = (await preKeysOf()).map(({ publicKeyHex }) => publicKeyHex);
    const away: (typeof node.faults)[number] = () => ({ status: 0, isCut: true });
    node.faults.push(away);
    const outcome = await rotate(vault, safeId).catch((error: unknown) => error);
    node.faults.splice(node.faults.indexOf(away), 1);
    expect(outcome).toMatchObject({ reason: 'unreachable' });
    const { pending } = await looker.call<RotationState>('rotation_get', { safeId });
    expect(pending).toMatchObject({ reason: 'unreachable' });
    expect(currentOf(await preKeysOf())).toEqual([known[0]]);
    expect(contactOn(node, address)!.preKeyHex).toBe(known[0]);
    await rotate(vault, safeId);
    await expectWhole(known);
  });

  test('P3 never asked for again: the next unlock goes on with it', async () => {
    const known = (await preKeysOf()).map(({ publicKeyHex }) => publicKeyHex);
    const held = holdPublish(node, 2, false);
    const doomed = await internalClient(browser, 'vault');
    void rotate(doomed, safeId).catch(() => undefined);
    await held.reached;
    await doomed.page.close();
    await looker.call('lock_now', {});
    await browser.killWorker();
    held.letGo();
    await unlockThrough(unlock, safeId);
    await until(
      async () => (await looker.call<RotationState>('rotation_get', { safeId })).pending === null,
      'the rotation is complete',
    );
    await expectWhole(known);
  });
});

describe.sequential('after many rotations', () => {
  test('another client that publishes an old prekey is noticed at the next unlock, told, and answered once', async () => {
    const twin = await stockTwin(before.bundle, node.url);
    expect(contactOn(node, address)!.preKeyHex).toBe(first);
    const count = node.stored(contactTopic(address)).length;
    await looker.call('lock_now', {});
    await unlockThrough(unlock, safeId);
    const state = () => looker.call<NetworkState>('network_state', { safeId });
    await until(async () => (await state()).notice !== null, 'the notice');
    expect((await state()).notice).toBe('older-prekey-republished');
    await until(
      () => contactOn(node, address)!.preKeyHex !== first && contactOn(node, address)!.version === 2,
      'our contact is back',
    );
    expect(node.stored(contactTopic(address)).length).toBe(count + 2);
    await twin.publishUserContact(false);
    await looker.call('lock_now', {});
    await unlockThrough(unlock, safeId);
    // The look after this unlock tells it once more, and may come to an end after it was dismissed.
    await until(async () => {
      await looker.call('network_dismissNotice', { safeId });
      return (await state()).notice === null;
    }, 'the notice is dismissed');
    // No war: the other one published once more, and we did not.
    expect(node.stored(contactTopic(address)).length).toBe(count + 3);
    await looker.call('network_publishContact', { safeId });
    expect(contactOn(node, address)!.preKeyHex).toBe(currentOf(await preKeysOf())[0]);
  });

  test('a fresh retrieval reads it all: own old invitations name the right peer, and conversations are found again', async () => {
    const prekeys = (await preKeysOf()).map(({ publicKeyHex }) => publicKeyHex);
    expect(prekeys.length).toBeGreaterThan(4);
    await vault.call('identity_forget', { safeId, typed: address });
    const made = await enrolBy(onboarding, ada, { source: 'network' });
    expect((await detailsOf(vault, made.safeId)).prekeys.map(({ publicKeyHex }) => publicKeyHex)).toEqual(prekeys);
    const fresh = await browser.context.newPage();
    await fresh.goto(site.origin);
    await connectMessaging(
      browser,
      fresh,
      await fresh.evaluate(() => [...window.messaging.xmtpCapabilities]),
      'until-locked',
    );
    const talker = talkerIn(fresh, node.url);
    await talker.begin();
    await expectHistory(talker);
    expect((await talker.converse(bob.address)).topic).toBe(withBob.topic);
    await talker.send(withBob.topic, 'the end');
    expect((await said(fromBob)).at(-1)).toEqual([address, 'the end']);
  });
});

test('nothing was uncaught', () => {
  expect(browser.console.filter(({ text }) => /uncaught/i.test(text))).toEqual([]);
});
