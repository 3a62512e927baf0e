// The windows and tabs the worker opens: one approval window, one unlock window, one onboarding tab; and the badge.
// Promises: at most one of each, found again after a restart, also when the worker died before it could write down which it opened;
// what is raised, led elsewhere or closed is a tab that shows our page at that moment, whichever window it is in by then; nothing about
// a request stands in an address (R-C3).
// Must not: prompt a wallet, touch a window or tab of the person's, or close a window over a request (closing means "later").
import type browser from 'webextension-polyfill';
import { pages, type PageName } from '../../contract/pages/pages';
import { step } from '../../vault/store/steps';
import type { KeyValueArea, VaultHost } from '../../vault/store/host';
import { placeWithin, type Bounds } from './window-place';

const sizes: Partial<Record<PageName, { width: number; height: number }>> = {
  approval: { width: 400, height: 700 },
  unlock: { width: 400, height: 620 },
};
/** As long as a window may take until it shows our page. */
const appearsWithinMs = 2000;
const lastKey = 'window:last';

export type OwnWindow = 'approval' | 'unlock' | 'onboarding';

/**
 * The part of the browser that is used. A browser tells an extension the addresses of its own pages and of no others: with their tabs, or (Chromium 150)
 * only as contexts of the extension.
 */
export interface WindowsApi {
  runtime: Pick<typeof browser.runtime, 'getURL'> & {
    getContexts?: (filter: { contextTypes: ['TAB'] }) => Promise<PageContext[]>;
  };
  tabs: Pick<typeof browser.tabs, 'get' | 'query' | 'update' | 'create' | 'remove'>;
  windows: Pick<typeof browser.windows, 'update' | 'create' | 'get'> & {
    getLastFocused: (filter: { windowTypes?: ['normal'] }) => Promise<Bounds>;
  };
  action: Pick<typeof browser.action, 'setBadgeText' | 'setBadgeBackgroundColor'>;
}

interface PageContext {
  documentUrl?: string | undefined;
  tabId: number;
  windowId: number;
}

export interface Windows {
  /**
   * Opens the page in its own window, in a tab where the browser opens no window, or brings the one that is open to the front. `safeId`:
   * the identity to unlock. `askingTab`: the tab it is for, in whose window and thus on whose monitor a new one comes up; without it that is the
   * window the person used last. Rejects when the browser shows neither.
   */
  show(page: OwnWindow, safeId?: string, askingTab?: number): Promise<void>;
  /** Whether the approval or the unlock window is in front of the person now. Never rejects. */
  isInFront(): Promise<boolean>;
  /** What was shown last, by whichever worker; undefined when nothing was since the browser started. */
  lastShown(): Promise<OwnWindow | undefined>;
  /** Closes the approval page wherever it is open, at lock (R-C10). What waits goes on waiting: the badge counts it. */
  closeApproval(): Promise<void>;
  /**
   * The approval window is about to close itself: true, and it is forgotten, so that the next request opens another; false when
   * `isNeeded` says that something waits. Without it a request could be shown in a window that is just going.
   */
  mayCloseApproval(isNeeded: () => Promise<boolean>): Promise<boolean>;
  /** Counts what waits on the badge, where the browser has a badge. */
  setBadge(waiting: number): Promise<void>;
}

/** What storage.session holds of one of them: its tab, or only since when (milliseconds since 1970) it is being opened. */
type Kept = { tabId: number; openedAtMs: number } | { openingSinceMs: number };

interface Place {
  tabId: number;
  windowId: number | undefined;
}

export function createWindows(options: {
  api: WindowsApi;
  session: KeyValueArea;
  nowMs: () => number;
  checkpoint?: VaultHost['checkpoint'];
}): Windows {
  const { api, session, nowMs, checkpoint } = options;
  // One after the other: two requests in the same moment must not open two windows.
  let queue: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = queue.then(work);
    queue = result.catch(() => undefined);
    return result;
  };
  const keyOf = (page: PageName) => `window:${page}`;

  const addressOf = (page: PageName) => api.runtime.getURL(pages[page]);
  const isAt = (page: PageName, url: string | undefined) => url?.split('#')[0] === addressOf(page);
  /** True when the tab shows the page or is about to: what a tab does not tell us of is not ours. */
  const shows = (page: PageName, { url, pendingUrl }: { url?: string | undefined; pendingUrl?: string | undefined }) =>
    isAt(page, url) || isAt(page, pendingUrl);

  async function openPages(page: PageName): Promise<Place[]> {
    // A browser that does not tell is a browser in which the window is opened again.
    const tabs = await api.tabs.query({ url: `${addressOf(page)}*` }).catch(() => []);
    const told = tabs
      .filter((tab) => isAt(page, tab.url))
      .flatMap(({ id, windowId }) => (id === undefined ? [] : { tabId: id, windowId }));
    if (told.length > 0) return told;
    const contexts = (await api.runtime.getContexts?.({ contextTypes: ['TAB'] }).catch(() => [])) ?? [];
    return contexts
      .filter(({ documentUrl }) => isAt(page, documentUrl))
      .map(({ tabId, windowId }) => ({ tabId, windowId }));
  }

  /** The page's open tab, wherever it was moved; undefined when it was closed or shows something else by now. */
  async function find(page: PageName): Promise<Place | undefined> {
    const kept = (await session.get([keyOf(page)]))[keyOf(page)] as Kept | undefined;
    if (!kept) return undefined;
    const sinceMs = 'tabId' in kept ? kept.openedAtMs : kept.openingSinceMs;
    for (;;) {
      if ('tabId' in kept) {
        const tab = await api.tabs.get(kept.tabId).catch(() => undefined);
        if (!tab) return undefined;
        const isOurs = shows(page, tab) || (await openPages(page)).some(({ tabId }) => tabId === kept.tabId);
        if (isOurs) return { tabId: kept.tabId, windowId: tab.windowId };
      } else {
        // A worker died between opening the window and writing down which it was.
        const [found] = await openPages(page);
        if (found) {
          await session.set({ [keyOf(page)]: { tabId: found.tabId, openedAtMs: nowMs() } satisfies Kept });
          return found;
        }
      }
      const waitedMs = nowMs() - sinceMs;
      if (!(waitedMs >= 0 && waitedMs <= appearsWithinMs)) return undefined;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** False when the tab is gone. */
  async function raise({ tabId, windowId }: Place, url: string | undefined): Promise<boolean> {
    try {
      await api.tabs.update(tabId, { active: true, ...(url === undefined ? {} : { url }) });
    } catch {
      return false;
    }
    try {
      if (windowId !== undefined) await api.windows.update(windowId, { focused: true });
    } catch {
      // A browser without windows shows the tab that is active.
    }
    return true;
  }

  const show: Windows['show'] = (page, safeId, askingTab) =>
    inTurn(async () => {
      const open = await find(page);
      await session.set({ [lastKey]: page });
      // The safe's id is random and names nothing outside this browser; nothing else ever stands in an address.
      const url = addressOf(page) + (safeId === undefined ? '' : `#${safeId}`);
      if (open && (await raise(open, safeId === undefined ? undefined : url))) return;
      await session.set({ [keyOf(page)]: { openingSinceMs: nowMs() } satisfies Kept });
      const tabId = await step({ checkpoint }, 'window.open', () => openNew(page, url, askingTab)).catch(
        async (error: unknown) => {
          await session.remove([keyOf(page)]);
          throw error;
        },
      );
      // Where the browser does not say which tab it is, the page is found by its address.
      if (tabId !== undefined) await session.set({ [keyOf(page)]: { tabId, openedAtMs: nowMs() } satisfies Kept });
    });

  /** The tab it was opened in, as far as the browser says. */
  async function openNew(page: OwnWindow, url: string, askingTab: number | undefined): Promise<number | undefined> {
    const size = sizes[page];
    if (size) {
      const window = { url, type: 'popup' as const };
      try {
        const placed = placeWithin(size, await personsWindow(askingTab));
        // A browser may refuse a place (off its screens, say) and would place the window itself; a window off the screen is a prompt that hangs.
        const opened = api.windows
          .create({ ...window, ...placed })
          .catch(() => api.windows.create({ ...window, ...size }));
        const { tabs = [] } = await opened;
        // Where the window became a tab of another window, that window's other tabs are the person's.
        return (tabs.find((tab) => shows(page, tab)) ?? (tabs.length === 1 ? tabs[0] : undefined))?.id;
      } catch {
        // No windows here, or none now: a tab does as well.
      }
    }
    return (await api.tabs.create({ url, active: true })).id;
  }

  /** The window of the person's that a window of ours belongs to; undefined where the browser does not say. */
  async function personsWindow(askingTab: number | undefined): Promise<Bounds | undefined> {
    try {
      if (askingTab !== undefined) {
        const { windowId } = await api.tabs.get(askingTab);
        if (windowId !== undefined) return await api.windows.get(windowId);
      }
      // Firefox warns of the filter.
      return await api.windows.getLastFocused(__BROWSER__ === 'firefox' ? {} : { windowTypes: ['normal'] });
    } catch {
      return undefined;
    }
  }

  async function isInFront(): Promise<boolean> {
    for (const page of ['approval', 'unlock'] as const) {
      const place = await find(page).catch(() => undefined);
      if (place?.windowId === undefined) continue;
      const [window, tab] = await Promise.all([
        api.windows.get(place.windowId).catch(() => undefined),
        api.tabs.get(place.tabId).catch(() => undefined),
      ]);
      if (window?.focused && tab?.active) return true;
    }
    return false;
  }

  async function lastShown(): Promise<OwnWindow | undefined> {
    return (await session.get([lastKey]))[lastKey] as OwnWindow | undefined;
  }

  const closeApproval = () =>
    inTurn(async () => {
      const opened = await find('approval');
      // The person may have made a copy of the tab.
      const tabIds = new Set([opened, ...(await openPages('approval'))].flatMap((place) => place?.tabId ?? []));
      for (const tabId of tabIds) await api.tabs.remove(tabId).catch(() => undefined);
      await session.remove([keyOf('approval')]);
    });

  const mayCloseApproval: Windows['mayCloseApproval'] = (isNeeded) =>
    inTurn(async () => {
      if (await isNeeded()) return false;
      await session.remove([keyOf('approval')]);
      return true;
    });

  async function setBadge(waiting: number): Promise<void> {
    try {
      await api.action.setBadgeText({ text: waiting === 0 ? '' : String(waiting) });
      await api.action.setBadgeBackgroundColor({ color: '#0d5c63' });
    } catch {
      // What waits does not depend on being counted.
    }
  }

  return { show, isInFront, lastShown, closeApproval, mayCloseApproval, setBadge };
}
