// Messaging in a browser test: the page with xmtp-js, stock people in this process, the cards a person was shown, and the safe opened
// by an auditor, who has the disk and the wallet.
// Promises unmodified clients on both sides. Must not: give a test a way to a key that the extension has.
import { bundleRecord } from '../../src/vault/safe/key-record';
import { createRequire } from 'node:module';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type * as Xmtp from '@xmtp/xmtp-js';
import type { Page } from 'playwright';
import { build } from 'vite';
import type { TestAccount as WalletAccount } from '../../demo/wallet/accounts';
import { signPersonalMessage } from '../../demo/wallet/personalities';
import { testAccount } from '../../demo/node/node.testkit';
import {
  decodePrivateKeyBundleV1,
  encodePrivateKeyBundle,
  validatePrivateKeyBundle,
  type PrivateKeyBundleV1,
} from '../../src/protocol/keys/bundles';
import { canonicalSignatureSecret, readWalletSignature } from '../../src/protocol/base/ethereum';
import { parseHeader } from '../../src/vault/safe/header';
import { importRootKey, openRecord } from '../../src/vault/store/sealed-record';
import { openSlot, slotOf } from '../../src/vault/unlock/slots';
import { extensionId, type Chromium } from './chromium';
import type { Person } from './flows';
import { everythingStored } from './stores';
import {
  answerOf,
  approvalWindow,
  approve,
  byId,
  serveSite,
  start,
  tickCareful,
  until,
  type Answer,
  type Site,
} from './journey';
import type {} from './messaging-page';

/** The package's ES module entry cannot be imported by node (its protobuf package lacks file extensions); its CommonJS entry can. */
export const stock = createRequire(import.meta.url)('@xmtp/xmtp-js') as typeof Xmtp;
type ClientOptions = NonNullable<Parameters<typeof Xmtp.Client.create>[1]>;

const root = path.resolve(import.meta.dirname, '..', '..');

async function buildScript(): Promise<string> {
  const outDir = mkdtempSync(path.join(tmpdir(), 'prekey-vault-page-'));
  try {
    await build({
      configFile: false,
      root,
      publicDir: false,
      logLevel: 'error',
      define: { 'process.env.NODE_ENV': '"production"' },
      build: {
        target: 'chrome140',
        outDir,
        lib: {
          entry: path.join(root, 'e2e', 'kit', 'messaging-page.ts'),
          formats: ['iife'],
          name: 'messagingPage',
          fileName: () => 'page.js',
        },
      },
    });
    return readFileSync(path.join(outDir, 'page.js'), 'utf8');
  } finally {
    rmSync(outDir, { recursive: true, force: true });
  }
}
let script: Promise<string> | undefined;

/** A site whose page has `window.messaging`. `first` is markup before its script; `more` are other paths and their text. */
export async function serveMessaging(first = '', more: Record<string, string> = {}): Promise<Site> {
  const body = await (script ??= buildScript());
  return serveSite({
    '/': `<!doctype html><title>messages</title>${first}<script src="/page.js"></script>`,
    '/page.js': { body, headers: { 'content-type': 'text/javascript; charset=utf-8' } },
    ...more,
  });
}

/** A stock client with keys of its own, in this process. The same name is the same person. */
export async function stockPeer(name: string, apiUrl: string, more: Partial<ClientOptions> = {}): Promise<Xmtp.Client> {
  return stock.Client.create(testAccount(`${name} of the browser tests`).signer, {
    env: 'local',
    apiUrl,
    persistConversations: false,
    ...more,
  });
}

/** A stock client with whatever keys the network has for a person's wallet: it retrieves them, or makes and publishes new ones. */
export async function stockClientOf(
  person: Person,
  apiUrl: string,
  more: Partial<ClientOptions> = {},
): Promise<Xmtp.Client> {
  const signer = {
    getAddress: async () => person.account.address,
    signMessage: async (text: string) => `0x${Buffer.from(person.sign(text)).toString('hex')}`,
  };
  return stock.Client.create(signer, { env: 'local', apiUrl, persistConversations: false, ...more });
}

/** A stock client with the identity of a vault. */
export async function stockTwin(
  bundle: PrivateKeyBundleV1,
  apiUrl: string,
  more: Partial<ClientOptions> = {},
): Promise<Xmtp.Client> {
  return stock.Client.create(null, {
    env: 'local',
    apiUrl,
    privateKeyOverride: encodePrivateKeyBundle({ version: 1, bundle }),
    ...more,
  });
}

/** Asks for capabilities and approves, answering "for how long without asking" with `remember`. */
export async function connectMessaging(
  browser: Chromium,
  page: Page,
  capabilities: readonly string[],
  remember: string,
): Promise<Answer> {
  await start(page, 'connect', 'vault_connect', { capabilities: [...capabilities], duration: 'until-locked' });
  const window = await approvalWindow(browser);
  await tickCareful(window, capabilities);
  await byId(window, 'approval-remember').selectOption(remember);
  await approve(window);
  const answer = await answerOf(page, 'connect');
  await until(() => browser.pagesWith('/approval/').length === 0, 'the approval window is closed');
  return answer;
}

export interface ShownCard {
  kind: string;
  method: string;
}

/** From now on every approval record that is made is written down. */
export async function watchCards(browser: Chromium): Promise<() => Promise<ShownCard[]>> {
  const page = await browser.context.newPage();
  await page.goto(`chrome-extension://${extensionId}/icons/16.png`);
  await page.evaluate(() => {
    const made: { kind: string; method: string }[] = [];
    Object.assign(window, { made });
    chrome.storage.session.onChanged.addListener((changes) => {
      for (const [key, { oldValue, newValue }] of Object.entries(changes)) {
        if (!key.startsWith('approval:') || oldValue !== undefined) continue;
        const { shown, method } = newValue as { shown: { kind: string } | null; method: string };
        made.push({ kind: shown?.kind ?? 'none', method });
      }
    });
  });
  return () => page.evaluate(() => (window as unknown as { made: { kind: string; method: string }[] }).made);
}

/** What an auditor with disk and wallet finds in the only safe. Throws when the wallet does not open it. */
export interface OpenedSafe {
  rootSecret: Uint8Array;
  bundle: PrivateKeyBundleV1;
}

export async function openSafe(browser: Chromium, account: WalletAccount): Promise<OpenedSafe> {
  const page = await browser.context.newPage();
  await page.goto(`chrome-extension://${extensionId}/icons/16.png`);
  const { database } = await everythingStored(browser, page);
  await page.close();
  const bytesOf = (row: Record<string, unknown> | undefined) => Uint8Array.from(row!['bytes'] as number[]);
  const { header } = await parseHeader(bytesOf(database['headers']![0]));
  const signature = signPersonalMessage(Buffer.from(header.unlockText, 'utf8'), account, 'deterministic-v27');
  const rootSecret = await openSlot(
    header,
    slotOf(header, 'wallet')!,
    Uint8Array.from(canonicalSignatureSecret(readWalletSignature(signature))),
  );
  if (!rootSecret) throw new Error('the wallet does not open the safe');
  const { safeId, epoch } = header;
  const sealed = database['records']!.find(({ type }) => type === bundleRecord.type);
  const encoded = await openRecord(
    await importRootKey(rootSecret),
    { safeId, account: header.account, epoch, ...bundleRecord },
    bytesOf(sealed),
  );
  const bundle = decodePrivateKeyBundleV1(encoded);
  validatePrivateKeyBundle(bundle, { expectedAddress: account.address });
  return { rootSecret, bundle };
}
