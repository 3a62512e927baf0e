// People in a real browser: a name from the address book on a card, what ENS says beside it, the text of a message that is sent, and the phrase of the person's own.
// Promises: what a site is told is listened to all the while, and holds neither name nor phrase (R-C8, R-C11); a canary that is told is found.
// Must not: look at words of a page, but for those that the test itself gave.
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testAccounts } from '../demo/wallet/accounts';
import { pages } from '../src/contract/pages/pages';
import { startEnsNode } from '../src/network/ens-node.testkit';
import { decodePublicKeyBundle, publicBundleOf } from '../src/protocol/keys/bundles';
import { walletAddressOf } from '../src/protocol/keys/keys';
import { encodeEncryptV1Request } from '../src/protocol/keystore/messages';
import { encodeContent, textContent } from '../src/protocol/messages/content';
import { encodeMessageHeaderV1 } from '../src/protocol/messages/message-v1';
import { identityPool } from '../src/protocol/testkit/reference.testkit';
import { extensionId, launchChromium, type Chromium } from './kit/chromium';
import { enrolBy, personOf } from './kit/flows';
import { internalClient } from './kit/internal';
import {
  answerOf,
  approvalWindow,
  approve,
  byId,
  bytes,
  call,
  connect,
  reject,
  revived,
  serveSite,
  start,
  readToTheEnd,
  type Site,
} from './kit/journey';
import { hearEverything, heardBy } from './kit/page-ear';
import { everythingStored } from './kit/stores';

const person = personOf(testAccounts()[0]!);
const [bobsKeys] = (await identityPool(1)).map(({ ours }) => ours);
const bob = walletAddressOf(bobsKeys!.identityKey.publicKey);
const name = 'Bob whom I met in Utrecht';
const phrase = 'otters juggle on the tram';
/** Two and a half thousand letters: more than a card shows at once, and an end that is seen only when the rest was opened. */
const words = `Dear Bob, ${'so it goes. '.repeat(220)}The end.`;

let browser: Chromium;
let site: Site;
let page: Page;
let safeId: string;

beforeAll(async () => {
  [browser, site] = await Promise.all([
    launchChromium(),
    serveSite({ '/': `<!doctype html><title>site</title>${hearEverything.markup}<h1>site</h1>` }),
  ]);
  ({ safeId } = await enrolBy(await internalClient(browser, 'onboarding'), person));
  page = await browser.context.newPage();
  await page.goto(site.origin);
  await hearEverything.tap(page);
  await connect(browser, page, ['identity', 'messages.write']);
});
afterAll(async () => {
  await browser?.close();
  await site?.close();
});

/** The site asks to send these contents to Bob. */
async function ask(slot: string, contents: Uint8Array[]): Promise<Page> {
  const { publicKeyBundle } = revived<{ publicKeyBundle: Uint8Array }>(
    (await call(page, 'vault_getPublicKeyBundle')).result,
  );
  const recipient = publicBundleOf(bobsKeys!);
  const timestampMs = BigInt(Date.now());
  const headerBytes = encodeMessageHeaderV1({ sender: decodePublicKeyBundle(publicKeyBundle), recipient, timestampMs });
  const request = encodeEncryptV1Request(contents.map((payload) => ({ recipient, payload, headerBytes })));
  await start(page, slot, 'xmtp_encryptV1', { request: bytes(request) });
  const card = await approvalWindow(browser);
  await byId(card, 'approval-peer', { 'data-account': bob }).waitFor();
  return card;
}

/** The vault page at a place of its own. */
async function at(own: 'vault', place: string): Promise<Page> {
  const opened = await browser.context.newPage();
  await opened.goto(`chrome-extension://${extensionId}${pages[own]}#${place}`);
  return opened;
}

describe.sequential('people', () => {
  test('the text of a message is on its card, long text whole when it is opened, and what nobody can read is said to be that', async () => {
    const odd = encodeContent({
      type: { authorityId: 'evil.example', typeId: 'odd', versionMajor: 1, versionMinor: 0 },
      parameters: new Map(),
      content: new Uint8Array(3000),
      fallback: 'shown in its place',
    });
    const card = await ask('first', [encodeContent(textContent(words)), odd, Uint8Array.of(1, 2, 3)]);
    const items = byId(card, 'approval-written-item');
    expect(await items.evaluateAll((all) => all.map((one) => one.getAttribute('data-kind')))).toEqual([
      'xmtp.org/text',
      'evil.example/odd',
      'unreadable',
    ]);
    expect(await items.nth(0).innerText()).not.toContain('The end.');
    await byId(items.nth(0), 'dapp-text-show-all').click();
    expect(await items.nth(0).innerText()).toContain('The end.');
    expect(await items.nth(1).innerText()).toContain('shown in its place');
    await byId(card, 'approval-peer', { 'data-named': 'false' }).waitFor();
    await reject(card);
    expect((await answerOf(page, 'first')).error?.code).toBe(4001);
  });

  test('R-C11 somebody is named on the vault page, and from then on the name stands beside the whole address', async () => {
    const vault = await at('vault', `identities/${safeId}/people`);
    await byId(vault, 'people-add').click();
    await byId(vault, 'person-account').fill(bob.toLowerCase());
    await byId(vault, 'person-name').fill(name);
    await byId(vault, 'person-save').click();
    await byId(vault, 'person', { 'data-account': bob }).waitFor();
    // An own identity is you, and takes no other name.
    await byId(vault, 'people-add').click();
    await byId(vault, 'person-account').fill(person.account.address);
    await byId(vault, 'person-account', { 'aria-invalid': 'true' }).waitFor();
    await vault.close();
    const card = await ask('second', [encodeContent(textContent('hi'))]);
    const peer = byId(card, 'approval-peer', { 'data-named': 'true' });
    await peer.waitFor();
    const shown = (await peer.innerText()).replaceAll(/\s/g, '');
    expect(shown).toContain(name.replaceAll(' ', ''));
    expect(shown).toContain(bob);
    expect(await byId(card, 'approval-sentence').innerText()).toMatch(new RegExp(`${name}.*${bob.slice(0, 6)}`));
    await byId(byId(card, 'approval-identity'), 'you').waitFor();
    await approve(card);
    expect((await answerOf(page, 'second')).result).toBeDefined();
  });

  test('a name given on the card arms Approve anew, and is in the address book', async () => {
    await call(page, 'vault_disconnect');
    await connect(browser, page, ['identity', 'messages.write']);
    const card = await ask('third', [encodeContent(textContent('hi'))]);
    await readToTheEnd(card);
    await byId(card, 'approval-approve', { 'data-armed': 'true' }).waitFor();
    await byId(card, 'approval-peer-name').click();
    await byId(card, 'person-name').fill('Bob');
    await byId(card, 'person-save').click();
    await byId(card, 'person-dialog').waitFor({ state: 'detached' });
    await byId(card, 'approval-approve', { 'data-armed': 'false' }).waitFor();
    await approve(card);
    const vault = await internalClient(browser, 'vault');
    expect(await vault.call('people_list', { safeId })).toMatchObject([{ account: bob, name: 'Bob' }]);
    await vault.call('people_name', { safeId, account: bob, name });
  });

  test('R-J2 R-C11 ENS is asked by nobody until a node is set for it; then what it says stands below the address, beside the name', async () => {
    const ens = await startEnsNode();
    ens.book.set(bob, { name: 'bob.eth', leadsTo: bob });
    await call(page, 'vault_disconnect');
    await connect(browser, page, ['identity', 'messages.write']);
    const before = await ask('without', [encodeContent(textContent('hi'))]);
    expect(await byId(before, 'ens-says').count()).toBe(0);
    await reject(before);
    const settings = await at('vault', 'settings');
    await byId(settings, 'ens-panel', { 'data-node': 'none' }).waitFor();
    await byId(settings, 'optional-node-change').click();
    ens.chain = '0xa';
    await byId(settings, 'optional-node-address').fill(ens.url);
    await byId(settings, 'optional-node-use').click();
    await byId(settings, 'failure').waitFor();
    expect(ens.asked).toEqual(['eth_chainId']);
    ens.chain = '0x1';
    await byId(settings, 'optional-node-use').click();
    await byId(settings, 'ens-panel', { 'data-node': 'set' }).waitFor();
    const card = await ask('with', [encodeContent(textContent('hi'))]);
    const peer = byId(card, 'approval-peer', { 'data-named': 'true' });
    await byId(peer, 'ens-says', { 'data-is': 'named' }).waitFor();
    const shown = (await peer.innerText()).replaceAll(/\s/g, '');
    for (const each of [name.replaceAll(' ', ''), bob, 'bob.eth']) expect(shown).toContain(each);
    expect(await byId(card, 'approval-sentence').innerText()).not.toContain('bob.eth');
    await reject(card);
    // A name in another spelling is not shown; a node that is away is not "no name".
    const people = await at('vault', `identities/${safeId}/people`);
    ens.book.set(bob, { name: 'B\u043eb.eth', leadsTo: bob });
    const again = async (is: string) => {
      // Another node, or the same once more: what was told is forgotten.
      const client = await internalClient(browser, 'vault');
      await client.call('settings_set', { ensNode: null });
      await client.call('settings_set', { ensNode: ens.url });
      await people.reload();
      await byId(people, 'people-ask-ens').click();
      await byId(people, 'ens-says', { 'data-is': is }).waitFor();
      expect(await people.content()).not.toContain('\u043e');
    };
    await again('odd');
    ens.fault = (response) => (response.destroy(), true);
    await again('unknown');
    await people.close();
    await byId(settings, 'optional-node-change').click();
    await byId(settings, 'optional-node-none').click();
    await byId(settings, 'ens-panel', { 'data-node': 'none' }).waitFor();
    await settings.close();
    await ens.close();
  });

  test('R-C8 the phrase stands on approval and unlock pages and on no other, and nothing that a content script could read holds it', async () => {
    const vault = await at('vault', 'settings');
    await byId(vault, 'own-phrase-choose').click();
    await byId(vault, 'own-phrase-text').fill(phrase);
    await byId(vault, 'own-phrase-colour-violet').check();
    await byId(vault, 'own-phrase-save').click();
    await byId(vault, 'own-phrase-panel', { 'data-set': 'true' }).waitFor();
    expect(await vault.content()).not.toContain(phrase);
    await vault.reload();
    await byId(vault, 'own-phrase-panel', { 'data-set': 'true' }).waitFor();
    const popup = await browser.ownPage('popup');
    await byId(popup, 'popup').waitFor();
    for (const other of [vault, popup]) {
      expect(await byId(other, 'own-phrase').count()).toBe(0);
      expect(await other.content()).not.toContain(phrase);
    }
    const refused = await internalClient(browser, 'popup');
    await expect(refused.call('ownPhrase_get', {})).rejects.toThrow();
    await popup.close();
    await start(page, 'sign', 'vault_sign', { payload: bytes('x'), purpose: 'x' });
    await start(page, 'more', 'vault_connect', { capabilities: ['identity', 'sign'] });
    const card = await approvalWindow(browser);
    await byId(card, 'own-phrase', { 'data-colour': 'violet' }).waitFor();
    expect(await byId(card, 'own-phrase').innerText()).toContain(phrase);
    await approve(card);
    await (await internalClient(browser, 'vault')).call('lock_now', {});
    const unlock = await browser.ownPage('unlock');
    await byId(unlock, 'own-phrase', { 'data-colour': 'violet' }).waitFor();
    const stored = await everythingStored(browser, vault);
    expect(JSON.stringify([stored.local, stored.session])).not.toContain(phrase);
    expect(JSON.stringify(stored.database['settings'])).toContain(phrase);
    expect(JSON.stringify(stored)).not.toContain(name);
  });

  test('R-C8 R-C11 nothing that reached the site or its relay held a name or the phrase; a text that did is found', async () => {
    await page.evaluate(() => window.postMessage('a canary', '*'));
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 50)));
    const heard = Object.values(await heardBy(page))
      .flat()
      .join('\n');
    expect(heard).toContain('a canary');
    for (const secret of [name, phrase, 'Utrecht', 'otters', 'bob.eth']) expect(heard).not.toContain(secret);
    const inPage = await page.evaluate(
      () => document.documentElement.outerHTML + JSON.stringify(Object.entries(localStorage)),
    );
    for (const secret of ['Utrecht', 'otters']) expect(inPage).not.toContain(secret);
  });
});
