// An update: the package of an earlier version (e2e/fixtures) runs over the profile it made; then today's package starts in its place.
// Promises: the same browser, the same stores; what the person had is there, and opens. Must not: look at words of a page.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { VaultState } from '../src/contract/pages/identity';
import { earlierProfile } from '../src/vault/testkit/earlier-versions.testkit';
import { forgetWorkers, launchChromium, type Chromium } from './kit/chromium';
import { detailsOf } from './kit/flows';
import { internalClient } from './kit/internal';
import { fillStores } from './kit/stores';

const version = '0.1.0';
const profile = earlierProfile(version);
const { safeId, account } = profile;
const folder = mkdtempSync(path.join(tmpdir(), 'prekey-vault-update-'));
const extensionOf = (name: string) => path.join(folder, name, 'test-chrome');
const userData = mkdtempSync(path.join(tmpdir(), 'prekey-vault-update-profile-'));
let browser: Chromium | undefined;

afterAll(async () => {
  await browser?.close();
  for (const one of [folder, userData]) rmSync(one, { recursive: true, force: true });
});

test(`R-G5: an update from ${version} keeps the identity, locked, and every way to open it`, async () => {
  mkdirSync(path.join(folder, version));
  execFileSync('tar', [
    '-xzf',
    path.join(import.meta.dirname, 'fixtures', version, 'test-chrome.tar.gz'),
    '-C',
    path.join(folder, version),
  ]);
  browser = await launchChromium({ extension: extensionOf(version), profile: userData });
  const before = await browser.ownPage('popup');
  await before.locator('[data-testid="popup"][data-status="empty"]').waitFor();
  await fillStores(before, profile);
  await browser.close();

  forgetWorkers(userData);
  browser = await launchChromium({ profile: userData });
  const unlock = await internalClient(browser, 'unlock');
  const vault = await internalClient(browser, 'vault');
  expect(await vault.call<VaultState>('state_get', {})).toMatchObject({
    status: 'locked',
    identities: [{ safeId, account, name: 'Ada' }],
  });
  await unlock.call('unlock_withRecoveryCode', { safeId, code: profile.code });
  // By its present name: the worker is today's, not the one of before that a browser might have kept.
  expect((await detailsOf(vault, safeId)).prekeys).toHaveLength(3);
  await vault.call('lock_now', {});
  await unlock.call('unlock_withPassphrase', { safeId, passphrase: profile.passphrase });
  expect((await detailsOf(vault, safeId)).slots).toHaveLength(3);
});
