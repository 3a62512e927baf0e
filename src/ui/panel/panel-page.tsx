// The side panel (Chromium, where a person switched it on): what the popup shows, what waits of which site, and both kept up to date beside the page.
// Promises: it stays when something was pressed. Must not: decide a request: the panel has the focus of the site's own window, and a page could draw one
// beside it, so that everything that waits leads to the approval window (adr/0023).
import { Glance } from '../glance/glance';
import type { PageProps } from '../parts/page';
import { WaitingSites } from './waiting-sites';

const stays = () => undefined;

export function PanelPage({ state }: PageProps) {
  return <Glance state={state} testId="panel" onDone={stays} waiting={<WaitingSites />} />;
}
