// The windows and tabs the worker opens: one approval window, one unlock window, one onboarding tab; and the badge.
// Promises: at most one of each, found again after a restart; nothing about a request stands in an address (R-C3).
// Must not: prompt a wallet, or close a window over a request (closing means "later").
import browser from 'webextension-polyfill';
import { pages, type PageName } from '../contract/internal';
import type { KeyValueArea } from '../vault/host';

const sizes: Partial<Record<PageName, { width: number; height: number }>> = {
  approval: { width: 400, height: 660 },
  unlock: { width: 400, height: 620 },
};

export interface Windows {
  /** Opens the page in its own window, or brings the one that is open to the front. `safeId`: the identity to unlock. */
  show(page: 'approval' | 'unlock' | 'onboarding', safeId?: string): Promise<void>;
  /** Closes the approval window, at lock (R-C10). What waits goes on waiting: the badge counts it. */
  closeApproval(): Promise<void>;
  /**
   * The approval window is about to close itself: true, and it is forgotten, so that the next request opens another; false when
   * `isNeeded` says that something waits. Without it a request could be shown in a window that is just going.
   */
  mayCloseApproval(isNeeded: () => Promise<boolean>): Promise<boolean>;
  setBadge(waiting: number): Promise<void>;
}

export function createWindows(session: KeyValueArea): Windows {
  // One after the other: two requests in the same moment must not open two windows.
  let queue: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = queue.then(work);
    queue = result.catch(() => undefined);
    return result;
  };
  const keyOf = (page: PageName) => `window:${page}`;

  async function known(page: PageName): Promise<{ windowId: number; tabId: number | undefined } | undefined> {
    const value = (await session.get([keyOf(page)]))[keyOf(page)] as { windowId: number; tabId?: number } | undefined;
    if (!value) return undefined;
    try {
      if (value.tabId !== undefined) await browser.tabs.get(value.tabId);
      await browser.windows.get(value.windowId);
      return { windowId: value.windowId, tabId: value.tabId };
    } catch {
      return undefined;
    }
  }

  const show: Windows['show'] = (page, safeId) =>
    inTurn(async () => {
      const open = await known(page);
      // The safe's id is random and names nothing outside this browser; nothing else ever stands in an address.
      const url = browser.runtime.getURL(pages[page]) + (safeId === undefined ? '' : `#${safeId}`);
      if (open) {
        if (open.tabId !== undefined) await browser.tabs.update(open.tabId, { active: true, ...(safeId === undefined ? {} : { url }) });
        await browser.windows.update(open.windowId, { focused: true });
        return;
      }
      const size = sizes[page];
      if (!size) {
        const tab = await browser.tabs.create({ url });
        if (tab.windowId !== undefined) await session.set({ [keyOf(page)]: { windowId: tab.windowId, tabId: tab.id } });
        return;
      }
      // No position is given: the browser places the window where it fits (a window off the screen is a prompt that hangs).
      const window = await browser.windows.create({ url, type: 'popup', ...size });
      if (window.id !== undefined) await session.set({ [keyOf(page)]: { windowId: window.id, tabId: window.tabs?.[0]?.id } });
    });

  const closeApproval = () =>
    inTurn(async () => {
      const open = await known('approval');
      if (open) await browser.windows.remove(open.windowId).catch(() => undefined);
      await session.remove([keyOf('approval')]);
    });

  const mayCloseApproval: Windows['mayCloseApproval'] = (isNeeded) =>
    inTurn(async () => {
      if (await isNeeded()) return false;
      await session.remove([keyOf('approval')]);
      return true;
    });

  async function setBadge(waiting: number): Promise<void> {
    await browser.action.setBadgeText({ text: waiting === 0 ? '' : String(waiting) });
    await browser.action.setBadgeBackgroundColor({ color: '#0d5c63' });
  }

  return { show, closeApproval, mayCloseApproval, setBadge };
}
