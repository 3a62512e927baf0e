// The three ways through onboarding, pressed on the real pages against the embedded node: new keys, keys from the network, a backup file.
// Promises: every signature the wallet was asked for is counted; a reload and a dead worker continue where they stood; other keys are
// replaced only after what the person typed. Must not: look at words of a page.
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startNode, type TestNode } from '../demo/node/node';
import { testAccounts } from '../demo/wallet/accounts';
import { launchChromium, walletId, type Chromium } from './kit/chromium';
import type { ControlId } from './kit/controls';
import { exportBackup, goodPassphrase, personOf } from './kit/flows';
import { internalClient, stateThrough, type Internal } from './kit/internal';
import { byId, finishWithCode, giveSignatures } from './kit/journey';
import { contactOn, copyOn, copyTopic } from './kit/on-the-node';

let node: TestNode;
let home: Chromium;
let away: Chromium;
const ada = personOf(testAccounts()[0]!);
const account = ada.account.address;
/** The file that the first identity was saved to. */
let file: Uint8Array;
let homeId: string;
/** What speaks for the vault page of either. */
let atHome: Internal;
let atAway: Internal;

beforeAll(async () => {
  node = await startNode();
  [home, away] = await Promise.all([launchChromium(), launchChromium()]);
  [atHome, atAway] = await Promise.all([internalClient(home, 'vault'), internalClient(away, 'vault')]);
});
afterAll(async () => {
  await Promise.all([home?.close(), away?.close()]);
  await node?.close();
});

const at = (page: Page, step: string) => byId(page, 'onboarding', { 'data-step': step }).waitFor();
const press = async (page: Page, ...ids: ControlId[]) => {
  for (const id of ids) await byId(page, id).first().click();
};
const signatures = async (browser: Chromium) =>
  (await browser.walletLog()).filter(({ method }) => method === 'personal_sign').length;
const failure = (page: Page, reason: string) => byId(page, 'failure', { 'data-reason': reason });

async function begin(browser: Chromium, way: 'new' | 'network' | 'backup'): Promise<Page> {
  await browser.wallet({ accountIndex: 0 });
  for (const open of browser.pagesWith('/onboarding/')) await open.close();
  const page = await browser.ownPage('onboarding');
  await press(page, `way-${way}`);
  return page;
}
async function setNode(page: Page, address: string): Promise<void> {
  await press(page, 'network-custom');
  await byId(page, 'network-address').fill(address);
  await press(page, 'network-use');
}
async function throughWallet(page: Page, first: 'open-wallet' | 'open-passphrase' = 'open-wallet'): Promise<void> {
  await press(page, `wallet-${walletId}`, 'wallet-continue', 'account-choice', first, 'account-continue');
}
async function choosePassphrase(page: Page): Promise<void> {
  for (const field of ['passphrase-new', 'passphrase-again'] as const) await byId(page, field).fill(goodPassphrase);
  await press(page, 'passphrase-continue');
}
async function forgetAway(): Promise<void> {
  for (const { safeId } of (await stateThrough(atAway)).identities)
    await atAway.call('identity_forget', { safeId, typed: account });
}

/** What the printer gets, as one line without blanks in the code; the screen never shows it, and nothing of it stays. */
async function printedKit(page: Page): Promise<string> {
  const sheet = byId(page, 'recovery-kit');
  await page.evaluate(() => {
    const seen = { heights: [] as number[] };
    const height = () => document.querySelector('.kit')!.getBoundingClientRect().height;
    Object.assign(window, { seen, print: () => seen.heights.push(height()) });
  });
  await press(page, 'code-print');
  expect([await sheet.count(), await sheet.isVisible()]).toEqual([1, false]);
  expect(await page.evaluate(() => (window as unknown as { seen: { heights: number[] } }).seen.heights)).toEqual([0]);
  await page.emulateMedia({ media: 'print' });
  expect(await byId(page, 'onboarding').isVisible()).toBe(false);
  const facts = await sheet.locator('dl').innerText();
  const code = await sheet.locator('b').allInnerTexts();
  await page.emulateMedia({ media: null });
  await page.evaluate(() => window.dispatchEvent(new Event('afterprint')));
  await expect.poll(() => sheet.count()).toBe(0);
  return `${facts} ${code.join('-')}`;
}

describe.sequential('onboarding with a network', () => {
  test('a node that does not answer is told in words and not kept; one that does is', async () => {
    const page = await begin(home, 'network');
    await setNode(page, 'http://127.0.0.1:9');
    await failure(page, 'unreachable').waitFor();
    expect((await stateThrough(atHome)).settings.environment).toBeNull();
    await setNode(page, node.url);
    await at(page, 'wallet');
    expect((await stateThrough(atHome)).settings.environment).toEqual({
      name: 'custom',
      url: node.url,
    });
    await page.close();
  });

  test('nothing is there: keys are made, published after a press, and their copy saved after its own consent and two signatures', async () => {
    const page = await begin(home, 'new');
    await throughWallet(page);
    await byId(page, 'found-nothing').waitFor();
    await giveSignatures(page);
    const kit = await printedKit(page);
    const code = await finishWithCode(page);
    for (const told of [account, code, 'Chromium', String(new Date().getFullYear())]) expect(kit).toContain(told);
    expect([await signatures(home), node.publishCount()]).toEqual([3, 0]);
    homeId = (await byId(page, 'onboarding-ready').getAttribute('data-safe'))!;

    await press(page, 'contact-publish');
    await byId(page, 'contact', { 'data-published': 'true' }).waitFor();
    expect(contactOn(node, account)?.version).toBe(2);

    await press(page, 'ready-copy');
    await at(page, 'copy');
    expect(await byId(page, 'copy-continue').getAttribute('aria-disabled')).toBe('true');
    await press(page, 'copy-agree', 'copy-continue', 'wallet-sign');
    await byId(page, 'network-copy', { 'data-stage': 'prove' }).waitFor();
    await press(page, 'wallet-sign');
    await byId(page, 'network-copy', { 'data-stage': 'saved' }).waitFor();
    await press(page, 'copy-back');
    await byId(page, 'ready-network', { 'data-copy': 'saved' }).waitFor();
    expect(await signatures(home)).toBe(5);
    expect(copyOn(node, ada).identityKeyHex).toBe(contactOn(node, account)!.identityKeyHex);

    await byId(page, 'ready-backup', { 'data-reminder': 'none' }).waitFor();
    ({ file } = await exportBackup(atHome, ada, homeId, {
      kind: 'passphrase',
      passphrase: goodPassphrase,
    }));
  });

  test('the backup is the last step: what is missing is said, and once a file was checked it is done', async () => {
    const page = home.pagesWith('/onboarding/')[0]!;
    await byId(page, 'ready-backup', { 'data-reminder': 'unchecked' }).waitFor();
    await press(page, 'ready-backup-save');
    const vault = await home.nextPage('/vault/');
    expect(new URL(vault.url()).hash).toBe(`#identities/${homeId}/backup`);
    await press(vault, 'backup-check');
    await byId(vault, 'file-choose').setInputFiles({
      name: 'backup.age',
      mimeType: 'application/octet-stream',
      buffer: Buffer.from(file),
    });
    await byId(vault, 'passphrase').fill(goodPassphrase);
    await press(vault, 'file-submit');
    await byId(vault, 'backup-verdict', { 'data-verdict': 'good' }).waitFor();
    await byId(page, 'ready-backup', { 'data-reminder': 'none-needed' }).waitFor();
  });

  test('a second profile brings them with one signature, over a reload and a dead worker, and reads the conversations', async () => {
    const page = await begin(away, 'network');
    await setNode(page, node.url);
    await throughWallet(page, 'open-passphrase');
    await byId(page, 'found', { 'data-found': 'copies' }).waitFor();
    await press(page, 'found-bring');
    await choosePassphrase(page);
    await at(page, 'retrieve');
    await away.killWorker();
    await page.reload();
    await press(page, 'onboarding-continue');
    await at(page, 'retrieve');
    await press(page, 'wallet-sign');
    await byId(page, 'code-groups').waitFor();
    await finishWithCode(page);
    expect(await signatures(away)).toBe(1);
    await press(page, 'history-read');
    await byId(page, 'history', { 'data-phase': 'done' }).waitFor();
    await page.close();
    await forgetAway();
  });

  test('a backup file is shown before anything changes, and restored without a signature', async () => {
    const page = await begin(away, 'backup');
    const before = await signatures(away);
    await byId(page, 'file-choose').setInputFiles({
      name: 'backup.age',
      mimeType: 'application/octet-stream',
      buffer: Buffer.from(file),
    });
    await byId(page, 'passphrase').fill(`${goodPassphrase}?`);
    await press(page, 'file-submit');
    await failure(page, 'wrong-passphrase').waitFor();
    await byId(page, 'passphrase').fill(goodPassphrase);
    await press(page, 'file-submit');
    const preview = byId(page, 'file-preview');
    await preview.waitFor();
    expect([await preview.getAttribute('data-account'), await preview.getAttribute('data-existing')]).toEqual([
      account,
      'none',
    ]);
    expect((await stateThrough(atAway)).identities).toEqual([]);
    await press(page, 'preview-continue', 'open-passphrase', 'open-continue');
    await choosePassphrase(page);
    await byId(page, 'code-groups').waitFor();
    await finishWithCode(page);
    expect(await signatures(away)).toBe(before);
    await page.close();

    const again = await begin(away, 'backup');
    await byId(again, 'file-choose').setInputFiles({
      name: 'backup.age',
      mimeType: 'application/octet-stream',
      buffer: Buffer.from(file),
    });
    await byId(again, 'passphrase').fill(goodPassphrase);
    await press(again, 'file-submit');
    await byId(again, 'file-preview', { 'data-existing': 'same' }).waitFor();
    expect(await byId(again, 'preview-continue').count()).toBe(0);
    await again.close();
    await forgetAway();
    // A file is opened four times, each as slow as guessing its passphrase shall be.
  });

  test('R-I4 new keys beside those on the network need what the person types, once to make them and once to publish them', async () => {
    const before = contactOn(node, account)!.identityKeyHex;
    const page = await begin(away, 'new');
    await throughWallet(page, 'open-passphrase');
    await byId(page, 'found').waitFor();
    await press(page, 'found-replace');
    await byId(page, 'typed-confirmation').fill('0000');
    await byId(page, 'typed-confirmation').press('Enter');
    expect(await byId(page, 'replace-confirm').getAttribute('aria-disabled')).toBe('true');
    await byId(page, 'typed-confirmation').fill(account.slice(-4));
    await press(page, 'replace-confirm');
    await choosePassphrase(page);
    await at(page, 'identity');
    await press(page, 'wallet-sign');
    await byId(page, 'code-groups').waitFor();
    await finishWithCode(page);

    await press(page, 'contact-publish');
    await byId(page, 'contact-replace').waitFor();
    expect(contactOn(node, account)!.identityKeyHex).toBe(before);
    await byId(page, 'typed-confirmation').fill(account.slice(-4));
    await press(page, 'contact-replace-confirm');
    await byId(page, 'contact', { 'data-published': 'true' }).waitFor();
    expect(contactOn(node, account)!.identityKeyHex).not.toBe(before);

    const copies = node.stored(copyTopic(account)).length;
    await press(page, 'ready-copy', 'copy-agree', 'copy-continue', 'wallet-sign');
    await byId(page, 'network-copy', { 'data-stage': 'replace' }).waitFor();
    expect(node.stored(copyTopic(account))).toHaveLength(copies);
    const asked = await signatures(away);
    await byId(page, 'typed-confirmation').fill(account.slice(-4));
    await press(page, 'copy-replace-confirm');
    await byId(page, 'network-copy', { 'data-stage': 'prove' }).waitFor();
    expect([node.stored(copyTopic(account)).length, await signatures(away)]).toEqual([copies + 1, asked]);
    await page.close();
  });
});
