// The sites that meet the vault as a wallet for XMTP, and the way to end it for each.
// Promises: nothing is shown where there are none. Must not: switch one on; the popup does, over the site's own page.
import type { SiteFace } from '../../../contract/pages/sites';
import { Failure } from '../../parts/failure';
import { Button } from '../../parts/form/button';
import { Origin } from '../../parts/shown/origin';
import { t } from '../../text';
import { ask, useVault } from '../../worker/calls';
import { useCall } from '../../worker/use-call';

function Site({ origin, standsIn }: SiteFace) {
  const call = useCall();
  const turnOff = () =>
    call.run(
      () => ask('face_set', { origin, face: 'off' }),
      () => undefined,
    );
  return (
    <li class="card-body stack tight" data-testid="face-site" data-origin={origin}>
      <div class="row apart start">
        <div class="grow">
          <Origin origin={origin} />
          <p class="small soft">{t(standsIn ? 'faceSiteStandsIn' : 'faceSiteByName')}</p>
        </div>
        <Button testId="face-site-off" compact onPress={turnOff}>
          {t('faceOff')}
        </Button>
      </div>
      {call.error !== undefined && <Failure error={call.error} />}
    </li>
  );
}

export function FaceSites() {
  const { value: faces } = useVault('face_list', {}, 'state');
  if (!faces || faces.length === 0) return null;
  return (
    <section class="stack tight">
      <h2>{t('faceSites')}</h2>
      <p class="soft">{t('faceSitesMeaning')}</p>
      <ul class="card">
        {faces.map((face) => (
          <Site key={face.origin} {...face} />
        ))}
      </ul>
    </section>
  );
}
