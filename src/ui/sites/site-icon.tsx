// The picture of a site as the browser has it, where a person switched that on (Chromium).
// Promises: the browser's own store is read, nothing is fetched from the site. Must not: stand on a card that asks for something: whoever imitates a site has
// its picture too (R-C6).
import browser from 'webextension-polyfill';
import { Origin } from '../parts/shown/origin';
import { usePermission } from '../parts/form/permission-switch';

const size = 16;

function SiteIcon({ origin }: { origin: string }) {
  const isGiven = usePermission('favicon');
  if (!isGiven || __BROWSER__ !== 'chrome') return null;
  const address = new URL(browser.runtime.getURL('/_favicon/'));
  address.searchParams.set('pageUrl', `${origin}/`);
  // Twice as many pixels, for screens that have them.
  address.searchParams.set('size', String(size * 2));
  return <img class="site-icon" src={address.href} width={size} height={size} alt="" />;
}

/** A site as it stands in a list: its picture, where there is one, and always its origin. */
export function SiteName({ origin }: { origin: string }) {
  return (
    <span class="site-name">
      <SiteIcon origin={origin} />
      <Origin origin={origin} />
    </span>
  );
}
