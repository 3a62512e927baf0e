// Inboxes read from a node of V3: a wallet's inbox made by the unmodified client (libxmtp), the vault linked by a card, and the vault page that tells
// what is really in it.
// Promises: real updates on the wire, read by the built extension; the node is set by hand as a person does. Must not: call the worker itself.
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadBrowserSdk, testSigner, type Client, type Sdk } from '../demo/node-v3/browser-sdk.testkit';
import { startNodeV3, type TestNodeV3 } from '../demo/node-v3/node';
import { until as untilTrue } from '../demo/node-v3/node-v3.testkit';
import { expectAccessible } from './kit/axe';
import { launchChromium, type Chromium } from './kit/chromium';
import { enrolled } from './kit/internal';
import {
  answerOf,
  approvalWindow,
  approve,
  byId,
  call,
  connect,
  revived,
  serveSite,
  start,
  type Site,
} from './kit/journey';

const wallet = testSigner('wallet of a person who reads');
const path = '/xmtp.identity.api.v1.IdentityApi/GetIdentityUpdates';
let browser: Chromium;
let site: Site;
let node: TestNodeV3;
let sdk: Sdk;
let dapp: Page;
let vault: Page;
let address: string;
let inboxId: string;
const clients: Client[] = [];

async function clientOf(signer: Parameters<Sdk['Client']['create']>[0]): Promise<Client> {
  const options = { env: 'local', apiUrl: node.url, dbPath: null, disableDeviceSync: true, loggingLevel: 0 } as const;
  const client = await sdk.Client.create(signer, { ...options });
  clients.push(client);
  return client;
}

beforeAll(async () => {
  [browser, site, node, sdk] = await Promise.all([
    launchChromium(),
    serveSite(),
    startNodeV3({ port: 0 }),
    loadBrowserSdk(),
  ]);
  await enrolled(browser);
  dapp = await browser.context.newPage();
  await dapp.goto(site.origin);
  await connect(browser, dapp, ['xmtp.v3'], 'until-revoked');
  address = ((await call(dapp, 'xmtp_v3_getIdentifier')).result as { identifier: string }).identifier;
});
afterAll(async () => {
  await browser?.close();
  for (const client of clients) client.close();
  await untilTrue(() => node.subscriberCount() === 0);
  await Promise.all([site?.close(), node?.close()]);
});

/** The vault as a signer of the client: each text is a card in the browser, approved there. */
const vaultSigner = () => ({
  type: 'EOA' as const,
  getIdentifier: () => ({ identifier: address, identifierKind: 0 }),
  async signMessage(text: string) {
    await start(dapp, text, 'xmtp_v3_signIdentityText', { text });
    const card = await approvalWindow(browser);
    await byId(card, 'approval', { 'data-kind': 'v3' }).waitFor();
    const tick = byId(card, 'approval-inbox-mine');
    if ((await tick.count()) > 0) await tick.check();
    await approve(card);
    return revived<Uint8Array>((await answerOf(dapp, text)).result);
  },
});

const inbox = () => byId(vault, 'inbox', { 'data-inbox': inboxId });
const part = () => byId(inbox(), 'inbox-read-part');
const counts = async () => {
  const [apps, changes, isRead] = await Promise.all(
    ['data-apps', 'data-changes', 'data-read'].map((name) => inbox().getAttribute(name)),
  );
  return `${apps} ${changes} ${isRead}`;
};

describe('an inbox of the wallet, read from a node', () => {
  test('the vault counts only what it signed, and asks nobody', async () => {
    const walletsApp = await clientOf(wallet.signer);
    inboxId = walletsApp.inboxId as string;
    await walletsApp.unsafe_addAccount(vaultSigner(), true);
    await clientOf(vaultSigner());
    vault = await browser.ownPage('vault');
    await byId(vault, 'identity-inboxes').click();
    await inbox().waitFor();
    await expect.poll(counts).toBe('1 2 false');
    expect(await part().count()).toBe(0);
    expect(await byId(vault, 'inbox-node').getAttribute('data-node')).toBe('none');
  });

  test('a node is set by its address, after what it learns and can hide was said', async () => {
    const before = node.calls.get(path) ?? 0;
    await byId(vault, 'optional-node-change').click();
    await byId(vault, 'optional-node-address').fill('http://node.example');
    await byId(vault, 'optional-node-address').and(vault.locator('[aria-invalid="true"]')).waitFor();
    await byId(vault, 'optional-node-address').fill(node.url);
    await expectAccessible(vault, 'setting a node of V3');
    await byId(vault, 'optional-node-use').click();
    await byId(vault, 'inbox-node', { 'data-node': node.url }).waitFor();
    expect((node.calls.get(path) ?? 0) - before).toBe(1);
    expect(await part().getAttribute('data-read')).toBe('false');
  });

  test('what libxmtp published is read: the numbers are true, and the wallet’s app is pointed out', async () => {
    await byId(inbox(), 'inbox-read').click();
    await byId(inbox(), 'inbox-read-part', { 'data-read': 'true' }).waitFor();
    await expect.poll(counts).toBe('2 3 true');
    const stranger = byId(inbox(), 'inbox-stranger');
    expect(await stranger.getAttribute('data-installation')).toBe(clients[0]?.installationId);
    expect(await stranger.getAttribute('data-by')).toBe(wallet.address);
    expect(await byId(inbox(), 'inbox-recovery-read').count()).toBe(0);
    await expectAccessible(vault, 'an inbox that was read');
  });

  test('an app that joins by a card is counted on; one that joins elsewhere is seen when it is read again', async () => {
    await clientOf(vaultSigner());
    await expect.poll(counts).toBe('3 4 true');
    await clientOf(wallet.signer);
    await byId(inbox(), 'inbox-read').click();
    await expect.poll(counts).toBe('4 5 true');
    await expect.poll(() => byId(inbox(), 'inbox-stranger').count()).toBe(2);
  });

  test('recovery that was handed to the vault is pointed out', async () => {
    await clients[0]?.changeRecoveryIdentifier({ identifier: address, identifierKind: 0 });
    await byId(inbox(), 'inbox-read').click();
    await byId(inbox(), 'inbox-recovery-read').waitFor();
    await byId(inbox(), 'inbox-recovery').check();
    await byId(inbox(), 'inbox-recovery-read').waitFor({ state: 'detached' });
  });

  test('R-I6 a node that shows nothing more is told, and what was read stands', async () => {
    const other = await startNodeV3({ port: 0 });
    try {
      await byId(vault, 'optional-node-change').click();
      await byId(vault, 'optional-node-address').fill(other.url);
      await byId(vault, 'optional-node-use').click();
      await byId(vault, 'inbox-node', { 'data-node': other.url }).waitFor();
      await byId(inbox(), 'inbox-read').click();
      await byId(inbox(), 'failure', { 'data-reason': 'bad-answer' }).waitFor();
      await expect.poll(counts).toBe('4 6 true');
      await vault.reload();
      await inbox().waitFor();
      await expect.poll(counts).toBe('4 6 true');
    } finally {
      await other.close();
    }
  });

  test('R-J2 without a node nothing is asked, and what was read is forgotten when the person says so', async () => {
    const before = node.calls.get(path) ?? 0;
    await byId(vault, 'optional-node-change').click();
    await byId(vault, 'optional-node-none').click();
    await byId(vault, 'inbox-node', { 'data-node': 'none' }).waitFor();
    await byId(inbox(), 'inbox-read').waitFor({ state: 'detached' });
    await byId(inbox(), 'inbox-read-forget').click();
    await part().waitFor({ state: 'detached' });
    await expect.poll(counts).toBe('2 3 false');
    expect((node.calls.get(path) ?? 0) - before).toBe(0);
  });
});
