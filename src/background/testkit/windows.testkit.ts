// A browser's windows and tabs for tests of ours: the person's window with two tabs, and what is opened beside it.
// Promises: a tab is opened, moved and closed as a browser does it; every raising and opening is written down, with where a window was placed.
// Must not: tell more of the person's tabs than a browser tells an extension without the permission: no address.
import { pages, type PageName } from '../../contract/pages/pages';
import type { WindowsApi } from '../browser/windows';

export const root = 'chrome-extension://abc';
export const personsWindow = 1;

interface FakeWindow {
  left: number;
  top: number;
  width: number;
  height: number;
}

interface FakeTab {
  id: number;
  windowId: number;
  url: string;
}

/**
 * `delayMs`: a window that was asked for shows up that much later, also when its worker is gone. `windows`: what a browser makes of a
 * request for a window: the window, a tab in the person's window, or an error. `tabs`: whether it opens tabs at all. `addresses`: whether it tells those of
 * our pages with their tabs, or only as contexts. `places`: whether a window may be told where to come up.
 */
export function createFakeBrowser(
  options: {
    delayMs?: number;
    answers?: boolean;
    windows?: 'window' | 'tab' | 'refused';
    tabs?: 'open' | 'refused';
    addresses?: 'tabs' | 'contexts';
    places?: 'taken' | 'refused';
  } = {},
) {
  const state = {
    delayMs: 0,
    answers: true,
    windows: 'window' as 'window' | 'tab' | 'refused',
    tabs: 'open' as 'open' | 'refused',
    addresses: 'tabs' as 'tabs' | 'contexts',
    places: 'taken' as 'taken' | 'refused',
    badge: '',
    ...options,
  };
  const tabs = new Map<number, FakeTab>();
  const shown: string[] = [];
  const placed: Partial<FakeWindow>[] = [];
  const bounds = new Map<number, FakeWindow>([[personsWindow, { left: 0, top: 0, width: 1280, height: 860 }]]);
  let focused = personsWindow;
  let ids = 10;
  for (const id of [2, 3]) tabs.set(id, { id, windowId: personsWindow, url: `https://person.example/${id}` });

  const isOurs = (url: string) => url.startsWith(root);
  /** As the browser describes a tab to an extension: the address only of its own pages. */
  const isTold = (url: string) => isOurs(url) && state.addresses === 'tabs';
  const described = ({ id, windowId, url }: FakeTab) => ({
    id,
    windowId,
    active: true,
    ...(isTold(url) ? { url } : {}),
  });
  const must = (id: number): FakeTab => {
    const tab = tabs.get(id);
    if (!tab) throw new Error(`No tab with id: ${id}`);
    return tab;
  };
  const inWindow = (windowId: number) => [...tabs.values()].filter((tab) => tab.windowId === windowId);
  const open = async (url: string, windowId: number): Promise<FakeTab> => {
    const tab = { id: ++ids, windowId, url };
    shown.push(url);
    const appeared = new Promise<void>((resolve) =>
      setTimeout(() => resolve(void tabs.set(tab.id, tab)), state.delayMs),
    );
    // A worker that dies here never hears of its window.
    if (!state.answers) await new Promise(() => undefined);
    await appeared;
    return tab;
  };

  const api = {
    runtime: {
      getURL: (path: string) => `${root}${path}`,
      getContexts: async () =>
        [...tabs.values()]
          .filter(({ url }) => isOurs(url))
          .map(({ id, windowId, url }) => ({ tabId: id, windowId, documentUrl: url })),
    },
    tabs: {
      get: async (id: number) => described(must(id)),
      query: async ({ url }: { url: string }) =>
        [...tabs.values()].filter((tab) => isTold(tab.url) && tab.url.startsWith(url.slice(0, -1))).map(described),
      update: async (id: number, { url }: { url?: string }) => {
        const tab = must(id);
        if (url !== undefined) tab.url = url;
        shown.push(tab.url);
        return described(tab);
      },
      create: async ({ url }: { url: string }) => {
        if (state.tabs === 'refused') throw new Error('no tab');
        return described(await open(url, personsWindow));
      },
      remove: async (id: number) => void tabs.delete(must(id).id),
    },
    windows: {
      update: async (windowId: number) => {
        if (inWindow(windowId).length === 0) throw new Error(`No window with id: ${windowId}`);
        focused = windowId;
        return { id: windowId };
      },
      get: async (windowId: number) => {
        if (inWindow(windowId).length === 0) throw new Error(`No window with id: ${windowId}`);
        return { id: windowId, focused: focused === windowId, ...bounds.get(windowId) };
      },
      getLastFocused: async () => ({ id: personsWindow, ...bounds.get(personsWindow) }),
      create: async ({ url, left, ...size }: { url: string; left?: number } & Partial<FakeWindow>) => {
        if (state.windows === 'refused') throw new Error('no window');
        if (state.places === 'refused' && left !== undefined)
          throw new Error('Bounds must be within visible screen space');
        if (state.windows === 'tab') {
          const { windowId } = await open(url, personsWindow);
          return { id: windowId, type: 'normal', tabs: inWindow(windowId).map(described) };
        }
        const tab = await open(url, ++ids);
        const { top, width, height } = size;
        const place = left === undefined ? {} : { left, top: top! };
        placed.push({ ...place, width: width!, height: height! });
        focused = tab.windowId;
        return { id: tab.windowId, type: 'popup', tabs: [described(tab)] };
      },
      remove: async (windowId: number) => inWindow(windowId).forEach(({ id }) => tabs.delete(id)),
    },
    action: {
      setBadgeText: async ({ text }: { text: string }) => void (state.badge = text),
      setBadgeBackgroundColor: async () => undefined,
    },
  };

  return {
    state,
    api: api as unknown as WindowsApi,
    tabs,
    /** Each opening and each raising of a page of ours, in order. */
    shown,
    /** Size and place of each window that was opened. */
    placed,
    /** A window of the person's more, with one tab; returns the tab. */
    addWindow(windowBounds: FakeWindow): number {
      const tab = { id: ++ids, windowId: ++ids, url: 'https://person.example/elsewhere' };
      tabs.set(tab.id, tab);
      bounds.set(tab.windowId, windowBounds);
      return tab.id;
    },
    /** The person turns to another window. */
    turnTo: (tabId: number) => void (focused = must(tabId).windowId),
    addressOf: (page: PageName) => `${root}${pages[page]}`,
    /** The addresses of our open pages. */
    ours: () => [...tabs.values()].filter(({ url }) => isOurs(url)).map(({ url }) => url),
    /** The person's tabs that are open. */
    persons: () => [...tabs.values()].filter(({ url }) => !isOurs(url)).map(({ id }) => id),
    /** The person closes our pages. */
    closeOurs: () => [...tabs.values()].filter(({ url }) => isOurs(url)).forEach(({ id }) => tabs.delete(id)),
  };
}
