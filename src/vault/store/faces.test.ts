// Where the wallet face is on, as it is stored: through restarts, and with what does not fit.
import { describe, expect, test } from 'vitest';
import { createTestBrowser, inStore } from '../testkit/vault.testkit';

const reason = (work: Promise<unknown>) => work.catch((error: { reason?: string }) => error.reason);

describe('the sites with the wallet face', () => {
  test('are none at first, and there after a restart as they were chosen last', async () => {
    const browser = createTestBrowser();
    const vault = browser.startWorker();
    expect(await vault.faces.list()).toEqual([]);
    await vault.faces.set('https://a.example', false);
    await vault.faces.set('http://localhost:3000', true);
    await vault.faces.set('https://a.example', true);
    const kept = [
      { origin: 'http://localhost:3000', standsIn: true },
      { origin: 'https://a.example', standsIn: true },
    ];
    expect(await browser.startWorker().faces.list()).toEqual(kept);
    await vault.faces.set('https://a.example', null);
    expect(await browser.startWorker().faces.list()).toEqual(kept.slice(0, 1));
  });

  test('are 100 at most, and nothing but origins', async () => {
    const vault = createTestBrowser().startWorker();
    expect(await reason(vault.faces.set('http://a.example', true))).toBe('invalid-input');
    expect(await reason(vault.faces.set('https://a.example/', true))).toBe('invalid-input');
    for (let at = 0; at < 100; at++) await vault.faces.set(`https://a${at}.example`, false);
    expect(await reason(vault.faces.set('https://b.example', false))).toBe('limit');
    await vault.faces.set('https://a0.example', true);
    expect(await vault.faces.list()).toHaveLength(100);
  });

  test.each([
    ['text', []],
    [[null, 7, { origin: 'http://evil.example', standsIn: true }, { origin: 'https://a.example' }], []],
    [[{ origin: 'https://a.example', standsIn: false, more: 1 }], [{ origin: 'https://a.example', standsIn: false }]],
  ])('%j is read as %j', async (stored, wanted) => {
    const browser = createTestBrowser();
    await browser.startWorker().ready();
    await inStore(browser.host.databaseName, 'settings', (store) => store.put(stored, 'faces'));
    expect(await browser.startWorker().faces.list()).toEqual(wanted);
  });
});
