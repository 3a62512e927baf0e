// The XMTP inboxes of an identity, from the site that asks to the page that shows them: cards approved in the approval window, then the vault page.
// Promises: one browser, one story; texts are made as an app makes them, and the page is read as a person reads it. Must not: call the worker itself.
import { createDecipheriv, scryptSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildIdentityText, type IdentityText } from '../src/protocol/inbox/identity-text';
import { inboxIdOf } from '../src/protocol/inbox/inbox-id';
import { addressOf, recoverWalletAddress } from '../src/protocol/base/ethereum';
import { getPublicKey } from '../src/protocol/base/secp256k1';
import { expectAccessible } from './kit/axe';
import { findSecrets, formsOf } from './kit/canary';
import { launchChromium, type Chromium } from './kit/chromium';
import type { ControlId, ControlState } from './kit/controls';
import { goodPassphrase } from './kit/flows';
import { enrolled } from './kit/internal';
import {
  answerOf,
  approvalWindow,
  approve,
  byId,
  call,
  connect,
  revived,
  serveSite,
  start,
  type Site,
} from './kit/journey';

let browser: Chromium;
let site: Site;
let dapp: Page;
let vault: Page;
let address: string;
let own: string;
let code: string;
const wallets = 'ab'.repeat(32);
const installation = (digit: string) => digit.repeat(64);

beforeAll(async () => {
  [browser, site] = await Promise.all([launchChromium(), serveSite()]);
  ({ code } = await enrolled(browser));
  dapp = await browser.context.newPage();
  await dapp.goto(site.origin);
});
afterAll(async () => {
  await browser?.close();
  await site?.close();
});

/** An app asks for a signature of this text: the card, once it is there. `fields` get the time of now. */
async function ask(slot: string, fields: Record<string, unknown>): Promise<{ card: Page; text: string }> {
  const timeMs = Math.floor(Date.now() / 1000) * 1000;
  const text = buildIdentityText({ timeMs, ...fields } as IdentityText);
  await start(dapp, slot, 'xmtp_v3_signIdentityText', { text });
  const card = await approvalWindow(browser);
  await byId(card, 'approval', { 'data-kind': 'v3' }).waitFor();
  return { card, text };
}

/** Who signed what came back. */
async function signerOf(slot: string, text: string): Promise<string> {
  const answer = await answerOf(dapp, slot);
  return recoverWalletAddress(text, revived<Uint8Array>(answer.result)).toLowerCase();
}

const at = (...control: [id: ControlId, state: ControlState]) => byId(vault, ...control).waitFor();
const inbox = (inboxId: string) => byId(vault, 'inbox', { 'data-inbox': inboxId });

/** The key in a keystore file, by node alone: another wallet's way in. */
function keyIn(text: string, passphrase: string): Uint8Array {
  const { crypto } = JSON.parse(text);
  const { n: N, r, p, dklen, salt } = crypto.kdfparams;
  const derived = scryptSync(passphrase, Buffer.from(salt, 'hex'), dklen, { N, r, p, maxmem: 2 ** 29 });
  const iv = Buffer.from(crypto.cipherparams.iv, 'hex');
  const cipher = createDecipheriv('aes-128-ctr', derived.subarray(0, 16), iv);
  return Uint8Array.from(Buffer.concat([cipher.update(crypto.ciphertext, 'hex'), cipher.final()]));
}

describe('XMTP inboxes', () => {
  test('before an app asks, the page says what an inbox key is for', async () => {
    vault = await browser.ownPage('vault');
    await byId(vault, 'identity-inboxes').click();
    await byId(vault, 'inboxes-empty').waitFor();
    await expectAccessible(vault, 'inboxes, empty');
  });

  test('an app makes an inbox, is let into another, and removes what it was given; each takes its card', async () => {
    await connect(browser, dapp, ['xmtp.v3'], 'until-revoked');
    const { result } = await call(dapp, 'xmtp_v3_getIdentifier');
    address = (result as { identifier: string }).identifier;
    own = inboxIdOf(address, 1);

    const made = await ask('made', {
      shape: 'create+grant',
      inboxId: own,
      owner: address,
      installationId: installation('1'),
    });
    await byId(made.card, 'approval-inbox', { 'data-standing': 'new' }).waitFor();
    await expectAccessible(made.card, 'card of a new inbox');
    await approve(made.card);
    expect(await signerOf('made', made.text)).toBe(address);

    const linked = await ask('linked', { shape: 'link', inboxId: wallets, address });
    // An inbox that nobody here knows is not approved before it is ticked.
    expect(await byId(linked.card, 'approval-approve').getAttribute('aria-disabled')).toBe('true');
    await byId(linked.card, 'approval-inbox-mine').check();
    await expectAccessible(linked.card, 'card of a link');
    await approve(linked.card);
    expect(await signerOf('linked', linked.text)).toBe(address);

    const revoked = await ask('revoked', { shape: 'revoke', inboxId: own, installationIds: [installation('1')] });
    await byId(revoked.card, 'typed-confirmation').fill(own.slice(-4));
    await approve(revoked.card);
    expect(await signerOf('revoked', revoked.text)).toBe(address);

    const again = await ask('again', { shape: 'grant', inboxId: own, installationId: installation('2') });
    await approve(again.card);
    expect(await signerOf('again', again.text)).toBe(address);
  });

  test('the page shows them without being opened anew', async () => {
    await at('inboxes', { 'data-inboxes': '2' });
    await at('inbox-key', { 'data-address': address });
    await inbox(own).and(vault.locator('[data-role="recovery"][data-apps="1"][data-changes="3"]')).waitFor();
    await inbox(wallets).and(vault.locator('[data-role="member"][data-apps="0"][data-changes="1"]')).waitFor();
    const app = byId(inbox(own), 'inbox-app');
    expect(await app.getAttribute('data-installation')).toBe(installation('2'));
    expect(await app.getAttribute('data-origin')).toBe(site.origin);
    await byId(inbox(own), 'inbox-texts').click();
    const shapes = await byId(inbox(own), 'inbox-text').evaluateAll((texts) =>
      texts.map((one) => one.getAttribute('data-shape')),
    );
    expect(shapes).toEqual(['create+grant', 'revoke', 'grant']);
    await byId(inbox(own), 'inbox-undo').click();
    await expectAccessible(vault, 'inboxes');
  });

  test('an inbox is named, its numbers are corrected, and wrong ones are told where they stand', async () => {
    await byId(inbox(own), 'inbox-rename').click();
    await byId(vault, 'inbox-name').fill('  My first inbox ');
    await byId(vault, 'inbox-name-save').click();
    await inbox(own).getByText('My first inbox').waitFor();
    // The keyboard goes on where the dialog was opened.
    expect(await byId(inbox(own), 'inbox-rename').evaluate((button) => button === document.activeElement)).toBe(true);

    await byId(inbox(own), 'inbox-correct').click();
    await byId(vault, 'inbox-count-apps').fill('four');
    await byId(vault, 'inbox-count-changes').fill('257');
    await byId(vault, 'inbox-count-save').click();
    await at('inbox-count-apps', { 'aria-invalid': 'true' });
    await at('inbox-count-changes', { 'aria-invalid': 'true' });
    await expectAccessible(vault, 'correcting an inbox');
    await byId(vault, 'inbox-count-apps').fill('4');
    await byId(vault, 'inbox-count-changes').fill('40');
    await byId(vault, 'inbox-count-save').click();
    await at('inbox', { 'data-inbox': own, 'data-apps': '4', 'data-changes': '40', 'data-said': 'true' });
  });

  test('recovery is marked, which lets its removals be asked for, and an inbox from elsewhere is added', async () => {
    await byId(inbox(wallets), 'inbox-recovery').check();
    await at('inbox', { 'data-inbox': wallets, 'data-role': 'recovery' });
    const unlink = await ask('unlink', { shape: 'unlink', inboxId: wallets, address: `0x${'12'.repeat(20)}` });
    await byId(unlink.card, 'typed-confirmation').fill(wallets.slice(-4));
    await approve(unlink.card);
    expect(await signerOf('unlink', unlink.text)).toBe(address);

    await byId(vault, 'inbox-add').click();
    await byId(vault, 'inbox-id').fill('0x1234');
    await at('inbox-id', { 'aria-invalid': 'true' });
    await byId(vault, 'inbox-id').fill(` 0x${'CD'.repeat(32)} `);
    await byId(vault, 'inbox-name').fill('From a friend');
    await byId(vault, 'inbox-name-save').click();
    await at('inbox', { 'data-inbox': 'cd'.repeat(32), 'data-standing': 'named-here', 'data-role': 'unknown' });
  });

  test('another inbox key is made after its trap was explained, and apps are given it', async () => {
    await byId(vault, 'inbox-new-key').click();
    await expectAccessible(vault, 'another inbox key');
    await byId(vault, 'task-leave').click();
    await byId(vault, 'inboxes').waitFor();
    await expect.poll(() => byId(vault, 'inboxes').evaluate((page) => page === document.activeElement)).toBe(true);
    await byId(vault, 'inbox-new-key').click();
    await byId(vault, 'inbox-new-confirm').click();
    await byId(vault, 'inboxes-done').waitFor();
    const { result } = await call(dapp, 'xmtp_v3_getIdentifier');
    const { identifier } = result as { identifier: string };
    expect(identifier).not.toBe(address);
    await at('inbox-key', { 'data-address': identifier });
    await byId(vault, 'inbox-keys-earlier').click();
    await at('inbox-key', { 'data-address': address });
    await vault.reload();
    await at('inbox-key', { 'data-address': identifier });
  });

  test('R-B9 a key is exported, after a proof and a typed end, as a file that opens elsewhere; the page never has the key', async () => {
    const said: string[] = [];
    vault.on('console', (message) => said.push(message.text()));
    await byId(byId(vault, 'inbox-key', { 'data-address': address }), 'inbox-export').waitFor({ state: 'attached' });
    await byId(vault, 'inbox-keys-earlier').click();
    await byId(byId(vault, 'inbox-key', { 'data-address': address }), 'inbox-export').click();
    await at('inbox-export-task', { 'data-step': '1' });
    await expectAccessible(vault, 'exporting a key, proof');
    await byId(vault, 'secret-way-recovery-code').click();
    await byId(vault, 'recovery-code').fill(code);
    await byId(vault, 'secret-submit').click();
    await at('inbox-export-task', { 'data-step': '2' });
    await byId(vault, 'passphrase-new').fill('password1234');
    await byId(vault, 'passphrase-again').fill('password1234');
    await at('inbox-export-save', { 'aria-disabled': 'true' });
    await byId(vault, 'typed-confirmation').fill(address.slice(-4));
    await byId(vault, 'inbox-export-save').click();
    await at('passphrase-new', { 'aria-invalid': 'true' });
    await byId(vault, 'passphrase-new').fill(goodPassphrase);
    await byId(vault, 'passphrase-again').fill(goodPassphrase);
    await expectAccessible(vault, 'exporting a key, passphrase');
    const download = vault.waitForEvent('download');
    await byId(vault, 'inbox-export-save').click();
    const name = (await download).suggestedFilename();
    expect(name.startsWith('UTC--') && name.endsWith(`--${address.slice(2)}`)).toBe(true);
    const file = readFileSync(await (await download).path());
    await byId(vault, 'inbox-exported').waitFor();
    const secret = keyIn(file.toString('utf8'), goodPassphrase);
    expect(addressOf(getPublicKey(secret)).toLowerCase()).toBe(address);
    const page = await vault.evaluate(
      () => document.documentElement.outerHTML + JSON.stringify(Object.entries(localStorage)),
    );
    const forms = formsOf([{ name: 'inbox key', bytes: secret }]);
    expect(
      findSecrets(forms, [
        ['page', page],
        ['console', said.join()],
        ['file', file],
      ]),
    ).toEqual([]);
    await byId(vault, 'inbox-export-done').click();
    await byId(vault, 'inboxes').waitFor();
  });

  test('no site can ask for it', async () => {
    for (const method of ['inbox_exportKey', 'xmtp_v3_exportKey']) {
      const { error } = await call(dapp, method, { address });
      expect(error?.code).toBe(4200);
    }
  });
});
