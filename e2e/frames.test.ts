// Every kind of document that is not the top frame of a grantable page: no provider in it, and no way to the grant of the top.
// Promises: opaque and foreign documents get no answer and cause no prompt (R-A1, R-A2). A frame of the top's own origin is the same
// principal: it can reach top.prekeyVault as any script of the page can, and is answered as the top's origin, never as its own.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Page } from 'playwright';
import { pages } from '../src/contract/pages/pages';
import { methods, type VaultSignature } from '../src/contract/dapp/methods';
import { note, sizeOf } from '../scripts/campaign/size';
import { verifyVaultSignature } from '../src/sdk/verify/index';
import { extensionId, launchChromium, type Chromium } from './kit/chromium';
import { foreign, html, opaque, probePage, sameOrigin, type Probe } from './kit/documents';
import { enrolled } from './kit/internal';
import { watchEnrolled, type BrowserOracles } from './kit/oracles';
import {
  answerOf,
  approvalRecords,
  approvalWindow,
  approve,
  byId,
  bytes,
  call,
  connect,
  revived,
  serveSite,
  start,
  type Site,
} from './kit/journey';
import { relayWorld } from './kit/relay-world';

/** What each kind of document asks for; the first one is granted to the top, without asking. */
const asked = ['vault_sign', ...Object.keys(methods).filter((name) => name !== 'vault_sign')].slice(
  0,
  sizeOf('documents', 'methods'),
);
const script = (kind: string) => probePage(kind, asked);
const account = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266';

let browser: Chromium;
let site: Site;
let page: Page;
let oracles: BrowserOracles;
const otherHost = () => site.origin.replace('127.0.0.1', 'localhost');

beforeAll(async () => {
  browser = await launchChromium();
  const collector = `<script>
    window.probes = {}; window.asked = []; window.popups = [];
    addEventListener('message', ({ data }) => { if (data.asked) asked.push(data.asked); else if (data.kind) probes[data.kind] = data; });
    window.add = (attributes, tag = 'iframe') => { const frame = document.createElement(tag); for (const [name, value] of Object.entries(attributes)) frame.setAttribute(name, value); document.body.append(frame); return frame; };
  </script>`;
  site = await serveSite({
    '/': html(collector),
    ...Object.fromEntries([...opaque, ...foreign, ...sameOrigin].map((kind) => [`/probe/${kind}`, html(script(kind))])),
    '/probe/csp-sandboxed-frame': {
      body: html(script('csp-sandboxed-frame')),
      headers: { 'content-security-policy': 'sandbox allow-scripts' },
    },
    '/csp': {
      body: html(script('csp-sandboxed-top')),
      headers: { 'content-security-policy': 'sandbox allow-scripts' },
    },
  });
  const made = await enrolled(browser);
  page = await browser.context.newPage();
  await page.goto(site.origin);
  await connect(browser, page);
  await start(page, 'remember', 'vault_sign', { payload: bytes('r'), purpose: 'Remember' });
  const window = await approvalWindow(browser);
  await byId(window, 'approval-remember').selectOption('1h');
  await approve(window);
  expect((await answerOf(page, 'remember')).result).toBeDefined();
  oracles = await watchEnrolled(browser, made);
});
afterAll(async () => {
  await browser?.close();
  await site?.close();
});

afterAll(() => oracles.atRest());

let prompts: number;
beforeEach(async () => {
  prompts = (await approvalRecords(browser)).length;
});
/** Nobody was asked anything since the test began, and no window is open for it. */
const nobodyWasAsked = async () => {
  expect((await approvalRecords(browser)).filter(({ state }) => state === 'waiting')).toEqual([]);
  expect((await approvalRecords(browser)).length).toBeLessThanOrEqual(prompts);
  expect(browser.pagesWith('/approval/')).toEqual([]);
};

/** Asks every document for its probe, after two round trips to the worker: whatever was to be answered by then is. */
async function probesOf(kinds: readonly string[]): Promise<Record<string, Probe>> {
  await expect
    .poll(() => page.evaluate(() => (window as any).asked as string[]))
    .toEqual(expect.arrayContaining([...kinds]));
  for (let trip = 0; trip < 2; trip++) expect(await call(page, 'vault_accounts')).toEqual({ result: [account] });
  await page.evaluate(() => {
    for (let at = 0; at < window.length; at++) window[at]!.postMessage('report', '*');
    for (const popup of (window as any).popups) popup.postMessage('report', '*');
  });
  await expect
    .poll(() => page.evaluate(() => Object.keys((window as any).probes)))
    .toEqual(expect.arrayContaining([...kinds]));
  return await page.evaluate(() => (window as any).probes as Record<string, Probe>);
}

describe.sequential('documents that are not the top of a grantable page', () => {
  test('R-A1 R-A2 opaque and foreign frames have no provider, hear nothing, cannot reach the top, and nobody is asked', async () => {
    await page.evaluate(
      ({ other, sandboxed, data, sandboxedData }) => {
        const { add } = window as any;
        add({ src: '/probe/sandboxed', sandbox: 'allow-scripts' });
        add({ srcdoc: sandboxed, sandbox: 'allow-scripts' });
        add({ src: `data:text/html,${encodeURIComponent(sandboxedData)}`, sandbox: 'allow-scripts' });
        add({ src: `data:text/html,${encodeURIComponent(data)}` });
        add({ src: '/probe/csp-sandboxed-frame' });
        add({ src: `${other}/probe/cross-origin` });
        add({ data: `${other}/probe/object-cross-origin`, type: 'text/html' }, 'object');
        const nest = add({ srcdoc: '<!doctype html>' }) as HTMLIFrameElement;
        nest.addEventListener('load', () => {
          const inner = nest.contentDocument!;
          if (inner.body.childElementCount) return;
          for (const [src, sandbox] of [
            [`${other}/probe/nested-cross-origin`, null],
            ['/probe/nested-sandboxed', 'allow-scripts'],
          ] as const) {
            const frame = inner.createElement('iframe');
            if (sandbox) frame.setAttribute('sandbox', sandbox);
            frame.src = src;
            inner.body.append(frame);
          }
          // It has no probe of its own, so it passes the question on.
          nest.contentWindow!.addEventListener('message', () => {
            for (let at = 0; at < nest.contentWindow!.length; at++) nest.contentWindow![at]!.postMessage('report', '*');
          });
        });
      },
      {
        other: otherHost(),
        sandboxed: html(script('sandboxed-srcdoc')),
        data: html(script('data')),
        sandboxedData: html(script('sandboxed-data')),
      },
    );
    const probes = await probesOf([...opaque, ...foreign]);
    for (const kind of [...opaque, ...foreign]) {
      const isOpaque = (opaque as readonly string[]).includes(kind);
      expect(probes[kind], kind).toEqual({
        kind,
        origin: isOpaque ? 'null' : otherHost(),
        own: 'undefined',
        heard: [],
        top: 'SecurityError',
        borrowed: null,
      });
    }
    // The relay is in the top frame alone.
    expect((await relayWorld(page)).frameIds).toHaveLength(1);
    await nobodyWasAsked();
    note('documents', 'methods', asked.length * (opaque.length + foreign.length));
  });

  test('R-A2 frames and windows of the same origin have no provider of their own; through the top they are the top', async () => {
    const popups = browser.context.waitForEvent('page');
    await page.evaluate(
      ({ texts }) => {
        const write = (target: Window, text: string) => {
          target.document.open();
          target.document.write(text);
          target.document.close();
        };
        const { add: frame } = window as any;
        const blob = (kind: string) => URL.createObjectURL(new Blob([texts[kind]!], { type: 'text/html' }));
        frame({ src: '/probe/same-origin' });
        frame({ srcdoc: texts.srcdoc! });
        write(frame({ src: 'about:blank' }).contentWindow!, texts['about-blank']!);
        frame({ src: blob('blob') });
        frame({ src: '/probe/sandboxed-same-origin', sandbox: 'allow-scripts allow-same-origin' });
        const opened = window.open('about:blank')!;
        write(opened, texts['popup-about-blank']!);
        (window as any).popups.push(opened, window.open(blob('popup-blob'))!);
      },
      { texts: Object.fromEntries(sameOrigin.map((kind) => [kind, html(script(kind))])) },
    );
    await popups;
    const probes = await probesOf(sameOrigin);
    for (const kind of sameOrigin) {
      const { borrowed, ...rest } = probes[kind]!;
      expect(rest, kind).toEqual({ kind, origin: site.origin, own: 'undefined', heard: [], top: 'object' });
      // The same principal: signed for the top's origin, under the grant its person gave.
      const signature = revived<VaultSignature>(borrowed?.signature);
      expect(signature.signed).toMatchObject({ origin: site.origin, purpose: `from ${kind}` });
      expect(verifyVaultSignature(signature, { account, origin: site.origin }).account).toBe(account);
    }
    expect((await relayWorld(page)).frameIds).toHaveLength(1);
    await nobodyWasAsked();
    for (const popup of browser.context
      .pages()
      .filter((one) => one.url() === 'about:blank' || one.url().startsWith('blob:')))
      await popup.close();
  });

  test('R-A1 a top document under a CSP sandbox is opaque: no provider, and its relay world is refused whatever it sends', async () => {
    const sandboxed = await browser.context.newPage();
    await sandboxed.goto(`${site.origin}/csp`);
    for (let trip = 0; trip < 2; trip++) expect(await call(page, 'vault_accounts')).toEqual({ result: [account] });
    const report = (await sandboxed.evaluate(() => (window as any).report())) as Probe;
    expect(report).toMatchObject({ origin: 'null', own: 'undefined', heard: [] });
    // The browser names the address of the granted site as its url, but "null" as its origin.
    expect(sandboxed.url()).toBe(`${site.origin}/csp`);
    const world = await relayWorld(sandboxed);
    const heard = await world.evaluate(`new Promise((resolve) => {
      const heard = [];
      const port = chrome.runtime.connect({ name: 'dapp' });
      port.onMessage.addListener((message) => { heard.push(message); if (message.id) resolve(heard); });
      port.onDisconnect.addListener(() => resolve(heard));
      for (const method of ${JSON.stringify(['vault_accounts', ...asked])}) port.postMessage({ jsonrpc: '2.0', id: '0'.repeat(32), method });
    })`);
    expect(heard).toEqual([]);
    await nobodyWasAsked();
    await sandboxed.close();
  });

  test('R-A2 the granted site in a frame of another site gets nothing, not even for itself', async () => {
    const evil = await browser.context.newPage();
    await evil.goto(otherHost());
    await evil.evaluate((src) => {
      const frame = document.createElement('iframe');
      frame.src = src;
      document.body.append(frame);
    }, `${site.origin}/probe/same-origin`);
    await expect.poll(() => evil.evaluate(() => (window as any).asked as string[])).toEqual(['same-origin']);
    for (let trip = 0; trip < 2; trip++) expect(await call(page, 'vault_accounts')).toEqual({ result: [account] });
    const framed = evil.frames().find((frame) => frame.url().startsWith(site.origin))!;
    expect((await framed.evaluate(() => (window as any).report())) as Probe).toMatchObject({
      origin: site.origin,
      own: 'undefined',
      heard: [],
      top: 'SecurityError',
      borrowed: null,
    });
    expect(await call(evil, 'vault_accounts')).toEqual({ result: [] });
    expect((await relayWorld(evil)).frameIds).toHaveLength(1);
    await nobodyWasAsked();
    await evil.close();
  });

  test('R-C1 R-J3 no file of the extension can be fetched, framed, drawn, run or opened by a web page', async () => {
    const files = [
      ...Object.values(pages),
      '/manifest.json',
      '/icons/16.png',
      '/service-worker-loader.js',
      '/src/bridge/inpage.iife.js',
      '/src/bridge/relay.iife.js',
      '/_locales/en/messages.json',
      '/',
    ].map((file) => `chrome-extension://${extensionId}${file}`);
    const own = await browser.ownPage('popup');
    // The files are there: our own page can fetch or load them.
    expect(
      await own.evaluate(
        (url) =>
          new Promise((resolve) => {
            const image = new Image();
            image.onload = () => resolve('loaded');
            image.onerror = () => resolve('failed');
            image.src = url;
          }),
        `chrome-extension://${extensionId}/icons/16.png`,
      ),
    ).toBe('loaded');
    await own.close();
    const before = browser.context.pages().length;
    const outcomes = await page.evaluate(async (urls) => {
      const element = (tag: string, attributes: Record<string, string>) =>
        new Promise<string>((resolve) => {
          const made = document.createElement(tag);
          made.addEventListener('load', () => resolve('loaded'));
          made.addEventListener('error', () => resolve('failed'));
          for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
          document.body.append(made);
        });
      const found: Record<string, string[]> = {};
      for (const url of urls)
        found[url] = [
          await fetch(url).then(
            () => 'loaded',
            () => 'failed',
          ),
          await fetch(url, { mode: 'no-cors' }).then(
            () => 'loaded',
            () => 'failed',
          ),
          await element('img', { src: url }),
          await element('script', { src: url }),
          await element('link', { rel: 'stylesheet', href: url }),
        ];
      return found;
    }, files);
    for (const [url, found] of Object.entries(outcomes))
      expect(found, url).toEqual(['failed', 'failed', 'failed', 'failed', 'failed']);

    // A frame always "loads": what counts is what is in it.
    const frames = page.frames().length;
    await page.evaluate(
      async (urls) => {
        const loads = urls.flatMap((url) =>
          ['iframe', 'object', 'embed'].map(
            (tag) =>
              new Promise<void>((resolve) => {
                const made = document.createElement(tag);
                made.addEventListener('load', () => resolve());
                made.addEventListener('error', () => resolve());
                made.setAttribute(tag === 'object' ? 'data' : 'src', url);
                document.body.append(made);
              }),
          ),
        );
        await Promise.all(loads);
      },
      files.filter((url) => url.endsWith('.html')),
    );
    expect(page.frames().length).toBeGreaterThan(frames);
    expect(
      page
        .frames()
        .filter((frame) => frame.url().startsWith('chrome-extension:'))
        .map((frame) => frame.url()),
    ).toEqual([]);

    for (const url of files.filter((one) => one.endsWith('.html'))) {
      const opened = browser.context.waitForEvent('page');
      await page.evaluate((address) => void window.open(address, '_blank'), url);
      const popup = await opened;
      await popup.waitForLoadState();
      expect(popup.url(), url).not.toContain(extensionId);
      await popup.close();
    }
    expect(browser.context.pages().length).toBe(before);
    await nobodyWasAsked();
  });

  test('nothing was uncaught in a worker or content script', () => {
    const lines = browser
      .log()
      .split('\n')
      .filter((line) => /CONSOLE.*(Uncaught|Unchecked)/.test(line));
    expect(lines.filter((line) => line.includes(extensionId))).toEqual([]);
  });
});
