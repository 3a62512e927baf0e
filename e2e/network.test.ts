// The flows over the network in Chromium, against the embedded node: generate, publish, retrieve elsewhere, from a file, and with keys
// that went between the vault and the stock client in both directions.
// Promises: a second profile gets the identity with one wallet signature, from a file with none; every signature the wallet made is
// counted. Both profiles and stock peers read the same. Must not: look at words of a page, or at a clock.
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startNode, type TestNode } from '../demo/node/node';
import { testAccounts } from '../demo/wallet/accounts';
import type { Personality } from '../demo/wallet/personalities';
import type { NetworkLook, NetworkState } from '../src/contract/pages/network';
import { bytesToHex } from '../src/protocol/base/bytes';
import { launchChromium, type Chromium } from './kit/chromium';
import { detailsOf, enrolBy, exportBackup, goodPassphrase, personOf, publishAll, setNode } from './kit/flows';
import { internalClient, stateThrough, type Internal } from './kit/internal';
import type { Site } from './kit/journey';
import { connectMessaging, serveMessaging, stock, stockClientOf, stockPeer } from './kit/messaging';
import { contactTopic, copyTopic } from './kit/on-the-node';
import { heardIn, said, talkerIn, type Talker } from './kit/talk';

/** One profile of one browser, with what speaks for its pages. */
interface Profile {
  browser: Chromium;
  onboarding: Internal;
  vault: Internal;
}

let node: TestNode;
let site: Site;
let home: Profile;
let away: Profile;
const ada = personOf(testAccounts()[0]!);
const isEnable = (text: string) => text.startsWith('XMTP : Enable Identity');

async function openProfile(): Promise<Profile> {
  const browser = await launchChromium();
  const [onboarding, vault] = [await internalClient(browser, 'onboarding'), await internalClient(browser, 'vault')];
  await setNode(vault, node.url);
  return { browser, onboarding, vault };
}

beforeAll(async () => {
  [node, site] = await Promise.all([startNode(), serveMessaging()]);
  [home, away] = await Promise.all([openProfile(), openProfile()]);
});
afterAll(async () => {
  await Promise.all([home?.browser.close(), away?.browser.close()]);
  await site?.close();
  await node?.close();
});

/** A page with xmtp-js in a profile, connected, with a client for which the vault publishes. */
async function talkIn({ browser }: Profile): Promise<{ page: Page; talker: Talker }> {
  const page = await browser.context.newPage();
  await page.goto(site.origin);
  const capabilities = await page.evaluate(() => [...window.messaging.xmtpCapabilities]);
  await connectMessaging(browser, page, capabilities, 'until-locked');
  const talker = talkerIn(page, node.url);
  await talker.begin();
  return { page, talker };
}

describe.sequential('one identity in two profiles', () => {
  let safeId: string;
  let file: Uint8Array;

  test('there is nothing on the network: generate, publish the contact, then the sealed copy of the keys', async () => {
    expect(await home.onboarding.call<NetworkLook>('network_look', { account: ada.account.address })).toMatchObject({
      contact: null,
      copies: [],
      unreadable: 0,
      more: null,
    });
    ({ safeId } = await enrolBy(home.onboarding, ada));
    expect(ada.walletSignatures).toHaveLength(3);
    expect([
      node.stored(copyTopic(ada.account.address)).length,
      node.stored(contactTopic(ada.account.address)).length,
    ]).toEqual([0, 0]);
    const state = await publishAll(home.vault, ada, safeId);
    expect(state).toMatchObject({
      environment: { url: node.url },
      copy: { state: 'saved' },
      notice: null,
      keysFrom: 'here',
    });
    expect(ada.walletSignatures.slice(3).map(isEnable)).toEqual([true, true]);
    expect(node.stored(copyTopic(ada.account.address))).toHaveLength(1);
    const contacts = node.stored(contactTopic(ada.account.address));
    expect(contacts).toHaveLength(2);
    expect(contacts[0]!.timestampNs < contacts[1]!.timestampNs).toBe(true);
  });

  test('publishing again changes nothing on the node', async () => {
    const before = node.publishCount();
    await home.vault.call<NetworkState>('network_publishContact', { safeId });
    expect(node.publishCount()).toBe(before);
  });

  test('a second profile finds them and retrieves them with one wallet signature', async () => {
    const person = personOf(ada.account);
    const made = await enrolBy(away.onboarding, person, { source: 'network', passphrase: goodPassphrase });
    expect(person.walletSignatures.map(isEnable)).toEqual([true]);
    const [here, there] = [await detailsOf(home.vault, safeId), await detailsOf(away.vault, made.safeId)];
    expect(there.identityKeyHex).toBe(here.identityKeyHex);
    expect(there.prekeys).toEqual(here.prekeys);
    expect(there.slots.map(({ type }) => type).toSorted()).toEqual(['passphrase', 'recovery-code']);
    expect(await away.vault.call<NetworkState>('network_state', { safeId: made.safeId })).toMatchObject({
      keysFrom: 'network',
    });
    // Looking and retrieving wrote nothing.
    expect([
      node.stored(copyTopic(ada.account.address)).length,
      node.stored(contactTopic(ada.account.address)).length,
    ]).toEqual([1, 2]);
  });

  test('both send and read with stock peers, and the vault publishes: no token, no new contact', async () => {
    const [bob, eve] = [await stockPeer('Bob', node.url), await stockPeer('Eve', node.url)];
    const [atHome, elsewhere] = [await talkIn(home), await talkIn(away)];
    expect(node.stored(contactTopic(ada.account.address))).toHaveLength(2);
    const withBob = await atHome.talker.converse(bob.address);
    expect(withBob.version).toBe('v2');
    await atHome.talker.send(withBob.topic, 'from home');
    const theirs = await heardIn(bob, withBob.topic);
    await theirs.send('to both');
    const first: [string, string][] = [
      [ada.account.address, 'from home'],
      [bob.address, 'to both'],
    ];
    expect(await elsewhere.talker.read(withBob.topic)).toEqual(first);
    // The same keys make the same conversation.
    expect((await elsewhere.talker.converse(bob.address)).topic).toBe(withBob.topic);
    await elsewhere.talker.send(withBob.topic, 'from elsewhere');
    const all = [...first, [ada.account.address, 'from elsewhere']];
    expect(await atHome.talker.read(withBob.topic)).toEqual(all);
    expect(await said(theirs)).toEqual(all);

    await (await eve.conversations.newConversation(ada.account.address)).send('a stranger');
    for (const { talker } of [atHome, elsewhere]) {
      const { topic } = (await talker.list()).find(({ peer }) => peer === eve.address)!;
      expect(await talker.read(topic)).toEqual([[eve.address, 'a stranger']]);
    }
    await Promise.all([atHome.page.close(), elsewhere.page.close()]);
    file = (await exportBackup(home.vault, ada, safeId, { kind: 'passphrase', passphrase: goodPassphrase })).file;
  });

  test('from a file the identity comes back with no wallet signature, and with its conversations', async () => {
    const { identities } = await stateThrough(away.vault);
    await away.vault.call('identity_forget', { safeId: identities[0]!.safeId, typed: ada.account.address });
    const person = personOf(ada.account);
    const made = await enrolBy(away.onboarding, person, {
      source: 'backup',
      passphrase: goodPassphrase,
      file,
      secret: { kind: 'passphrase', passphrase: goodPassphrase },
    });
    expect(person.walletSignatures).toEqual([]);
    expect((await detailsOf(away.vault, made.safeId)).prekeys).toEqual((await detailsOf(home.vault, safeId)).prekeys);
    const { page, talker } = await talkIn(away);
    const bob = await stockPeer('Bob', node.url);
    const { topic } = (await talker.list()).find(({ peer }) => peer === bob.address)!;
    await talker.send(topic, 'from a file');
    expect((await said(await heardIn(bob, topic))).at(-1)).toEqual([ada.account.address, 'from a file']);
    await page.close();
  });
});

describe.sequential('keys between the vault and the stock client', () => {
  let count = 0;
  /** Every test has an account of its own. */
  const nextPerson = (personality: Personality) => personOf(testAccounts()[++count]!, personality);
  const kinds = ['deterministic-v27', 'deterministic-v0'] as const;
  const pairs = kinds.flatMap((maker) => kinds.map((reader) => [maker, reader] as const));

  test.each(pairs)(
    'made by the stock client with a wallet of %s, retrieved by the vault with one of %s',
    async (maker, reader) => {
      const made = nextPerson(maker);
      const client = await stockClientOf(made, node.url);
      const person = personOf(made.account, reader);
      // The wallet opens the draft here: two unlock signatures, and one for the keys.
      const { safeId } = await enrolBy(home.onboarding, person, { source: 'network' });
      expect(person.walletSignatures.map(isEnable)).toEqual([false, true, false]);
      const details = await detailsOf(home.vault, safeId);
      expect(details.identityKeyHex).toBe(bytesToHex(client.publicKeyBundle.identityKey.secp256k1Uncompressed.bytes));
      expect(details.prekeys.map(({ publicKeyHex }) => publicKeyHex)).toEqual([
        bytesToHex(client.publicKeyBundle.preKey.secp256k1Uncompressed.bytes),
      ]);
      await home.vault.call('identity_forget', { safeId, typed: made.account.address });
    },
  );

  test.each(pairs)(
    'made by the vault with a wallet of %s, retrieved by a stock client with one of %s, which reads what was written',
    async (maker, reader) => {
      const made = nextPerson(maker);
      const { safeId } = await enrolBy(home.onboarding, made);
      expect((await publishAll(home.vault, made, safeId)).copy.state).toBe('saved');
      const details = await detailsOf(home.vault, safeId);
      const peer = await stockPeer(`peer of ${made.account.address}`, node.url);
      await (await peer.conversations.newConversation(made.account.address)).send('before you came');
      const person = personOf(made.account, reader);
      const client = await stockClientOf(person, node.url, {
        keystoreProviders: [new stock.NetworkKeystoreProvider()],
      });
      expect(person.walletSignatures.map(isEnable)).toEqual([true]);
      expect(bytesToHex(client.publicKeyBundle.identityKey.secp256k1Uncompressed.bytes)).toBe(details.identityKeyHex);
      expect(bytesToHex(client.publicKeyBundle.preKey.secp256k1Uncompressed.bytes)).toBe(
        details.prekeys[0]!.publicKeyHex,
      );
      // What the vault published counts for the client as its own: nothing was published in its place.
      expect([
        node.stored(copyTopic(made.account.address)).length,
        node.stored(contactTopic(made.account.address)).length,
      ]).toEqual([1, 2]);
      const [conversation] = await client.conversations.list();
      expect(await said(conversation!)).toEqual([[peer.address, 'before you came']]);
      await home.vault.call('identity_forget', { safeId, typed: made.account.address });
    },
  );
});

test('nothing was uncaught', () => {
  for (const { browser } of [home, away])
    expect(browser.console.filter(({ text }) => /uncaught/i.test(text))).toEqual([]);
});
