// What `npm start` runs after it built everything: a Chromium with the extension, the test wallet, the demo dapp, an embedded XMTP node,
// and a second person on it.
// Promises: with a display it hands the browser to the person; without one it walks the whole journey (walk.ts).
// Must not: be a product; the test wallet's mnemonic is public.
import path from 'node:path';
import { launchChromium, walletId, type Chromium } from '../e2e/kit/chromium';
import { serveDapp } from './dapp/serve.mjs';
import { startMessage, startNode } from './node/node';
import { startPeer } from './peer';
import { walk } from './walk';

const root = path.resolve(import.meta.dirname, '..');

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
  const extension = path.join(root, 'dist', 'demo-chrome');
  const browser = await launchChromium({ extension, headless: !isShown });
  try {
    if (isShown) await handOver(browser, { dappUrl: dapp.url, nodeUrl: node.url, peerAddress: peer.address });
    else await walk({ browser, extension, dappUrl: dapp.url, nodeUrl: node.url, peerAddress: peer.address, pictures: path.join(root, 'screenshots') });
  } finally {
    await browser.close();
    await peer.close();
    await dapp.close();
    await node.close();
  }
}

async function handOver(browser: Chromium, { dappUrl, nodeUrl, peerAddress }: { dappUrl: string; nodeUrl: string; peerAddress: string }): Promise<void> {
  await browser.wallet({ auto: false });
  for (const page of browser.pagesWith(`${walletId}/settings.html`)) await page.close();
  const page = await browser.context.newPage();
  await page.goto(dappUrl);
  const onboarding = browser.pagesWith('/onboarding/')[0] ?? (await browser.ownPage('onboarding'));
  await onboarding.bringToFront();
  console.log(`
Chromium is open with Prekey Vault, a test wallet and a demo dapp.

  1. In the tab "Prekey Vault": set up an identity with "Test wallet (demo only)". The wallet asks in its own window.
     For the network, another node: ${nodeUrl}
  2. Write the recovery code down, type two groups of it back. Publish, and keep a copy on the network if you like.
  3. In the tab ${dappUrl}: open your messages, and write to Grace, who answers:
     ${peerAddress}
  4. In its tab "Proof": sign something, look at the chain.
  5. The toolbar's puzzle piece has the popup: lock, revoke, open the vault page. There: renew the prekey, save a backup file and check it.

Close the browser, or press Ctrl-C here, to end. Nothing is kept.
`);
  await new Promise<void>((resolve) => {
    browser.context.once('close', () => resolve());
    process.once('SIGINT', () => resolve());
  });
}
