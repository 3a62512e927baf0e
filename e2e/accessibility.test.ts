// Every page of ours for people who do not see it, do not use a mouse, or need it larger.
// Promises: axe finds nothing serious in light, dark or forced colours, nor in other languages, one of them written from right to left; every journey goes
// with the keyboard alone, and what has the focus is seen to have it; nothing scrolls sideways at 200 %.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Page } from 'playwright';
import { testAccounts } from '../demo/wallet/accounts';
import { isWhole } from '../scripts/campaign/size';
import { languages } from '../src/contract/choices';
import type { SiteGrant } from '../src/contract/pages/sites';
import { buildIdentityText, type IdentityText } from '../src/protocol/inbox/identity-text';
import { inboxIdOf } from '../src/protocol/inbox/inbox-id';
import { expectAccessible, findings, overhang, type Rules, type Tongues } from './kit/axe';
import { launchChromium, walletId, type Chromium } from './kit/chromium';
import { goodPassphrase } from './kit/flows';
import { internalClient, type Internal } from './kit/internal';
import {
  answerOf,
  approvalWindow,
  byId,
  bytes,
  call,
  lastPress,
  ownCall,
  reject,
  revived,
  serveSite,
  start,
  until,
  type Site,
} from './kit/journey';
import { approveWithKeys, chooseFrom, focused, pressOn, tabTo, typeInto } from './kit/keyboard';

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
  looks: isWhole('languages')
    ? everyLook
    : everyLook.filter(({ language, colorScheme }) => language === (colorScheme === 'dark' ? 'ar' : 'de')),
  async speak(language) {
    await settings.call('settings_set', { language });
  },
  rules: isWhole('languages') ? 'all' : 'others',
};
const expectSaid = (page: Page, place: string) => expectAccessible(page, place, tongues);

test('axe sees what is wrong with a bad page', async () => {
  const page = await browser.context.newPage();
  await page.setContent('<img src="x"><button></button><p style="color: #ccc">pale</p>');
  const found = async (rules: Rules) => (await findings(page, rules)).map(({ id }) => id);
  const [all, colours, others] = [await found('all'), await found('colours'), await found('others')];
  expect(all).toEqual(expect.arrayContaining(['button-name', 'color-contrast', 'image-alt']));
  expect(colours).toEqual(['color-contrast']);
  expect(others).toEqual(all.filter((id) => id !== 'color-contrast'));
  await page.close();
});

describe.sequential('axe', () => {
  test('popup, side panel, unlock and vault page before there is anything', async () => {
    for (const name of ['popup', 'panel', 'vault', 'unlock', 'onboarding'] as const) {
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
    await expect.poll(() => focused(window)).toBe('approval-reject');
    // The card is longer than the window: it is read to its end, after which the next Tab comes to the answers.
    await window.keyboard.press('Shift+Tab');
    expect(await focused(window)).toBe('approval-read-on');
    while ((await focused(window)) === 'approval-read-on') {
      await window.keyboard.press('Enter');
      await window.evaluate(() => new Promise((resolve) => setTimeout(resolve, 50)));
    }
    await window.keyboard.press('Tab');
    expect(await focused(window)).toBe('approval-reject');
    await window.keyboard.press('Tab');
    expect(await focused(window)).toBe('approval-approve');
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
    // The side panel names the site, and leads to the window that is open.
    const panel = await browser.ownPage('panel');
    await byId(panel, 'panel-waiting', { 'data-origin': site.origin, 'data-requests': '1' }).waitFor();
    await expectSaid(panel, 'side panel, unlocked and waiting');
    await panel.setViewportSize({ width: 320, height: 600 });
    expect(await overhang(panel)).toBe(0);
    await pressOn(panel, 'panel-waiting-show');
    await byId(panel, 'panel-waiting').waitFor();
    await panel.close();
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

describe.sequential('journeys with the keyboard alone', () => {
  const somebody = testAccounts()[1]!.address;
  const isEveryCard = isWhole('keyboard');

  test('connecting for conversations with one person, chosen by address, a few times an hour', async () => {
    await start(dapp, 'more', 'vault_connect', {
      capabilities: ['identity', 'sign', 'messages.read'],
    });
    const window = await approvalWindow(browser);
    await byId(window, 'approval-approve').waitFor();
    await window.bringToFront();
    await tabTo(window, 'approval-scope');
    await window.keyboard.press('End');
    await byId(window, 'people-picker').waitFor();
    await expectSaid(window, 'approval, choosing people');
    await typeInto(window, 'picker-address', somebody.toLowerCase());
    await window.keyboard.press('Enter');
    await byId(window, `picker-${somebody}`).waitFor();
    await pressOn(window, 'picker-done');
    await byId(window, 'people-picker').waitFor({ state: 'detached' });
    expect(await focused(window)).toBe('approval-scope');
    await byId(window, 'approval-peer', { 'data-account': somebody }).waitFor();
    await pressOn(window, 'grant-scopes');
    expect(await chooseFrom(window, 'grant-often-messages.read', 2)).toBe('20 hour');
    expect(await byId(window, 'approval-budget').inputValue()).toBe('mixed');
    await approveWithKeys(window);
    const { scopes, budgets } = revived<{ scopes: object; budgets: object }>((await answerOf(dapp, 'more')).result);
    expect(scopes).toMatchObject({ 'messages.read': { of: 'peers', peers: [somebody] } });
    expect(budgets).toEqual({ 'messages.read': { uses: 20, per: 'hour', left: 20 } });
  });

  test('approving a signature, and reading a list', async () => {
    await start(dapp, 'sign', 'vault_sign', { payload: bytes('hello'), purpose: 'Log in' });
    await approveWithKeys(await approvalWindow(browser));
    expect((await answerOf(dapp, 'sign')).error).toBeUndefined();
    await start(dapp, 'list', 'xmtp_getV2Conversations', { request: bytes('') });
    const window = await approvalWindow(browser);
    await byId(window, 'approval', { 'data-kind': 'messages' }).waitFor();
    await approveWithKeys(window);
    expect((await answerOf(dapp, 'list')).error).toBeUndefined();
  });

  test('editing a site, ending what it may do, and taking that back', async () => {
    const page = await browser.ownPage('vault');
    await pressOn(page, 'vault-nav-sites');
    await pressOn(page, 'site-edit');
    await byId(page, 'site-scope').waitFor();
    await expectSaid(page, 'vault, sites, editing');
    const bound = (id: string) =>
      ownCall<SiteGrant[]>(page, 'grants_list').then(([grant]) =>
        grant!.bounds.find(({ capability }) => capability === id),
      );
    await pressOn(page, 'grant-scopes');
    await chooseFrom(page, 'grant-often-sign', 1);
    await expect.poll(async () => (await bound('sign'))?.budget).toEqual({ uses: 1, per: 'all' });
    expect(await focused(page)).toBe('grant-often-sign');
    expect((await bound('messages.read'))?.budget).toEqual({ uses: 20, per: 'hour' });
    // Each step takes effect: the next one goes on from there, whether what was chosen is stored and shown by then or not.
    const asksAgain = async () =>
      (await ownCall<SiteGrant[]>(page, 'grants_list'))[0]?.withoutAskingUntil['messages.read'];
    await chooseFrom(page, 'site-asking', 1);
    await expect.poll(asksAgain).toEqual(expect.any(Number));
    await byId(page, 'site-asking').locator('option[value="5m"]').waitFor({ state: 'detached' });
    await chooseFrom(page, 'site-asking', 1);
    await expect.poll(asksAgain).toBe('until-locked');
    await chooseFrom(page, 'site-asking', -2);
    await expect.poll(asksAgain).toBeNull();
    await chooseFrom(page, 'site-asking', 2);
    await expect.poll(asksAgain).toBe('until-locked');
    expect(await focused(page)).toBe('site-asking');
    await pressOn(page, 'site-revoke');
    // The button went with its site; the keyboard is at the way back.
    await expect.poll(() => focused(page)).toBe('revoke-ended');
    await page.keyboard.press('Tab');
    expect(await focused(page)).toBe('revoke-undo');
    await page.keyboard.press('Enter');
    await byId(page, 'revoke-ended', { 'data-state': 'undone' }).waitFor();
    expect(await focused(page)).toBe('revoke-ended');
    await byId(page, 'site', { 'data-origin': site.origin }).waitFor();
    await pressOn(page, 'vault-nav-activity');
    await typeInto(page, 'activity-search', 'hello sign');
    await byId(page, 'activity-found', { 'data-found': '0' }).waitFor();
    await byId(page, 'activity-none-chosen').waitFor();
    await page.keyboard.press('Escape');
    await typeInto(page, 'activity-search', 'LOG in');
    await byId(page, 'activity-entry', { 'data-method': 'vault_sign' }).first().waitFor();
    await expectSaid(page, 'vault, activity, found');
    await pressOn(page, 'activity-clear');
    await expect.poll(() => focused(page)).toBe('activity-search');
    await page.close();
  });

  test('saving a backup and rehearsing it', async () => {
    const page = await browser.ownPage('vault');
    await pressOn(page, 'identity-details');
    await pressOn(page, 'identity-tab-backup');
    await pressOn(page, 'backup-export');
    await pressOn(page, 'wallet-sign');
    await typeInto(page, 'passphrase-new', goodPassphrase);
    await typeInto(page, 'passphrase-again', goodPassphrase);
    const saving = page.waitForEvent('download');
    await pressOn(page, 'backup-protect');
    const file = await (await saving).path();
    await byId(page, 'backup-saved').waitFor();
    await expectSaid(page, 'vault, backup, saved');
    await pressOn(page, 'backup-check-now');
    const choosing = page.waitForEvent('filechooser');
    await pressOn(page, 'file-choose');
    await (await choosing).setFiles(file);
    await typeInto(page, 'passphrase', goodPassphrase);
    await pressOn(page, 'file-submit');
    await byId(page, 'backup-verdict', { 'data-verdict': 'good' }).waitFor();
    await pressOn(page, 'check-done');
    await byId(page, 'backup', { 'data-reminder': 'none-needed' }).waitFor();
    await page.close();
  });

  test.runIf(isEveryCard)('approving what needs care, and every other kind of card', async () => {
    await call(dapp, 'vault_disconnect');
    const careful = ['network.token', 'xmtp.v3.archive'] as const;
    await start(dapp, 'again', 'vault_connect', {
      capabilities: ['identity', 'sign', 'xmtp.v3', 'messages.write', ...careful],
    });
    const connecting = await approvalWindow(browser);
    await byId(connecting, 'approval-approve').waitFor();
    await connecting.bringToFront();
    for (const one of careful) await pressOn(connecting, `approval-capability-${one}`, 'Space');
    await approveWithKeys(connecting);
    expect((await answerOf(dapp, 'again')).result).toMatchObject({
      capabilities: expect.arrayContaining([...careful]),
    });
    const { identifier } = (await call(dapp, 'xmtp_v3_getIdentifier')).result as { identifier: string };
    const inboxId = inboxIdOf(identifier, 1);
    const timeMs = Math.floor(Date.now() / 1000) * 1000;
    const text = (fields: object) => buildIdentityText({ timeMs, inboxId, ...fields } as IdentityText);
    const made = { shape: 'create+grant', owner: identifier, installationId: '1'.repeat(64) };
    const revoked = { shape: 'revoke', installationIds: ['1'.repeat(64)] };
    const kinds: [kind: string, method: string, params: object][] = [
      ['token', 'xmtp_createAuthToken', { request: bytes('') }],
      ['v3', 'xmtp_v3_signIdentityText', { text: text(made) }],
      ['v3', 'xmtp_v3_signIdentityText', { text: text(revoked) }],
      ['archive', 'xmtp_v3_getArchiveKey', { inboxId }],
    ];
    for (const [kind, method, params] of kinds) {
      await start(dapp, method, method, params);
      const window = await approvalWindow(browser);
      await byId(window, 'approval', { 'data-kind': kind }).waitFor();
      await expectSaid(window, `approval, ${method}`);
      if (kind === 'token') await pressOn(window, 'approval-token-wanted', 'Space');
      if (await byId(window, 'typed-confirmation').isVisible())
        await typeInto(window, 'typed-confirmation', inboxId.slice(-4));
      await approveWithKeys(window);
      expect([method, (await answerOf(dapp, method)).error]).toEqual([method, undefined]);
    }
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
