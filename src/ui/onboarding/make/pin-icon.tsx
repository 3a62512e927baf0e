// Suggests keeping the extension's icon beside the address, with a picture of where to press: closed windows are found again by its badge.
// Promises: says nothing where the browser says that the icon is there already. Must not: be in the way of going on.
import { useEffect, useState } from 'preact/hooks';
import browser from 'webextension-polyfill';
import { t } from '../../text';

/** Whether the icon stands beside the address; undefined until the browser has said so, and where it does not say. */
function useIsPinned(): boolean | undefined {
  const [isPinned, setPinned] = useState<boolean>();
  useEffect(() => {
    const look = () => {
      const action = browser.action as { getUserSettings?: () => Promise<{ isOnToolbar?: boolean }> } | undefined;
      void action?.getUserSettings?.().then(
        ({ isOnToolbar }) => setPinned(isOnToolbar),
        () => undefined,
      );
    };
    look();
    // It is pinned outside of this page.
    window.addEventListener('focus', look);
    return () => window.removeEventListener('focus', look);
  }, []);
  return isPinned;
}

export function PinIcon() {
  if (useIsPinned() === true) return null;
  return (
    <section class="card pin-icon" data-testid="ready-pin">
      <PinPicture />
      <div class="card-body stack tight">
        <h2>{t('pinTitle')}</h2>
        <p class="soft">{t(__BROWSER__ === 'firefox' ? 'pinHowFirefox' : 'pinHow')}</p>
        <p class="small soft">{t('pinWhy')}</p>
      </div>
    </section>
  );
}

/** The end of a browser's bar: address, the puzzle piece, and its menu with our line and the pin; what to press is in the accent's colour. */
function PinPicture() {
  return (
    <svg class="pin-picture" viewBox="0 0 320 116" aria-hidden="true">
      <g class="drawn-line">
        <path d="M-400 40.5h1120" />
        <rect x="-120.5" y="10.5" width="333" height="20" rx="10" />
        <path d="M12 20.5h96" />
        <circle cx="300" cy="14.5" r=".8" />
        <circle cx="300" cy="20.5" r=".8" />
        <circle cx="300" cy="26.5" r=".8" />
        <path d="M152.5 116V56a6 6 0 0 1 6-6h133a6 6 0 0 1 6 6v60" />
        <path d="M196 76.5h50M168 104.5h14M196 104.5h38" />
      </g>
      <rect class="drawn-fill" x="168" y="68" width="16" height="16" rx="4" />
      <path class="drawn-hole" d="M176 71.5a2.6 2.6 0 0 1 1.2 4.9l.7 4.1h-3.8l.7-4.1a2.6 2.6 0 0 1 1.2-4.9z" />
      <g class="drawn-accent">
        <path d="M238.5 15.5h4a2.5 2.5 0 0 1 5 0h4v4a2.5 2.5 0 0 1 0 5v4h-13v-4a2.5 2.5 0 0 0 0-5z" />
        <path d="M276 69.5l6 6-3 .5-3 4-5-5 4-3zM273.5 78l-4 4" />
      </g>
    </svg>
  );
}
