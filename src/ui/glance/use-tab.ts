// The tab that a person has in front of them beside our page, as they go from one to the next.
// Promises: another object whenever it is another tab, or shows another page. Must not: read an address.
import { useEffect, useState } from 'preact/hooks';
import { activeTabId, onTabChange } from '../tabs';

export interface Tab {
  tabId: number;
}

/** Undefined until it is known, null when there is none. */
export function useTab(): Tab | null | undefined {
  const [tab, setTab] = useState<Tab | null>();
  useEffect(() => {
    const look = (loaded?: number) =>
      void activeTabId().then((tabId) =>
        setTab((before) => {
          if (tabId === undefined) return null;
          return tabId === before?.tabId && loaded !== tabId ? before : { tabId };
        }),
      );
    look();
    return onTabChange(look);
  }, []);
  return tab;
}
