// The whole journey without a display: set up with a network, use it in a dapp, a second profile, today's XMTP in two apps, a new prekey, a backup file.
// Promises: the real pages, pressed as a person would; each step is printed, with a screenshot. Throws when one fails, or when
// anything was uncaught. Must not: be a test; those are in e2e.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright';
import { launchChromium, walletId, type Chromium } from '../e2e/kit/chromium';
import type { ControlId } from '../e2e/kit/controls';
import {
  approvalWindow,
  approve,
  byId,
  finishWithCode,
  giveSignatures,
  readToTheEnd,
  reject,
} from '../e2e/kit/journey';
import { walkToday, type WalkToday } from './walk-today';

export interface Walk extends WalkToday {
  /** Folder of the built extension, for the second profile. */
  extension: string;
  nodeUrl: string;
  /** Somebody who answers. */
  peerAddress: string;
}

type Step = (words: string, page?: Page) => Promise<void>;

const passphrase = 'seven kites over a harbour wall';
const press = async (page: Page, ...ids: ControlId[]): Promise<void> => {
  for (const id of ids) await byId(page, id).first().click();
};
const armed = async (page: Page) => {
  await readToTheEnd(page);
  await byId(page, 'approval-approve', { 'data-armed': 'true' }).waitFor();
};

export async function walk(options: Walk): Promise<void> {
  const { browser, pictures } = options;
  mkdirSync(pictures, { recursive: true });
  let count = 0;
  const step: Step = async (words, page) => {
    count++;
    const file = page
      ? path.join(
          pictures,
          `${String(count).padStart(2, '0')}-${words
            .toLowerCase()
            .replaceAll(/[^a-z]+/g, '-')
            .slice(0, 40)}.png`,
        )
      : undefined;
    if (page && file) await page.screenshot({ path: file });
    console.log(`${String(count).padStart(2)}. ${words}${file ? `\n      ${path.relative(process.cwd(), file)}` : ''}`);
  };
  console.log('No display: walking through the journey headless.\n');
  await setUp(options, step);
  const dapp = await useDapp(options, step);
  await secondProfile(options, step);
  await walkToday(options, step);
  await renew(options, dapp, step);
  await backUp(options, step);
  await leave(options, dapp, step);
  const troubles = browser.console.filter(({ text }) => text.startsWith('uncaught'));
  if (troubles.length > 0) throw new Error(`Uncaught in the browser: ${troubles.map(({ text }) => text).join('; ')}`);
  console.log(`\nThe journey is complete. ${count} steps, screenshots in ${path.relative(process.cwd(), pictures)}/.`);
}

/** Chooses a way, the embedded node, wallet and account. */
async function begin(browser: Chromium, way: 'new' | 'network', nodeUrl: string): Promise<Page> {
  for (const open of browser.pagesWith('/onboarding/')) await open.close();
  const page = await browser.ownPage('onboarding');
  await press(page, `way-${way}`);
  await press(page, 'network-custom');
  await byId(page, 'network-address').fill(nodeUrl);
  await press(page, 'network-use');
  await byId(page, 'wallet-continue').waitFor();
  return page;
}

async function throughWallet(page: Page, first: 'open-wallet' | 'open-passphrase'): Promise<void> {
  await press(page, `wallet-${walletId}`, 'wallet-continue', 'account-choice');
  await byId(page, 'account-name').fill('Ada');
  await press(page, first, 'account-continue');
}

async function setUp({ browser, nodeUrl }: Walk, step: Step): Promise<void> {
  const page = await begin(browser, 'new', nodeUrl);
  await step('Onboarding: new keys, on the network of the embedded node', page);
  await throughWallet(page, 'open-wallet');
  await byId(page, 'found-nothing').waitFor();
  await byId(page, 'signature-1').waitFor();
  await step('The network was looked at: there are no keys of this account yet', page);
  await giveSignatures(page);
  await step('The wallet signed three times; the recovery code is shown once', page);
  await finishWithCode(page);
  await step('Two groups were typed back; the identity is ready and sealed', page);
  await press(page, 'contact-publish');
  await byId(page, 'contact', { 'data-published': 'true' }).waitFor();
  await step('The public keys are published: others can write now', page);
  await press(page, 'ready-copy');
  await byId(page, 'copy-agree').waitFor();
  await step('A copy of the keys on the network has a consent of its own', page);
  await press(page, 'copy-agree', 'copy-continue', 'wallet-sign');
  await byId(page, 'network-copy', { 'data-stage': 'prove' }).waitFor();
  await press(page, 'wallet-sign');
  await byId(page, 'network-copy', { 'data-stage': 'saved' }).waitFor();
  await step('The copy was sealed, published, fetched again and opened with a second signature', page);
}

async function useDapp({ browser, dappUrl, peerAddress }: Walk, step: Step): Promise<Page> {
  const page = await browser.context.newPage();
  await page.goto(dappUrl);
  await byId(page, 'tab-proof').click();
  await byId(page, 'dapp-connect').waitFor();
  await step('The demo dapp found the vault', page);
  await byId(page, 'dapp-connect').click();
  const connecting = await approvalWindow(browser);
  await armed(connecting);
  await step('The approval window asks who may do what, for how long', connecting);
  await approve(connecting);
  await byId(page, 'dapp-accounts').waitFor();
  await step('Connected', page);

  await byId(page, 'dapp-payload').fill('I was here, and my prekey says so.');
  await byId(page, 'dapp-sign').click();
  const signing = await approvalWindow(browser);
  await armed(signing);
  await step('The approval window shows exactly what will be signed', signing);
  await approve(signing);
  await byId(page, 'dapp-verify-ok').waitFor();
  await byId(page, 'dapp-result').scrollIntoViewIfNeeded();
  await step('The dapp verified the signature offline: prekey, identity key, account', page);

  await byId(page, 'dapp-sign').click();
  await reject(await approvalWindow(browser));
  await byId(page, 'dapp-error').waitFor();
  await step('A rejected request is told in words', page);

  await openMessages(browser, page, step);
  // Without a conversation the form for a new one is open already.
  await byId(page, 'chat-peer').fill(peerAddress);
  await byId(page, 'chat-open').click();
  await say(page, 'Good morning, Grace. My keys never left the vault.');
  await byId(page, 'chat-messages').getByText('a stock XMTP client').waitFor();
  await step(
    'Two people talk through the embedded node; the vault publishes, the page has neither key nor token',
    page,
  );
  return page;
}

async function openMessages(browser: Chromium, page: Page, step: Step): Promise<void> {
  await byId(page, 'tab-messages').click();
  await byId(page, 'chat-start').click();
  const asking = await approvalWindow(browser);
  await armed(asking);
  await step('A messaging app asks for what it needs', asking);
  await byId(asking, 'approval-remember').selectOption('until-locked');
  await approve(asking);
  await byId(page, 'chat').waitFor();
}

async function say(page: Page, text: string): Promise<void> {
  await byId(page, 'chat-message-input').fill(text);
  await byId(page, 'chat-send').click();
  await byId(page, 'chat-messages').getByText(text, { exact: true }).waitFor();
}

async function secondProfile({ extension, nodeUrl, dappUrl }: Walk, step: Step): Promise<void> {
  const away = await launchChromium({ extension });
  try {
    const page = await begin(away, 'network', nodeUrl);
    await throughWallet(page, 'open-passphrase');
    await byId(page, 'found', { 'data-found': 'copies' }).waitFor();
    await step('Another browser profile: the keys are found on the network', page);
    await press(page, 'found-bring');
    for (const field of ['passphrase-new', 'passphrase-again'] as const) await byId(page, field).fill(passphrase);
    await press(page, 'passphrase-continue');
    await byId(page, 'onboarding', { 'data-step': 'retrieve' }).waitFor();
    await step('A passphrase opens it here; one wallet signature brings the keys', page);
    await press(page, 'wallet-sign');
    await byId(page, 'code-groups').waitFor();
    await finishWithCode(page);
    const signatures = (await away.walletLog()).filter(({ method }) => method === 'personal_sign').length;
    if (signatures !== 1) throw new Error(`the wallet signed ${signatures} times`);
    await step('The same identity in the second profile', page);
    const dapp = await away.context.newPage();
    await dapp.goto(dappUrl);
    await openMessages(away, dapp, step);
    await byId(dapp, 'chat-conversation').first().click();
    await byId(dapp, 'chat-messages').getByText('a stock XMTP client').waitFor();
    await say(dapp, 'Me again, Grace, from another browser.');
    await byId(dapp, 'chat-messages').getByText('I read: Me again').waitFor();
    await step('It reads what was written in the first, and goes on', dapp);
    const troubles = away.console.filter(({ text }) => text.startsWith('uncaught'));
    if (troubles.length > 0)
      throw new Error(`Uncaught in the second profile: ${troubles.map(({ text }) => text).join('; ')}`);
  } finally {
    await away.close();
  }
}

async function unlockedIdentity(browser: Chromium, tab: 'access' | 'keys' | 'network' | 'backup'): Promise<Page> {
  const vault = await browser.ownPage('vault');
  await press(vault, 'identity-access', `identity-tab-${tab}`);
  return vault;
}

async function renew({ browser }: Walk, dapp: Page, step: Step): Promise<void> {
  const vault = await unlockedIdentity(browser, 'keys');
  await press(vault, 'rotation-now');
  await byId(vault, 'rotation-known').waitFor();
  await step('A new prekey: what will break is said before', vault);
  await byId(vault, 'rotation-known').check();
  await press(vault, 'rotation-confirm');
  await byId(vault, 'rotation-done').waitFor();
  await step('The new prekey was sealed, copied, announced, and is current', vault);
  await vault.close();
  await dapp.bringToFront();
  await byId(dapp, 'chat-renewed').waitFor();
  await say(dapp, 'Still with the key this page began with.');
  await byId(dapp, 'chat-messages').getByText('I read: Still').waitFor();
  await byId(dapp, 'chat-renewed').scrollIntoViewIfNeeded();
  await step('The open page goes on with its key, and says quietly that there is a newer one', dapp);
  await byId(dapp, 'chat-renew').click();
  await byId(dapp, 'chat-conversation').first().click();
  await byId(dapp, 'chat-messages').getByText('a stock XMTP client').waitFor();
  await say(dapp, 'And now with the new one.');
  await byId(dapp, 'chat-messages').getByText('I read: And now').waitFor();
  await step('With the new key all of the history is there', dapp);
}

async function backUp({ browser, pictures }: Walk, step: Step): Promise<void> {
  const vault = await unlockedIdentity(browser, 'backup');
  await press(vault, 'backup-export');
  await byId(vault, 'secret-form').waitFor();
  const way = byId(vault, 'secret-way-wallet');
  if (await way.isVisible()) await way.click();
  await press(vault, 'wallet-sign');
  for (const field of ['passphrase-new', 'passphrase-again'] as const) await byId(vault, field).fill(passphrase);
  await step('A backup file is made after opening the identity anew', vault);
  const download = vault.waitForEvent('download');
  await press(vault, 'backup-protect');
  const file = path.join(pictures, (await download).suggestedFilename());
  await (await download).saveAs(file);
  await press(vault, 'backup-check-now');
  await byId(vault, 'file-choose').setInputFiles(file);
  await byId(vault, 'passphrase').fill(passphrase);
  await press(vault, 'file-submit');
  await byId(vault, 'backup-verdict', { 'data-verdict': 'good' }).waitFor();
  await step(`The file was opened and compared: ${path.basename(file)}`, vault);
  await vault.close();
}

async function leave({ browser }: Walk, dapp: Page, step: Step): Promise<void> {
  const popup = await browser.ownPage('popup');
  await byId(popup, 'popup-lock-now').waitFor();
  await popup.setViewportSize({ width: 360, height: 600 });
  await step('The popup', popup);
  const vault = await browser.ownPage('vault');
  await byId(vault, 'vault-nav-sites').click();
  await byId(vault, 'site').first().waitFor();
  await step('The vault page lists what sites may do', vault);
  await byId(dapp, 'tab-proof').click();
  await byId(dapp, 'dapp-revoke').click();
  await byId(dapp, 'dapp-accounts').waitFor({ state: 'detached' });
  await step('The dapp gave its permission back', dapp);
  await byId(popup, 'popup-lock-now').click();
  await byId(popup, 'popup-unlock').waitFor();
  await step('Locked', popup);
}
