// Muted and blocked sites: what is kept, for how long, and what else a block touches.
import 'fake-indexeddb/auto';
import { describe, expect, test } from 'vitest';
import { mostQuietSites, muteMs } from '../../contract/limits';
import { createTestBrowser } from '../testkit/vault.testkit';

async function started() {
  const browser = createTestBrowser();
  const vault = browser.startWorker();
  await vault.ready();
  return { ...browser, vault };
}

const site = (count: number) => `https://site-${count}.example`;

describe('quiet sites', () => {
  test('a mute ends by itself after ten minutes, to the millisecond, and no clock put back makes it longer', async () => {
    const browser = await started();
    const { quiet } = browser.vault;
    await quiet.set(site(1), 'muted');
    expect(quiet.list()).toMatchObject([{ origin: site(1), quiet: 'muted' }]);
    browser.clock.nowMs += muteMs - 1;
    expect(quiet.of(site(1))).toBe('muted');
    browser.clock.nowMs += 1;
    expect(quiet.of(site(1))).toBeUndefined();
    expect(quiet.list()).toEqual([]);
    await quiet.set(site(1), 'muted');
    browser.clock.nowMs -= 1;
    expect(quiet.of(site(1))).toBeUndefined();
  });

  test('R-B7 a block and a mute outlive the worker and the browser, and are undone by the person only', async () => {
    const browser = await started();
    await browser.vault.quiet.set(site(1), 'blocked');
    await browser.vault.quiet.set(site(2), 'muted');
    const later = await browser.restart();
    await later.ready();
    expect(later.quiet.list().map(({ origin, quiet }) => [origin, quiet])).toEqual([
      [site(2), 'muted'],
      [site(1), 'blocked'],
    ]);
    await later.quiet.set(site(1), undefined);
    expect(later.quiet.of(site(1))).toBeUndefined();
    const last = browser.startWorker();
    await last.ready();
    expect(last.quiet.of(site(1))).toBeUndefined();
  });

  test('a site that is blocked stays blocked when it is muted as well', async () => {
    const { quiet } = (await started()).vault;
    await quiet.set(site(1), 'blocked');
    await quiet.set(site(1), 'muted');
    expect(quiet.of(site(1))).toBe('blocked');
    await quiet.set(site(1), undefined);
    expect(quiet.of(site(1))).toBeUndefined();
  });

  test('there is a bound, beyond which nothing changes; what is no site is refused', async () => {
    const browser = await started();
    const { quiet } = browser.vault;
    for (let count = 0; count < mostQuietSites; count++) await quiet.set(site(count), 'blocked');
    await expect(quiet.set(site(mostQuietSites), 'blocked')).rejects.toMatchObject({ reason: 'limit' });
    expect(quiet.of(site(mostQuietSites))).toBeUndefined();
    await quiet.set(site(0), 'muted');
    expect(quiet.list()).toHaveLength(mostQuietSites);
    await quiet.set(site(0), undefined);
    await expect(quiet.set('null', 'blocked')).rejects.toMatchObject({ reason: 'invalid-input' });
  });
});
