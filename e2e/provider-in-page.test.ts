// The provider in honest pages: what they wrap it in and hand to it, pages that write over themselves, and an extension that goes away.
// Promises: the real ways of leaving (reloaded as for an update, turned off; removed in firefox/), while requests wait and the page listens; the real Vue.
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Page } from 'playwright';
import { extensionId, launchChromium, type Chromium } from './kit/chromium';
import { enrolled } from './kit/internal';
import {
  answerOf,
  approvalRecords,
  approvalWindow,
  approve,
  bytes,
  call,
  serveSite,
  start,
  until,
  type Site,
} from './kit/journey';

const account = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266';
const unreachable = { error: { code: 4900, message: 'Prekey Vault is not reachable. Reload the page.' } };

let browser: Chromium;
let site: Site;
let page: Page;

beforeAll(async () => {
  browser = await launchChromium();
  site = await serveSite({
    '/': '<!doctype html><title>site</title>',
    '/vue': `<!doctype html><title>vue</title><script>${readFileSync('node_modules/@vue/reactivity/dist/reactivity.global.prod.js', 'utf8')}</script>`,
  });
  await enrolled(browser);
});
afterAll(async () => {
  await browser?.close();
  await site?.close();
});
beforeEach(async () => {
  page = await browser.context.newPage();
  await page.goto(site.origin);
});
afterEach(async () => {
  await page.close();
});

/** Runs in the browser's own page of extensions, which may do what a person may do there. */
async function asPerson(expression: string): Promise<void> {
  const extensions = await browser.context.newPage();
  await extensions.goto('chrome://extensions');
  await extensions.evaluate(expression);
  await extensions.close();
}
const listen = (of: Page, type: string) =>
  of.evaluate((name) => {
    (window as any).heard = [];
    (window as any).prekeyVault.on(name, (data: unknown) => (window as any).heard.push(data));
  }, type);
const heard = (of: Page) => of.evaluate(() => (window as any).heard as unknown[]);
const waiting = async () => (await approvalRecords(browser)).filter(({ state }) => state === 'waiting').length;
const waitsForAPerson = (count: number) =>
  until(async () => (await waiting()) === count, `${count} requests that wait for a person`);

describe.sequential('what pages do with the provider', () => {
  test('R-A8 behind proxies, with what stands behind proxies: Vue, a wrapper of members, and parameters of both', async () => {
    await page.goto(`${site.origin}/vue`);
    const answers = await page.evaluate(async () => {
      const { VueReactivity: vue, prekeyVault } = window as any;
      const wrapper = new Proxy(prekeyVault, {
        get: (target, name) =>
          typeof target[name] === 'function' ? (...args: unknown[]) => target[name](...args) : target[name],
      });
      const state = vue.reactive({
        vault: prekeyVault,
        request: { method: 'vault_connect', params: { capabilities: ['everything'] } },
      });
      const codes = [];
      for (const vault of [
        prekeyVault,
        new Proxy(prekeyVault, {}),
        wrapper,
        state.vault,
        vue.readonly({ vault: prekeyVault }).vault,
      ]) {
        codes.push(
          await vault.request(vue.reactive({ method: 'vault_accounts' })).then((accounts: unknown) => accounts),
        );
        // It reached the worker, which refused what it says, not how it came.
        codes.push(await vault.request(state.request).catch((error: any) => error.data));
        const listener = () => undefined;
        vault.on('disconnect', listener).removeListener('disconnect', listener);
      }
      return codes;
    });
    expect(answers).toEqual(Array.from({ length: 5 }, () => [[], { field: 'capabilities.0' }]).flat());
  });

  test('R-B8 of a view into a large buffer only the view leaves the page', async () => {
    const sent = await page.evaluate(async () => {
      const seen: number[] = [];
      performance.addEventListener('prekeyvault:request', (event) => {
        const { payload } = (event as CustomEvent).detail.params ?? {};
        if (payload) seen.push(payload.buffer.byteLength);
      });
      const memory = new ArrayBuffer(2 ** 30);
      const code = await (window as any).prekeyVault
        .request({ method: 'vault_sign', params: { payload: new Uint8Array(memory, 64, 32), purpose: '' } })
        .catch((error: any) => error.code);
      return [code, seen];
    });
    expect(sent).toEqual([-32602, [32]]);
  });

  test('errors take what a library adds to them', async () => {
    const error = await page.evaluate(() =>
      (window as any).prekeyVault
        .request({ method: 'vault_sign' })
        .catch((thrown: Error & { code: number; data: unknown }) => {
          'use strict';
          const { code } = thrown;
          const { code: changed, name } = Object.assign(thrown, { code: 1, data: 2, name: 'Mine', message: 'mine' });
          return [code, changed, name, thrown.data, thrown.message];
        }),
    );
    expect(error).toEqual([-32602, 1, 'Mine', 2, 'mine']);
  });
});

describe.sequential('a page that empties itself', () => {
  /** What a page writes over itself: its script finds the provider by events alone, and asks at once. */
  const written = `<!doctype html><title>written</title><script>
    window.announced = 0;
    addEventListener('prekeyvault:announceProvider', ({ detail }) => { if (detail.provider === prekeyVault) announced++; });
    window.first = prekeyVault.request({ method: 'vault_getCapabilities' }).then(() => 'answered', ({ code }) => code);
  </script>`;
  const empty = (of: Page, text: string) =>
    of.evaluate((body) => {
      document.open();
      document.write(body);
      document.close();
    }, text);

  test('R-A8 document.open: what waits is answered, what the new text asks at once too, events go on, and the provider is announced again', async () => {
    await listen(page, 'accountsChanged');
    await start(page, 'waits', 'vault_connect', { capabilities: ['sign'], duration: '1d' });
    await waitsForAPerson(1);
    await empty(page, written);
    expect(await page.title()).toBe('written');
    expect(await page.evaluate(() => (window as any).first as Promise<unknown>)).toBe('answered');
    await approve(await approvalWindow(browser));
    expect((await answerOf(page, 'waits')).result).toMatchObject({ account });
    await expect.poll(() => heard(page)).toEqual([[account]]);
    expect(await page.evaluate(() => (window as any).announced as number)).toBeGreaterThan(0);
    const found = await page.evaluate(() => {
      let count = 0;
      addEventListener('prekeyvault:announceProvider', () => count++);
      dispatchEvent(new Event('prekeyvault:requestProvider'));
      return count;
    });
    expect(found).toBe(1);

    // Again and again, with a decision made between the old text and the new.
    for (const round of [1, 2, 3]) {
      await start(page, 'signs', 'vault_sign', { payload: bytes(`round ${round}`), purpose: 'Written over' });
      await waitsForAPerson(1);
      await empty(page, '');
      await approve(await approvalWindow(browser));
      expect((await answerOf(page, 'signs')).result, `round ${round}`).toMatchObject({
        signed: { purpose: 'Written over' },
      });
      expect(await call(page, 'vault_accounts')).toEqual({ result: [account] });
    }
    await call(page, 'vault_disconnect');
    await expect.poll(() => heard(page)).toEqual([[account], []]);
  });
});

describe.sequential('the extension leaves a page that asked', () => {
  const isBack = () =>
    until(
      () => page.goto(site.origin).then(() => page.evaluate(() => 'prekeyVault' in window)),
      'the extension to be back',
    );
  const turnOn = () => asPerson(`chrome.management.setEnabled('${extensionId}', true)`);
  const ways: [name: string, leave: () => Promise<void>, back: () => Promise<void>][] = [
    ['is turned off', () => asPerson(`chrome.management.setEnabled('${extensionId}', false)`), turnOn],
    [
      'reloads itself, as for an update',
      async () => {
        const worker = browser.context.serviceWorkers().find((one) => one.url().includes(extensionId))!;
        // The worker does not live to answer.
        await worker.evaluate(() => void setTimeout(() => chrome.runtime.reload()));
      },
      // Without developer mode the browser leaves an unpacked extension turned off afterwards.
      turnOn,
    ],
  ];
  for (const [name, leave, back] of ways)
    test(`it ${name}: what waits and what is asked next ends with 4900, and who listens hears disconnect`, async () => {
      await listen(page, 'disconnect');
      await start(page, 'waits', 'vault_connect', { capabilities: ['sign'] });
      await start(page, 'waits too', 'vault_connect', { capabilities: ['identity'] });
      await waitsForAPerson(2);
      await leave();
      expect(await answerOf(page, 'waits')).toEqual(unreachable);
      expect(await answerOf(page, 'waits too')).toEqual(unreachable);
      await expect.poll(() => heard(page)).toEqual([unreachable.error]);
      expect(await call(page, 'vault_accounts')).toEqual(unreachable);
      expect(await heard(page)).toHaveLength(1);
      await back();
      await isBack();
    });
});
