// An update: the package of an earlier version (e2e/fixtures) runs over the profile it made; then today's package starts in its place.
// Then the earlier package once more, as after a downgrade by hand.
// Promises: the same browser, the same stores; what the person had is there, and opens. Must not: look at words of a page.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { VaultState } from '../src/contract/pages/identity';
import { earlierProfile } from '../src/vault/testkit/earlier-versions.testkit';
import { note, sizeOf } from '../scripts/campaign/size';
import { forgetWorkers, launchChromium, type Chromium } from './kit/chromium';
import { detailsOf } from './kit/flows';
import { internalClient } from './kit/internal';
import { everythingStored, fillStores } from './kit/stores';

const version = '0.1.0';
const profile = earlierProfile(version);
const { safeId, account } = profile;
const folder = mkdtempSync(path.join(tmpdir(), 'prekey-vault-update-'));
const extensionOf = (name: string) => path.join(folder, name, 'test-chrome');
let userData: string;
let browser: Chromium | undefined;

afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

describe.each(Array.from({ length: sizeOf('updates', 'runs') }, (_, run) => run))('run %i', () => {
  test(`R-G5: an update from ${version} keeps the identity, locked, and every way to open it`, async () => {
    userData = mkdtempSync(path.join(folder, 'profile-'));
    mkdirSync(path.join(folder, version), { recursive: true });
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

  test('R-G5 R-B7: what was under way goes on: the grants of then and no other, a rotation that was half published, and a log', async () => {
    const vault = await internalClient(browser!, 'vault');
    const before = profile.database['grants']!.map(({ origin }) => origin as string);
    const grants = await vault.call<{ origin: string; duration: string }[]>('grants_list', {});
    // Those until a lock ended with the browser that they were given in; the one of blind signatures alone is no grant any more.
    expect(grants.length).toBeGreaterThan(0);
    for (const { origin, duration } of grants) {
      expect(before).toContain(origin);
      expect(duration).not.toBe('until-locked');
    }
    expect(await vault.call('rotation_get', { safeId })).toMatchObject({
      pending: { stage: 'copied', canCancel: false },
    });
    // Requests wait in storage.session, which no update survives: none is there, so none can be approved.
    const popup = await internalClient(browser!, 'popup');
    expect(await popup.call('approvals_list', {})).toEqual([]);
  });

  test(`R-H7: a downgrade to ${version} refuses and changes nothing; today's package opens it again`, async () => {
    const stored = async () => {
      const { database, local } = await everythingStored(browser!, await browser!.ownPage('popup'));
      return { database: { ...database, sessionKeys: [] }, local };
    };
    const vault = await internalClient(browser!, 'vault');
    await vault.call('lock_now', {});
    const before = await stored();
    await browser!.close();

    forgetWorkers(userData);
    browser = await launchChromium({ extension: extensionOf(version), profile: userData });
    const earlier = await internalClient(browser, 'unlock');
    expect(await earlier.call('state_get', {})).toMatchObject({ status: 'damaged', identities: [] });
    await expect(earlier.call('unlock_withRecoveryCode', { safeId, code: profile.code })).rejects.toMatchObject({
      reason: 'storage-failed',
    });
    expect(await stored()).toEqual(before);
    await browser.close();

    forgetWorkers(userData);
    browser = await launchChromium({ profile: userData });
    const unlock = await internalClient(browser, 'unlock');
    await unlock.call('unlock_withRecoveryCode', { safeId, code: profile.code });
    expect((await detailsOf(await internalClient(browser, 'vault'), safeId)).prekeys).toHaveLength(3);
    await browser.close();
    rmSync(userData, { recursive: true, force: true });
    note('updates', 'runs', 1);
  });
});
