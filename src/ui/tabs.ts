// Opening and closing our own pages.
// Promises: only paths of contract/pages/pages, the browser's page of keyboard commands, and the stores' pages of known wallets; no permission is needed for any of it.
import browser from 'webextension-polyfill';
import { pages, type PageName } from '../contract/pages/pages';

/** Opens one of our pages in a tab; `section` goes behind "#". */
export async function openPage(page: PageName, section?: string): Promise<void> {
  const url = browser.runtime.getURL(pages[page]) + (section ? `#${section}` : '');
  await browser.tabs.create({ url });
}

/** Closes this window or tab. Browsers refuse window.close() for some tabs; then the tab is removed by its id. */
export function closePage(): void {
  window.close();
  setTimeout(() => {
    void browser.tabs.getCurrent().then((tab) => (tab?.id === undefined ? undefined : browser.tabs.remove(tab.id)));
  }, 200);
}

/** The browser's own page where a person sets the keys of extensions; a page of ours cannot set them in Chromium. */
export async function openShortcuts(): Promise<void> {
  const commands = browser.commands as { openShortcutSettings?: () => Promise<void> };
  if (commands.openShortcutSettings) await commands.openShortcutSettings();
  else await browser.tabs.create({ url: __BROWSER__ === 'firefox' ? 'about:addons' : 'chrome://extensions/shortcuts' });
}

/** The page of a browser's store from which a wallet is installed; it is one of a fixed list (wallet/known-wallets.ts). */
export async function openStore(storeUrl: string): Promise<void> {
  await browser.tabs.create({ url: storeUrl });
}

/** Loads the page of a tab anew. */
export async function reloadTab(tabId: number): Promise<void> {
  await browser.tabs.reload(tabId);
}

/** The id of the tab that is in front in the window our page is in or beside; undefined when there is none. */
export async function activeTabId(): Promise<number | undefined> {
  const [tab] = await browser.tabs.query({ active: true, currentWindow: true });
  return tab?.id;
}

/** Calls `onChange` when another tab may be in front, with a tab's id when that has loaded a page. Returns what ends it. */
export function onTabChange(onChange: (loaded?: number) => void): () => void {
  const turned = () => onChange();
  const updated = (tabId: number, { status }: { status?: string }) => {
    if (status === 'complete') onChange(tabId);
  };
  browser.tabs.onActivated.addListener(turned);
  browser.tabs.onAttached.addListener(turned);
  browser.tabs.onUpdated.addListener(updated);
  return () => {
    browser.tabs.onActivated.removeListener(turned);
    browser.tabs.onAttached.removeListener(turned);
    browser.tabs.onUpdated.removeListener(updated);
  };
}
