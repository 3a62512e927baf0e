// The tab that a person has in front of them beside our page, as they go from one to the next.
// Promises: another object whenever it is another tab, or shows another page. Must not: read an address.
import { useEffect, useState } from 'preact/hooks';
import { activeTabId, onTabChange } from '../tabs';

export interface Tab {
  tabId: number;
}

/** Undefined until it is known, or when there is none. */
export function useTab(): Tab | undefined {
  const [tab, setTab] = useState<Tab>();
  useEffect(() => {
    const look = (loaded?: number) =>
      void activeTabId().then((tabId) =>
        setTab((before) =>
          tabId === before?.tabId && loaded !== tabId ? before : tabId === undefined ? undefined : { tabId },
        ),
      );
    look();
    return onTabChange(look);
  }, []);
  return tab;
}
