// The sites whose requests wait for the person, and the way to each in the approval window.
// Promises: origins as the browser reported them; says what kind of thing each wants and nothing of its content. Must not: decide a request.
import { Failure } from '../parts/failure';
import { Button } from '../parts/form/button';
import { Origin } from '../parts/shown/origin';
import { plural, t, type MessageKey } from '../text';
import { ask, useVault } from '../worker/calls';
import { useCall } from '../worker/use-call';
import { waitingSites, type WaitingSite, type Wish } from './waiting-model';

const wishWords: Record<Wish, MessageKey> = {
  connect: 'waitsConnect',
  sign: 'waitsSign',
  messages: 'waitsMessages',
  token: 'waitsToken',
  v3: 'waitsInbox',
  archive: 'waitsArchive',
  unlock: 'waitsUnlock',
  volume: 'waitsVolume',
};

function Site({ origin, requests, wishes }: WaitingSite) {
  const call = useCall();
  const show = () =>
    call.run(
      () => ask('approvals_open', { origin }),
      () => undefined,
    );
  return (
    <li class="card-body stack tight" data-testid="panel-waiting" data-origin={origin} data-requests={requests}>
      <div class="row apart start wrap with-side">
        <div class="grow">
          <Origin origin={origin} />
          <p class="small soft">{wishes.map((wish) => t(wishWords[wish])).join(' · ')}</p>
          {requests > 1 && <p class="small soft">{plural('waiting', requests)}</p>}
        </div>
        <Button testId="panel-waiting-show" compact label={t('panelShowOf', origin)} onPress={show}>
          {t('panelShow')}
        </Button>
      </div>
      {call.error !== undefined && <Failure error={call.error} />}
    </li>
  );
}

export function WaitingSites() {
  const cards = useVault('approvals_list', {}, 'approvals', 'state');
  const held = useVault('approvals_held', {}, 'approvals');
  if (cards.error) return <Failure error={cards.error} onRetry={() => void cards.refresh()} />;
  const sites = waitingSites(cards.value ?? [], held.value ?? []);
  if (sites.length === 0) return null;
  return (
    <section>
      <h2 class="label">{t('panelWaiting')}</h2>
      <ul class="card">
        {sites.map((site) => (
          <Site key={site.origin} {...site} />
        ))}
      </ul>
      <p class="small soft">{t('panelWaitingMeaning')}</p>
    </section>
  );
}
