// One identity's pages, pressed as a person does: ways to open, keys, network, backup; then the unlock page, a card and the popup.
// Promises: one browser, one story; every control is found by its data-testid; what the page says is done is read again from the page.
// Must not: call the worker itself.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Locator, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { failWith } from '../demo/node/faults';
import { startNode, type TestNode } from '../demo/node/node';
import { extensionId, launchChromium, type Chromium } from './kit/chromium';
import type { ControlId, ControlState } from './kit/controls';
import { goodPassphrase } from './kit/flows';
import { enrolled } from './kit/internal';
import { answerOf, approvalWindow, byId, bytes, pressApprove, serveSite, start, until, type Site } from './kit/journey';

let browser: Chromium;
let site: Site;
let node: TestNode;
let vault: Page;
let code: string;
const folder = mkdtempSync(path.join(tmpdir(), 'prekey-vault-files-'));

beforeAll(async () => {
  [browser, site, node] = await Promise.all([launchChromium(), serveSite(), startNode()]);
  ({ code } = await enrolled(browser));
  vault = await browser.ownPage('vault');
});
afterAll(async () => {
  await browser?.close();
  await site?.close();
  await node?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Gives one of the three secrets to the form that asks for it. */
async function openWith(kind: 'wallet' | 'recovery-code' | 'passphrase'): Promise<void> {
  const way = byId(vault, `secret-way-${kind}`);
  await byId(vault, 'secret-form').waitFor();
  if (await way.isVisible()) await way.click();
  await byId(vault, 'secret-form', { 'data-kind': kind }).waitFor();
  if (kind === 'wallet') return byId(vault, 'wallet-sign').click();
  await byId(vault, kind).fill(kind === 'passphrase' ? goodPassphrase : code);
  return byId(vault, 'secret-submit').click();
}

async function typeNewPassphrase(text: string): Promise<void> {
  await byId(vault, 'passphrase-new').fill(text);
  await byId(vault, 'passphrase-again').fill(text);
}

const slotButton = (kind: string, button: ControlId) => byId(byId(vault, 'slot', { 'data-kind': kind }), button);
/** A button that is off is pressed all the same, as keyboard and mouse can. */
const pressOff = (button: Locator) => button.and(vault.locator('[aria-disabled="true"]')).click({ force: true });
const slotKinds = () => byId(vault, 'slot').evaluateAll((slots) => slots.map((slot) => slot.getAttribute('data-kind')));
const at = (...control: [id: ControlId, state: ControlState]) => byId(vault, ...control).waitFor();

describe('one identity on the vault page', () => {
  test('a way is tried, and the last two cannot be removed', async () => {
    await byId(vault, 'identity-access').click();
    await slotButton('wallet', 'slot-try').click();
    await openWith('wallet');
    await byId(vault, 'slots-done').waitFor();
    await pressOff(slotButton('wallet', 'slot-remove'));
    expect(await byId(vault, 'slot-remove-task').count()).toBe(0);
    await expect.poll(slotKinds).toEqual(['wallet', 'recovery-code']);
  });

  test('a passphrase is added: a wrong proof and a weak one are told where they are typed', async () => {
    await byId(vault, 'slot-add-passphrase').click();
    await byId(vault, 'secret-way-recovery-code').click();
    await byId(vault, 'recovery-code').fill('AAAA');
    await byId(vault, 'secret-submit').click();
    await byId(vault, 'failure').waitFor();
    await openWith('recovery-code');
    await typeNewPassphrase('password1234');
    await byId(vault, 'slot-passphrase-add').click();
    await byId(vault, 'passphrase-new', { 'aria-invalid': 'true' }).waitFor();
    // Known to the lists that only the page loads, and to them alone; a paste that is too long is not cut.
    await typeNewPassphrase('sunshinedragon');
    await byId(vault, 'passphrase-verdict', { 'data-verdict': 'common' }).waitFor();
    await byId(vault, 'slot-passphrase-add').click();
    await byId(vault, 'passphrase-new', { 'aria-invalid': 'true' }).waitFor();
    await typeNewPassphrase('ridge copper onion flute '.repeat(14));
    await byId(vault, 'passphrase-new', { 'aria-invalid': 'true' }).waitFor();
    expect((await byId(vault, 'passphrase-new').inputValue()).length).toBe(350);
    await pressOff(byId(vault, 'slot-passphrase-add'));
    await typeNewPassphrase(goodPassphrase);
    await byId(vault, 'passphrase-verdict', { 'data-verdict': 'hard' }).waitFor();
    await byId(vault, 'slot-passphrase-add').click();
    await byId(vault, 'slots-done').waitFor();
    await expect.poll(slotKinds).toEqual(['wallet', 'passphrase', 'recovery-code']);
  });

  test('R-H6 a new recovery code takes the place of the old one after every other way was opened', async () => {
    const before = code;
    await byId(vault, 'slot-replace').click();
    const groups = byId(vault, 'code-groups').locator('.group');
    await groups.nth(7).waitFor();
    const fresh = await groups.allInnerTexts();
    await byId(vault, 'code-written').click();
    for (const one of [1, 2] as const) {
      const field = byId(vault, `code-typed-${one}`);
      const label = await field.evaluate((input: HTMLInputElement) => input.labels?.[0]?.textContent ?? '');
      await field.fill(fresh[Number(/\d+/.exec(label)![0]) - 1]!.toLowerCase());
    }
    await byId(vault, 'code-fits').click();
    await openWith('wallet');
    await openWith('passphrase');
    await byId(vault, 'slots-done').waitFor();
    code = fresh.join('-');
    await slotButton('recovery-code', 'slot-try').click();
    await byId(vault, 'recovery-code').fill(before);
    await byId(vault, 'secret-submit').click();
    await at('failure', { 'data-reason': 'wrong-code' });
    await openWith('recovery-code');
    await byId(vault, 'slots-done').waitFor();
  });

  test('the wallet is removed and added again', async () => {
    await slotButton('wallet', 'slot-remove').click();
    await byId(vault, 'slot-remove-begin').click();
    await openWith('passphrase');
    await openWith('recovery-code');
    await byId(vault, 'slots-done').waitFor();
    await expect.poll(slotKinds).toEqual(['passphrase', 'recovery-code']);
    await byId(vault, 'slot-add-wallet').click();
    await openWith('passphrase');
    for (const step of ['2', '3']) {
      await at('slot-wallet', { 'data-step': step });
      await byId(vault, 'wallet-sign').click();
    }
    await byId(vault, 'slots-done').waitFor();
    await expect.poll(slotKinds).toEqual(['wallet', 'passphrase', 'recovery-code']);
  });

  test('the prekey is renewed without a network, and its policy is kept', async () => {
    await byId(vault, 'identity-tab-keys').click();
    await byId(vault, 'rotation-now').click();
    await byId(vault, 'rotation-confirm').click();
    await byId(vault, 'rotation-done').waitFor();
    await expect.poll(() => byId(vault, 'identity-prekeys').locator('li').count()).toBe(2);
    await byId(vault, 'rotation-policy').selectOption('90');
    await at('rotation', { 'data-every': '90', 'data-pending': 'none' });
  });

  test('R-I2 a network is set, the public keys are published, and a copy is called saved after a second signature', async () => {
    await byId(vault, 'identity-tab-network').click();
    await byId(vault, 'network-custom').click();
    await byId(vault, 'network-address').fill(node.url);
    await byId(vault, 'network-use').click();
    await byId(vault, 'contact-publish').click();
    await at('network', { 'data-contact': 'true', 'data-copy': 'none' });
    await byId(vault, 'copy-begin').click();
    await byId(vault, 'copy-agree').check();
    await byId(vault, 'copy-continue').click();
    await byId(vault, 'wallet-sign').click();
    await at('network-copy', { 'data-stage': 'prove' });
    await byId(vault, 'wallet-sign').click();
    await at('network-copy', { 'data-stage': 'saved' });
    await byId(vault, 'copy-back').click();
    await at('network', { 'data-copy': 'saved' });
    await byId(vault, 'history-read').click();
    await at('history', { 'data-phase': 'done' });
    await byId(vault, 'network-look-again').click();
    await at('network-look', { 'data-found': 'ours' });
  });

  test('a renewal that the node refuses says why, and is taken back', async () => {
    await byId(vault, 'identity-tab-keys').click();
    node.faults.push(failWith(503, 14));
    await byId(vault, 'rotation-now').click();
    // There is a copy, so other apps may have the keys: it cannot be begun before the person said that they know.
    await pressOff(byId(vault, 'rotation-confirm'));
    expect(await byId(vault, 'rotation-task').count()).toBe(1);
    await byId(vault, 'rotation-known').check();
    await byId(vault, 'rotation-confirm').click();
    await byId(vault, 'rotation-reason').waitFor();
    node.faults.length = 0;
    await byId(vault, 'rotation-take-back').click();
    await at('rotation', { 'data-pending': 'none' });
    await expect.poll(() => byId(vault, 'identity-prekeys').locator('li').count()).toBe(2);
  });

  test('a backup is saved as a file and checked', async () => {
    await byId(vault, 'identity-tab-backup').click();
    await at('backup', { 'data-reminder': 'none' });
    await byId(vault, 'backup-export').click();
    await openWith('wallet');
    await typeNewPassphrase(goodPassphrase);
    const download = vault.waitForEvent('download');
    await byId(vault, 'backup-protect').click();
    const file = path.join(folder, (await download).suggestedFilename());
    await (await download).saveAs(file);
    await byId(vault, 'backup-check-now').click();
    await byId(vault, 'file-choose').setInputFiles(file);
    await byId(vault, 'passphrase').fill('another passphrase');
    await byId(vault, 'file-submit').click();
    await at('failure', { 'data-reason': 'wrong-passphrase' });
    await byId(vault, 'passphrase').fill(goodPassphrase);
    await byId(vault, 'file-submit').click();
    await at('backup-verdict', { 'data-verdict': 'good' });
    await byId(vault, 'check-done').click();
    await at('backup', { 'data-reminder': 'none-needed' });
  });

  test('a pass for the network is asked for on a card of its own, each time, and only where the person ticked it', async () => {
    const page = await browser.context.newPage();
    await page.goto(`${site.origin}/`);
    await start(page, 'connect', 'vault_connect', { capabilities: ['identity', 'network.token'] });
    const first = await approvalWindow(browser);
    expect(await byId(first, 'approval-capability-network.token').isChecked()).toBe(false);
    await byId(first, 'approval-capability-network.token').check();
    await pressApprove(first);
    expect(await answerOf(page, 'connect')).toHaveProperty('result');
    await until(() => browser.pagesWith('/approval/').length === 0, 'the window is closed');
    for (const name of ['first', 'second']) {
      await start(page, name, 'xmtp_createAuthToken', { request: bytes(new Uint8Array()) });
      const card = await approvalWindow(browser);
      await byId(card, 'approval-token-wanted').check();
      await pressApprove(card);
      expect(await answerOf(page, name)).toHaveProperty('result');
      await until(() => browser.pagesWith('/approval/').length === 0, 'the window is closed');
    }
    await page.close();
  });

  test('another language: open pages speak it at once and keep what was typed, new ones never show another first', async () => {
    const wordsOf = (locale: string) =>
      JSON.parse(
        readFileSync(path.resolve(import.meta.dirname, `../public/_locales/${locale}/messages.json`), 'utf8'),
      ) as Record<string, { message: string }>;
    const [english, arabic] = [wordsOf('en'), wordsOf('ar')];
    const other = await browser.ownPage('vault');
    await byId(other, 'identity-rename').click();
    await byId(other, 'rename-name').fill('half a na');
    await byId(vault, 'vault-nav-settings').click();
    await byId(vault, 'settings-language-ar').check();
    for (const page of [vault, other]) {
      await page.locator('html[lang="ar"][dir="rtl"]').waitFor({ state: 'attached' });
      await expect.poll(() => page.title()).toBe(arabic['titleVault']?.message);
    }
    expect(await vault.locator('h1').innerText()).toBe(arabic['settings']?.message);
    expect(await byId(other, 'rename-cancel').innerText()).toBe(arabic['cancel']?.message);
    expect(await byId(other, 'rename-name').inputValue()).toBe('half a na');
    await other.close();
    const popup = await browser.context.newPage();
    await popup.addInitScript(() => {
      const shown = ((globalThis as any).shown = [] as string[]);
      new MutationObserver(() => shown.push(document.getElementById('page')?.innerText ?? '')).observe(document, {
        childList: true,
        subtree: true,
      });
    });
    await popup.goto(vault.url().replace(/\/vault\/.*/, '/popup/index.html'));
    await byId(popup, 'popup-lock-now').waitFor();
    const shown = (await popup.evaluate(() => (globalThis as any).shown)) as string[];
    expect(shown.at(-1)).toContain(arabic['lockNow']?.message);
    expect(shown.filter((text) => text.includes(english['lockNow']!.message))).toEqual([]);
    await popup.close();
    await byId(vault, 'settings-language-system').check();
    await vault.locator('html[lang="en"][dir="ltr"]').waitFor({ state: 'attached' });
    expect(await vault.locator('h1').innerText()).toBe(english['settings']?.message);
  });

  test('the popup’s button that locks never moves, from its first drawing to its last', async () => {
    const popup = await browser.context.newPage();
    await popup.addInitScript(() => {
      const places = ((globalThis as any).places = new Set<number>());
      const look = () => {
        const button = document.querySelector('[data-testid="popup-lock-now"]');
        if (button) places.add(Math.round(button.getBoundingClientRect().top));
      };
      new MutationObserver(look).observe(document, { childList: true, subtree: true, attributes: true });
    });
    await popup.goto(vault.url().replace(/\/vault\/.*/, '/popup/index.html'));
    // What comes last, and above the button.
    await byId(popup, 'popup-site').waitFor();
    expect(await popup.evaluate(() => [...(globalThis as any).places])).toHaveLength(1);
    await popup.close();
  });

  test('R-E7 a passkey is made and opens the safe before all others; what goes wrong with it is told, and it goes without counting', async () => {
    await vault.bringToFront();
    await byId(vault, 'vault-nav-identities').click();
    await byId(vault, 'identity-access').click();
    await byId(vault, 'slot').first().waitFor();
    const kinds = await slotKinds();
    const authenticators = async () => {
      const cdp = await browser.context.newCDPSession(vault);
      await cdp.send('WebAuthn.enable');
      return {
        /** Each test of what fails has an authenticator of its own: one that could not verify its person is blocked from then on. */
        async plug(change: { hasPrf?: boolean; isUserVerified?: boolean } = {}): Promise<string> {
          const options = {
            protocol: 'ctap2',
            ctap2Version: 'ctap2_1',
            transport: 'internal',
            hasResidentKey: true,
            hasUserVerification: true,
            isUserVerified: true,
            hasPrf: true,
            automaticPresenceSimulation: true,
            ...change,
          } as const;
          return (await cdp.send('WebAuthn.addVirtualAuthenticator', { options })).authenticatorId;
        },
        unplug: (authenticatorId: string) => cdp.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId }),
        origins: async (authenticatorId: string) =>
          (await cdp.send('WebAuthn.getCredentials', { authenticatorId })).credentials.map(({ rpId }) => rpId),
      };
    };
    const failed = (reason: string) => at('failure', { 'data-reason': reason });

    const here = await authenticators();
    await byId(vault, 'slot-add-passkey').click();
    await openWith('passphrase');
    for (const [lacks, reason] of [
      [{ hasPrf: false }, 'passkey-unfit'],
      [{ isUserVerified: false }, 'passkey-not-made'],
    ] as const) {
      const authenticator = await here.plug(lacks);
      await byId(vault, 'slot-passkey-make').click();
      await failed(reason);
      await here.unplug(authenticator);
    }
    const authenticator = await here.plug();
    await byId(vault, 'slot-passkey-make').click();
    await byId(vault, 'slots-done').waitFor();
    expect(await slotKinds()).toEqual([...kinds, 'passkey']);
    // Bound to the extension: no site is its origin.
    expect(await here.origins(authenticator)).toEqual([`chrome-extension://${extensionId}`]);
    await slotButton('passkey', 'slot-try').click();
    await byId(vault, 'passkey-ask').click();
    await byId(vault, 'slots-done').waitFor();

    // The unlock page, in the tab that has the authenticator.
    await byId(vault, 'vault-nav-identities').click();
    await byId(vault, 'identity-lock').click();
    await at('identity', { 'data-status': 'locked' });
    await vault.goto(vault.url().replace('/vault/', '/unlock/').replace(/#.*/, ''));
    await at('unlock-way-passkey', { 'aria-pressed': 'true' });
    await byId(vault, 'passkey-ask').click();
    await byId(vault, 'unlock-done').waitFor();
    await until(() => vault.isClosed(), 'the page to close');

    // Another tab has none, and then one without this passkey: as after it was deleted, or on another device.
    vault = await browser.ownPage('vault');
    await vault.bringToFront();
    await byId(vault, 'identity-access').click();
    const elsewhere = await authenticators();
    await slotButton('passkey', 'slot-try').click();
    await byId(vault, 'passkey-ask').click();
    await byId(vault, 'progress-cancel').click();
    await elsewhere.plug();
    await byId(vault, 'passkey-ask').click();
    await failed('passkey-refused');
    await byId(vault, 'task-leave').click();
    // The others open the safe, and the passkey goes with their help alone.
    await slotButton('passkey', 'slot-remove').click();
    await byId(vault, 'slot-remove-begin').click();
    for (const kind of kinds) await openWith(kind as Parameters<typeof openWith>[0]);
    await byId(vault, 'slots-done').waitFor();
    expect(await slotKinds()).toEqual(kinds);
  });

  test('the passphrase unlocks, and the popup has nothing to say', async () => {
    await byId(vault, 'vault-nav-identities').click();
    await byId(vault, 'identity-lock').click();
    await byId(vault, 'identity-unlock').click();
    const unlock = await browser.nextPage('/unlock/');
    await byId(unlock, 'unlock-way-passphrase').click();
    await byId(unlock, 'passphrase').fill('another passphrase');
    await byId(unlock, 'secret-submit').click();
    await byId(unlock, 'failure').waitFor();
    await byId(unlock, 'passphrase').fill(goodPassphrase);
    await byId(unlock, 'secret-submit').click();
    await at('identity', { 'data-status': 'unlocked' });
    const popup = await browser.ownPage('popup');
    await byId(popup, 'popup-identity', { 'data-status': 'unlocked' }).waitFor();
    expect(await byId(popup, 'popup-note').count()).toBe(0);
    expect(
      browser.console.filter(
        ({ source, text }) => source.startsWith('chrome-extension:') && /error|violat|uncaught/i.test(text),
      ),
    ).toEqual([]);
  });
});
