// A Chromium with the built extension and the test wallet, and the few things that need the browser's own protocol.
// Promises: no traffic leaves the machine; every wait has an end; the worker can really be stopped.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium, type BrowserContext, type CDPSession, type Page } from 'playwright';
import walletIdentity from '../../demo/wallet/identity.json' with { type: 'json' };
import { hangsAfterMs } from '../../scripts/limits.mjs';

const root = path.resolve(import.meta.dirname, '..', '..');

/** Id of the demo and test builds (demo/extension-key.txt). */
export const extensionId = 'jfkejlafegjmjjkmmjbnjcmgabhbejlm';
export const walletId: string = walletIdentity.id;

/** Ends the address of a page that is driven through its port (kit/internal.ts), not looked at. */
export const clientMark = '?client';

/** playwright's own list of disabled features (1.65.1) and ours; the last switch wins, so the list stands here whole. */
const disabledFeatures = [
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'BoundaryEventDispatchTracksNodeRemoval',
  'DestroyProfileOnBrowserClose',
  'DialMediaRouteProvider',
  'GlobalMediaControls',
  'HttpsUpgrades',
  'LensOverlay',
  'MediaRouter',
  'PaintHolding',
  'ThirdPartyStoragePartitioning',
  'Translate',
  'AutoDeElevate',
  'RenderDocument',
  'OptimizationHints',
  'AutofillServerCommunication',
  // Each window would make two pages for what the address bar suggests, half a second of a processor together.
  'WebUIOmniboxPopup',
  'WebUIOmniboxAimPopup',
];

export const quietSwitches = [
  `--disable-features=${disabledFeatures.join(',')}`,
  '--gaia-url=http://127.0.0.1:9',
  '--component-updater=url-source=http://127.0.0.1:9/',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
];

export interface Chromium {
  context: BrowserContext;
  /** Opens one of our pages in a tab. */
  ownPage(name: 'popup' | 'panel' | 'approval' | 'onboarding' | 'unlock' | 'vault'): Promise<Page>;
  /** The next page whose address contains the text (a window the extension opens). */
  nextPage(part: string): Promise<Page>;
  /** Pages open now whose address contains the text. */
  pagesWith(part: string): Page[];
  /** Really stops the extension's worker, as the browser does after 30 s of silence. */
  killWorker(): Promise<void>;
  /** True while the worker of the vault runs. */
  workerRuns(): Promise<boolean>;
  /** Reads or writes storage.session / storage.local of the vault through one of its pages. */
  session(items?: Record<string, unknown>): Promise<Record<string, unknown>>;
  /** Resolves when storage.session has something other than an empty text under the key. */
  sessionHas(key: string): Promise<void>;
  /** Sets the test wallet's options (storage.local of the wallet). */
  wallet(options: Record<string, unknown>): Promise<void>;
  /** Requests the test wallet received. */
  walletLog(): Promise<{ method: string }[]>;
  profile: string;
  /** Everything written to any console, and uncaught errors, with where it came from. */
  console: { source: string; text: string }[];
  /** The browser's own log: every line of every console, those of workers and content scripts included, and what was uncaught there. */
  log(): string;
  close(): Promise<void>;
}

export interface LaunchOptions {
  /** dist folder of the extension; dist/test-chrome unless told. */
  extension?: string;
  headless?: boolean;
  colorScheme?: 'light' | 'dark';
  profile?: string;
  switches?: string[];
  /** Beside the environment of this process. */
  environment?: Record<string, string>;
  /** playwright turns the back-forward cache off; true leaves it on, as in every browser of a person. */
  backForwardCache?: boolean;
}

/**
 * What a kept profile remembers of workers' scripts goes. Of an extension that is loaded from a folder Chromium would go on with the script of
 * before, whatever lies in the folder by now; a package from a store is replaced whole.
 */
export function forgetWorkers(profile: string): void {
  rmSync(path.join(profile, 'Default', 'Service Worker'), { recursive: true, force: true });
}

export async function launchChromium(options: LaunchOptions = {}): Promise<Chromium> {
  const extension = options.extension ?? process.env.PREKEY_VAULT_TEST_BUILD ?? path.join(root, 'dist', 'test-chrome');
  const wallet = path.join(root, 'dist', 'wallet-chrome');
  const profile = options.profile ?? mkdtempSync(path.join(tmpdir(), 'prekey-vault-'));
  // Beside the profile, not in it: a scan of the profile must not find what a test wrote to a console.
  const logFile = `${profile}.log`;
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: options.headless ?? true,
    viewport: null,
    colorScheme: options.colorScheme ?? 'light',
    ...(options.environment && { env: { ...(process.env as Record<string, string>), ...options.environment } }),
    ...(options.backForwardCache ? { ignoreDefaultArgs: ['--disable-back-forward-cache'] } : {}),
    args: [
      '--enable-logging',
      '--log-level=0',
      `--log-file=${logFile}`,
      `--disable-extensions-except=${extension},${wallet}`,
      `--load-extension=${extension},${wallet}`,
      ...quietSwitches,
      ...(options.switches ?? []),
    ],
  });
  context.setDefaultTimeout(hangsAfterMs / 4);
  const browserSession: CDPSession = await context.browser()!.newBrowserCDPSession();
  const lines: { source: string; text: string }[] = [];
  context.on('console', (message) =>
    lines.push({
      source: message.page()?.url() ?? message.worker()?.url() ?? message.location().url,
      text: message.text(),
    }),
  );
  context.on('weberror', (error) =>
    lines.push({ source: error.page()?.url() ?? '', text: `uncaught ${error.error().message}` }),
  );

  const isScreen = (page: Page, part: string) => page.url().includes(part) && !page.url().endsWith(clientMark);
  const pagesWith = (part: string) => context.pages().filter((page) => isScreen(page, part));
  const workerTarget = async () => {
    const { targetInfos } = await browserSession.send('Target.getTargets');
    return targetInfos.find((target) => target.type === 'service_worker' && target.url.includes(extensionId));
  };
  // Settings go through a page of each extension: evaluating in a stopped worker would hang.
  let settingsPage: Page | undefined;
  let walletPage: Page | undefined;
  const vaultStorage = async () => {
    if (!settingsPage || settingsPage.isClosed()) {
      settingsPage = await context.newPage();
      await settingsPage.goto(`chrome-extension://${extensionId}/icons/16.png`);
    }
    return settingsPage;
  };
  interface Version {
    versionId: string;
    runningStatus: string;
    onStopped?: () => void;
  }
  let watched: Promise<{ cdp: CDPSession; version: Version }> | undefined;
  const watchWorker = async (): Promise<{ cdp: CDPSession; version: Version }> => {
    const cdp = await context.newCDPSession(await vaultStorage());
    const version: Version = { versionId: '', runningStatus: '' };
    const isKnown = new Promise<void>((resolve) => {
      cdp.on('ServiceWorker.workerVersionUpdated', ({ versions }) => {
        for (const { scriptURL, versionId, runningStatus } of versions) {
          if (!scriptURL.includes(extensionId)) continue;
          Object.assign(version, { versionId, runningStatus });
          if (runningStatus === 'stopped') version.onStopped?.();
          resolve();
        }
      });
    });
    await cdp.send('ServiceWorker.enable');
    await isKnown;
    return { cdp, version };
  };
  /** The registered worker of the vault, as the browser's own protocol tells of it. */
  const workerVersion = () => (watched ??= watchWorker());
  const walletStorage = async () => {
    if (!walletPage || walletPage.isClosed()) {
      walletPage = await context.newPage();
      await walletPage.goto(`chrome-extension://${walletId}/settings.html`);
    }
    return walletPage;
  };

  const result: Chromium = {
    context,
    profile,
    console: lines,
    pagesWith,
    async ownPage(name) {
      const page = await context.newPage();
      await page.goto(`chrome-extension://${extensionId}/src/ui/${name}/index.html`);
      return page;
    },
    async nextPage(part) {
      const open = pagesWith(part)[0];
      if (open) return open;
      const page = await context.waitForEvent('page', {
        predicate: async (one) =>
          isScreen(one, part) ||
          (await one
            .waitForURL((url) => url.href.includes(part) && !url.href.endsWith(clientMark), {
              timeout: hangsAfterMs / 4,
            })
            .then(
              () => true,
              () => false,
            )),
      });
      // A load event that came before anyone listened is missed now and then; what is looked for on the page is waited for anyway.
      await page.waitForLoadState('load', { timeout: 5000 }).catch(() => undefined);
      return page;
    },
    async killWorker() {
      const { cdp, version } = await workerVersion();
      if (version.runningStatus === 'stopped') return;
      // The next worker may run a moment later, so what counts is that this one was seen stopped.
      const isStopped = new Promise<void>((resolve, reject) => {
        version.onStopped = resolve;
        setTimeout(() => reject(new Error('the worker did not stop')), hangsAfterMs / 4).unref();
      });
      await cdp.send('ServiceWorker.stopWorker', { versionId: version.versionId });
      await isStopped;
    },
    async workerRuns() {
      return (await workerTarget()) !== undefined;
    },
    async session(items) {
      const page = await vaultStorage();
      return await page.evaluate(async (values) => {
        if (values) await chrome.storage.session.set(values);
        return await chrome.storage.session.get(null);
      }, items);
    },
    async sessionHas(key) {
      const page = await vaultStorage();
      await page.evaluate(async (name) => {
        await new Promise<void>((resolve) => {
          const area = chrome.storage.session;
          const onChange = (changes: Record<string, chrome.storage.StorageChange>) => changes[name]?.newValue && end();
          const end = () => {
            area.onChanged.removeListener(onChange);
            resolve();
          };
          area.onChanged.addListener(onChange);
          void area.get(name).then(({ [name]: value }) => value && end());
        });
      }, key);
    },
    async wallet(settings) {
      const page = await walletStorage();
      await page.evaluate((values) => chrome.storage.local.set(values), settings);
    },
    async walletLog() {
      const page = await walletStorage();
      return await page.evaluate(async () => {
        const { requests } = {
          ...(await chrome.storage.local.get('requests')),
          ...(await chrome.storage.session.get('requests')),
        } as { requests?: { method: string }[] };
        return requests ?? [];
      });
    },
    log: () => readFileSync(logFile, 'utf8'),
    async close() {
      await context.close();
      rmSync(logFile, { force: true });
      if (!options.profile) rmSync(profile, { recursive: true, force: true });
    },
  };
  await result.wallet({ auto: true });
  return result;
}
