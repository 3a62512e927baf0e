// What `npm start` runs after it built everything: a Chromium with the extension, the test wallet, the demo dapp at two addresses, an embedded node of
// XMTP V2 and one of V3, and a second person on each.
// Promises: with a display it hands the browser to the person, who finds it next time as it was left (`--fresh` begins anew); without one
// it walks the whole journey (walk.ts) in a browser of its own. The nodes are where documents say they are, when those ports are free.
// Must not: be a product; the test wallet's mnemonic is public.
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { forgetWorkers, launchChromium, walletId, type Chromium } from '../e2e/kit/chromium';
import { serveDapp } from './dapp/serve.mjs';
import { startMessage, startNode } from './node/node';
import { startMessage as startMessageV3, startNodeV3 } from './node-v3/node';
import { startPeer } from './peer';
import { startPeerV3 } from './peer-v3';
import { atPreferredPort } from './preferred-port';
import { walk } from './walk';

const root = path.resolve(import.meta.dirname, '..');
/** What is kept between runs: the browser's profile, and the node's envelopes that belong to its identities. */
const keptFolder = path.join(root, '.cache', 'demo');
const ports = { node: 5555, dapp: 5556, nodeV3: 5557, appB: 5558 };

function hasDisplay(): boolean {
  if (process.argv.includes('--headless')) return false;
  return process.platform !== 'linux' || Boolean(process.env.DISPLAY ?? process.env.WAYLAND_DISPLAY);
}

/** Starts the demo; resolves when the browser was closed, or the walk is over. Throws when a step of the walk fails. */
export async function start(): Promise<void> {
  const isShown = hasDisplay();
  if (process.argv.includes('--fresh')) rmSync(keptFolder, { recursive: true, force: true });
  if (isShown) mkdirSync(keptFolder, { recursive: true });
  const file = isShown ? path.join(keptFolder, 'envelopes.log') : undefined;
  const node = await atPreferredPort(ports.node, (port) => startNode({ port, ...(file !== undefined && { file }) }));
  console.log(startMessage(node, file && path.relative(process.cwd(), file)));
  const nodeV3 = await atPreferredPort(ports.nodeV3, (port) => startNodeV3({ port }));
  console.log(startMessageV3(nodeV3));
  const [peer, peerV3] = await Promise.all([startPeer(node.url), startPeerV3(nodeV3.url)]);
  // A site is its origin: at another port what it was given before would not be found again.
  const { name, address } = peerV3;
  const today = { nodeUrl: nodeV3.url, run: Date.now().toString(36), peer: { name, address } };
  const serve = (app: 'A' | 'B') => (port: number) =>
    serveDapp({ port, rebuild: app === 'A', nodeUrl: node.url, today, app });
  const dapp = await atPreferredPort(ports.dapp, serve('A'));
  const appB = await atPreferredPort(ports.appB, serve('B'));
  const extension = path.join(root, 'dist', 'demo-chrome');
  const profile = path.join(keptFolder, 'profile');
  const wasHere = existsSync(profile);
  forgetWorkers(profile);
  const browser = await launchChromium({ extension, headless: !isShown, ...(isShown && { profile }) });
  try {
    const addresses = { dappUrl: dapp.url, appBUrl: appB.url, nodeUrl: node.url, peerAddress: peer.address };
    if (isShown) await handOver(browser, { ...addresses, wasHere });
    else
      await walk({
        browser,
        extension,
        ...addresses,
        pictures: path.join(root, 'screenshots'),
      });
  } finally {
    await browser.close();
    peerV3.close();
    await peer.close();
    await appB.close();
    await dapp.close();
    await nodeV3.close();
    await node.close();
  }
}

interface Demo {
  dappUrl: string;
  /** The same dapp at another address, which is another app. */
  appBUrl: string;
  nodeUrl: string;
  peerAddress: string;
  /** Whether the profile is one of an earlier run. */
  wasHere: boolean;
}

async function handOver(browser: Chromium, { dappUrl, appBUrl, nodeUrl, peerAddress, wasHere }: Demo): Promise<void> {
  await browser.wallet({ auto: false });
  for (const page of browser.pagesWith(`${walletId}/settings.html`)) await page.close();
  const page = await browser.context.newPage();
  await page.goto(dappUrl);
  const own = browser.pagesWith('/onboarding/')[0] ?? (await browser.ownPage(wasHere ? 'vault' : 'onboarding'));
  await own.bringToFront();
  console.log(`
Chromium is open with Prekey Vault, a test wallet and a demo dapp.

  1. In the tab "Prekey Vault": set up an identity with "Test wallet (demo only)". The wallet asks in its own window.
     For the network, another node: ${nodeUrl}
  2. Write the recovery code down, type two groups of it back. Publish, and keep a copy on the network if you like.
  3. In the tab ${dappUrl}: open your messages, and write to Grace, who answers:
     ${peerAddress}
  4. In its tab "Proof": sign something, look at the chain.
  5. In its tab "Today's XMTP": sign in with the vault, write to Grace, save an archive. Then open ${appBUrl}#today, which is another
     app: sign in there, and open the archive.
  6. The toolbar's puzzle piece has the popup: lock, revoke, open the vault page. There: renew the prekey, save a backup file and check it.

Close the browser, or press Ctrl-C here, to end. The profile is kept for the next start; npm start -- --fresh begins with a new one.
`);
  await new Promise<void>((resolve) => {
    browser.context.once('close', () => resolve());
    process.once('SIGINT', () => resolve());
  });
}
