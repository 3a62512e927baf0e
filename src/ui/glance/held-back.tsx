// The sites that may not open a window for now: how many of their requests wait, a way to see them, and a way to lift it.
// Promises: the origin is the one the browser reported; a thousand names do not push the rest off the page. Must not: decide a request.
import { Failure } from '../parts/failure';
import { Button } from '../parts/form/button';
import { Origin } from '../parts/shown/origin';
import { plural, t } from '../text';
import { useCall } from '../worker/use-call';
import { ask, useVault } from '../worker/calls';
import type { HeldBack } from '../../contract/pages/approvals';

const namedAtMost = 3;

function Site({ origin, waiting, onAllowed, onDone }: HeldBack & { onAllowed: () => void; onDone: () => void }) {
  const call = useCall();
  const show = () => call.run(() => ask('approvals_open', { origin }), onDone);
  const allow = () => call.run(() => ask('approvals_allow', { origin }), onAllowed);
  return (
    <div class="card-body stack tight" data-testid="popup-held" data-origin={origin}>
      <div>
        <Origin origin={origin} />
        <p>{plural('held', waiting)}</p>
      </div>
      <div class="row wrap">
        <Button testId="popup-held-show" compact onPress={show}>
          {t('heldShow')}
        </Button>
        <Button testId="popup-held-allow" look="quiet" compact onPress={allow}>
          {t('heldAllow')}
        </Button>
      </div>
      {call.error !== undefined && <Failure error={call.error} />}
    </div>
  );
}

/** `first`: the site in the tab, which the person most likely came for. `onDone`: the approval window was opened. */
export function HeldBackSites({ first, onDone }: { first: string | undefined; onDone: () => void }) {
  const { value: sites, refresh } = useVault('approvals_held', {}, 'approvals');
  if (!sites || sites.length === 0) return null;
  const named = [...sites]
    .sort((a, b) => Number(b.origin === first) - Number(a.origin === first))
    .slice(0, namedAtMost);
  const others = sites.length - named.length;
  return (
    <section aria-label={t('heldTitle')}>
      <h2 class="label">{t('heldTitle')}</h2>
      <div class="card">
        <p class="card-body small soft">{t('heldWhy')}</p>
        {named.map((site) => (
          <Site key={site.origin} {...site} onAllowed={() => void refresh()} onDone={onDone} />
        ))}
        {others > 0 && <p class="card-body small soft">{plural('heldSites', others)}</p>}
      </div>
    </section>
  );
}
