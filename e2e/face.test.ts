// The wallet face in Chromium: switched on in the popup for one site, used there by an app that knows wallets only, and gone when switched off.
// Promises: the built extension and the real wagmi; a site that was not chosen cannot tell that any of this exists. The browser's own question is the
// one thing that is not pressed here: the builds for tests may reach this machine beforehand, and `scripting` alone is given without a question.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Page } from 'playwright';
import { buildIdentityText } from '../src/protocol/inbox/identity-text';
import { inboxIdOf } from '../src/protocol/inbox/inbox-id';
import { recoverWalletAddress } from '../src/protocol/base/ethereum';
import { extensionId, launchChromium, type Chromium } from './kit/chromium';
import { enrolled } from './kit/internal';
import {
  answerOf,
  approvalWindow,
  approve,
  byId,
  call,
  growing,
  ownCall,
  reject,
  serveSite,
  start,
  until,
  type Site,
} from './kit/journey';
import type { app as walletApp } from './kit/wallet-app';
import { seenIn, walletSite } from './kit/wallet-page';

const name = 'Prekey Vault (XMTP only)';
type App = typeof walletApp;
type AppCall = Exclude<keyof App, 'heard'>;

let browser: Chromium;
let site: Site;
let other: Site;
let page: Page;

beforeAll(async () => {
  browser = await launchChromium();
  const pages = await walletSite();
  site = await serveSite(pages);
  other = await serveSite(pages);
  await enrolled(browser);
  page = await browser.context.newPage();
  await page.goto(site.origin);
});
afterAll(async () => {
  await browser?.close();
  await site?.close();
  await other?.close();
});

/** A call of the app in the page. */
const app = <Name extends AppCall>(method: Name, ...args: unknown[]) =>
  page.evaluate(
    ([called, values]) => ((window as any).app[called] as (...all: unknown[]) => unknown)(...(values as unknown[])),
    [method, args] as const,
  ) as Promise<Awaited<ReturnType<App[Name]>>>;
/** The popup as it is over a tab: a page of its own, loaded while the tab is in front. */
async function popupOver(tab: Page): Promise<Page> {
  const popup = await browser.context.newPage();
  const face = byId(popup, 'popup-face');
  const patience = growing(3000);
  // A new tab may still be on its way to the front when the other is called there.
  await until(async () => {
    await tab.bringToFront();
    // As when a real popup takes the focus, which a page of a test never loses.
    await tab.evaluate(() => void dispatchEvent(new Event('blur')));
    await popup.goto(`chrome-extension://${extensionId}/src/ui/popup/index.html`);
    return face.waitFor({ timeout: patience() }).then(
      () => true,
      () => false,
    );
  }, 'the popup to show the site of the tab');
  return popup;
}
async function choose(control: 'popup-face-wallet' | 'popup-face-stand-in', face: 'off' | 'wallet' | 'stand-in') {
  const popup = await popupOver(page);
  await byId(popup, control).click();
  await byId(popup, 'popup-face', { 'data-face': face }).waitFor();
  await popup.close();
}
const plain = async (origin: string) => {
  const tab = await browser.context.newPage();
  await tab.goto(`${origin}/plain`);
  const seen = await seenIn(tab);
  await tab.close();
  return seen;
};
const elsewhere = () => [other.origin, site.origin.replace('127.0.0.1', 'localhost')];
const walletsIn = (seen: { said: unknown[] }) =>
  (seen.said as [type: string, name: string, rdns: string][]).filter(([type]) => type.startsWith('eip6963'));
const identifier = async () =>
  ((await call(page, 'xmtp_v3_getIdentifier')).result as { identifier: string }).identifier;
const textFor = (owner: string) =>
  buildIdentityText({
    shape: 'create+grant',
    inboxId: inboxIdOf(owner, 1),
    timeMs: Math.floor(Date.now() / 1000) * 1000,
    owner,
    installationId: 'c4'.repeat(32),
  });
const scripts = async () => {
  const vault = await browser.ownPage('vault');
  const laid = await vault.evaluate(async () =>
    (await chrome.scripting?.getRegisteredContentScripts())?.map(({ id }) => id),
  );
  await vault.close();
  return laid;
};

let before: Awaited<ReturnType<typeof plain>>;
let beforeElsewhere: (typeof before)[];

describe.sequential('the wallet face', () => {
  test('is nowhere before a person wants it, and no wallet is what an app finds', async () => {
    before = await plain(site.origin);
    beforeElsewhere = await Promise.all(elsewhere().map(plain));
    expect(walletsIn(before)).toEqual([]);
    expect(before.globals.some((global) => global.startsWith('ethereum,'))).toBe(false);
    expect(await app('wallets')).toEqual(['Injected']);
    expect(await scripts()).toBeUndefined();
  });

  test('is switched on in the popup, and is there when the page is loaded again, not before', async () => {
    await choose('popup-face-wallet', 'wallet');
    expect(await app('wallets')).toEqual(['Injected']);
    const popup = await popupOver(page);
    await byId(popup, 'popup-face-wallet').click();
    await byId(popup, 'popup-face', { 'data-face': 'off' }).waitFor();
    await byId(popup, 'popup-face-wallet').click();
    await byId(popup, 'popup-face', { 'data-face': 'wallet' }).waitFor();
    await byId(popup, 'popup-face-reload').click();
    await expect.poll(() => app('wallets').catch(() => [])).toEqual(['Injected', name]);
    await popup.close();
    expect(await scripts()).toEqual([`wallet ${site.origin}`]);
  });

  test('announces itself by name and leaves window.ethereum and everything else as it was', async () => {
    const seen = await plain(site.origin);
    expect(walletsIn(seen)[0]).toEqual(['eip6963:announceProvider', name, 'app.prekeyvault.xmtp']);
    const others = (all: typeof seen) => ({
      ...all,
      said: all.said.filter((one) => !walletsIn({ said: [one] }).length),
    });
    expect(others(seen)).toEqual(others(before));
  });

  test('R-A2 another port, another host and a frame see nothing of it, to the last global', async () => {
    expect(await Promise.all(elsewhere().map(plain))).toEqual(beforeElsewhere);
    const framed = await page.evaluate(async (url) => {
      const frame = document.body.appendChild(document.createElement('iframe'));
      await new Promise((resolve) => {
        frame.onload = resolve;
        frame.src = url;
      });
      const { said } = frame.contentWindow as unknown as { said: unknown[] };
      frame.remove();
      return said;
    }, `${site.origin}/plain`);
    expect(framed).toEqual([]);
  });

  test('an app connects on a card, and hears of the inbox key’s address', async () => {
    const connecting = app('connect', name);
    const card = await approvalWindow(browser);
    expect(await byId(card, 'approval-origin').getAttribute('data-origin')).toBe(site.origin);
    expect(await byId(card, 'approval').getAttribute('data-kind')).toBe('connect');
    await approve(card);
    expect(await connecting).toEqual({ result: [await identifier()] });
    expect(await app('account')).toBe(await identifier());
  });

  test('what the person refuses is 4001', async () => {
    const signing = app('sign', textFor(await identifier()));
    await reject(await approvalWindow(browser));
    expect(await signing).toEqual({ error: 4001 });
  });

  test('an identity text is signed on a card, by the inbox key', async () => {
    const text = textFor(await identifier());
    const signing = app('sign', text);
    const card = await approvalWindow(browser);
    expect(await byId(card, 'approval').getAttribute('data-kind')).toBe('v3');
    await approve(card);
    const { result } = (await signing) as { result: string };
    expect(result).toMatch(/^0x[0-9a-f]{130}$/);
    const signer = recoverWalletAddress(text, Uint8Array.from(Buffer.from(result.slice(2), 'hex')));
    expect(signer.toLowerCase()).toBe(await identifier());
  });

  test('R-A9 other texts, payments, typed data and what else wallets do are 4200, without a card', async () => {
    const windows = browser.pagesWith('/approval/').length;
    for (const text of ['Sign in to app.example', textFor(await identifier()).replace('Owner', 'owner'), 'Grüße'])
      expect(await app('sign', text), text).toEqual({ error: 4200 });
    expect(await app('pay')).toEqual({ error: 4200 });
    expect(await app('signTyped')).toEqual({ error: 4200 });
    const codes = await page.evaluate(async () => {
      let wallet: any;
      addEventListener('eip6963:announceProvider', (event) => (wallet = (event as CustomEvent).detail.provider));
      dispatchEvent(new Event('eip6963:requestProvider'));
      const methods = [
        'wallet_requestPermissions',
        'wallet_switchEthereumChain',
        'eth_sign',
        'eth_sendTransaction',
        'vault_sign',
      ];
      return Promise.all(
        methods.map((method) => wallet.request({ method, params: [] }).catch((error: any) => error.code)),
      );
    });
    expect(codes).toEqual([4200, 4200, 4200, 4200, 4200]);
    expect(browser.pagesWith('/approval/')).toHaveLength(windows);
    expect(
      await browser.walletLog().then((log) => log.filter(({ method }) => method === 'eth_sendTransaction')),
    ).toEqual([]);
  });

  test('an app comes back after a reload without asking anybody', async () => {
    await page.reload();
    expect(await app('reconnect')).toEqual({ result: await identifier() });
    expect(browser.pagesWith('/approval/')).toEqual([]);
  });

  test('an app that disconnects and connects again asks nobody either: the permission is the person’s to end', async () => {
    expect(await app('disconnect')).toEqual({});
    expect(await app('account')).toBeUndefined();
    expect(await app('connect', name)).toEqual({ result: [await identifier()] });
  });

  test('a lock disconnects the app; connecting asks to unlock and nothing else', async () => {
    const popup = await popupOver(page);
    await byId(popup, 'popup-lock-now').click();
    await expect.poll(() => app('account')).toBeUndefined();
    await page.reload();
    expect(await app('reconnect')).toEqual({});
    expect(browser.pagesWith('/approval/')).toEqual([]);
    await popup.close();
    const connecting = app('connect', name);
    const unlock = await browser.nextPage('/unlock/');
    await byId(unlock, 'wallet-sign').click();
    expect(await connecting).toEqual({ result: [await identifier()] });
  });

  test('R-A8 it goes on in a page that replaces Promise and events, and in one that writes over itself', async () => {
    const tab = await browser.context.newPage();
    await tab.goto(`${site.origin}/plain`);
    const accounts = await tab.evaluate(async () => {
      let wallet: any;
      const listen = () =>
        addEventListener('eip6963:announceProvider', (event) => (wallet = (event as CustomEvent).detail.provider));
      listen();
      const Real = Promise;
      const ask = new Event('eip6963:requestProvider');
      Object.assign(window, { Promise: null, CustomEvent: null, Event: null, Error: null, TextDecoder: null });
      Real.prototype.constructor = undefined as never;
      dispatchEvent(ask);
      const first = await new Real<unknown>((resolve) =>
        wallet.request({ method: 'eth_accounts' }).then(resolve, resolve),
      );
      wallet = undefined;
      document.open();
      document.write('<title>written</title>');
      document.close();
      // Only an observer hears that a page wrote over itself.
      await new Real((resolve) => setTimeout(resolve));
      listen();
      dispatchEvent(ask);
      const second = await new Real<unknown>((resolve) =>
        wallet.request({ method: 'eth_accounts' }).then(resolve, resolve),
      );
      return [first, second];
    });
    expect(accounts).toEqual([[await identifier()], [await identifier()]]);
    await tab.close();
  });
});

describe.sequential('the stand-in', () => {
  test('is what "Injected" finds, and no wallet that comes later takes its place', async () => {
    await choose('popup-face-stand-in', 'stand-in');
    await page.reload();
    const kept = await page.evaluate(() => {
      const { ethereum } = window as any;
      (window as any).ethereum = 'another';
      try {
        Object.defineProperty(window, 'ethereum', { value: 'another' });
      } catch {
        // That is what a wallet meets.
      }
      return ethereum !== undefined && (window as any).ethereum === ethereum;
    });
    expect(kept).toBe(true);
    await app('disconnect');
    expect(await app('connect', 'Injected')).toEqual({ result: [await identifier()] });
    await page.reload();
    expect(await app('reconnect')).toEqual({ result: await identifier() });
  });

  test('is laid again when the browser has lost it, as after an update', async () => {
    const vault = await browser.ownPage('vault');
    await vault.evaluate(() => chrome.scripting.unregisterContentScripts());
    await vault.close();
    expect(await scripts()).toEqual([]);
    await browser.killWorker();
    await call(page, 'vault_accounts');
    await expect.poll(scripts).toEqual([`stand-in ${site.origin}`]);
  });

  test('the vault page lists the site', async () => {
    const vault = await browser.ownPage('vault');
    await byId(vault, 'vault-nav-sites').click();
    await byId(vault, 'face-site', { 'data-origin': site.origin }).waitFor();
    await byId(vault, 'face-site-off').click();
    await byId(vault, 'face-site').waitFor({ state: 'detached' });
    await vault.close();
  });
});

describe.sequential('switched off', () => {
  test('R-A9 it is gone with the next load, to the last global, and gives its permission back; the connection stays', async () => {
    await until(async () => (await scripts()) === undefined, 'the permission for scripts to be given back');
    expect(await plain(site.origin)).toEqual(before);
    await page.reload();
    expect(await app('wallets')).toEqual(['Injected']);
    expect(await app('connect', 'Injected')).not.toHaveProperty('result');
    expect((await call(page, 'vault_getPermissions')).result).toHaveLength(1);
  });

  test('who ends all that a site may do has switched it off, too', async () => {
    await choose('popup-face-wallet', 'wallet');
    const popup = await popupOver(page);
    await byId(popup, 'popup-revoke').click();
    await byId(popup, 'popup-face', { 'data-face': 'off' }).waitFor();
    await popup.close();
    expect(await plain(site.origin)).toEqual(before);
  });

  test('so has who forgets the last identity', async () => {
    await choose('popup-face-wallet', 'wallet');
    const vault = await browser.ownPage('vault');
    const { identities } = await ownCall<{ identities: { safeId: string; account: string }[] }>(vault, 'state_get', {});
    await ownCall(vault, 'identity_forget', { safeId: identities[0]!.safeId, typed: identities[0]!.account });
    expect(await ownCall(vault, 'face_list', {})).toEqual([]);
    await vault.close();
    await start(page, 'none', 'vault_accounts');
    expect(await answerOf(page, 'none')).toEqual({ result: [] });
    expect(await plain(site.origin)).toEqual(before);
  });
});
