// What was done, and what can be taken back, in Chromium on the built extension: rows, choices, the table, a line taken from the disk, and a
// site that is disconnected and connected again.
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectAccessible } from './kit/axe';
import { launchChromium, type Chromium } from './kit/chromium';
import { enrolled } from './kit/internal';
import {
  answerOf,
  approvalWindow,
  approve,
  byId,
  bytes,
  call,
  connect,
  lastPress,
  serveSite,
  start,
  type Site,
} from './kit/journey';

let browser: Chromium;
let site: Site;
let dapp: Page;
let vault: Page;

beforeAll(async () => {
  browser = await launchChromium();
  site = await serveSite();
  dapp = await browser.context.newPage();
  await dapp.goto(site.origin);
  await enrolled(browser);
  vault = await browser.ownPage('vault');
});
afterAll(async () => {
  await browser?.close();
  await site?.close();
});

const sign = (purpose: string) => ({ payload: bytes(`to sign for ${purpose}`), purpose });
const entries = (state: Record<string, string>) => byId(vault, 'activity-entry', state);

/** Runs in our page: the rows of the log in the store, changed as somebody with the disk would. */
async function dropLine(fromEnd: number): Promise<void> {
  await vault.evaluate(async (which) => {
    const done = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error ?? new Error('request failed'));
      });
    const connection = await done(indexedDB.open('prekey-vault'));
    const store = connection.transaction('activity', 'readwrite').objectStore('activity');
    const keys = (await done(store.getAllKeys())) as [string, number][];
    await done(store.delete(keys.at(-1 - which)!));
    connection.close();
  }, fromEnd);
}

test('a flood that is rejected is one row that says who decided, with all its lines', async () => {
  await connect(browser, dapp);
  const slots = Array.from({ length: 8 }, (_, at) => `flood ${at}`);
  for (const slot of slots) await start(dapp, slot, 'vault_sign', sign(slot));
  const window = await approvalWindow(browser);
  await byId(window, 'approval-reject-all').waitFor();
  await lastPress(byId(window, 'approval-reject-all').click());
  for (const slot of slots) expect((await answerOf(dapp, slot)).error?.code).toBe(4001);
  await byId(vault, 'vault-nav-activity').click();
  const row = entries({ 'data-method': 'vault_sign', 'data-decision': 'rejected' });
  await row.waitFor();
  await expect.poll(() => row.getAttribute('data-acts')).toBe('8');
  expect(await row.count()).toBe(1);
  await row.getByTestId('activity-each').click();
  await expect.poll(() => row.locator('.each-line li').count()).toBe(8);
  expect(await entries({ 'data-method': 'vault_connect', 'data-decision': 'approved' }).count()).toBe(1);
  await expectAccessible(vault, 'activity, a burst opened');
});

test('it is chosen by outcome, kind and site, and all of it comes back', async () => {
  const all = await byId(vault, 'activity-entry').count();
  await byId(vault, 'activity-outcome').selectOption('rejected');
  await expect.poll(() => byId(vault, 'activity-entry').count()).toBe(1);
  await byId(vault, 'activity-kind').selectOption('messages');
  await byId(vault, 'activity-none-chosen').waitFor();
  await expectAccessible(vault, 'activity, nothing chosen');
  await byId(vault, 'activity-clear').click();
  await byId(vault, 'activity-site').selectOption(site.origin);
  await expect.poll(() => byId(vault, 'activity-entry').count()).toBe(2);
  await byId(vault, 'activity-clear').click();
  await expect.poll(() => byId(vault, 'activity-entry').count()).toBe(all);
});

test('what is shown is saved as a table, in which a formula of a site is a text', async () => {
  await start(dapp, 'formula', 'vault_sign', sign('=HYPERLINK("https://evil.example")'));
  await approve(await approvalWindow(browser));
  expect((await answerOf(dapp, 'formula')).result).toBeDefined();
  await entries({ 'data-method': 'vault_sign', 'data-decision': 'approved' }).waitFor();
  const [download] = await Promise.all([vault.waitForEvent('download'), byId(vault, 'activity-save').click()]);
  expect(download.suggestedFilename()).toMatch(/^prekey-vault-activity-\d{4}-\d\d-\d\d\.csv$/);
  const csv = await readFile(await download.path(), 'utf8');
  expect(csv.startsWith('\ufeff"')).toBe(true);
  expect(csv).toContain(`"'=HYPERLINK(""https://evil.example"")"`);
  expect(csv).toContain(`"${site.origin}"`);
  const lines = csv.trimEnd().split('\r\n');
  // The eight that were rejected for different purposes are a line each.
  expect(lines.filter((line) => line.includes('You rejected'))).toHaveLength(8);
});

test('lines are kept for longer at once, and for less only after a second press', async () => {
  await byId(vault, 'activity-keep').selectOption('365');
  await entries({ 'data-method': 'settings' }).first().waitFor();
  await expect.poll(() => byId(vault, 'activity-keep').inputValue()).toBe('365');
  await byId(vault, 'activity-keep').selectOption('30');
  await byId(vault, 'activity-keep-less').waitFor();
  await expectAccessible(vault, 'activity, kept for less');
  await byId(vault, 'activity-keep-cancel').click();
  await expect.poll(() => byId(vault, 'activity-keep').inputValue()).toBe('365');
  await byId(vault, 'activity-keep').selectOption('90');
  await byId(vault, 'activity-keep-less').click();
  await byId(vault, 'activity-keep-less').waitFor({ state: 'detached' });
  await expect.poll(() => byId(vault, 'activity-keep').inputValue()).toBe('90');
});

test('R-K1 a line that was taken from the disk is missing in words, and stays so over a restart', async () => {
  expect(await byId(vault, 'activity-broken').count()).toBe(0);
  await browser.killWorker();
  await vault.reload();
  await byId(vault, 'activity-chain', { 'data-since': '1' }).waitFor();
  expect(await byId(vault, 'activity-gap').count()).toBe(0);
  await dropLine(3);
  await browser.killWorker();
  await vault.reload();
  await byId(vault, 'activity-gap', { 'data-missing': '1' }).waitFor();
  await byId(vault, 'activity-broken').waitFor();
  await expectAccessible(vault, 'activity, broken');
  await dropLine(0);
  await vault.reload();
  await expect.poll(() => byId(vault, 'activity-gap').count()).toBe(2);
});

test('R-B7 a site is disconnected at once, and connected as before by Undo, with the keyboard', async () => {
  await byId(vault, 'vault-nav-sites').click();
  await byId(vault, 'site-revoke').focus();
  await vault.keyboard.press('Enter');
  const ended = byId(vault, 'revoke-ended', { 'data-state': 'open' });
  await ended.waitFor();
  expect((await call(dapp, 'vault_sign', sign('meanwhile'))).error?.code).toBe(4100);
  expect(await call(dapp, 'vault_accounts')).toEqual({ result: [] });
  await expectAccessible(vault, 'sites, disconnected');
  // The keyboard stands at the notice, so that Undo is the next stop; a key that is held presses nothing.
  await expect.poll(() => ended.evaluate((box) => box === document.activeElement)).toBe(true);
  await vault.keyboard.press('Tab');
  await vault.keyboard.press('Enter');
  await byId(vault, 'revoke-ended', { 'data-state': 'undone' }).waitFor();
  expect((await call(dapp, 'vault_getPublicKeyBundle')).result).toBeDefined();
  await byId(vault, 'site', { 'data-origin': site.origin }).waitFor();
});

test('P3 what was ended when the worker dies has ended, and the page says so', async () => {
  await byId(vault, 'site-revoke').click();
  await byId(vault, 'revoke-ended', { 'data-state': 'open' }).waitFor();
  await browser.killWorker();
  await byId(vault, 'revoke-undo').click();
  await byId(vault, 'revoke-ended', { 'data-state': 'ended' }).waitFor();
  expect((await call(dapp, 'vault_getPublicKeyBundle')).error?.code).toBe(4100);
  expect(await byId(vault, 'site').count()).toBe(0);
});

test('a site shows how often it did what, and leads to each line', async () => {
  await connect(browser, dapp);
  await byId(vault, 'site-activity').click();
  await byId(vault, 'activity-days').waitFor();
  await expectAccessible(vault, 'sites, what one did');
  await byId(vault, 'site-all-activity').click();
  await byId(vault, 'vault', { 'data-section': 'activity' }).waitFor();
  await expect.poll(() => byId(vault, 'activity-site').inputValue()).toBe(site.origin);
  expect(vault.url()).not.toContain(encodeURIComponent(site.origin));
});
