// The windows and tabs the worker opens: one approval window, one unlock window, one onboarding tab; and the badge.
// Promises: at most one of each, found again after a restart, also when the worker died before it could write down which it opened;
// nothing about a request stands in an address (R-C3).
// Must not: prompt a wallet, or close a window over a request (closing means "later").
import type browser from 'webextension-polyfill';
import { pages, type PageName } from '../contract/internal';
import { step } from '../vault/checkpoint';
import type { KeyValueArea, VaultHost } from '../vault/host';

const sizes: Partial<Record<PageName, { width: number; height: number }>> = {
  approval: { width: 400, height: 660 },
  unlock: { width: 400, height: 620 },
};
/** As long as a window that a dead worker was opening may take to show up. */
const appearsWithinMs = 2000;
const lastKey = 'window:last';

type OwnWindow = 'approval' | 'unlock' | 'onboarding';

/** The part of the browser that is used. `runtime.getContexts` is Chromium's; elsewhere our pages are found by their address. */
export interface WindowsApi {
  runtime: Pick<typeof browser.runtime, 'getURL'> & {
    getContexts?: (filter: { contextTypes: string[] }) => Promise<{ documentUrl?: string; tabId: number; windowId: number }[]>;
  };
  tabs: Pick<typeof browser.tabs, 'get' | 'query' | 'update' | 'create'>;
  windows: Pick<typeof browser.windows, 'get' | 'update' | 'create' | 'remove'>;
  action: Pick<typeof browser.action, 'setBadgeText' | 'setBadgeBackgroundColor'>;
}

export interface Windows {
  /** Opens the page in its own window, or brings the one that is open to the front. `safeId`: the identity to unlock. */
  show(page: OwnWindow, safeId?: string): Promise<void>;
  /** What was shown last, by whichever worker; undefined when nothing was since the browser started. */
  lastShown(): Promise<OwnWindow | undefined>;
  /** Closes the approval window, at lock (R-C10). What waits goes on waiting: the badge counts it. */
  closeApproval(): Promise<void>;
  /**
   * The approval window is about to close itself: true, and it is forgotten, so that the next request opens another; false when
   * `isNeeded` says that something waits. Without it a request could be shown in a window that is just going.
   */
  mayCloseApproval(isNeeded: () => Promise<boolean>): Promise<boolean>;
  setBadge(waiting: number): Promise<void>;
}

/** What storage.session holds of one of them: where it is, or since when (milliseconds since 1970) it is being opened. */
type Kept = { windowId: number; tabId?: number | undefined } | { openingSinceMs: number };

export function createWindows(options: { api: WindowsApi; session: KeyValueArea; nowMs: () => number; checkpoint?: VaultHost['checkpoint'] }): Windows {
  const { api, session, nowMs, checkpoint } = options;
  // One after the other: two requests in the same moment must not open two windows.
  let queue: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = queue.then(work);
    queue = result.catch(() => undefined);
    return result;
  };
  const keyOf = (page: PageName) => `window:${page}`;

  /** One of our pages that is open but was never written down. */
  async function findByAddress(page: PageName): Promise<{ windowId: number; tabId: number } | undefined> {
    const url = api.runtime.getURL(pages[page]);
    if (api.runtime.getContexts) {
      const contexts = await api.runtime.getContexts({ contextTypes: ['TAB'] });
      const found = contexts.find((one) => one.documentUrl?.split('#')[0] === url);
      return found && { windowId: found.windowId, tabId: found.tabId };
    }
    for (const { id, windowId } of await api.tabs.query({ url: `${url}*` }))
      if (id !== undefined && windowId !== undefined) return { windowId, tabId: id };
    return undefined;
  }

  async function known(page: PageName): Promise<{ windowId: number; tabId: number | undefined } | undefined> {
    const kept = (await session.get([keyOf(page)]))[keyOf(page)] as Kept | undefined;
    if (!kept) return undefined;
    if ('windowId' in kept) {
      try {
        if (kept.tabId !== undefined) await api.tabs.get(kept.tabId);
        await api.windows.get(kept.windowId);
        return { windowId: kept.windowId, tabId: kept.tabId };
      } catch {
        return undefined;
      }
    }
    // A worker died between opening the window and writing down which it was.
    for (;;) {
      // A browser that does not tell is a browser in which the window is opened again.
      const found = await findByAddress(page).catch(() => undefined);
      if (found) {
        await session.set({ [keyOf(page)]: found });
        return found;
      }
      const sinceMs = nowMs() - kept.openingSinceMs;
      if (sinceMs < 0 || sinceMs > appearsWithinMs) return undefined;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  const show: Windows['show'] = (page, safeId) =>
    inTurn(async () => {
      const open = await known(page);
      await session.set({ [lastKey]: page, ...(open ? {} : { [keyOf(page)]: { openingSinceMs: nowMs() } satisfies Kept }) });
      // The safe's id is random and names nothing outside this browser; nothing else ever stands in an address.
      const url = api.runtime.getURL(pages[page]) + (safeId === undefined ? '' : `#${safeId}`);
      if (open) {
        if (open.tabId !== undefined) await api.tabs.update(open.tabId, { active: true, ...(safeId === undefined ? {} : { url }) });
        await api.windows.update(open.windowId, { focused: true });
        return;
      }
      const opened = await step({ checkpoint }, 'window.open', () => openNew(page, url)).catch(async (error: unknown) => {
        await session.remove([keyOf(page)]);
        throw error;
      });
      if (opened) await session.set({ [keyOf(page)]: opened satisfies Kept });
      else await session.remove([keyOf(page)]);
    });

  async function openNew(page: OwnWindow, url: string): Promise<{ windowId: number; tabId: number | undefined } | undefined> {
    const size = sizes[page];
    if (!size) {
      const { windowId, id } = await api.tabs.create({ url });
      return windowId === undefined ? undefined : { windowId, tabId: id };
    }
    // No position is given: the browser places the window where it fits (a window off the screen is a prompt that hangs).
    const window = await api.windows.create({ url, type: 'popup', ...size });
    return window.id === undefined ? undefined : { windowId: window.id, tabId: window.tabs?.[0]?.id };
  }

  async function lastShown(): Promise<OwnWindow | undefined> {
    return (await session.get([lastKey]))[lastKey] as OwnWindow | undefined;
  }

  const closeApproval = () =>
    inTurn(async () => {
      const open = await known('approval');
      if (open) await api.windows.remove(open.windowId).catch(() => undefined);
      await session.remove([keyOf('approval')]);
    });

  const mayCloseApproval: Windows['mayCloseApproval'] = (isNeeded) =>
    inTurn(async () => {
      if (await isNeeded()) return false;
      await session.remove([keyOf('approval')]);
      return true;
    });

  async function setBadge(waiting: number): Promise<void> {
    await api.action.setBadgeText({ text: waiting === 0 ? '' : String(waiting) });
    await api.action.setBadgeBackgroundColor({ color: '#0d5c63' });
  }

  return { show, lastShown, closeApproval, mayCloseApproval, setBadge };
}
