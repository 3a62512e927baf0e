// The journey in Firefox: enrol with a wallet, connect, sign, verify offline; and the event page stopped while a request waits.
// Promises the built packages, real clicks, and a verification outside of the browser.
// Must not: repeat what the Chromium journeys prove of the vault itself; this is about the other browser.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { serveDapp } from '../../demo/dapp/serve.mjs';
import { testAccounts } from '../../demo/wallet/accounts';
import { startNode } from '../../demo/node/node';
import { vaultSignatureFromJson, verifyVaultSignature, type VaultSignature } from '../../src/sdk/index';
import { launchFirefox, vaultId, walletId, type Firefox } from './browser';
import { waitUntil, type Page } from './page';

const account = testAccounts()[0]!.address;
let firefox: Firefox;
let site: { url: string; close(): Promise<void> };
let dapp: Page;
let origin: string;

beforeAll(async () => {
  site = await serveDapp();
  origin = new URL(site.url).origin;
  firefox = await launchFirefox();
});

afterAll(async () => {
  await firefox?.close();
  await site?.close();
});

/** Waits until Approve is armed in the window on top, and presses it. */
async function approve(kind: 'connect' | 'sign'): Promise<void> {
  const window = await firefox.nextPage('/approval/');
  expect(
    await window.until(
      'the origin of the request',
      () => document.querySelector<HTMLElement>('[data-testid=approval-origin]')?.dataset.origin,
    ),
  ).toBe(origin);
  expect(await window.evaluate(() => document.querySelector<HTMLElement>('[data-testid=approval]')?.dataset.kind)).toBe(
    kind,
  );
  // A card that is longer than its window is read to its end first.
  await window.until('the end of the card is on the screen', () => {
    document.querySelector<HTMLElement>('[data-testid=approval-read-on]')?.click();
    return document.querySelector('[data-testid=approval-approve]')?.matches('[data-seen=true]');
  });
  await window.click('approval-approve');
}

/** The answer that the dapp shows, read as any server would read it. */
async function shownAnswer(purpose: string): Promise<VaultSignature> {
  const json = await dapp.until(
    `the answer for ${purpose}`,
    (wanted: string) => {
      const text = document.querySelector('[data-testid=dapp-json]')?.textContent ?? '';
      return text.includes(JSON.stringify(wanted)) && text;
    },
    purpose,
  );
  return vaultSignatureFromJson(json as string);
}

test('enrols with the wallet, in three signatures and a recovery code', async () => {
  // The extension opened it when it was installed.
  const page = await firefox.nextPage('/onboarding/');
  await page.click('way-alone');
  await page.click(`wallet-${walletId}`);
  await page.click('wallet-continue');
  await page.click('account-choice');
  await page.type('account-name', 'Ada');
  await page.click('account-continue');
  // One press for all three.
  await page.click('wallet-sign');
  await page.waitFor('code-groups');
  const groups = await page.evaluate(() =>
    [...document.querySelectorAll('[data-testid=code-groups] .group')].map((group) => group.textContent ?? ''),
  );
  expect(groups).toHaveLength(8);
  await page.click('code-written');
  for (const testId of ['code-typed-1', 'code-typed-2'] as const) {
    await page.waitFor(testId);
    const number = await page.evaluate(
      (id) =>
        Number(
          /\d+/.exec(
            document.querySelector<HTMLInputElement>(`[data-testid=${id}]`)?.labels?.[0]?.textContent ?? '',
          )?.[0],
        ),
      testId,
    );
    await page.type(testId, groups[number - 1]!);
  }
  await page.waitFor('onboarding-ready');

  const signatures = (await firefox.walletLog()).filter(({ method }) => method === 'personal_sign');
  expect(signatures).toHaveLength(3);
  await page.close();
});

test('connects a page after approval', async () => {
  dapp = await firefox.newPage(site.url);
  await dapp.click('dapp-connect');
  await approve('connect');
  await dapp.waitFor('dapp-accounts');
  expect(await dapp.text('dapp-accounts')).toContain(account);
});

test('signs after approval, and the answer verifies outside of the browser', async () => {
  await dapp.type('dapp-purpose', 'first');
  await dapp.type('dapp-payload', 'Grüße, 🦊');
  await dapp.click('dapp-sign');
  await approve('sign');
  const answer = await shownAnswer('first');
  const verified = verifyVaultSignature(answer, {
    account,
    origin,
    payload: 'Grüße, 🦊',
    purpose: 'first',
    maxAgeMs: 60_000,
  });
  expect(verified.account).toBe(account);
  expect(await dapp.has('dapp-verify-ok')).toBe(true);
});

test('what computes on the curve is the core', async () => {
  const page = await firefox.ownPage('popup');
  await page.until('the core', async () => (await chrome.storage.session.get('test:curve'))['test:curve'] === 'core');
  await page.close();
});

test('R-G2 a request that waits outlives the event page, and is answered when the person approves', async () => {
  await dapp.type('dapp-purpose', 'second');
  await dapp.click('dapp-sign');
  const window = await firefox.nextPage('/approval/');
  await window.waitFor('approval-approve');
  const before = await firefox.eventPage();
  await firefox.killEventPage();
  await approve('sign');
  verifyVaultSignature(await shownAnswer('second'), { account, origin, purpose: 'second', maxAgeMs: 60_000 });
  const after = await firefox.eventPage();
  expect(before).toBeDefined();
  expect(after).toBeDefined();
  expect(after).not.toBe(before);
  // Exactly one window for it, and it is gone.
  expect(await firefox.pagesWith('/approval/')).toEqual([]);
});

test('R-G2 a granted request starts a stopped event page, and its grant still holds', async () => {
  await firefox.killEventPage();
  expect(await firefox.eventPage()).toBeUndefined();
  await dapp.click('dapp-bundle');
  await dapp.waitFor('dapp-bundle-result');
});

test('R-G4 an idle event page stops by itself, though the dapp still listens', async () => {
  // The browser's own clock for this, 30 s, made shorter.
  const setting = 'extensions.background.idle.timeout';
  await firefox.asBrowser('Services.prefs.setIntPref(arguments[0], 1000)', setting);
  try {
    // An event page keeps the clock that it started with.
    await firefox.killEventPage();
    await dapp.click('dapp-bundle');
    await waitUntil('the event page to start', () => firefox.eventPage());
    await waitUntil('the event page to stop', async () => (await firefox.eventPage()) === undefined);
  } finally {
    await firefox.asBrowser('Services.prefs.clearUserPref(arguments[0])', setting);
  }
});

test('locking ends the grant at once; asking again means to unlock, and then to approve', async () => {
  const popup = await firefox.ownPage('popup');
  await popup.click('popup-lock-now');
  await dapp.until('the accounts to go', () => document.querySelector('[data-testid=dapp-accounts]') === null);
  await popup.close();

  // Without a grant it is a stranger again: no unlock page comes by itself.
  await dapp.click('dapp-connect');
  const card = await firefox.nextPage('/approval/');
  await card.click('approval-unlock');
  const unlock = await firefox.nextPage('/unlock/');
  await unlock.click('wallet-sign');
  await approve('connect');
  await dapp.waitFor('dapp-accounts');
  expect(await dapp.text('dapp-accounts')).toContain(account);
});

test('R-B4 what cannot be cloned is refused in the page, and hostile frames get no answer', async () => {
  const refusals = await dapp.evaluate(async () => {
    const { prekeyVault } = window as unknown as { prekeyVault: { request(args: unknown): Promise<unknown> } };
    const bad = [
      () => 1,
      { deep: [Symbol('s')] },
      new Proxy(
        {},
        {
          ownKeys: () => {
            throw new Error('trap');
          },
        },
      ),
      Promise.resolve(),
    ];
    return await Promise.all(
      bad.map((params) =>
        prekeyVault.request({ method: 'vault_accounts', params }).catch((error: { code: number }) => error.code),
      ),
    );
  });
  expect(refusals).toEqual([-32602, -32602, -32602, -32602]);
  const accounts = await dapp.evaluate(async () => {
    for (const detail of [
      null,
      5,
      'x',
      {},
      { key: 1, method: 'vault_sign', params: () => 1 },
      { key: {}, method: Symbol('s') },
    ])
      performance.dispatchEvent(new CustomEvent('prekeyvault:request', { detail }));
    const { prekeyVault } = window as unknown as { prekeyVault: { request(args: unknown): Promise<unknown> } };
    return await prekeyVault.request({ method: 'vault_accounts' });
  });
  expect(accounts).toEqual([account]);
  expect(await firefox.pagesWith('/approval/')).toEqual([]);
});

/** A page that listens, waits for a person, and keeps what it hears. */
async function waitingPage(): Promise<Page> {
  const page = await firefox.newPage(site.url);
  await page.evaluate(() => {
    const { prekeyVault } = window as unknown as {
      prekeyVault: {
        request(args: unknown): Promise<unknown>;
        on(type: string, listener: (data: unknown) => void): void;
      };
    };
    const kept = ((window as any).kept = { heard: [] as unknown[], waits: undefined as unknown });
    prekeyVault.on('disconnect', (data) => kept.heard.push(data));
    prekeyVault.request({ method: 'vault_connect', params: { capabilities: ['messages.read'] } }).then(
      () => (kept.waits = 'answered'),
      (error: { code: number }) => (kept.waits = error.code),
    );
  });
  // Answered, so what was asked before it has reached the worker.
  expect(await callIn(page)).toBe('answered');
  return page;
}
const callIn = (page: Page) =>
  page.evaluate(
    () =>
      (window as any).prekeyVault.request({ method: 'vault_getCapabilities' }).then(
        () => 'answered',
        (error: { code: number }) => error.code,
      ) as Promise<unknown>,
  );

test('R-A8 document.open: what waits is decided, what is asked next is answered, and the provider is found by events', async () => {
  const page = await waitingPage();
  const seen = await page.evaluate(async () => {
    document.open();
    document.write('<!doctype html><title>written</title>');
    const first = (window as any).prekeyVault.request({ method: 'vault_getCapabilities' }).then(
      () => 'answered',
      (error: { code: number }) => error.code,
    );
    document.close();
    await Promise.resolve();
    let found = 0;
    addEventListener('prekeyvault:announceProvider', () => found++);
    dispatchEvent(new Event('prekeyvault:requestProvider'));
    return [document.title, await first, found];
  });
  expect(seen).toEqual(['written', 'answered', 1]);
  await (await firefox.nextPage('/approval/')).click('approval-reject');
  expect(await page.until('the decision', () => (window as any).kept.waits as unknown)).toBe(4001);
  await page.close();
});

/** Gives or takes what the person would have answered to the browser's question, which automation cannot press. */
const dataCollection = (act: 'add' | 'remove') =>
  firefox.asBrowser(
    `const [id, act] = arguments; const { ExtensionPermissions } = ChromeUtils.importESModule('resource://gre/modules/ExtensionPermissions.sys.mjs');
    const { extension } = WebExtensionPolicy.getByID(id);
    const permissions = { permissions: [], origins: [], data_collection: ['authenticationInfo', 'personalCommunications', 'personallyIdentifyingInfo'] };
    return ExtensionPermissions[act](id, permissions, extension);`,
    vaultId,
    act,
  );

test('R-J2 a node is asked nothing before Firefox was told that data may be sent, nor after that was taken back', async () => {
  const node = await startNode();
  let asked = 0;
  node.faults.push(() => {
    asked += 1;
    return undefined;
  });
  const page = await firefox.ownPage('vault');
  const check = () =>
    page.evaluate(
      (url) =>
        new Promise<unknown>((resolve) => {
          const port = chrome.runtime.connect();
          port.onMessage.addListener((message: { hello?: unknown; id?: number; error?: { reason: string } }) => {
            if ('hello' in message)
              port.postMessage({ id: 1, method: 'network_check', params: { name: 'custom', url } });
            if (message.id !== 1) return;
            port.disconnect();
            resolve(message.error?.reason ?? 'answers');
          });
        }),
      node.url,
    );
  try {
    expect(await check()).toBe('no-network');
    expect(asked).toBe(0);
    await dataCollection('add');
    expect(await check()).toBe('answers');
    expect(asked).toBeGreaterThan(0);
    await dataCollection('remove');
    expect(await check()).toBe('no-network');
  } finally {
    await page.close();
    await node.close();
  }
});

test('nothing was uncaught, in the page, the extension or the wallet', async () => {
  const errors = async () => (await firefox.reports()).filter(({ isWarning }) => !isWarning);
  expect(await errors()).toEqual([]);
  // The same look finds an error where there is one.
  await dapp.evaluate(() => reportError(new Error(`planted in ${location.origin}`)));
  expect((await errors()).map(({ text }) => text)).toEqual([`Error: planted in ${origin}`]);
});

test.each(['reload', 'disable', 'uninstall'])(
  'the extension goes (%s): what waits and what is asked next ends with 4900, and who listens hears disconnect',
  async (way) => {
    const page = await waitingPage();
    const change = (how: string) =>
      firefox.asBrowser(
        // Not waited for: the window that this runs in may be one of the extension's.
        `const [id, how] = arguments; const { AddonManager } = ChromeUtils.importESModule('resource://gre/modules/AddonManager.sys.mjs'); void AddonManager.getAddonByID(id).then((addon) => addon[how]());`,
        vaultId,
        how,
      );
    await change(way);
    expect(await page.until('the end of what waited', () => (window as any).kept.waits as unknown)).toBe(4900);
    expect(await page.until('the news', () => ((window as any).kept.heard as { code: number }[])[0]?.code)).toBe(4900);
    if (way !== 'reload') expect(await callIn(page)).toBe(4900);
    if (way === 'disable') await change('enable');
    if (way !== 'uninstall')
      // Firefox gives open pages the scripts of an extension that comes back.
      await page.until(
        'the extension to be back',
        () =>
          (window as any).prekeyVault.request({ method: 'vault_getCapabilities' }).then(
            () => true,
            () => false,
          ) as unknown as boolean,
      );
    expect(await page.evaluate(() => (window as any).kept.heard.length as number)).toBe(1);
    await page.close();
    // The one that was planted above. Of windows that lost their extension the browser itself complains; those are not looked at.
    expect(
      (await firefox.reports()).filter(({ source, isWarning }) => !isWarning && source.startsWith(origin)),
    ).toHaveLength(1);
  },
);
