// Muting and blocking a site, and undoing either: the same words and buttons wherever a site stands.
// Promises: each is an act of its own, said with what it does, and undone by one press. Must not: say anything of a site that is not quiet.
import type { Quiet, QuietSite } from '../../contract/pages/sites';
import { timeOrDate } from '../format';
import { t } from '../text';
import { ask, useVault } from '../worker/calls';
import { useCall } from '../worker/use-call';
import { Failure } from '../parts/failure';
import { Button } from '../parts/form/button';
import { Origin } from '../parts/shown/origin';

/** Undefined while it is not quiet, or not known yet. */
function useQuietSite(origin: string): QuietSite | undefined {
  const { value } = useVault('quiet_list', {}, 'grants');
  return value?.find((site) => site.origin === origin);
}

export function QuietButtons({ onQuiet }: { onQuiet: (quiet: Quiet) => void }) {
  return (
    <>
      <Button testId="site-mute" look="quiet" compact onPress={() => onQuiet('muted')}>
        {t('siteMute')}
      </Button>
      <Button testId="site-block" look="quiet-danger" compact onPress={() => onQuiet('blocked')}>
        {t('siteBlock')}
      </Button>
    </>
  );
}

function QuietState({ site, isNamed }: { site: QuietSite; isNamed: boolean }) {
  const call = useCall();
  const { origin, quiet, untilMs } = site;
  const undo = () =>
    call.run(
      () => ask('quiet_set', { origin, quiet: null }),
      () => undefined,
    );
  const words = t(quiet === 'blocked' ? 'siteUnblock' : 'siteUnmute');
  return (
    <div class="stack tight" data-testid="site-quiet" data-quiet={quiet} data-origin={origin} role="status">
      <div class="row apart start">
        <div class="grow">
          {isNamed && <Origin origin={origin} />}
          <p class="small">
            {quiet === 'blocked' ? t('siteBlocked') : t('siteMuted', timeOrDate(untilMs ?? 0, Date.now()))}
          </p>
        </div>
        <Button testId="site-quiet-undo" compact label={`${words} ${origin}`} onPress={undo}>
          {words}
        </Button>
      </div>
      {call.error !== undefined && <Failure error={call.error} />}
    </div>
  );
}

/** What a site is, when it is quiet, with the way back. `isNamed`: nothing around it says which site. */
export function QuietNote({ origin, isNamed = false }: { origin: string; isNamed?: boolean }) {
  const site = useQuietSite(origin);
  return site ? <QuietState site={site} isNamed={isNamed} /> : null;
}

/** Mute and Block, or what the site is already. */
export function SiteQuiet({ origin }: { origin: string }) {
  const call = useCall();
  const site = useQuietSite(origin);
  const set = (quiet: Quiet) =>
    call.run(
      () => ask('quiet_set', { origin, quiet }),
      () => undefined,
    );
  if (site) return <QuietState site={site} isNamed={false} />;
  return (
    <div class="stack tight">
      <div class="row wrap">
        <QuietButtons onQuiet={set} />
      </div>
      {call.error !== undefined && <Failure error={call.error} />}
    </div>
  );
}

/** All that are muted or blocked now; nothing where there are none. */
export function QuietSites() {
  const { value: sites, error, refresh } = useVault('quiet_list', {}, 'grants');
  if (error) return <Failure error={error} onRetry={() => void refresh()} />;
  if (!sites || sites.length === 0) return null;
  return (
    <section class="stack tight">
      <h2>{t('quietSites')}</h2>
      <p class="soft">{t('quietSitesMeaning')}</p>
      <ul class="card">
        {sites.map((site) => (
          <li key={site.origin} class="card-body">
            <QuietState site={site} isNamed />
          </li>
        ))}
      </ul>
    </section>
  );
}
