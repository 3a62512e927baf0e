// The journey in Firefox: enrol with a wallet, connect, sign, verify offline; and the event page stopped while a request waits.
// Promises the built packages, real clicks, and a verification outside of the browser.
// Must not: repeat what the Chromium journeys prove of the vault itself; this is about the other browser.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { serveDapp } from '../../demo/dapp/serve.mjs';
import { testAccounts } from '../../demo/wallet/accounts';
import { vaultSignatureFromJson, verifyVaultSignature, type VaultSignature } from '../../src/sdk/index';
import { launchFirefox, walletId, type Firefox } from './browser';
import { waitUntil, type Page } from './page';

const account = testAccounts()[0]!.address;
let firefox: Firefox;
let site: { url: string; close(): Promise<void> };
let dapp: Page;
let origin: string;

beforeAll(async () => {
  site = await serveDapp();
  origin = new URL(site.url).origin;
  firefox = await launchFirefox();
});

afterAll(async () => {
  await firefox?.close();
  await site?.close();
});

/** Waits until Approve is armed in the window on top, and presses it. */
async function approve(kind: 'connect' | 'sign'): Promise<void> {
  const window = await firefox.nextPage('/approval/');
  expect(await window.until('the origin of the request', () => document.querySelector<HTMLElement>('[data-testid=approval-origin]')?.dataset.origin)).toBe(origin);
  expect(await window.evaluate(() => document.querySelector<HTMLElement>('[data-testid=approval]')?.dataset.kind)).toBe(kind);
  await window.click('approval-approve');
}

/** The answer that the dapp shows, read as any server would read it. */
async function shownAnswer(purpose: string): Promise<VaultSignature> {
  const json = await dapp.until(
    `the answer for ${purpose}`,
    (wanted: string) => {
      const text = document.querySelector('[data-testid=dapp-json]')?.textContent ?? '';
      return text.includes(JSON.stringify(wanted)) && text;
    },
    purpose,
  );
  return vaultSignatureFromJson(json as string);
}

test('enrols with the wallet, in three signatures and a recovery code', async () => {
  // The extension opened it when it was installed.
  const page = await firefox.nextPage('/onboarding/');
  await page.click('onboarding-start');
  await page.click(`wallet-${walletId}`);
  await page.click('wallet-continue');
  await page.click('account-choice');
  await page.type('account-name', 'Ada');
  await page.click('account-continue');
  await page.click('open-continue');
  for (const step of ['unlock-1', 'identity', 'unlock-2']) {
    await page.until(`the step ${step}`, (wanted: string) => document.querySelector<HTMLElement>('[data-testid=onboarding]')?.dataset.step?.startsWith(wanted), step);
    await page.click('wallet-sign');
  }
  await page.waitFor('code-groups');
  const groups = await page.evaluate(() => [...document.querySelectorAll('[data-testid=code-groups] .group')].map((group) => group.textContent ?? ''));
  expect(groups).toHaveLength(8);
  await page.click('code-written');
  for (const testId of ['code-typed-1', 'code-typed-2']) {
    await page.waitFor(testId);
    const number = await page.evaluate((id) => Number(/\d+/.exec(document.querySelector<HTMLInputElement>(`[data-testid=${id}]`)?.labels?.[0]?.textContent ?? '')?.[0]), testId);
    await page.type(testId, groups[number - 1]!);
  }
  await page.click('code-finish');
  await page.waitFor('onboarding-ready');

  const signatures = (await firefox.walletLog()).filter(({ method }) => method === 'personal_sign');
  expect(signatures).toHaveLength(3);
  await page.close();
});

test('connects a page after approval', async () => {
  dapp = await firefox.newPage(site.url);
  await dapp.click('dapp-connect');
  await approve('connect');
  await dapp.waitFor('dapp-accounts');
  expect(await dapp.text('dapp-accounts')).toContain(account);
});

test('signs after approval, and the answer verifies outside of the browser', async () => {
  await dapp.type('dapp-purpose', 'first');
  await dapp.type('dapp-payload', 'Grüße, 🦊');
  await dapp.click('dapp-sign');
  await approve('sign');
  const answer = await shownAnswer('first');
  const verified = verifyVaultSignature(answer, { account, origin, payload: 'Grüße, 🦊', purpose: 'first', maxAgeMs: 60_000 });
  expect(verified.account).toBe(account);
  expect(await dapp.has('dapp-verify-ok')).toBe(true);
});

test('R-G2 a request that waits outlives the event page, and is answered when the person approves', async () => {
  await dapp.type('dapp-purpose', 'second');
  await dapp.click('dapp-sign');
  const window = await firefox.nextPage('/approval/');
  await window.waitFor('approval-approve');
  const before = await firefox.eventPage();
  await firefox.killEventPage();
  await approve('sign');
  verifyVaultSignature(await shownAnswer('second'), { account, origin, purpose: 'second', maxAgeMs: 60_000 });
  const after = await firefox.eventPage();
  expect(before).toBeDefined();
  expect(after).toBeDefined();
  expect(after).not.toBe(before);
  // Exactly one window for it, and it is gone.
  expect(await firefox.pagesWith('/approval/')).toEqual([]);
});

test('R-G2 a granted request starts a stopped event page, and its grant still holds', async () => {
  await firefox.killEventPage();
  expect(await firefox.eventPage()).toBeUndefined();
  await dapp.click('dapp-bundle');
  await dapp.waitFor('dapp-bundle-result');
});

test('R-G4 an idle event page stops by itself, though the dapp still listens', async () => {
  // The browser's own clock for this, 30 s, made shorter.
  const setting = 'extensions.background.idle.timeout';
  await firefox.asBrowser('Services.prefs.setIntPref(arguments[0], 1000)', setting);
  try {
    // An event page keeps the clock that it started with.
    await firefox.killEventPage();
    await dapp.click('dapp-bundle');
    await waitUntil('the event page to start', () => firefox.eventPage());
    await waitUntil('the event page to stop', async () => (await firefox.eventPage()) === undefined);
  } finally {
    await firefox.asBrowser('Services.prefs.clearUserPref(arguments[0])', setting);
  }
});

test('locking ends the grant at once; asking again means to unlock, and then to approve', async () => {
  const popup = await firefox.ownPage('popup');
  await popup.click('popup-lock-now');
  await dapp.until('the accounts to go', () => document.querySelector('[data-testid=dapp-accounts]') === null);
  await popup.close();

  await dapp.click('dapp-connect');
  const unlock = await firefox.nextPage('/unlock/');
  await unlock.click('wallet-sign');
  await approve('connect');
  await dapp.waitFor('dapp-accounts');
  expect(await dapp.text('dapp-accounts')).toContain(account);
});

test('R-B4 what cannot be cloned is refused in the page, and hostile frames get no answer', async () => {
  const refusals = await dapp.evaluate(async () => {
    const { prekeyVault } = window as unknown as { prekeyVault: { request(args: unknown): Promise<unknown> } };
    const bad = [() => 1, { deep: [Symbol('s')] }, new Proxy({}, {}), Promise.resolve()];
    return await Promise.all(bad.map((params) => prekeyVault.request({ method: 'vault_accounts', params }).catch((error: { code: number }) => error.code)));
  });
  expect(refusals).toEqual([-32602, -32602, -32602, -32602]);
  const accounts = await dapp.evaluate(async () => {
    for (const detail of [null, 5, 'x', {}, { key: 1, method: 'vault_sign', params: () => 1 }, { key: {}, method: Symbol('s') }]) dispatchEvent(new CustomEvent('prekeyvault:request', { detail }));
    const { prekeyVault } = window as unknown as { prekeyVault: { request(args: unknown): Promise<unknown> } };
    return await prekeyVault.request({ method: 'vault_accounts' });
  });
  expect(accounts).toEqual([account]);
  expect(await firefox.pagesWith('/approval/')).toEqual([]);
});

test('nothing was uncaught, in the page, the extension or the wallet', async () => {
  const errors = async () => (await firefox.reports()).filter(({ isWarning }) => !isWarning);
  expect(await errors()).toEqual([]);
  // The same look finds an error where there is one.
  await dapp.evaluate(() => reportError(new Error(`planted in ${location.origin}`)));
  expect((await errors()).map(({ text }) => text)).toEqual([`Error: planted in ${origin}`]);
});
