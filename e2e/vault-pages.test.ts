// One identity's pages, pressed as a person does: ways to open, keys, network, backup; then the unlock page, a card and the popup.
// Promises: one browser, one story; every control is found by its data-testid; what the page says is done is read again from the page.
// Must not: call the worker itself.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Locator, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { failWith } from '../demo/node/faults';
import { startNode, type TestNode } from '../demo/node/node';
import { launchChromium, type Chromium } from './kit/chromium';
import { goodPassphrase } from './kit/flows';
import { answerOf, approvalWindow, byId, bytes, enrol, pressApprove, serveSite, start, until, type Site } from './kit/journey';

let browser: Chromium;
let site: Site;
let node: TestNode;
let vault: Page;
let code: string;
const folder = mkdtempSync(path.join(tmpdir(), 'prekey-vault-files-'));

beforeAll(async () => {
  [browser, site, node] = await Promise.all([launchChromium(), serveSite(), startNode()]);
  ({ code } = await enrol(browser));
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
  await vault.locator(`[data-testid="secret-form"][data-kind="${kind}"]`).waitFor();
  if (kind === 'wallet') return byId(vault, 'wallet-sign').click();
  await byId(vault, kind).fill(kind === 'passphrase' ? goodPassphrase : code);
  return byId(vault, 'secret-submit').click();
}

async function typeNewPassphrase(text: string): Promise<void> {
  await byId(vault, 'passphrase-new').fill(text);
  await byId(vault, 'passphrase-again').fill(text);
}

const slotButton = (kind: string, button: string) => vault.locator(`[data-testid="slot"][data-kind="${kind}"] [data-testid="${button}"]`);
/** A button that is off is pressed all the same, as keyboard and mouse can. */
const pressOff = (button: Locator) => button.and(vault.locator('[aria-disabled="true"]')).click({ force: true });
const slotKinds = () => byId(vault, 'slot').evaluateAll((slots) => slots.map((slot) => slot.getAttribute('data-kind')));
const at = (testId: string, state: Record<string, string>) =>
  vault.locator(`[data-testid="${testId}"]${Object.entries(state).map(([name, value]) => `[data-${name}="${value}"]`).join('')}`).waitFor();

describe('one identity on the vault page', () => {
  test('a way is tried, and the last two cannot be removed', async () => {
    await byId(vault, 'identity-access').click();
    await slotButton('wallet', 'slot-try').click();
    await openWith('wallet');
    await byId(vault, 'slots-done').waitFor();
    await pressOff(slotButton('wallet', 'slot-remove'));
    expect(await byId(vault, 'slot-remove-task').count()).toBe(0);
    expect(await slotKinds()).toEqual(['wallet', 'recovery-code']);
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
    await vault.locator('[data-testid="passphrase-new"][aria-invalid="true"]').waitFor();
    await typeNewPassphrase(goodPassphrase);
    await byId(vault, 'slot-passphrase-add').click();
    await byId(vault, 'slots-done').waitFor();
    expect(await slotKinds()).toEqual(['wallet', 'passphrase', 'recovery-code']);
  });

  test('R-H6 a new recovery code takes the place of the old one after every other way was opened', async () => {
    const before = code;
    await byId(vault, 'slot-replace').click();
    const groups = byId(vault, 'code-groups').locator('.group');
    await groups.nth(7).waitFor();
    const fresh = await groups.allInnerTexts();
    await byId(vault, 'code-written').click();
    for (const one of [1, 2]) {
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
    await at('failure', { reason: 'wrong-code' });
    await openWith('recovery-code');
    await byId(vault, 'slots-done').waitFor();
  });

  test('the wallet is removed and added again', async () => {
    await slotButton('wallet', 'slot-remove').click();
    await byId(vault, 'slot-remove-begin').click();
    await openWith('passphrase');
    await openWith('recovery-code');
    await byId(vault, 'slots-done').waitFor();
    expect(await slotKinds()).toEqual(['passphrase', 'recovery-code']);
    await byId(vault, 'slot-add-wallet').click();
    await openWith('passphrase');
    for (const step of ['2', '3']) {
      await at('slot-wallet', { step });
      await byId(vault, 'wallet-sign').click();
    }
    await byId(vault, 'slots-done').waitFor();
    expect(await slotKinds()).toEqual(['wallet', 'passphrase', 'recovery-code']);
  });

  test('the prekey is renewed without a network, and its policy is kept', async () => {
    await byId(vault, 'identity-tab-keys').click();
    await byId(vault, 'rotation-now').click();
    await byId(vault, 'rotation-confirm').click();
    await byId(vault, 'rotation-done').waitFor();
    expect(await byId(vault, 'identity-prekeys').locator('li').count()).toBe(2);
    await byId(vault, 'rotation-policy').selectOption('90');
    await at('rotation', { every: '90', pending: 'none' });
  });

  test('R-I2 a network is set, the public keys are published, and a copy is called saved after a second signature', async () => {
    await byId(vault, 'identity-tab-network').click();
    await byId(vault, 'network-custom').click();
    await byId(vault, 'network-address').fill(node.url);
    await byId(vault, 'network-use').click();
    await byId(vault, 'contact-publish').click();
    await at('network', { contact: 'true', copy: 'none' });
    await byId(vault, 'copy-begin').click();
    await byId(vault, 'copy-agree').check();
    await byId(vault, 'copy-continue').click();
    await byId(vault, 'wallet-sign').click();
    await at('network-copy', { stage: 'prove' });
    await byId(vault, 'wallet-sign').click();
    await at('network-copy', { stage: 'saved' });
    await byId(vault, 'copy-back').click();
    await at('network', { copy: 'saved' });
    await byId(vault, 'history-read').click();
    await at('history', { phase: 'done' });
    await byId(vault, 'network-look-again').click();
    await at('network-look', { found: 'ours' });
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
    await at('rotation', { pending: 'none' });
    expect(await byId(vault, 'identity-prekeys').locator('li').count()).toBe(2);
  });

  test('a backup is saved as a file and checked', async () => {
    await byId(vault, 'identity-tab-backup').click();
    await at('backup', { reminder: 'none' });
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
    await at('failure', { reason: 'wrong-passphrase' });
    await byId(vault, 'passphrase').fill(goodPassphrase);
    await byId(vault, 'file-submit').click();
    await at('backup-verdict', { verdict: 'good' });
    await byId(vault, 'check-done').click();
    await at('backup', { reminder: 'none-needed' });
  });

  test('a blind signature can be approved on its card', async () => {
    const page = await browser.context.newPage();
    await page.goto(`${site.origin}/`);
    await start(page, 'connect', 'vault_connect', { capabilities: ['identity', 'sign.digest'] });
    const first = await approvalWindow(browser);
    await byId(first, 'approval-capability-sign.digest').check();
    await pressApprove(first);
    expect(await answerOf(page, 'connect')).toHaveProperty('result');
    await until(() => browser.pagesWith('/approval/').length === 0, 'the window is closed');
    const request = Uint8Array.of(0x0a, 32, ...new Uint8Array(32).fill(7), 0x18, 0);
    await start(page, 'digest', 'xmtp_signDigest', { request: bytes(request) });
    const second = await approvalWindow(browser);
    await byId(second, 'approval-digest-known').check();
    await pressApprove(second);
    expect(await answerOf(page, 'digest')).toHaveProperty('result');
    await page.close();
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
    await at('identity', { status: 'unlocked' });
    const popup = await browser.ownPage('popup');
    await popup.locator('[data-testid="popup-identity"][data-status="unlocked"]').waitFor();
    expect(await byId(popup, 'popup-note').count()).toBe(0);
    expect(browser.console.filter(({ source, text }) => source.startsWith('chrome-extension:') && /error|violat|uncaught/i.test(text))).toEqual([]);
  });
});
