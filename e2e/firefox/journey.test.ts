// The journey in Firefox: enrol with a wallet, connect, sign, verify offline; and the event page stopped while a request waits.
// Promises the built packages, real clicks, and a verification outside of the browser.
// Must not: repeat what the Chromium journeys prove of the vault itself; this is about the other browser.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { serveDapp } from '../../demo/dapp/serve.mjs';
import { testAccounts } from '../../demo/wallet/accounts';
import { startNode } from '../../demo/node/node';
import type { VaultSignature } from '../../src/sdk/index';
import { vaultSignatureFromJson, verifyVaultSignature } from '../../src/sdk/verify/index';
import { note, sizeOf } from '../../scripts/campaign/size';
import { methods } from '../../src/contract/dapp/methods';
import type { ShownCard } from '../../src/contract/pages/approvals';
import { decodeSignedPublicKeyBundle } from '../../src/protocol/keys/bundles';
import { decodeConversations } from '../../src/protocol/keystore/calls';
import {
  decodeDecryptResponse,
  decodeSaveInvitesResponse,
  decodeSelfEncryptResponse,
  encodeDecryptV2Request,
  encodeSaveInvitesRequest,
  encodeSelfDecryptRequest,
  encodeSelfEncryptRequest,
} from '../../src/protocol/keystore/messages';
import { encryptV2 } from '../../src/protocol/messages/message-v2';
import { identityPool } from '../../src/protocol/testkit/reference.testkit';
import { headerV2, invitation, random, text } from '../../src/vault/testkit/keystore-requests.testkit';
import { foreign, html, opaque, probePage, sameOrigin, type Probe } from '../kit/documents';
import { detailsOf, enrolBy, exportBackup, goodPassphrase, personOf, publishAll, rotate, setNode } from '../kit/flows';
import { stateThrough } from '../kit/internal';
import { serveSite } from '../kit/journey';
import { launchFirefox, vaultId, walletId, type Firefox } from './browser';
import { pause, waitUntil, type Page } from './page';
import { callerOf, requestIn } from './internal';

const account = testAccounts()[0]!.address;
let firefox: Firefox;
let site: { url: string; close(): Promise<void> };
let dapp: Page;
let origin: string;
/** For calls of the vault's own pages. */
let vaultPage: Page;

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

/** Takes part in whatever asks while `work` goes on: says yes to each card, through the port of the window that the vault opened for it. */
async function sayingYes<T>(work: Promise<T>, safeId: string): Promise<T> {
  let isOver = false;
  const done = work.finally(() => (isOver = true));
  while (!isOver) {
    for (const window of await firefox.pagesWith('/approval/')) {
      const caller = callerOf(window);
      // A window that closes meanwhile has nothing to say any more.
      const cards = await caller.call<ShownCard[]>('approvals_list', {}).catch(() => []);
      for (const { id, digest, nonce, shown } of cards) {
        const decision =
          shown.kind === 'connect'
            ? { kind: 'connect', safeId, capabilities: shown.capabilities, duration: 'until-locked' }
            : shown.kind === 'sign'
              ? { kind: 'sign', remember: 'until-locked' }
              : { kind: 'messages', remember: 'until-locked', scope: 'granted' };
        await caller.call('approvals_decide', { id, digest, nonce, decision }).catch(() => undefined);
      }
    }
    await Promise.race([done, pause(50)]);
  }
  // What it says of a decision that was not pressed in it stays a moment; nobody reads it here.
  for (const window of await firefox.pagesWith('/approval/')) await window.close().catch(() => undefined);
  return await done;
}

/** A site of its own with a grant that is used once, so that nobody is asked again. */
async function grantedSite(capabilities: readonly string[], pages: Parameters<typeof serveSite>[0] = {}) {
  const own = await serveSite(pages);
  const page = await firefox.newPage(own.origin);
  const { identities } = await stateThrough(callerOf(vaultPage));
  const safeId = identities[0]!.safeId;
  const ask = <T>(method: string, params?: unknown) => sayingYes(requestIn<T>(page, method, params), safeId);
  expect((await ask('vault_connect', { capabilities })).error).toBeUndefined();
  return { page, ask, safeId, origin: own.origin, close: () => own.close() };
}

test('R-A1 R-A2 no other document than the top of a page has a provider, or the grant of the address that it seems to have', async () => {
  vaultPage = await firefox.ownPage('vault');
  const asked = ['vault_sign', ...Object.keys(methods).filter((name) => name !== 'vault_sign')].slice(
    0,
    sizeOf('documents-firefox', 'methods'),
  );
  const script = (kind: string) => html(probePage(kind, asked));
  const served = [
    'sandboxed',
    'csp-sandboxed-frame',
    'cross-origin',
    'object-cross-origin',
    'same-origin',
    'sandboxed-same-origin',
  ];
  const granted = await grantedSite(['identity', 'sign'], {
    '/': html(
      `<script>window.probes = {}; window.asked = []; addEventListener('message', ({ data }) => { if (data.asked) asked.push(data.asked); else if (data.kind) probes[data.kind] = data; });</script>`,
    ),
    ...Object.fromEntries(served.map((kind) => [`/probe/${kind}`, script(kind)])),
    '/probe/csp-sandboxed-frame': {
      body: script('csp-sandboxed-frame'),
      headers: { 'content-security-policy': 'sandbox allow-scripts' },
    },
  });
  const { page, ask } = granted;
  try {
    expect((await ask('vault_sign', { payload: Uint8Array.of(1), purpose: 'Remember' })).result).toBeDefined();
    const other = granted.origin.replace('127.0.0.1', 'localhost');
    await page.evaluate(
      (texts, elsewhere) => {
        const add = (attributes: Record<string, string>, tag = 'iframe') => {
          const frame = document.createElement(tag);
          for (const [name, value] of Object.entries(attributes)) frame.setAttribute(name, value);
          document.body.append(frame);
          return frame as HTMLIFrameElement;
        };
        const data = (kind: string) => `data:text/html,${encodeURIComponent(texts[kind]!)}`;
        add({ src: '/probe/sandboxed', sandbox: 'allow-scripts' });
        add({ srcdoc: texts['sandboxed-srcdoc']!, sandbox: 'allow-scripts' });
        add({ src: data('sandboxed-data'), sandbox: 'allow-scripts' });
        add({ src: data('data') });
        add({ src: '/probe/csp-sandboxed-frame' });
        add({ src: `${elsewhere}/probe/cross-origin` });
        const object = { data: `${elsewhere}/probe/object-cross-origin`, type: 'text/html' };
        let embedded = add(object, 'object');
        add({ src: '/probe/same-origin' });
        add({ srcdoc: texts['srcdoc']! });
        add({ src: URL.createObjectURL(new Blob([texts['blob']!], { type: 'text/html' })) });
        add({ src: '/probe/sandboxed-same-origin', sandbox: 'allow-scripts allow-same-origin' });
        // Firefox may load the empty document a moment later, in the place of what was written by then: it is written again.
        const blank = document.createElement('iframe');
        const write = () => {
          const empty = blank.contentDocument!;
          empty.open();
          empty.write(texts['about-blank']!);
          empty.close();
        };
        // On a busy machine Firefox does not tell of every loading of the empty document, and now and then loads no <object>.
        let [begunAtMs, patienceMs] = [Date.now(), 5_000];
        (window as any).beginAgain = (heard: string[]) => {
          if (Date.now() - begunAtMs < patienceMs) return;
          [begunAtMs, patienceMs] = [Date.now(), 1.5 * patienceMs];
          if (!heard.includes('about-blank')) write();
          if (heard.includes('object-cross-origin')) return;
          embedded.remove();
          embedded = add(object, 'object');
        };
        blank.addEventListener('load', () => (blank.contentWindow as any).report || write());
        blank.setAttribute('src', 'about:blank');
        document.body.append(blank);
        write();
      },
      Object.fromEntries(
        ['sandboxed-srcdoc', 'sandboxed-data', 'data', 'srcdoc', 'blob', 'about-blank'].map((kind) => [
          kind,
          script(kind),
        ]),
      ),
      other,
    );
    const strange = [...opaque, ...foreign].filter((kind) => !kind.startsWith('nested'));
    const own = sameOrigin.filter((kind) => !kind.startsWith('popup'));
    await page.until(
      'every document asks',
      (count: number) => {
        const { asked: heard, beginAgain } = window as any;
        beginAgain(heard);
        return new Set(heard as string[]).size >= count;
      },
      strange.length + own.length,
    );
    // Whatever was to be answered by then is.
    for (let trip = 0; trip < 2; trip++) expect((await requestIn(page, 'vault_accounts')).result).toEqual([account]);
    await page
      .until(
        'every document tells',
        (count: number) => {
          const { probes, beginAgain } = window as any;
          beginAgain(Object.keys(probes as object));
          for (let at = 0; at < window.length; at++) window[at]!.postMessage('report', '*');
          return Object.keys(probes as object).length >= count;
        },
        strange.length + own.length,
      )
      .catch(async (error: unknown) => {
        const told = await page.evaluate(() => Object.keys((window as any).probes as object));
        const missing = [...strange, ...own].filter((kind) => !told.includes(kind));
        throw new Error(`not heard of: ${missing.join(', ')}`, { cause: error });
      });
    const probes = await page.evaluate(() => (window as any).probes as Record<string, Probe>);
    for (const kind of strange)
      expect(probes[kind], kind).toMatchObject({
        origin: (opaque as readonly string[]).includes(kind) ? 'null' : other,
        own: 'undefined',
        heard: [],
        top: 'SecurityError',
        borrowed: null,
      });
    for (const kind of own) {
      expect(probes[kind], kind).toMatchObject({ origin: granted.origin, own: 'undefined', heard: [], top: 'object' });
      // Through the top it is the top, and signs under the top's origin.
      expect(probes[kind]!.borrowed, kind).toMatchObject({
        signature: { signed: { origin: granted.origin, purpose: `from ${kind}` } },
      });
    }
    expect(await firefox.pagesWith('/approval/')).toEqual([]);
    note('documents-firefox', 'methods', asked.length * (strange.length + own.length));
  } finally {
    await page.close();
    await granted.close();
  }
});

test('R-I5 reads what somebody wrote, and writes what they can read', async () => {
  const granted = await grantedSite(['identity', 'messages.read', 'messages.write', 'preferences']);
  const { page, ask } = granted;
  const run = async (method: string, request: Uint8Array): Promise<Uint8Array> =>
    (await ask<Uint8Array>(method, { request })).result!;
  try {
    const bundles = (await ask<{ signedPublicKeyBundle: Uint8Array }>('vault_getPublicKeyBundle')).result!;
    const ada = decodeSignedPublicKeyBundle(bundles.signedPublicKeyBundle);
    const bob = (await identityPool(2))[1]!.ours;
    const invited = invitation(bob, ada, 1);
    expect(
      decodeSaveInvitesResponse(await run('xmtp_saveInvites', encodeSaveInvitesRequest([invited.item]))),
    ).toMatchObject([{ result: { topic: invited.invitation.topic } }]);
    const { topic, keyMaterial } = invited.invitation;
    const headerBytes = headerV2(topic);
    const payload = encryptV2({
      keyMaterial,
      headerBytes,
      payload: text('Grüße'),
      salt32: random(32),
      nonce12: random(12),
    });
    const read = await run('xmtp_decryptV2', encodeDecryptV2Request([{ headerBytes, payload, contentTopic: topic }]));
    expect(decodeDecryptResponse(read)).toEqual([{ result: text('Grüße') }]);
    const sealed = await run('xmtp_selfEncrypt', encodeSelfEncryptRequest([text('mine')]));
    const [own] = decodeSelfEncryptResponse(sealed);
    const again = await run('xmtp_selfDecrypt', encodeSelfDecryptRequest([(own as { result: Uint8Array }).result]));
    expect(decodeDecryptResponse(again)).toEqual([{ result: text('mine') }]);
    // The event page is stopped in the middle: what was saved is there, and is read by the next.
    await firefox.killEventPage();
    const conversations = decodeConversations(await run('xmtp_getV2Conversations', new Uint8Array()));
    expect(conversations.map((one) => one.topic)).toContain(topic);
  } finally {
    await page.close();
    await granted.close();
  }
});

test('R-I1 publishes and copies its keys to a node, and renews its prekey there; a backup file brings all of it back', async () => {
  const node = await startNode();
  const person = personOf(testAccounts()[0]!);
  const vault = callerOf(vaultPage);
  await dataCollection('add');
  try {
    await setNode(vault, node.url);
    const { safeId } = (await stateThrough(vault)).identities[0]!;
    expect(await publishAll(vault, person, safeId)).toMatchObject({ copy: { state: 'saved' } });
    const published = node.publishCount();
    await rotate(vault, safeId);
    expect(node.publishCount()).toBeGreaterThan(published);
    const { prekeys } = await detailsOf(vault, safeId);
    expect(prekeys).toHaveLength(2);

    const secret = { kind: 'passphrase', passphrase: goodPassphrase } as const;
    const { file } = await exportBackup(vault, person, safeId, secret);
    await setNode(vault, null);
    await vault.call('identity_forget', { safeId, typed: account });
    const onboarding = await firefox.ownPage('onboarding');
    const made = await enrolBy(callerOf(onboarding), person, { source: 'backup', file, secret });
    await onboarding.close();
    expect(made.safeId).not.toBe(safeId);
    expect((await detailsOf(vault, made.safeId)).prekeys.map((one) => one.publicKeyHex)).toEqual(
      prekeys.map((one) => one.publicKeyHex),
    );
  } finally {
    await dataCollection('remove');
    await vaultPage.close();
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
