// The popup: what one glance shows, in a page that closes when it is done or loses the focus.
// Must not: prompt a wallet or decide a request.
import { Glance } from '../glance/glance';
import type { PageProps } from '../parts/page';

export function PopupPage({ state }: PageProps) {
  return <Glance state={state} testId="popup" onDone={() => window.close()} />;
}
