// What the gate asks of tabs: whose page is in one, and telling all of them that there may be news.
// Promises: the origin is the one that the browser names as the sender, never what a page says.
import browser from 'webextension-polyfill';
import type { PokeMessage } from '../../contract/dapp/frames';

const answerMs = 500;
/** A page over which the popup has just opened may be about to hear of it (bridge/relay.iife.ts). */
const againMs = 100;

export interface Tabs {
  /** The origin of the page in a tab; null when there is none that we serve. */
  originOf(tabId: number): Promise<string | null>;
  /** A page of this tab has connected. Returns what to call when it is gone. */
  connected(tabId: number, origin: string): () => void;
  /** Tells every tab that there may be news; a tab where nobody listens does nothing. */
  poke(): Promise<void>;
}

export function createTabs(): Tabs {
  const asked = new Map<number, Set<(origin: string) => void>>();
  /** Origins of the ports that are open, by tab, the newest last: a page with an open port does not connect again when it is asked. */
  const open = new Map<number, { origin: string }[]>();
  return {
    async originOf(tabId) {
      const known = open.get(tabId)?.at(-1);
      if (known) return known.origin;
      let tell = (_origin: string) => undefined as void;
      const answer = new Promise<string>((resolve) => (tell = resolve));
      const waiting = asked.get(tabId) ?? new Set();
      asked.set(tabId, waiting.add(tell));
      const leave = () => {
        waiting.delete(tell);
        if (waiting.size === 0) asked.delete(tabId);
      };
      const ask = async () =>
        browser.tabs.sendMessage(tabId, { prekeyVault: 'poke', answer: true } satisfies PokeMessage, { frameId: 0 });
      try {
        await ask().catch(() => new Promise((resolve) => setTimeout(resolve, againMs)).then(ask));
      } catch {
        leave();
        return null;
      }
      const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), answerMs));
      return await Promise.race([answer, late]).finally(leave);
    },
    connected(tabId, origin) {
      const port = { origin };
      open.set(tabId, [...(open.get(tabId) ?? []), port]);
      for (const tell of asked.get(tabId) ?? []) tell(origin);
      return () => {
        const left = (open.get(tabId) ?? []).filter((one) => one !== port);
        if (left.length > 0) open.set(tabId, left);
        else open.delete(tabId);
      };
    },
    async poke() {
      for (const tab of await browser.tabs.query({}))
        if (tab.id !== undefined)
          void browser.tabs
            .sendMessage(tab.id, { prekeyVault: 'poke' } satisfies PokeMessage, { frameId: 0 })
            .catch(() => undefined);
    },
  };
}
