// Our windows over a browser that outlives workers: one of each, whatever a dying worker could not write down.
import 'fake-indexeddb/auto';
import { describe, expect, test } from 'vitest';
import { pages } from '../contract/internal';
import type { KeyValueArea } from '../vault/host';
import { createMemoryArea } from '../vault/memory-host.testkit';
import { createTestBrowser, enrolledBrowser, unlockWithWallet } from '../vault/vault.testkit';
import { createPresenting } from './presenting';
import { createWindows, type WindowsApi } from './windows';

const root = 'chrome-extension://abc';

/** Open windows with one tab each. `delayMs`: a window that was asked for shows up that much later, also when its worker is gone. */
function openWindows(options: { delayMs?: number; hasContexts?: boolean; answers?: boolean } = {}) {
  const { delayMs = 0, hasContexts = true } = options;
  const state = { answers: options.answers ?? true, urls: new Map<number, string>() };
  let ids = 0;
  const api = {
    runtime: {
      getURL: (path: string) => `${root}${path}`,
      ...(hasContexts && {
        getContexts: async () => [...state.urls].map(([id, documentUrl]) => ({ documentUrl, tabId: id, windowId: id })),
      }),
    },
    tabs: {
      get: async (id: number) => ({ id: must(id) }),
      query: async ({ url }: { url: string }) => [...state.urls].filter(([, one]) => one.startsWith(url.slice(0, -1))).map(([id]) => ({ id, windowId: id })),
      update: async (id: number, { url }: { url?: string }) => url !== undefined && state.urls.set(must(id), url),
      create: async ({ url }: { url: string }) => open(url),
    },
    windows: {
      get: async (id: number) => ({ id: must(id) }),
      update: async (id: number) => ({ id: must(id) }),
      create: async ({ url }: { url: string }) => open(url),
      remove: async (id: number) => void state.urls.delete(must(id)),
    },
    action: { setBadgeText: async () => undefined, setBadgeBackgroundColor: async () => undefined },
  };
  const must = (id: number) => {
    if (!state.urls.has(id)) throw new Error('no such window');
    return id;
  };
  const open = async (url: string) => {
    const id = ++ids;
    const shown = new Promise<void>((resolve) => setTimeout(() => resolve(void state.urls.set(id, url)), delayMs));
    // A worker that dies here never hears of its window.
    if (!state.answers) await new Promise(() => undefined);
    await shown;
    return { id, windowId: id, tabs: [{ id }] };
  };
  return { state, api: api as unknown as WindowsApi };
}

describe('one window of each', () => {
  test.each([
    ['Chromium', true],
    ['Firefox', false],
  ])('P3 a worker that died while it was opening the approval window: the next one finds that window (%s)', async (_name, hasContexts) => {
    const session = createMemoryArea(new Map());
    const { state, api } = openWindows({ delayMs: 150, hasContexts, answers: false });
    const first = createWindows({ api, session, nowMs: Date.now });
    void first.show('approval');
    await expect.poll(async () => (await session.get(['window:approval']))['window:approval']).toBeDefined();
    state.answers = true;
    const next = createWindows({ api, session, nowMs: Date.now });
    await next.show('approval');
    expect([...state.urls.values()]).toEqual([`${root}${pages.approval}`]);
    await next.show('approval');
    expect(state.urls.size).toBe(1);
  });

  test('a window that never came is opened again', async () => {
    let nowMs = 1_000_000;
    const session = createMemoryArea(new Map());
    const { state, api } = openWindows({ answers: false });
    void createWindows({ api, session, nowMs: () => nowMs }).show('approval');
    await expect.poll(() => state.urls.size).toBe(1);
    state.urls.clear();
    state.answers = true;
    nowMs += 60_000;
    await createWindows({ api, session, nowMs: () => nowMs }).show('approval');
    expect(state.urls.size).toBe(1);
  });

  test('a window that was closed is opened again, and two calls in one moment open one', async () => {
    const { state, api } = openWindows();
    const windows = createWindows({ api, session: createMemoryArea(new Map()), nowMs: Date.now });
    await Promise.all([windows.show('approval'), windows.show('approval')]);
    expect(state.urls.size).toBe(1);
    state.urls.clear();
    await windows.show('approval');
    expect(state.urls.size).toBe(1);
  });

  test('a browser that cannot open a window says so each time', async () => {
    const { api } = openWindows();
    const refusing = { ...api, windows: { ...api.windows, create: () => Promise.reject(new Error('no window')) } };
    const windows = createWindows({ api: refusing as unknown as WindowsApi, session: createMemoryArea(new Map()), nowMs: Date.now });
    for (let times = 0; times < 2; times++) await expect(windows.show('approval')).rejects.toThrow('no window');
  });
});

describe('a worker that died in the middle of an unlock', () => {
  const connect = { method: 'vault_connect', digest: 'a'.repeat(64), shown: { kind: 'connect', capabilities: ['sign'], duration: null }, firstSeen: true } as const;
  const request = { ...connect, id: '1'.repeat(32), origin: 'https://app.example', documentKey: 'D1', shown: { ...connect.shown, capabilities: ['sign' as const] } };

  function presentingOf(vault: Parameters<typeof createPresenting>[0]['vault'], session: KeyValueArea, api: WindowsApi) {
    const windows = createWindows({ api, session, nowMs: Date.now });
    return createPresenting({ vault, windows, session, onRecord: async () => undefined });
  }

  test('P3 the connect that waited for it gets its window from the next worker', async () => {
    const browser = await enrolledBrowser();
    const { state, api } = openWindows();
    await browser.vault.lock();
    const submitted = await browser.vault.approvals.submit(request);
    await presentingOf(browser.vault, browser.host.session, api).presentRecord(submitted.record!, true);
    expect([...state.urls.values()]).toEqual([`${root}${pages.unlock}`]);
    // Unlocked, and dead before anything could follow from it; the unlock page closes itself.
    await unlockWithWallet(browser.vault, browser.safeId, browser.wallet);
    state.urls.clear();
    await presentingOf(browser.startWorker(), browser.host.session, api).resume();
    expect([...state.urls.values()]).toEqual([`${root}${pages.approval}`]);
  });

  test('a card that the person closed for now stays closed at a restart, and nothing opens when nothing waits', async () => {
    const browser = await enrolledBrowser();
    const { state, api } = openWindows();
    const submitted = await browser.vault.approvals.submit(request);
    await presentingOf(browser.vault, browser.host.session, api).presentRecord(submitted.record!, true);
    state.urls.clear();
    await presentingOf(browser.startWorker(), browser.host.session, api).resume();
    expect(state.urls.size).toBe(0);
    const empty = createTestBrowser();
    await presentingOf(empty.startWorker(), empty.host.session, api).resume();
    expect(state.urls.size).toBe(0);
  });
});
