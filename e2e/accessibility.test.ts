// Every page of ours for people who do not see it, do not use a mouse, or need it larger.
// Promises: axe finds nothing serious in light, dark or forced colours, nor in other languages, one of them written from right to left; a whole journey goes
// with Tab, Enter and Space; nothing scrolls sideways at 200 %.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Page } from 'playwright';
import { languages } from '../src/contract/choices';
import { sizeOf } from '../scripts/campaign/size';
import type { VaultState } from '../src/contract/pages/identity';
import { expectAccessible, findings, overhang, type Tongues } from './kit/axe';
import { launchChromium, walletId, type Chromium } from './kit/chromium';
import type { ControlId } from './kit/controls';
import { internalClient, type Internal } from './kit/internal';
import {
  answerOf,
  approvalWindow,
  byId,
  bytes,
  call,
  lastPress,
  reject,
  serveSite,
  start,
  until,
  type Site,
} from './kit/journey';

let browser: Chromium;
let site: Site;
let dapp: Page;
let settings: Internal;

beforeAll(async () => {
  browser = await launchChromium();
  site = await serveSite({
    '/': `<!doctype html><html lang="en"><title>site</title><button id="connect">Connect</button><script>
      connect.onclick = () => prekeyVault.request({ method: 'vault_connect', params: { capabilities: ['identity', 'sign'] } }).then((grant) => (window.grant = grant));
    </script>`,
  });
  settings = await internalClient(browser, 'vault');
  dapp = await browser.context.newPage();
  await dapp.goto(site.origin);
});
afterAll(async () => {
  await browser?.close();
  await site?.close();
});

/** Every language in both themes, and in the short form the one from right to left and the one of the longest words, in one theme each. */
const everyLook = languages
  .filter((language) => language !== 'system')
  .flatMap((language) => (['dark', 'light'] as const).map((colorScheme) => ({ language, colorScheme })));
const tongues: Tongues = {
  looks: sizeOf('languages', { short: 0, whole: 1 })
    ? everyLook
    : everyLook.filter(({ language, colorScheme }) => language === (colorScheme === 'dark' ? 'ar' : 'de')),
  async speak(language) {
    const { settings: now } = await settings.call<VaultState>('state_get', {});
    await settings.call('settings_set', { ...now, language });
  },
};
const expectSaid = (page: Page, place: string) => expectAccessible(page, place, tongues);

/** Presses Tab until the control has the focus, or the button of the site, which has an id. */
async function tabTo(page: Page, id: ControlId | 'connect'): Promise<void> {
  const focused = () =>
    page.evaluate(
      () => (document.activeElement as HTMLElement | null)?.dataset['testid'] ?? document.activeElement?.id,
    );
  const visited: (string | undefined)[] = [];
  for (let presses = 0; presses < 60; presses++) {
    visited.push(await focused());
    if (visited.at(-1) === id) {
      // What has the focus must be seen to have it.
      const ring = await page.evaluate(() => {
        const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(document.activeElement!);
        return (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none';
      });
      expect([id, ring]).toEqual([id, true]);
      return;
    }
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab never reached ${id}: ${visited.join(' ')}`);
}
async function pressOn(page: Page, id: ControlId, key = 'Enter'): Promise<void> {
  await byId(page, id).waitFor();
  await tabTo(page, id);
  await lastPress(page.keyboard.press(key));
}
async function typeInto(page: Page, id: ControlId, text: string): Promise<void> {
  await byId(page, id).waitFor();
  await tabTo(page, id);
  await page.keyboard.type(text);
}

test('axe sees what is wrong with a bad page', async () => {
  const page = await browser.context.newPage();
  await page.setContent('<img src="x"><button></button>');
  expect((await findings(page)).map(({ id }) => id)).toEqual(expect.arrayContaining(['button-name', 'image-alt']));
  await page.close();
});

describe.sequential('axe', () => {
  test('popup, unlock and vault page before there is anything', async () => {
    for (const name of ['popup', 'vault', 'unlock', 'onboarding'] as const) {
      const page = await browser.ownPage(name);
      await page.locator('h1, [data-testid="unlock"]').first().waitFor();
      await expectSaid(page, `${name}, empty`);
      await page.close();
    }
  });

  test('onboarding with the keyboard alone, each step looked at', async () => {
    const page = await browser.ownPage('onboarding');
    await pressOn(page, 'way-alone');
    await byId(page, 'wallet-continue').waitFor();
    await expectSaid(page, 'onboarding, wallet');
    await byId(page, `wallet-${walletId}`).focus();
    await page.keyboard.press('Space');
    await pressOn(page, 'wallet-continue');
    await byId(page, 'account-choice').first().waitFor();
    await expectSaid(page, 'onboarding, account');
    await typeInto(page, 'account-name', 'Ada');
    await page.keyboard.press('Enter');
    await byId(page, 'signature-1', { 'aria-current': 'step' }).waitFor();
    await expectSaid(page, 'onboarding, signatures');
    await pressOn(page, 'wallet-sign');
    await byId(page, 'code-groups').waitFor();
    await expectSaid(page, 'onboarding, recovery code');
    const groups = await byId(page, 'code-groups').locator('.group').allInnerTexts();
    await pressOn(page, 'code-written');
    await byId(page, 'code-typed-1').waitFor();
    await expectSaid(page, 'onboarding, typing the code');
    for (const at of [1, 2] as const) {
      const label = await byId(page, `code-typed-${at}`).evaluate(
        (input: HTMLInputElement) => input.labels?.[0]?.textContent ?? '',
      );
      await typeInto(page, `code-typed-${at}`, groups[Number(/\d+/.exec(label)![0]) - 1]!.replace(/[^0-9A-Z]/gi, ''));
    }
    await byId(page, 'onboarding-ready').waitFor();
    await expectSaid(page, 'onboarding, ready');
    await page.close();
  });

  test('connecting with Tab and Enter alone', async () => {
    await dapp.bringToFront();
    await tabTo(dapp, 'connect');
    await dapp.keyboard.press('Enter');
    const window = await approvalWindow(browser);
    await byId(window, 'approval-approve').waitFor();
    await expectSaid(window, 'approval, connect');
    await window.bringToFront();
    await expect
      .poll(() => window.evaluate(() => (document.activeElement as HTMLElement).dataset['testid']))
      .toBe('approval-reject');
    const focused = () => window.evaluate(() => (document.activeElement as HTMLElement).dataset['testid']);
    // The card is longer than the window: it is read to its end, after which the next Tab comes to the answers.
    await window.keyboard.press('Shift+Tab');
    expect(await focused()).toBe('approval-read-on');
    while ((await focused()) === 'approval-read-on') {
      await window.keyboard.press('Enter');
      await window.evaluate(() => new Promise((resolve) => setTimeout(resolve, 50)));
    }
    await window.keyboard.press('Tab');
    expect(await focused()).toBe('approval-reject');
    await window.keyboard.press('Tab');
    expect(await focused()).toBe('approval-approve');
    await byId(window, 'approval-approve', { 'data-armed': 'true' }).waitFor();
    await lastPress(window.keyboard.press('Enter'));
    await expect.poll(() => dapp.evaluate(() => (globalThis as any).grant?.capabilities)).toEqual(['identity', 'sign']);
  });

  test('a signature request, a long one, and what stands behind details', async () => {
    await start(dapp, 'sign', 'vault_sign', {
      payload: bytes('text\u202e '.repeat(500)),
      purpose: 'A purpose with \u200b in it',
    });
    const window = await approvalWindow(browser);
    await byId(window, 'approval-payload').waitFor();
    await expectSaid(window, 'approval, sign');
    await pressOn(window, 'approval-show-all');
    await pressOn(window, 'approval-details');
    await expectSaid(window, 'approval, sign, opened');
    const popup = await browser.ownPage('popup');
    await byId(popup, 'popup-review').waitFor();
    await expectSaid(popup, 'popup, unlocked and waiting');
    await popup.close();
    await reject(window);
    expect((await answerOf(dapp, 'sign')).error?.code).toBe(4001);
  });

  test('the vault page: sections and dialogs', async () => {
    const page = await browser.ownPage('vault');
    for (const section of ['sites', 'activity', 'settings', 'identities'] as const) {
      await pressOn(page, `vault-nav-${section}`);
      await byId(page, 'vault', { 'data-section': section }).waitFor();
      await expectSaid(page, `vault, ${section}`);
    }
    await pressOn(page, 'vault-nav-settings');
    // As the browser has them: a suggestion that is taken already is given to nobody.
    const keys = await page.evaluate(() => chrome.commands.getAll());
    for (const name of ['lock-now', 'open-waiting'] as const) {
      const { shortcut } = keys.find((one) => one.name === name)!;
      await byId(page, `settings-command-${name}`, { 'data-key': shortcut ?? '' }).waitFor();
    }
    await pressOn(page, 'vault-nav-identities');
    await page.setViewportSize({ width: 320, height: 600 });
    for (const section of ['identities', 'sites', 'activity', 'settings'] as const) {
      const { x, width } = (await byId(page, `vault-nav-${section}`).boundingBox())!;
      expect({ section, left: x >= 0, right: x + width <= 320 }).toEqual({ section, left: true, right: true });
    }
    await page.setViewportSize({ width: 1280, height: 860 });
    await pressOn(page, 'identity-details');
    await byId(page, 'identity-prekeys').waitFor();
    await expectSaid(page, 'vault, identity details');
    for (const topic of ['access', 'network', 'backup'] as const) {
      await pressOn(page, `identity-tab-${topic}`);
      await byId(page, 'identity-page', { 'data-topic': topic }).waitFor();
      await expectSaid(page, `vault, identity, ${topic}`);
    }
    await pressOn(page, 'identity-tab-access');
    await pressOn(page, 'help-code');
    await byId(page, 'help-page', { 'data-topic': 'code' }).waitFor();
    await expectSaid(page, 'vault, help, code');
    await pressOn(page, 'help-back');
    await pressOn(page, 'identity-tab-keys');
    await pressOn(page, 'help-prekey');
    await byId(page, 'help-page', { 'data-topic': 'prekey' }).waitFor();
    await expectSaid(page, 'vault, help, prekey');
    await pressOn(page, 'help-back');
    await byId(page, 'identity-page', { 'data-topic': 'keys' }).waitFor();
    await pressOn(page, 'identity-back');
    for (const dialog of ['rename', 'forget'] as const) {
      await pressOn(page, `identity-${dialog}`);
      await byId(page, `${dialog}-cancel`).waitFor();
      await expectSaid(page, `vault, ${dialog}`);
      await pressOn(page, `${dialog}-cancel`);
    }
    await page.close();
  });

  test('locked: popup, unlock page with both ways, and unlocking with the keyboard', async () => {
    const popup = await browser.ownPage('popup');
    await pressOn(popup, 'popup-lock-now');
    await byId(popup, 'popup-unlock').waitFor();
    await expectSaid(popup, 'popup, locked');
    await popup.close();
    const page = await browser.ownPage('unlock');
    await byId(page, 'wallet-sign').waitFor();
    await expectSaid(page, 'unlock, wallet');
    // The window of 400 px at twice the size.
    await page.setViewportSize({ width: 200, height: 310 });
    expect(await overhang(page)).toBe(0);
    const [address, status] = await Promise.all(
      ['.identity .address > span', '.identity .status'].map((one) => page.locator(one).first().boundingBox()),
    );
    const isApart = address!.x + address!.width <= status!.x || address!.y + address!.height <= status!.y;
    expect({ isApart, address, status }).toMatchObject({ isApart: true });
    await page.setViewportSize({ width: 400, height: 620 });
    await pressOn(page, 'unlock-way-code');
    await typeInto(page, 'unlock-code', 'AAAA-BBBB');
    await pressOn(page, 'unlock-code-submit');
    await byId(page, 'failure').waitFor();
    await expectSaid(page, 'unlock, wrong code');
    await pressOn(page, 'unlock-way-wallet');
    await pressOn(page, 'wallet-sign');
    await byId(page, 'unlock-done').waitFor();
    await until(async () => ((await call(dapp, 'vault_accounts')).result as string[]).length === 1, 'it is unlocked');
  });
});

describe('200 % zoom', () => {
  test('nothing scrolls sideways in the popup, at 360 px and with twice the size', async () => {
    await start(dapp, 'zoom', 'vault_sign', { payload: bytes('x'), purpose: 'zoom' });
    const window = await approvalWindow(browser);
    await byId(window, 'approval-payload').waitFor();
    const popup = await browser.ownPage('popup');
    await byId(popup, 'popup-review').waitFor();
    await popup.setViewportSize({ width: 360, height: 600 });
    expect(await overhang(popup)).toBeLessThanOrEqual(0);
    // The browser makes the popup twice as wide with everything in it; and some only enlarge the text.
    await popup.setViewportSize({ width: 720, height: 600 });
    await popup.evaluate(() => document.documentElement.style.setProperty('zoom', '2'));
    expect(await overhang(popup)).toBeLessThanOrEqual(0);
    await popup.evaluate(() => document.documentElement.style.setProperty('zoom', '1'));
    await popup.setViewportSize({ width: 360, height: 600 });
    await popup.evaluate(() => document.documentElement.style.setProperty('font-size', '200%'));
    expect(await overhang(popup)).toBeLessThanOrEqual(0);
    // WCAG 1.4.10: 320 CSS pixels are enough for everything else.
    await window.setViewportSize({ width: 320, height: 600 });
    expect(await overhang(window)).toBeLessThanOrEqual(0);
    await reject(window);
    for (const name of ['vault', 'onboarding', 'unlock'] as const) {
      const page = await browser.ownPage(name);
      await page.locator('main').waitFor();
      await page.setViewportSize({ width: 320, height: 600 });
      expect([name, await overhang(page)]).toEqual([name, 0]);
      await page.close();
    }
  });
});
