// A Firefox with the built extension and the test wallet, in a fresh profile.
// Promises: no traffic leaves the machine; every wait has an end; the event page can really be stopped; nothing is left behind.
// Must not: press anything. Journeys do.
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import walletIdentity from '../../demo/wallet/identity.json' with { type: 'json' };
import manifest from '../../manifest.json' with { type: 'json' };
import { connectMarionette, type Marionette } from './marionette';
import { pageOf, pause, waitMs, waitUntil, type Page } from './page';

const root = path.resolve(import.meta.dirname, '..', '..');

/** Gecko ids, and the addresses they are given in the profile, so that pages are known before anything is installed. */
export const vaultId: string = manifest.browser_specific_settings.gecko.id;
export const walletId: string = walletIdentity.geckoId;
const hosts: Record<string, string> = {
  [vaultId]: '5f0c6a3e-0b1d-4c52-9a6e-7d2f4be81a01',
  [walletId]: '5f0c6a3e-0b1d-4c52-9a6e-7d2f4be81a02',
};

/** "moz-extension://<uuid>" of an extension, no slash at the end. */
export const originOf = (id: string): string => `moz-extension://${hosts[id]}`;

/** A port where nobody listens: whatever the list below forgets ends there, without a name being looked up. */
const nowhere = { host: '127.0.0.1', port: 9 };

/** Preferences of the profile. Marionette sets more of the same kind by itself. */
const preferences: Record<string, string | number | boolean> = {
  // 0: a free port, which Firefox writes into the profile.
  'marionette.port': 0,
  'extensions.webextensions.uuids': JSON.stringify(hosts),
  'network.proxy.type': 1,
  'network.proxy.http': nowhere.host,
  'network.proxy.http_port': nowhere.port,
  'network.proxy.ssl': nowhere.host,
  'network.proxy.ssl_port': nowhere.port,
  'network.proxy.no_proxies_on': '127.0.0.1, localhost',
  'network.proxy.failover_direct': false,
  'network.trr.mode': 5,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'network.dns.disablePrefetch': true,
  'network.prefetch-next': false,
  'network.predictor.enabled': false,
  'network.http.speculative-parallel-limit': 0,
  'app.normandy.enabled': false,
  'app.update.disabledForTesting': true,
  'browser.discovery.enabled': false,
  'browser.newtabpage.enabled': false,
  'browser.newtabpage.activity-stream.feeds.topsites': false,
  'browser.newtabpage.activity-stream.feeds.section.topstories': false,
  'browser.newtabpage.activity-stream.asrouter.providers.message-groups': '{}',
  'browser.ping-centre.telemetry': false,
  'browser.region.network.url': '',
  'browser.region.update.enabled': false,
  'browser.safebrowsing.downloads.remote.enabled': false,
  'browser.safebrowsing.malware.enabled': false,
  'browser.safebrowsing.phishing.enabled': false,
  'browser.safebrowsing.blockedURIs.enabled': false,
  'browser.safebrowsing.provider.google4.updateURL': '',
  'browser.safebrowsing.provider.google5.updateURL': '',
  'browser.safebrowsing.provider.mozilla.updateURL': '',
  'browser.search.update': false,
  'browser.startup.homepage': 'about:blank',
  'browser.startup.page': 0,
  'browser.aboutwelcome.enabled': false,
  'browser.shell.checkDefaultBrowser': false,
  'datareporting.healthreport.uploadEnabled': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'datareporting.usage.uploadEnabled': false,
  'dom.push.connection.enabled': false,
  'extensions.blocklist.enabled': false,
  'extensions.getAddons.cache.enabled': false,
  'extensions.systemAddon.update.enabled': false,
  'extensions.update.enabled': false,
  'media.gmp-manager.updateEnabled': false,
  'media.gmp-manager.url': '',
  'privacy.trackingprotection.enabled': false,
  'security.OCSP.enabled': 0,
  'security.remote_settings.crlite_filters.enabled': false,
  'security.remote_settings.intermediates.enabled': false,
  'services.settings.server': 'data:,#remote-settings-dummy/v1',
  'toolkit.telemetry.enabled': false,
  'toolkit.telemetry.server': '',
  'toolkit.telemetry.unified': false,
  'devtools.console.stdout.content': true,
  'layout.css.prefers-color-scheme.content-override': 1,
  'intl.accept_languages': 'en',
  'ui.prefersReducedMotion': 1,
};

/** Something Firefox reported: an uncaught error, a refused promise, a broken policy. */
export interface Report {
  text: string;
  source: string;
  isWarning: boolean;
}

export interface Firefox {
  newPage(url: string): Promise<Page>;
  /** Opens one of our pages in a tab. */
  ownPage(name: 'popup' | 'approval' | 'onboarding' | 'unlock' | 'vault'): Promise<Page>;
  /** A loaded page whose address contains the text, e.g. a window that the extension opens; waits for it. */
  nextPage(part: string): Promise<Page>;
  /** Pages open now whose address contains the text. */
  pagesWith(part: string): Promise<Page[]>;
  /** Really stops the event page of the vault, as the browser does after 30 s of silence. */
  killEventPage(): Promise<void>;
  /** A name for the event page that runs now, different after each start; undefined while none runs. */
  eventPage(): Promise<string | undefined>;
  /** Sets options of the test wallet, through its settings page. */
  wallet(options: Record<string, unknown>): Promise<void>;
  /** Requests the test wallet received. */
  walletLog(): Promise<{ method: string }[]>;
  /** Errors and warnings since the start that name one of the extensions or 127.0.0.1. */
  reports(): Promise<Report[]>;
  /** What pages and extensions wrote to their consoles. */
  consoleLines: string[];
  /** Runs a script with the rights of the browser itself. */
  asBrowser<Result>(script: string, ...args: unknown[]): Promise<Result>;
  close(): Promise<void>;
}

/**
 * Starts Firefox ($FIREFOX or /usr/bin/firefox-esr), installs the test builds of the vault and the wallet (dist), and sets the
 * wallet to answer by itself. The vault's onboarding page is open when this resolves.
 */
export async function launchFirefox(): Promise<Firefox> {
  const profile = mkdtempSync(path.join(tmpdir(), 'prekey-vault-firefox-'));
  const lines = Object.entries(preferences).map(
    ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});`,
  );
  writeFileSync(path.join(profile, 'user.js'), `${lines.join('\n')}\n`);
  const firefox = spawn(
    process.env.FIREFOX ?? '/usr/bin/firefox-esr',
    ['--headless', '--no-remote', '--marionette', '--remote-allow-system-access', '--profile', profile],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, MOZ_CRASHREPORTER_DISABLE: '1', MOZ_REMOTE_SETTINGS_DEVTOOLS: '1' },
    },
  );
  const consoleLines: string[] = [];
  for (const stream of [firefox.stdout, firefox.stderr])
    stream.on('data', (part: Buffer) =>
      consoleLines.push(
        ...part
          .toString()
          .split('\n')
          .filter((line) => line !== ''),
      ),
    );
  const exited = new Promise<void>((resolve) => firefox.once('exit', () => resolve()));
  const killAtExit = () => firefox.kill('SIGKILL');
  process.once('exit', killAtExit);

  let marionette: Marionette | undefined;
  const close = async () => {
    // Not waited for: Firefox hangs up without an answer when it quits.
    void marionette?.command('Marionette:Quit', { flags: ['eForceQuit'] }).catch(() => undefined);
    await Promise.race([exited, pause(marionette ? 5000 : 0)]);
    firefox.kill('SIGKILL');
    await exited;
    marionette?.close();
    process.removeListener('exit', killAtExit);
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };
  try {
    marionette = await connectMarionette(await portOf(firefox, profile, consoleLines));
    return await drive(marionette, { close, consoleLines });
  } catch (error) {
    await close();
    throw error;
  }
}

async function portOf(firefox: ChildProcess, profile: string, consoleLines: string[]): Promise<number> {
  const file = path.join(profile, 'MarionetteActivePort');
  return await waitUntil('Firefox to start', async () => {
    if (firefox.exitCode !== null)
      throw new Error(`Firefox ended with ${firefox.exitCode}:\n${consoleLines.join('\n')}`);
    return await Promise.resolve(existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0);
  });
}

async function drive(marionette: Marionette, around: Pick<Firefox, 'close' | 'consoleLines'>): Promise<Firefox> {
  await marionette.command('WebDriver:NewSession', {
    pageLoadStrategy: 'normal',
    // A script may compute, a backup for one; what is only waited for takes less.
    timeouts: { script: 2 * waitMs, pageLoad: 2 * waitMs, implicit: 0 },
  });
  for (const name of ['wallet-firefox', 'test-firefox'])
    await marionette.command('Addon:Install', { path: path.join(root, 'dist', name), temporary: true });

  const asBrowser: Firefox['asBrowser'] = (script, ...args) =>
    marionette.together(async (command) => {
      await command('Marionette:SetContext', { value: 'chrome' });
      try {
        return await command('WebDriver:ExecuteScript', { script, args, newSandbox: true });
      } finally {
        await command('Marionette:SetContext', { value: 'content' });
      }
    });
  const newPage = async (url: string): Promise<Page> => {
    const { handle } = await marionette.together(async (command) => {
      // The window that was switched to last may have closed; a tab opens beside one that is there.
      const [first] = await command<string[]>('WebDriver:GetWindowHandles');
      await command('WebDriver:SwitchToWindow', { handle: first, focus: true });
      return await command<{ handle: string }>('WebDriver:NewWindow', { type: 'tab', focus: true });
    });
    const page = pageOf(marionette, handle);
    await page.goto(url);
    return page;
  };
  const pagesWith = async (part: string): Promise<Page[]> => {
    const found: Page[] = [];
    for (const handle of await marionette.command<string[]>('WebDriver:GetWindowHandles')) {
      const page = pageOf(marionette, handle);
      // A window that closes between the two commands is not there.
      if ((await page.url().catch(() => '')).includes(part)) found.push(page);
    }
    return found;
  };
  let settings: Page | undefined;
  const walletPage = async () => (settings ??= await newPage(`${originOf(walletId)}/settings.html`));

  const firefox: Firefox = {
    asBrowser,
    newPage,
    pagesWith,
    ...around,
    ownPage: (name) => newPage(`${originOf(vaultId)}/src/ui/${name}/index.html`),
    nextPage: async (part) => {
      const page = await waitUntil(`a page at ${part}`, async () => (await pagesWith(part))[0]);
      // Clicks on a window that is still loading go to its first, blank document.
      await page.until(
        `${part} to load`,
        (wanted: string) => document.readyState === 'complete' && location.href.includes(wanted),
        part,
      );
      return page;
    },
    killEventPage: async () => {
      await asBrowser(
        `return WebExtensionPolicy.getByID(arguments[0]).extension.terminateBackground({ ignoreDevToolsAttached: true, disableResetIdleForTest: true })`,
        vaultId,
      );
    },
    eventPage: async () => {
      const script = `const views = [...WebExtensionPolicy.getByID(arguments[0]).extension.views];
        return String(views.find((view) => view.viewType === 'background')?.contextId ?? '')`;
      return (await asBrowser<string>(script, vaultId)) || undefined;
    },
    wallet: async (values) => await (await walletPage()).evaluate((items) => chrome.storage.local.set(items), values),
    walletLog: async () =>
      await (
        await walletPage()
      ).evaluate(async () => {
        const { requests } = await chrome.storage.session.get('requests');
        return (requests ?? []) as { method: string }[];
      }),
    reports: () =>
      asBrowser<Report[]>(
        `return Services.console.getMessageArray().filter((one) => one instanceof Ci.nsIScriptError)
          .map((one) => ({ text: one.errorMessage, source: one.sourceName, isWarning: (one.flags & Ci.nsIScriptError.warningFlag) !== 0 }))
          .filter((one) => arguments[0].some((part) => (one.text + one.source).includes(part)))`,
        [...Object.values(hosts), '127.0.0.1', 'localhost'],
      ),
  };
  // Opened by the vault when it was installed. Marionette takes whichever tab opens next for its own, so no other opens before.
  await firefox.nextPage('/onboarding/');
  await firefox.wallet({ auto: true });
  return firefox;
}
