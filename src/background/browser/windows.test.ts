// Our windows over a browser that outlives workers: one of each, whatever a dying worker could not write down.
import 'fake-indexeddb/auto';
import { describe, expect, test } from 'vitest';
import type { KeyValueArea } from '../../vault/store/host';
import { createMemoryArea } from '../../vault/testkit/memory-host.testkit';
import { createTestBrowser, enrolledBrowser, unlockWithWallet } from '../../vault/testkit/vault.testkit';
import { createPrompts } from './prompts';
import { createWindows, type WindowsApi } from './windows';
import { createFakeBrowser, personsWindow } from '../testkit/windows.testkit';

describe('one window of each', () => {
  test('P3 a worker that died while it was opening the approval window: the next one finds that window', async () => {
    const session = createMemoryArea(new Map());
    const { state, api, ours, addressOf } = createFakeBrowser({ delayMs: 150, answers: false });
    const first = createWindows({ api, session, nowMs: Date.now });
    void first.show('approval');
    await expect.poll(async () => (await session.get(['window:approval']))['window:approval']).toBeDefined();
    state.answers = true;
    const next = createWindows({ api, session, nowMs: Date.now });
    await next.show('approval');
    expect(ours()).toEqual([addressOf('approval')]);
    await next.show('approval');
    expect(ours()).toHaveLength(1);
  });

  test('a window that never came is opened again', async () => {
    let nowMs = 1_000_000;
    const session = createMemoryArea(new Map());
    const { state, api, ours, closeOurs } = createFakeBrowser({ answers: false });
    void createWindows({ api, session, nowMs: () => nowMs }).show('approval');
    await expect.poll(() => ours().length).toBe(1);
    closeOurs();
    state.answers = true;
    nowMs += 60_000;
    await createWindows({ api, session, nowMs: () => nowMs }).show('approval');
    expect(ours()).toHaveLength(1);
  });

  test('a window that was closed is opened again, and two calls in one moment open one', async () => {
    const { api, ours, closeOurs } = createFakeBrowser();
    const windows = createWindows({ api, session: createMemoryArea(new Map()), nowMs: Date.now });
    await Promise.all([windows.show('approval'), windows.show('approval')]);
    expect(ours()).toHaveLength(1);
    closeOurs();
    await windows.show('approval');
    expect(ours()).toHaveLength(1);
  });

  test('the approval window does not close over a request; one that closes is forgotten, so that the next request opens another', async () => {
    const { api, ours } = createFakeBrowser();
    const session = createMemoryArea(new Map());
    const windows = createWindows({ api, session, nowMs: Date.now });
    await windows.show('approval');
    const kept = await session.get(['window:approval']);
    expect(await windows.mayCloseApproval(async () => true)).toBe(false);
    expect(await session.get(['window:approval'])).toEqual(kept);
    expect(await windows.mayCloseApproval(async () => false)).toBe(true);
    expect(await session.get(['window:approval'])).toEqual({});
    await windows.show('approval');
    expect(ours()).toHaveLength(2);
  });

  test('a browser that can open neither a window nor a tab says so each time, and is asked again', async () => {
    const { state, api, ours } = createFakeBrowser({ windows: 'refused', tabs: 'refused' });
    const windows = createWindows({ api, session: createMemoryArea(new Map()), nowMs: Date.now });
    for (let times = 0; times < 2; times++) await expect(windows.show('approval')).rejects.toThrow('no tab');
    state.windows = 'window';
    await windows.show('approval');
    expect(ours()).toHaveLength(1);
  });
});

describe('on the monitor of the site that asks', () => {
  const laptop = { left: 0, top: 0, width: 1280, height: 800 };
  const secondMonitor = { left: 2560, top: -200, width: 1000, height: 900 };
  const setUp = (options: Parameters<typeof createFakeBrowser>[0] = {}) => {
    const browser = createFakeBrowser(options);
    const windows = createWindows({ api: browser.api, session: createMemoryArea(new Map()), nowMs: Date.now });
    return { ...browser, windows };
  };

  test('the approval window comes up within the window of the asking tab', async () => {
    const { windows, addWindow, placed } = setUp();
    addWindow(laptop);
    await windows.show('approval', undefined, addWindow(secondMonitor));
    expect(placed).toEqual([{ left: 2560 + 1000 - 400 - 16, top: -120, width: 400, height: 700 }]);
  });

  test('without an asking tab, or when that is gone, it comes up where the person was last, or where the browser likes', async () => {
    for (const askingTab of [undefined, 4711]) {
      const { windows, placed } = setUp();
      await windows.show('unlock', undefined, askingTab);
      expect(placed.length).toBe(1);
      expect(placed[0]).toMatchObject({ width: 400, height: 620, ...(askingTab === undefined ? { left: 864 } : {}) });
    }
  });

  test('a browser that refuses the place opens the window where it likes', async () => {
    const { windows, ours, placed } = setUp({ places: 'refused' });
    await windows.show('approval');
    expect(ours()).toHaveLength(1);
    expect(placed).toEqual([{ width: 400, height: 700 }]);
  });

  test('it is told whether a window of ours is in front', async () => {
    const { windows, turnTo } = setUp();
    expect(await windows.isInFront()).toBe(false);
    await windows.show('approval');
    expect(await windows.isInFront()).toBe(true);
    turnTo(2);
    expect(await windows.isInFront()).toBe(false);
  });
});

describe.each(['tabs', 'contexts'] as const)(
  'only what is ours is touched, where addresses are told with %s',
  (addresses) => {
    const setUp = (options: Parameters<typeof createFakeBrowser>[0] = {}) => {
      const browser = createFakeBrowser({ addresses, ...options });
      const clock = { aheadMs: 0 };
      return {
        ...browser,
        clock,
        windows: createWindows({
          api: browser.api,
          session: createMemoryArea(new Map()),
          nowMs: () => Date.now() + clock.aheadMs,
        }),
      };
    };
    const ownTab = (tabs: ReturnType<typeof createFakeBrowser>['tabs']) =>
      [...tabs.values()].find(({ url }) => url.startsWith('chrome-extension:'))!;

    test('R-C10 a browser that makes a tab of our window: locking closes that tab, not the window it is in', async () => {
      const { windows, ours, persons } = setUp({ windows: 'tab' });
      await windows.show('approval');
      expect(ours()).toHaveLength(1);
      await windows.closeApproval();
      expect(ours()).toEqual([]);
      expect(persons()).toEqual([2, 3]);
    });

    test('R-C10 our tab was moved into another window: it is found there, once, and locking closes it and nothing else', async () => {
      const { windows, tabs, ours, persons } = setUp();
      await windows.show('approval');
      ownTab(tabs).windowId = personsWindow;
      await windows.show('approval');
      expect(ours()).toHaveLength(1);
      await windows.closeApproval();
      expect(ours()).toEqual([]);
      expect(persons()).toEqual([2, 3]);
    });

    test('R-C10 the person moved tabs of their own into our window: they stay at a lock', async () => {
      const { windows, tabs, ours, persons } = setUp();
      await windows.show('approval');
      tabs.get(3)!.windowId = ownTab(tabs).windowId;
      await windows.closeApproval();
      expect(ours()).toEqual([]);
      expect(persons()).toEqual([2, 3]);
    });

    test('R-C10 the person went on to another page in our tab: it is neither closed, nor raised, nor led elsewhere', async () => {
      const { windows, clock, tabs, shown, ours, persons } = setUp();
      await windows.show('unlock', 'a'.repeat(32));
      await windows.show('approval');
      clock.aheadMs = 60_000;
      for (const tab of tabs.values()) tab.url = `https://person.example/${tab.id}`;
      const before = persons();
      await windows.closeApproval();
      expect(persons()).toEqual(before);
      await windows.show('unlock', 'b'.repeat(32));
      expect(persons()).toEqual(before);
      expect(ours()).toHaveLength(1);
      expect(shown.filter((url) => url.startsWith('https:'))).toEqual([]);
    });

    test('R-C10 a copy that the person made of the approval page is closed at a lock as well', async () => {
      const { windows, tabs, ours, persons } = setUp();
      await windows.show('approval');
      tabs.set(99, { ...ownTab(tabs), id: 99, windowId: personsWindow });
      await windows.closeApproval();
      expect(ours()).toEqual([]);
      expect(persons()).toEqual([2, 3]);
    });

    test('where no window can be opened a tab is, also where the browser has no windows at all', async () => {
      const refused = setUp({ windows: 'refused' });
      await refused.windows.show('approval');
      expect(refused.ours()).toEqual([refused.addressOf('approval')]);
      const { api, ours } = createFakeBrowser();
      const { windows: _windows, ...without } = api;
      const windows = createWindows({
        api: without as unknown as WindowsApi,
        session: createMemoryArea(new Map()),
        nowMs: Date.now,
      });
      await windows.show('approval');
      await windows.show('approval');
      expect(ours()).toHaveLength(1);
      await windows.closeApproval();
      expect(ours()).toEqual([]);
    });

    test('our tab is closed in the moment in which it is raised: another is opened', async () => {
      const { windows, api, ours, closeOurs } = setUp();
      await windows.show('approval');
      const { update } = api.tabs;
      api.tabs.update = ((id: number, change: object) => {
        closeOurs();
        return (update as (id: number, change: object) => Promise<unknown>)(id, change);
      }) as unknown as typeof update;
      await windows.show('approval');
      expect(ours()).toHaveLength(1);
    });

    test('a badge that cannot be drawn is no error', async () => {
      const { api } = createFakeBrowser();
      const windows = createWindows({
        api: { ...api, action: {} } as unknown as WindowsApi,
        session: createMemoryArea(new Map()),
        nowMs: Date.now,
      });
      await windows.setBadge(3);
    });
  },
);

describe('a worker that died in the middle of an unlock', () => {
  const connect = {
    method: 'vault_connect',
    digest: 'a'.repeat(64),
    shown: { kind: 'connect', capabilities: ['sign'], duration: null },
    firstSeen: true,
  } as const;
  const request = {
    ...connect,
    id: '1'.repeat(32),
    origin: 'https://app.example',
    documentKey: 'D1',
    shown: { ...connect.shown, capabilities: ['sign' as const] },
  };

  function presentingOf(vault: Parameters<typeof createPrompts>[0]['vault'], session: KeyValueArea, api: WindowsApi) {
    const windows = createWindows({ api, session, nowMs: Date.now });
    return createPrompts({ vault, windows, session, nowMs: Date.now, onRecord: async () => undefined });
  }

  test('P3 the connect that waited for it gets its window from the next worker', async () => {
    const browser = await enrolledBrowser();
    const { api, ours, closeOurs, addressOf } = createFakeBrowser();
    await browser.vault.lock();
    const submitted = await browser.vault.approvals.submit(request);
    await presentingOf(browser.vault, browser.host.session, api).presentRecord(submitted.record!, true, false);
    // From the card the person goes to unlock.
    await createWindows({ api, session: browser.host.session, nowMs: Date.now }).show('unlock', browser.safeId);
    // Unlocked, and dead before anything could follow from it; the unlock page closes itself.
    await unlockWithWallet(browser.vault, browser.safeId, browser.wallet);
    closeOurs();
    await presentingOf(browser.startWorker(), browser.host.session, api).resume();
    expect(ours()).toEqual([addressOf('approval')]);
  });

  test('a card that the person closed for now stays closed at a restart, and nothing opens when nothing waits', async () => {
    const browser = await enrolledBrowser();
    const { api, ours, closeOurs } = createFakeBrowser();
    const submitted = await browser.vault.approvals.submit(request);
    await presentingOf(browser.vault, browser.host.session, api).presentRecord(submitted.record!, true, false);
    closeOurs();
    await presentingOf(browser.startWorker(), browser.host.session, api).resume();
    expect(ours()).toEqual([]);
    const empty = createTestBrowser();
    await presentingOf(empty.startWorker(), empty.host.session, api).resume();
    expect(ours()).toEqual([]);
  });
});
