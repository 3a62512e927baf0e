// What `npm start` runs after it built everything: a Chromium with the extension, the test wallet, the demo dapp, an embedded XMTP node,
// and a second person on it.
// Promises: with a display it hands the browser to the person; without one it walks the whole journey, prints each step and saves
// screenshots. Must not: be a product; the test wallet's mnemonic is public.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright';
import { launchChromium, walletId, type Chromium } from '../e2e/kit/chromium';
import { approvalWindow, approve, byId, finishWithCode, giveSignatures, reject, startEnrolment } from '../e2e/kit/journey';
import { serveDapp } from './dapp/serve.mjs';
import { startMessage, startNode } from './node/node';
import { startPeer } from './peer';

const root = path.resolve(import.meta.dirname, '..');
const pictures = path.join(root, 'screenshots');

function hasDisplay(): boolean {
  if (process.argv.includes('--headless')) return false;
  return process.platform !== 'linux' || Boolean(process.env.DISPLAY ?? process.env.WAYLAND_DISPLAY);
}

/** Starts the demo; resolves when the browser was closed, or the walk is over. Throws when a step of the walk fails. */
export async function start(): Promise<void> {
  const node = await startNode();
  console.log(startMessage(node));
  const peer = await startPeer(node.url);
  const dapp = await serveDapp({ rebuild: true, nodeUrl: node.url });
  const isShown = hasDisplay();
  const browser = await launchChromium({ extension: path.join(root, 'dist', 'demo-chrome'), headless: !isShown });
  try {
    if (isShown) await handOver(browser, dapp.url, peer.address);
    else await walk(browser, dapp.url, peer.address);
  } finally {
    await browser.close();
    await peer.close();
    await dapp.close();
    await node.close();
  }
}

async function handOver(browser: Chromium, dappUrl: string, peerAddress: string): Promise<void> {
  await browser.wallet({ auto: false });
  for (const page of browser.pagesWith(`${walletId}/settings.html`)) await page.close();
  const page = await browser.context.newPage();
  await page.goto(dappUrl);
  const onboarding = browser.pagesWith('/onboarding/')[0] ?? (await browser.ownPage('onboarding'));
  await onboarding.bringToFront();
  console.log(`
Chromium is open with Prekey Vault, a test wallet and a demo dapp.

  1. In the tab "Prekey Vault": set up an identity with "Test wallet (demo only)". The wallet asks in its own window.
  2. Write the recovery code down, type two groups of it back.
  3. In the tab ${dappUrl}: open your messages, and write to Grace, who answers:
     ${peerAddress}
  4. In its tab "Proof": sign something, look at the chain.
  5. The toolbar's puzzle piece has the popup: lock, revoke, open the vault page.

Close the browser, or press Ctrl-C here, to end. Nothing is kept.
`);
  await new Promise<void>((resolve) => {
    browser.context.once('close', () => resolve());
    process.once('SIGINT', () => resolve());
  });
}

async function walk(browser: Chromium, dappUrl: string, peerAddress: string): Promise<void> {
  mkdirSync(pictures, { recursive: true });
  let count = 0;
  const step = async (words: string, page?: Page): Promise<void> => {
    count++;
    const file = page ? path.join(pictures, `${String(count).padStart(2, '0')}-${words.toLowerCase().replaceAll(/[^a-z]+/g, '-').slice(0, 40)}.png`) : undefined;
    if (page && file) await page.screenshot({ path: file });
    console.log(`${String(count).padStart(2)}. ${words}${file ? `\n      ${path.relative(root, file)}` : ''}`);
  };

  console.log('No display: walking through the journey headless.\n');
  const onboarding = await startEnrolment(browser, 'Ada');
  await step('Onboarding: the wallet and the account are chosen', onboarding);
  await giveSignatures(onboarding);
  await step('The wallet signed three times; the recovery code is shown once', onboarding);
  await finishWithCode(onboarding);
  await step('Two groups were typed back; the identity is ready and sealed', onboarding);

  const page = await browser.context.newPage();
  await page.goto(dappUrl);
  await byId(page, 'tab-proof').click();
  await byId(page, 'dapp-connect').waitFor();
  await step('The demo dapp found the vault', page);
  await byId(page, 'dapp-connect').click();
  const connecting = await approvalWindow(browser);
  await connecting.locator('[data-testid="approval-approve"][data-armed="true"]').waitFor();
  await step('The approval window asks who may do what, for how long', connecting);
  await approve(connecting);
  await byId(page, 'dapp-accounts').waitFor();
  await step('Connected', page);

  await byId(page, 'dapp-payload').fill('I was here, and my prekey says so.');
  await byId(page, 'dapp-sign').click();
  const signing = await approvalWindow(browser);
  await signing.locator('[data-testid="approval-approve"][data-armed="true"]').waitFor();
  await step('The approval window shows exactly what will be signed', signing);
  await approve(signing);
  await byId(page, 'dapp-verify-ok').waitFor();
  await byId(page, 'dapp-result').scrollIntoViewIfNeeded();
  await step('The dapp verified the signature offline: prekey, identity key, account', page);

  await byId(page, 'dapp-sign').click();
  await reject(await approvalWindow(browser));
  await byId(page, 'dapp-error').waitFor();
  await step('A rejected request is told in words', page);

  await byId(page, 'tab-messages').click();
  await byId(page, 'chat-start').click();
  const asking = await approvalWindow(browser);
  await asking.locator('[data-testid="approval-approve"][data-armed="true"]').waitFor();
  await step('A messaging app asks for what it needs', asking);
  await byId(asking, 'approval-remember').selectOption('until-locked');
  await approve(asking);
  await byId(page, 'chat').waitFor();
  // Without a conversation the form for a new one is open already.
  await byId(page, 'chat-peer').fill(peerAddress);
  await byId(page, 'chat-open').click();
  await byId(page, 'chat-message-input').fill('Good morning, Grace. My keys never left the vault.');
  await byId(page, 'chat-send').click();
  await byId(page, 'chat-messages').getByText('a stock XMTP client').waitFor();
  await step('Two people talk through the embedded node; the other is a stock client', page);

  const popup = await browser.ownPage('popup');
  await byId(popup, 'popup-lock-now').waitFor();
  await popup.setViewportSize({ width: 360, height: 600 });
  await step('The popup', popup);
  const vault = await browser.ownPage('vault');
  await byId(vault, 'vault-nav-sites').click();
  await byId(vault, 'site').first().waitFor();
  await step('The vault page lists what sites may do', vault);
  await byId(page, 'tab-proof').click();
  await byId(page, 'dapp-revoke').click();
  await byId(page, 'dapp-accounts').waitFor({ state: 'detached' });
  await step('The dapp gave its permission back', page);
  await byId(popup, 'popup-lock-now').click();
  await byId(popup, 'popup-unlock').waitFor();
  await step('Locked', popup);
  const troubles = browser.console.filter(({ text }) => text.startsWith('uncaught'));
  if (troubles.length > 0) throw new Error(`Uncaught in the browser: ${troubles.map(({ text }) => text).join('; ')}`);
  console.log(`\nThe journey is complete. ${count} steps, screenshots in ${path.relative(root, pictures)}/.`);
}
