// The ways wallets sign, refuse, hang and vanish, through the real onboarding and unlock pages.
// Promises: every personality ends in an identity or in words and a way on; nothing half-made remains; a wallet is asked once per press.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Page } from 'playwright';
import { testAccounts } from '../demo/wallet/accounts';
import type { Personality } from '../demo/wallet/personalities';
import type { EnrolmentState } from '../src/contract/pages/enrolment';
import type { IdentityDetails } from '../src/contract/pages/identity';
import type { UnlockRequest } from '../src/contract/pages/unlock';
import { launchChromium, walletId, type Chromium } from './kit/chromium';
import { enrolThrough, internalClient, signatureOf, stateThrough, type Internal } from './kit/internal';
import { byId, finishWithCode, giveSignatures, growing, startEnrolment, until } from './kit/journey';
import { filmOf, pictureOf, readOffScreen } from './kit/phone';
import { everythingStored } from './kit/stores';

const [account, other] = testAccounts() as [ReturnType<typeof testAccounts>[0], ReturnType<typeof testAccounts>[0]];
const hex = (value: Uint8Array) => `0x${Buffer.from(value).toString('hex')}`;

let browser: Chromium;
let onboarding: Internal;
let vault: Internal;
let folder: string;
/** What the camera sees from when it is opened next. */
let film: string;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'camera-'));
  film = path.join(folder, 'film.y4m');
  writeFileSync(film, filmOf());
  browser = await launchChromium({
    switches: ['--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${film}`],
  });
  onboarding = await internalClient(browser, 'onboarding');
  vault = await internalClient(browser, 'vault');
});
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});
afterEach(async () => {
  await browser.wallet({ personality: 'deterministic-v27', accountIndex: 0 });
  for (const part of ['/onboarding/', '/unlock/']) for (const page of browser.pagesWith(part)) await page.close();
  for (const { safeId, status } of (await stateThrough(vault)).identities) {
    if (status === 'enrolling') await onboarding.call('enrol_discard', { safeId });
    else await vault.call('identity_forget', { safeId, typed: account.address });
  }
});

const become = (personality: Personality) => browser.wallet({ personality });
const signaturesAsked = async () =>
  (await browser.walletLog()).filter(({ method }) => method === 'personal_sign').length;
const failure = (page: Page, reason: string) => byId(page, 'failure', { 'data-reason': reason });

/** Nothing of a safe is anywhere: not a header, not a record, not a session. */
async function expectNothingKept(): Promise<void> {
  expect((await stateThrough(vault)).status).toBe('empty');
  const { database, local, session } = await everythingStored(browser, vault.page);
  for (const name of ['headers', 'records', 'grants', 'activity', 'sessionKeys'])
    expect([name, database[name]]).toEqual([name, []]);
  expect(Object.keys(local).filter((key) => key.startsWith('safe:'))).toEqual([]);
  expect(Object.keys(session).filter((key) => key.startsWith('session:'))).toEqual([]);
}

async function unlockPage(): Promise<Page> {
  await vault.call('lock_now', {});
  return browser.ownPage('unlock');
}

async function unlockedBy(page: Page): Promise<void> {
  await byId(page, 'wallet-sign').click();
  await byId(page, 'unlock-done').waitFor();
  expect((await stateThrough(vault)).status).toBe('unlocked');
}

describe('an enrolment that is finished in another tab meanwhile', () => {
  test('the next press in this one leads to what is there, and says no error', async () => {
    const page = await startEnrolment(browser);
    await enrolThrough(onboarding, account);
    await byId(page, 'wallet-sign').click();
    await byId(page, 'onboarding-ready').waitFor();
    expect(await byId(page, 'failure').count()).toBe(0);
  });
});

describe('R-E1 a wallet that signs differently each time', () => {
  test('is refused at enrolment with the explanation, and nothing half-made remains', async () => {
    await become('random-k');
    const page = await startEnrolment(browser);
    await byId(page, 'wallet-sign').click();
    const told = byId(page, 'onboarding-unsteady');
    await told.waitFor();
    expect(await told.getAttribute('data-reason')).toBe('unsteady-wallet');
    expect((await told.innerText()).length).toBeGreaterThan(100);
    await expectNothingKept();
    await byId(page, 'unsteady-restart').click();
    await byId(page, 'wallet-continue').waitFor();
  });

  test('cannot open a safe another wallet made, is told so, and the right one still can', async () => {
    await enrolThrough(onboarding, account);
    const page = await unlockPage();
    await become('random-k');
    await byId(page, 'wallet-sign').click();
    await failure(page, 'wrong-secret').waitFor();
    expect((await stateThrough(vault)).status).toBe('locked');
    await become('deterministic-v27');
    await unlockedBy(page);
  });
});

describe('R-E2 encodings of one signature', () => {
  const encodings = ['deterministic-v27', 'deterministic-v0', 'high-s'] as const;
  test.each(encodings)('a safe enrolled with %s is opened by all the others', async (enrolled) => {
    const { safeId } = await enrolThrough(onboarding, account, { personality: enrolled });
    const before = await vault.call<IdentityDetails>('identity_details', { safeId });
    for (const personality of encodings) {
      await become(personality);
      const page = await unlockPage();
      await unlockedBy(page);
      expect(await vault.call<IdentityDetails>('identity_details', { safeId })).toEqual(before);
      await page.close();
    }
  });
});

describe('R-E6 another account signs', () => {
  test('is told apart at enrolment, names the account, and the draft goes on with the right one', async () => {
    const page = await startEnrolment(browser);
    await become('wrong-account');
    await byId(page, 'wallet-sign').click();
    const told = failure(page, 'wrong-account');
    await told.waitFor();
    expect(await told.innerText()).toContain(other.address.slice(-4));
    const { database } = await everythingStored(browser, vault.page);
    expect(database['records']).toEqual([]);
    await become('deterministic-v27');
    await giveSignatures(page);
    await finishWithCode(page);
    expect((await stateThrough(vault)).identities).toMatchObject([{ account: account.address, status: 'unlocked' }]);
  });

  test('is told apart at unlock, and the right account opens the safe', async () => {
    await enrolThrough(onboarding, account);
    const page = await unlockPage();
    await become('wrong-account');
    await byId(page, 'wallet-sign').click();
    const told = failure(page, 'wrong-account');
    await told.waitFor();
    expect(await told.innerText()).toContain(other.address.slice(-4));
    expect((await stateThrough(vault)).status).toBe('locked');
    await become('deterministic-v27');
    await unlockedBy(page);
  });
});

describe('R-E4 a wallet that does not answer as hoped', () => {
  test('rejecting: said in words, one prompt per press, and the same step can be tried again', async () => {
    const page = await startEnrolment(browser);
    await become('rejecting');
    const before = await signaturesAsked();
    for (const presses of [1, 2]) {
      await byId(page, 'wallet-sign').click();
      await failure(page, 'wallet-rejected').waitFor();
      expect(await signaturesAsked()).toBe(before + presses);
    }
    await become('deterministic-v27');
    await giveSignatures(page);
  });

  test('hanging: Cancel ends the wait, one prompt per press, and trying again works, at enrolment and at unlock', async () => {
    const page = await startEnrolment(browser);
    await become('hanging');
    const before = await signaturesAsked();
    await byId(page, 'wallet-sign').click();
    await expect.poll(signaturesAsked).toBe(before + 1);
    await byId(page, 'progress-cancel').click();
    await byId(page, 'wallet-sign').waitFor();
    expect((await stateThrough(vault)).status).toBe('enrolling');
    await become('deterministic-v27');
    await giveSignatures(page);
    await finishWithCode(page);
    expect(await signaturesAsked()).toBe(before + 4);

    const unlock = await unlockPage();
    await become('hanging');
    await byId(unlock, 'wallet-sign').click();
    await expect.poll(signaturesAsked).toBe(before + 5);
    await byId(unlock, 'progress-cancel').click();
    await byId(unlock, 'wallet-sign').waitFor();
    await become('deterministic-v27');
    await unlockedBy(unlock);
  });

  test('unresponsive: connecting can be cancelled; at unlock the wait ends by itself and is told; nobody was prompted', async () => {
    const before = await signaturesAsked();
    await become('unresponsive');
    const page = await browser.ownPage('onboarding');
    await byId(page, 'way-alone').click();
    await byId(page, 'wallet-continue').waitFor();
    await byId(page, `wallet-${walletId}`).click();
    await byId(page, 'wallet-continue').click();
    await byId(page, 'progress-cancel').click();
    await byId(page, 'wallet-continue').waitFor();
    await expectNothingKept();
    await page.close();

    await enrolThrough(onboarding, account);
    const unlock = await unlockPage();
    await byId(unlock, 'wallet-sign').click();
    await failure(unlock, 'wallet-timeout').waitFor();
    expect(await signaturesAsked()).toBe(before);
    await become('deterministic-v27');
    await unlockedBy(unlock);
  });

  test('disconnecting at every second signature: each loss is told, and the enrolment is finished by trying again', async () => {
    const page = await startEnrolment(browser);
    await become('disconnecting');
    let losses = 0;
    const isDone = byId(page, 'code-groups');
    const isLost = failure(page, 'wallet-disconnected');
    while (!(await isDone.isVisible())) {
      await byId(page, 'wallet-sign').click();
      await byId(page, 'progress-cancel')
        .waitFor({ timeout: 1000 })
        .catch(() => undefined);
      await isDone.or(isLost).waitFor();
      if (await isLost.isVisible()) losses += 1;
    }
    expect(losses).toBeGreaterThan(0);
    await finishWithCode(page);
    expect((await stateThrough(vault)).identities).toHaveLength(1);
  });
});

describe('R-E4 a wallet as MetaMask is', () => {
  test('whose worker died idle: the press is answered once it has woken, each signature is asked for once', async () => {
    const page = await startEnrolment(browser);
    await become('asleep');
    const before = await signaturesAsked();
    await giveSignatures(page);
    await finishWithCode(page);
    expect(await signaturesAsked()).toBe(before + 3);
    expect((await stateThrough(vault)).identities).toHaveLength(1);
    const unlock = await unlockPage();
    await unlockedBy(unlock);
    expect(await signaturesAsked()).toBe(before + 4);
  });

  test('that talks of publicConfig: our page says nothing in its console', async () => {
    await become('talkative');
    const from = browser.console.length;
    await giveSignatures(await startEnrolment(browser));
    const ours = browser.console.slice(from).filter(({ source }) => source.includes('/onboarding/'));
    // The library greets in the console, once for each connection.
    expect(ours.map(({ text }) => text)).toEqual(['MetaMask: Connected to chain with ID "0x1".']);
  });

  test('that asks for its own password first: our page waits, and goes on with the same press', async () => {
    await enrolThrough(onboarding, account);
    const page = await unlockPage();
    await become('locked');
    const before = await signaturesAsked();
    await byId(page, 'wallet-sign').click();
    const password = await browser.nextPage('approval.html');
    expect(await byId(page, 'progress-cancel').isVisible()).toBe(true);
    await password.locator('#approve').click();
    await byId(page, 'unlock-done').waitFor();
    expect(await signaturesAsked()).toBe(before + 1);
  });

  test('that keeps what was stopped: Cancel says so, at a signature and at connecting', async () => {
    await enrolThrough(onboarding, account);
    const page = await unlockPage();
    await become('hanging');
    expect(await byId(page, 'wallet-stopped').count()).toBe(0);
    await byId(page, 'wallet-sign').click();
    await byId(page, 'progress-cancel').click();
    await byId(page, 'wallet-stopped').waitFor();
  });

  test('that is not there is not offered; once it is turned on, coming back to the page offers it', async () => {
    const turn = async (isOn: boolean) => {
      const extensions = await browser.context.newPage();
      await extensions.goto('chrome://extensions');
      await extensions.evaluate(
        ([id, on]) => chrome.management.setEnabled(id as string, on as boolean),
        [walletId, isOn],
      );
      await extensions.close();
    };
    const page = await browser.ownPage('onboarding');
    await byId(page, 'way-alone').click();
    await byId(page, `wallet-${walletId}`).waitFor();
    // MetaMask is in the list of known wallets, and in no browser of ours: it cannot be chosen, and it is said where it is installed.
    await byId(page, 'wallet-install').waitFor();
    const metaMaskId = 'nkbihfbeogaeaoehlefnkodbefgpgknn';
    await expect.poll(() => byId(page, `wallet-${metaMaskId}`).count()).toBe(0);
    await turn(false);
    await page.bringToFront();
    await byId(page, 'wallet-none-found').waitFor();
    expect(await byId(page, `wallet-${walletId}`).count()).toBe(0);
    await turn(true);
    // Its worker is there a moment later; a person comes back when it is.
    const patience = growing(1000);
    await until(async () => {
      await page.evaluate(() => window.dispatchEvent(new Event('focus')));
      return await byId(page, `wallet-${walletId}`)
        .waitFor({ timeout: patience() })
        .then(
          () => true,
          () => false,
        );
    }, 'the wallet to be offered');
    await byId(page, `wallet-${walletId}`).click();
    await byId(page, 'wallet-continue').click();
    await byId(page, 'account-choice').first().waitFor();
  });
});

describe('another wallet: texts and signatures are carried by hand', () => {
  const paste = async (page: Page, signature: string) => {
    await byId(page, 'carry-signature').fill(signature);
    await byId(page, 'carry-submit').click();
  };

  /** What the wallet on the phone signs: what its camera reads off the screen, a narrow one too. */
  async function scanned(page: Page): Promise<string> {
    const code = page.locator('svg.qr');
    if (!(await code.isVisible())) await byId(page, 'carry-qr').click();
    return readOffScreen(page, code);
  }
  const show = (page: Page, text: string) => byId(page, 'carry-picture').setInputFiles(pictureOf(text));

  test('R-E2 the exact text is shown, as a QR code too; signatures come back pasted and in pictures, wrong ones are told in words, and so is a camera that is not allowed; one that is reads the signature', async () => {
    const page = await browser.ownPage('onboarding');
    await page.setViewportSize({ width: 320, height: 640 });
    await byId(page, 'way-alone').click();
    await byId(page, 'wallet-manual').click();
    await byId(page, 'wallet-manual-meaning').waitFor();
    await byId(page, 'wallet-continue').click();
    await byId(page, 'account-address').fill(account.address);
    await byId(page, 'account-continue').click();
    await byId(page, 'carry-text').waitFor();
    const draft = (await stateThrough(vault)).identities[0]!.safeId;

    for (const count of [1, 2, 3] as const) {
      await byId(page, `signature-${count}`, { 'aria-current': 'step' }).waitFor();
      const { text } = await onboarding.call<EnrolmentState>('enrol_get', { safeId: draft });
      expect(await byId(page, 'carry-text').textContent()).toBe(text);
      const read = await scanned(page);
      expect(read).toBe(text);
      // As different tools give it back.
      const signature = hex(signatureOf(account.address, read, count === 2 ? 'deterministic-v0' : 'deterministic-v27'));
      if (count === 1) {
        await paste(page, 'hello');
        await failure(page, 'wallet-not-a-signature').waitFor();
        await paste(page, hex(signatureOf(other.address, text!)));
        await failure(page, 'wrong-account').waitFor();
        await paste(page, hex(signatureOf(account.address, `${text} `)));
        await failure(page, 'wrong-account').waitFor();
        expect((await everythingStored(browser, vault.page)).database['records']).toEqual([]);
        await paste(page, `{"address":"${account.address}","sig":"${signature}"}`);
      } else if (count === 2) {
        await byId(page, 'carry-picture').setInputFiles({
          name: 'code.png',
          mimeType: 'image/png',
          buffer: Buffer.from('not one'),
        });
        await failure(page, 'no-picture').waitFor();
        await byId(page, 'carry-picture').setInputFiles({
          name: 'dog.png',
          mimeType: 'image/png',
          buffer: await byId(page, 'carry-text').screenshot(),
        });
        await failure(page, 'no-code').waitFor();
        await show(page, read);
        await failure(page, 'wallet-not-a-signature').waitFor();
        await show(page, hex(signatureOf(other.address, read)));
        await failure(page, 'wrong-account').waitFor();
        await show(page, signature);
      } else {
        // There is a camera, and the browser asks nobody here: nothing is allowed that was not allowed before.
        await byId(page, 'carry-camera').click();
        await failure(page, 'camera-refused').waitFor();
        await paste(page, signature);
      }
    }
    await byId(page, 'code-groups').waitFor();
    await finishWithCode(page);

    const unlock = await unlockPage();
    const client = await internalClient(browser, 'unlock');
    const { text } = await client.call<UnlockRequest>('unlock_getText', { safeId: draft });
    expect(await scanned(unlock)).toBe(text);
    await paste(unlock, hex(signatureOf(other.address, text)));
    await failure(unlock, 'wrong-account').waitFor();
    expect((await stateThrough(vault)).status).toBe('locked');
    // The browser's own camera of tests shows a film: of a code that is no signature, which opens nothing, then of the signature.
    await browser.context.grantPermissions(['camera']);
    const before = async (seen: string) => {
      writeFileSync(film, filmOf(seen));
      await byId(unlock, 'carry-camera').click();
    };
    await before('https://site.example/not-a-signature');
    await byId(unlock, 'carry-camera-view', { 'data-on': 'true' }).waitFor();
    await byId(unlock, 'carry-camera-stop').click();
    await byId(unlock, 'carry-camera-view').waitFor({ state: 'detached' });
    expect((await stateThrough(vault)).status).toBe('locked');
    await before(hex(signatureOf(account.address, text, 'high-s')));
    await byId(unlock, 'unlock-done').waitFor();
    await browser.context.clearPermissions();
    expect((await stateThrough(vault)).status).toBe('unlocked');
  });
});
