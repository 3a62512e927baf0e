// A hostile page against the provider, the relay and the worker: forged events, poisoned prototypes, names, sizes, types, floods.
// Promises: whatever the page sends, it gets a typed error or what a person approved; nothing is uncaught anywhere; one window at most.
// What the relay's world can do stands for a renderer that was taken over (R-A3).
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Page } from 'playwright';
import { errorCode, ProviderError } from '../src/contract/errors';
import { pageMethods } from '../src/contract/pages/methods';
import { pages } from '../src/contract/pages/pages';
import { limits } from '../src/contract/limits';
import { methods, type VaultSignature } from '../src/contract/dapp/methods';
import { verifyVaultSignature } from '../src/sdk/verify/index';
import { extensionId, launchChromium, walletId, type Chromium } from './kit/chromium';
import { fuzz, poisonAndAsk, unfitRequests, type FuzzTally, type PoisonReport } from './kit/hostile';
import { enrolled } from './kit/internal';
import {
  answerOf,
  approvalRecords,
  approvalWindow,
  approve,
  byId,
  bytes,
  call,
  connect,
  ownCall,
  reject,
  revived,
  serveSite,
  start,
  type Site,
} from './kit/journey';
import { relayWorld } from './kit/relay-world';

const account = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266';
const inline = (script: string) =>
  `<!doctype html><script>${script}</script><title>hostile</title><pre id="report"></pre>`;
/** "code message" of every error there is. */
const knownErrors = new Set(Object.values(errorCode).map((code) => `${code} ${new ProviderError(code).message}`));

let browser: Chromium;
let site: Site;
let page: Page;

/** A page of the site that has a grant; the stranger is the same server under another host, which is another origin. */
const stranger = () => site.origin.replace('127.0.0.1', 'localhost');

beforeAll(async () => {
  browser = await launchChromium();
  site = await serveSite({
    '/': inline(
      'window.uncaught = []; for (const type of ["error", "unhandledrejection"]) addEventListener(type, (event) => uncaught.push(String(event.message ?? event.reason)));',
    ),
    '/before': inline(`(${poisonAndAsk.toString()})('before')`),
    '/between': inline(`(${poisonAndAsk.toString()})('between')`),
  });
  await enrolled(browser);
  page = await browser.context.newPage();
  await page.goto(site.origin);
  await connect(browser, page);
});
afterAll(async () => {
  await browser?.close();
  await site?.close();
});

const rejectAll = async () => {
  const window = await browser.ownPage('popup');
  await ownCall(window, 'approvals_rejectAll', {});
  await window.close();
};
/** Records that wait for a person, of one origin or of all. */
const waiting = async (origin?: string) =>
  (await approvalRecords(browser)).filter(
    (record) => record.state === 'waiting' && (origin === undefined || record.origin === origin),
  );
const uncaught = (of: Page) => of.evaluate(() => (window as any).uncaught as string[]);

describe.sequential('a hostile page', () => {
  test('R-A8 forged events of every shape settle nothing, throw nothing, and the provider goes on', async () => {
    await start(page, 'waits', 'vault_sign', { payload: bytes('wait'), purpose: 'Waits' });
    await approvalWindow(browser);
    const settled = await page.evaluate(async () => {
      const ring: Record<string, unknown> = {};
      ring.ring = ring;
      const proxy = new Proxy(
        {},
        {
          get: () => {
            throw new Error('trap');
          },
          getOwnPropertyDescriptor: () => {
            throw new Error('trap');
          },
          has: () => {
            throw new Error('trap');
          },
        },
      );
      const wholes = [
        undefined,
        null,
        0,
        1,
        NaN,
        true,
        '',
        'text',
        1n,
        Symbol('s'),
        [],
        [1],
        {},
        ring,
        proxy,
        () => 1,
        new Date(),
        new Map(),
        new Blob(['b']),
        window,
        document,
        new Uint8Array(4),
      ];
      const keys = [undefined, null, -1, 0, 1, 1.5, '1', '__proto__', 'constructor', {}, [], NaN, 1e9];
      const parts = [
        ...keys.flatMap((key) => [
          { key },
          { key, error: null },
          { key, error: undefined },
          { key, method: {} },
          { key, method: null, params: ring },
          { key, id: 'x', jsonrpc: '2.0' },
        ]),
        ...wholes.flatMap((value) => [
          { listen: value },
          { event: value },
          { event: 'accountsChanged', data: value },
          { method: value, key: 10_000 },
          { frame: value },
        ]),
      ];
      const waiting = (window as any).slots.waits as Promise<unknown>;
      let isSettled = false;
      void waiting.then(() => (isSettled = true));
      for (const name of [
        'prekeyvault:request',
        'prekeyvault:answer',
        'prekeyvault:requestProvider',
        'prekeyvault:announceProvider',
      ])
        for (const target of [window, document, document.documentElement, performance]) {
          for (const detail of [...wholes, ...parts])
            target.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, cancelable: true }));
          for (const event of [
            new Event(name),
            new UIEvent(name, { detail: 7 }),
            new MessageEvent(name, { data: { key: 1, result: 1 } }),
            new ErrorEvent(name, { error: 1 }),
          ])
            target.dispatchEvent(event);
        }
      await (window as any).prekeyVault.request({ method: 'vault_accounts' });
      return isSettled;
    });
    expect(settled).toBe(false);
    expect(await uncaught(page)).toEqual([]);
    await reject(await approvalWindow(browser));
    expect(await answerOf(page, 'waits')).toMatchObject({ error: { code: 4001 } });
    expect(await call(page, 'vault_accounts')).toEqual({ result: [account] });
  });

  test('R-A8 a page cannot replace, change or imitate away the provider', async () => {
    const seen = await page.evaluate(() => {
      const { prekeyVault } = window as any;
      const attempts = [
        () => {
          (window as any).prekeyVault = 1;
        },
        () => {
          delete (window as any).prekeyVault;
        },
        () => {
          prekeyVault.request = 1;
        },
        () => Object.defineProperty(window, 'prekeyVault', { value: 1 }),
        () => Object.setPrototypeOf(prekeyVault, {}),
      ];
      for (const attempt of attempts) {
        try {
          attempt();
        } catch {
          /* strict code says so, sloppy code does not */
        }
      }
      return [
        (window as any).prekeyVault === prekeyVault,
        typeof prekeyVault.request,
        Object.isFrozen(prekeyVault),
        Object.getPrototypeOf(prekeyVault),
      ];
    });
    expect(seen).toEqual([true, 'function', true, null]);
  });

  for (const when of ['before', 'between'] as const)
    test(`R-A8 prototype pollution ${when} the requests: no argument changes, no answer goes astray, nothing poisoned is used`, async () => {
      // A remembered decision, so that the signature comes without a person.
      await start(page, 'remember', 'vault_sign', { payload: bytes('r'), purpose: 'Remember' });
      const window = await approvalWindow(browser);
      await byId(window, 'approval-remember').selectOption('1h');
      await approve(window);
      expect((await answerOf(page, 'remember')).result).toBeDefined();
      const poisoned = await browser.context.newPage();
      await poisoned.goto(`${site.origin}/${when}`);
      const text = poisoned.locator('#report:not(:empty)');
      const report = JSON.parse((await text.textContent())!) as PoisonReport;
      expect(report.touched).toBe('');
      expect(report.control).toContain('Object.keys');
      expect(report.control).toContain('Object.prototype.key');
      for (const round of ['1', '2']) {
        const {
          [`accounts-${round}`]: accounts,
          [`capabilities-${round}`]: capabilities,
          [`sign-${round}`]: sign,
        } = report.answers;
        expect(accounts).toEqual({ result: [account] });
        expect(capabilities?.result).toMatchObject({ limits });
        const signature = revived<VaultSignature>(sign?.result);
        expect(verifyVaultSignature(signature, { account, origin: site.origin }).account).toBe(account);
        expect(signature.signed).toMatchObject({
          payload: Uint8Array.of(1, 2, 3),
          purpose: 'Prove it',
          origin: site.origin,
        });
        for (const [name, code] of [
          ['unknown', 4200],
          ['unfit', -32602],
          ['nonsense', -32600],
        ] as const)
          expect(report.answers[`${name}-${round}`]).toEqual({
            error: {
              code,
              message: new ProviderError(code).message,
              stack: `Error: ${new ProviderError(code).message}`,
              isError: true,
            },
          });
      }
      await poisoned.close();
      // The next of the two asks again.
      await call(page, 'vault_disconnect');
      await connect(browser, page);
    });

  test('R-B1 every inherited name and every wish for a key is no method: 4200', async () => {
    const answers = await page.evaluate(
      async (wished) => {
        const owners = [
          Object.prototype,
          Object,
          Function.prototype,
          Array.prototype,
          Promise.prototype,
          Map.prototype,
          Set.prototype,
          String.prototype,
          Symbol,
          Reflect,
          JSON,
        ];
        const names = new Set([...owners.flatMap((owner) => Object.getOwnPropertyNames(owner)), ...wished]);
        return await Promise.all(
          [...names].map((method) =>
            (window as any).prekeyVault.request({ method }).then(
              (result: unknown) => [method, { result }],
              (error: any) => [method, error.code],
            ),
          ),
        );
      },
      [
        ...Object.keys(pageMethods),
        'getPrivateKeyBundle',
        'xmtp_getPrivateKeyBundle',
        'exportKey',
        'vault_export',
        'vault_Sign',
        ' vault_sign',
        'vault_sign\0',
        'hello',
        'listen',
        'state',
        '',
        'x'.repeat(100_000),
      ],
    );
    expect(answers.length).toBeGreaterThan(150);
    expect(answers.filter(([, code]) => code !== 4200)).toEqual([]);
  });

  test('R-B4 R-B6 oversize, rings, getters, functions, bigints, lone surrogates, wrong types: typed errors, and nobody is asked', async () => {
    const before = await approvalRecords(browser);
    for (const [source, code] of unfitRequests) {
      const answer = await page.evaluate(
        `prekeyVault.request(${source}).then((result) => ({ result }), ({ code, message, stack }) => ({ code, message, stack }))`,
      );
      const { message } = new ProviderError(code);
      expect(answer, source).toEqual({ code, message, stack: `Error: ${message}` });
    }
    expect(await approvalRecords(browser)).toEqual(before);
    expect(await uncaught(page)).toEqual([]);
  });

  test('R-B4 10,000 random requests of two origins: typed errors only, every one settles, one window', async () => {
    const other = await browser.context.newPage();
    await other.goto(stranger());
    const names = Object.keys(methods).filter((name) => name !== 'vault_disconnect');
    const tallyOf = (of: Page) => of.evaluate(() => (window as any).fuzzed as FuzzTally);
    const waitingOf = async (origin: string) => (await waiting(origin)).flatMap((record) => record.requestIds).length;
    for (const [of, origin] of [
      [page, site.origin],
      [other, stranger()],
    ] as const) {
      for (let batch = 0; batch < 10; batch++) {
        await of.evaluate(fuzz, { seed: 1_000 + batch, count: 500, methods: names });
        // What is neither answered nor on record is still on its way.
        await expect.poll(async () => (await tallyOf(of)).open - (await waitingOf(origin)), { interval: 100 }).toBe(0);
      }
      expect((await waiting(origin)).length).toBeLessThanOrEqual(limits.waitingPerOrigin);
      expect(browser.pagesWith('/approval/').length).toBeLessThanOrEqual(1);
    }
    await rejectAll();
    for (const of of [page, other]) {
      await expect.poll(async () => (await tallyOf(of)).open).toBe(0);
      const { odd, errors, results } = await tallyOf(of);
      expect(odd).toEqual([]);
      expect(Object.keys(errors).filter((text) => !knownErrors.has(text))).toEqual([]);
      expect(Object.values(errors).reduce((sum, count) => sum + count, results)).toBe(5000);
      // The run is worth something only if it got everywhere.
      for (const code of [4001, 4200, -32600, -32602])
        expect(
          Object.keys(errors).some((text) => text.startsWith(`${code} `)),
          `${code}`,
        ).toBe(true);
      expect(results).toBeGreaterThan(0);
      expect(await uncaught(of)).toEqual([]);
    }
    await other.close();
  });

  test('R-B8 a flood: 20 cards of an origin, 50 requests on a card, 100 cards in all, then -32005; one window, which closing does not bring back', async () => {
    const send = (of: Page, slot: string, count: number, isSame: boolean, afterMs = 0) =>
      of.evaluate(
        ([name, times, same, waitMs]) => {
          const tally = ((window as any)[name] = { open: times, codes: {} as Record<string, number> });
          const options: { capabilities: string[]; duration?: string }[] = [
            'once',
            'until-locked',
            '1h',
            '1d',
            '30d',
            'until-revoked',
            undefined,
          ].flatMap((duration) =>
            [
              ['preferences'],
              ['messages.read'],
              ['preferences', 'messages.read'],
              ['messages.read', 'preferences'],
            ].map((capabilities) => ({ capabilities, ...(duration ? { duration } : {}) })),
          );
          const ask = () => {
            for (let at = 0; at < times; at++)
              (window as any).prekeyVault
                .request({ method: 'vault_connect', params: options[same ? 0 : at % options.length] })
                .catch((error: any) => {
                  tally.open--;
                  tally.codes[error.code] = (tally.codes[error.code] ?? 0) + 1;
                });
          };
          if (waitMs === 0) return ask();
          setTimeout(ask, waitMs);
        },
        [slot, count, isSame, afterMs] as const,
      );
    const tally = (of: Page, slot: string) =>
      of.evaluate((name) => (window as any)[name] as { open: number; codes: Record<string, number> }, slot);
    await send(page, 'joined', 60, true);
    await expect.poll(async () => (await tally(page, 'joined')).open).toBe(limits.joinedRequests);
    expect((await waiting()).map(({ requestIds }) => requestIds.length)).toEqual([limits.joinedRequests]);
    await send(page, 'many', 28, false);
    // One of the 28 is the card that is full, 19 more are let in.
    await expect.poll(async () => (await tally(page, 'many')).codes).toEqual({ '-32005': 9 });

    const others: { site: Site; page: Page }[] = [];
    for (let count = 0; count < 5; count++) {
      const other = await serveSite();
      const opened = await browser.context.newPage();
      await opened.goto(other.origin);
      others.push({ site: other, page: opened });
    }
    for (const [index, other] of others.entries()) {
      await send(other.page, 'many', 28, false);
      await expect
        .poll(async () => (await tally(other.page, 'many')).codes, { message: `origin ${index}` })
        .toEqual({ '-32005': index < 4 ? 8 : 28 });
    }
    expect((await waiting()).length).toBe(limits.waitingInAll);
    expect(browser.pagesWith('/approval/').length).toBe(1);

    // Closed means "later": the same origin cannot make it jump up again.
    await browser.pagesWith('/approval/')[0]!.close();
    await rejectOne(browser);
    // What is run in a page from here counts as a click there for five seconds, and a click does bring a window back.
    await send(page, 'again', 1, false, 7000);
    await expect.poll(async () => (await waiting(site.origin)).length).toBe(limits.waitingPerOrigin);
    expect(browser.pagesWith('/approval/').length).toBe(0);
    await rejectAll();
    for (const other of others) {
      await expect.poll(async () => (await tally(other.page, 'many')).open).toBe(0);
      await other.page.close();
      await other.site.close();
    }
    expect((await tally(page, 'joined')).codes).toMatchObject({ '4001': limits.joinedRequests });
  });

  test("R-A3 R-A4 R-F2 the relay's own world reaches no internal method, by no port name and no message, and no storage", async () => {
    const world = await relayWorld(page);
    const names = [
      '',
      'dapp',
      'page',
      'internal',
      ...Object.keys(pages),
      ...Object.values(pages),
      ...Object.keys(pageMethods),
    ];
    const identities = async () => {
      const popup = await browser.ownPage('popup');
      const state = await ownCall<{ identities: unknown[] }>(popup, 'state_get');
      await popup.close();
      return state.identities.map((one) => ({ ...(one as object), lockAtMs: 0 }));
    };
    const before = await identities();
    const tried = await world.evaluate<{ answers: unknown[]; closed: number; ports: number }>(`(async () => {
      const names = ${JSON.stringify(names)}, methods = ${JSON.stringify(Object.keys(pageMethods))};
      const answers = [];
      let closed = 0, ports = 0;
      for (const name of names) {
        const port = chrome.runtime.connect({ name });
        ports++;
        const end = new Promise((resolve) => {
          port.onDisconnect.addListener(() => { closed++; resolve(); });
          port.onMessage.addListener((message) => { if (message.method !== 'hello') { answers.push(message); resolve(); } });
        });
        // As our own pages speak. A frame that is not exactly a dapp's closes the port.
        port.postMessage({ id: 1, method: methods[ports % methods.length], params: {} });
        await end;
      }
      return { answers, closed, ports };
    })()`);
    expect(tried).toEqual({ answers: [], closed: names.length, ports: names.length });

    const messages = await world.evaluate<string[]>(
      `Promise.all(${JSON.stringify(Object.keys(pageMethods))}.map((method) => chrome.runtime.sendMessage({ id: 1, method, params: {} }).then((answer) => 'answered ' + JSON.stringify(answer), (error) => error.message)))`,
    );
    expect(new Set(messages)).toEqual(new Set(['Could not establish connection. Receiving end does not exist.']));

    // In a dapp's frames they are not methods, 10,000 times.
    const codesOfAll = await world.evaluate<Record<string, number>>(`new Promise((resolve) => {
      const methods = ${JSON.stringify(Object.keys(pageMethods))}, codes = {};
      const port = chrome.runtime.connect({ name: 'page' });
      let open = 10000;
      const next = (at) => port.postMessage({ jsonrpc: '2.0', id: at.toString(16).padStart(32, '0'), method: methods[at % methods.length], params: { safeId: '0'.repeat(32) } });
      port.onMessage.addListener(({ method, id, error }) => {
        if (method === 'hello') { for (let at = 0; at < 500; at++) next(at); return; }
        codes[error?.code ?? 'answered'] = (codes[error?.code ?? 'answered'] ?? 0) + 1;
        const at = parseInt(id, 16) + 500;
        if (at < 10000) next(at);
        if (--open === 0) { port.disconnect(); resolve(codes); }
      });
      port.onDisconnect.addListener(() => resolve({ ...codes, disconnected: 1 }));
    })`);
    expect(codesOfAll).toEqual({ 4200: 10_000 });

    // A relay that did not look at what it packs: answered, because a port that only closes would be opened again for the same frame.
    expect(
      await world.evaluate(`new Promise((resolve) => {
        let params = 1;
        for (let depth = 0; depth < 1500; depth++) params = { params };
        const port = chrome.runtime.connect();
        port.onMessage.addListener(({ id, error }) => { if (id) { port.disconnect(); resolve(error.code); } });
        port.onDisconnect.addListener(() => resolve('closed'));
        port.postMessage({ jsonrpc: '2.0', id: '0'.repeat(32), method: 'vault_accounts', params, packed: true });
      })`),
    ).toBe(-32602);
    for (const frame of [
      'null',
      '7',
      '"x"',
      '[]',
      '{}',
      '{ id: "short", method: "vault_accounts" }',
      '{ id: "0".repeat(32) }',
      '{ id: "0".repeat(32), method: {} }',
      '{ id: ["0".repeat(32)], method: "vault_accounts" }',
      '{ approve: true }',
    ])
      expect(
        await world.evaluate(
          `new Promise((resolve) => { const heard = []; const port = chrome.runtime.connect(); port.onMessage.addListener((message) => { if (message.method !== 'hello') heard.push(message); }); port.onDisconnect.addListener(() => resolve(heard)); port.postMessage(${frame}); })`,
        ),
        frame,
      ).toEqual([]);

    for (const area of ['local', 'session'])
      for (const use of [`get(null)`, `set({ x: 1 })`, `clear()`, `remove('x')`])
        await expect(world.evaluate(`chrome.storage.${area}.${use}`), `${area} ${use}`).rejects.toThrow(
          'not allowed from this context',
        );
    expect(await identities()).toEqual(before);
    expect(await call(page, 'vault_accounts')).toEqual({ result: [account] });
  });

  test('R-A5 another extension cannot connect, nor send', async () => {
    const wallet = await browser.context.newPage();
    await wallet.goto(`chrome-extension://${walletId}/settings.html`);
    const tries = await wallet.evaluate(async (id) => {
      const connectTo = (target: string) =>
        new Promise<string>((resolve) => {
          const port = chrome.runtime.connect(target, { name: 'dapp' });
          port.onMessage.addListener((message) => resolve(`heard ${JSON.stringify(message)}`));
          port.onDisconnect.addListener(() => resolve(`closed: ${chrome.runtime.lastError?.message}`));
          try {
            port.postMessage({ id: 1, method: 'state_get' });
          } catch (error) {
            resolve(`refused: ${String(error)}`);
          }
        });
      const sent = await chrome.runtime.sendMessage(id, { id: 1, method: 'state_get' }).then(
        (answer) => `answered ${JSON.stringify(answer)}`,
        (error: Error) => error.message,
      );
      return [await connectTo(id), sent];
    }, extensionId);
    for (const outcome of tries)
      expect(outcome).toContain('Could not establish connection. Receiving end does not exist.');
    await wallet.close();
    // The same port from a page of ours is answered, so the refusal above is one.
    const own = await browser.ownPage('popup');
    expect(await ownCall(own, 'state_get')).toMatchObject({ status: 'unlocked' });
    await own.close();
  });

  test('nothing was uncaught in any page, content script or worker', async () => {
    const plant = (name: string) => `void setTimeout(() => { throw new Error('planted in the ${name}'); })`;
    const worker = browser.context.serviceWorkers().find((one) => one.url().includes(extensionId))!;
    await call(page, 'vault_accounts');
    await worker.evaluate(plant('worker'));
    await (await relayWorld(page)).evaluate(plant('relay'));
    await page.evaluate(plant('page'));
    const lines = () =>
      browser
        .log()
        .split('\n')
        .filter((line) => /CONSOLE.*(Uncaught|Unchecked)/.test(line));
    for (const name of ['worker', 'relay', 'page'])
      await expect.poll(lines).toContainEqual(expect.stringContaining(`planted in the ${name}`));
    expect(lines().filter((line) => !line.includes('planted in the'))).toEqual([]);
  });
});

/** Rejects the first waiting request of the page's site, to make room for one. */
async function rejectOne(of: Chromium): Promise<void> {
  const popup = await of.ownPage('approval');
  const cards = await ownCall<{ id: string; digest: string; nonce: string; origin: string }[]>(popup, 'approvals_list');
  const { id, digest, nonce } = cards[0]!;
  await ownCall(popup, 'approvals_decide', { id, digest, nonce, decision: { kind: 'reject' } });
  await popup.close();
}
