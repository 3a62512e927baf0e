// Sites that may ask, what each may do, and the way to end it.
// Promises: revoking needs one press and works while locked.
import { useState } from 'preact/hooks';
import type { IdentitySummary } from '../../../contract/pages/identity';
import type { SiteGrant } from '../../../contract/pages/sites';
import { Failure } from '../../parts/failure';
import { date, dateTime } from '../../format';
import { GrantUses } from '../../grant-uses';
import { untilSentence } from '../../grant-words';
import type { PageProps } from '../../parts/page';
import { Button } from '../../parts/form/button';
import { DappText } from '../../parts/shown/dapp-text';
import { Choice } from '../../parts/form/field';
import { Origin } from '../../parts/shown/origin';
import { rich, t } from '../../text';
import { ask, useVault } from '../../worker/calls';
import { FaceSites } from './face-sites';

function Site({ grant, identity }: { grant: SiteGrant; identity: IdentitySummary | undefined }) {
  const [error, setError] = useState<unknown>();
  const { origin, safeId, asksToConnect } = grant;
  const revoke = () => ask('grants_revoke', { origin, safeId }).catch(setError);
  const setAsking = (isAsked: boolean) =>
    ask('grants_setAsking', { origin, safeId, asksToConnect: isAsked }).then(() => setError(undefined), setError);
  const isLocked = identity?.status !== 'unlocked';
  return (
    <li class="card-body stack tight" data-testid="site" data-origin={grant.origin}>
      <div class="row apart start">
        <div class="grow">
          <Origin origin={grant.origin} />
          <GrantUses grant={grant} nowMs={Date.now()} />
        </div>
        <Button testId="site-revoke" compact onPress={() => void revoke()}>
          {t('revoke')}
        </Button>
      </div>
      <div class="small soft">
        <p>
          {rich('siteAs', <DappText text={identity?.name || t('unnamedIdentity')} />)}
          {' · '}
          {untilSentence(grant)}
        </p>
        <p>
          {t('siteSince', date(grant.grantedAtMs))}
          {' · '}
          {grant.lastUsedAtMs === null ? t('siteNeverUsed') : t('siteLastUsed', dateTime(grant.lastUsedAtMs))}
        </p>
      </div>
      <div class="site-asks">
        <Choice
          testId="site-asks-to-connect"
          type="checkbox"
          name={`asks ${safeId} ${origin}`}
          isChosen={asksToConnect}
          isOff={isLocked}
          onChoose={(isAsked) => void setAsking(isAsked)}
        >
          <p>{t('siteAsksToConnect')}</p>
          <p class="small soft">{t(isLocked ? 'siteAsksLocked' : 'siteAsksMeaning')}</p>
        </Choice>
      </div>
      {error !== undefined && <Failure error={error} />}
    </li>
  );
}

export function SitesSection({ state }: PageProps) {
  const { value: grants, error, refresh } = useVault('grants_list', {}, 'grants', 'state');
  const [failure, setFailure] = useState<unknown>();
  const revokeAll = async () => {
    try {
      for (const { origin, safeId } of grants ?? []) await ask('grants_revoke', { origin, safeId });
      setFailure(undefined);
    } catch (thrown) {
      setFailure(thrown);
    }
  };
  return (
    <>
      <div class="vault-title">
        <h1 class="hero">{t('sites')}</h1>
        {grants && grants.length > 1 && (
          <Button testId="sites-revoke-all" onPress={() => void revokeAll()}>
            {t('revokeAll')}
          </Button>
        )}
      </div>
      <div class="stack">
        {error && <Failure error={error} onRetry={() => void refresh()} />}
        {failure !== undefined && <Failure error={failure} />}
        {grants?.length === 0 && (
          <div class="card empty" data-testid="sites-empty">
            <h2>{t('sitesEmptyTitle')}</h2>
            <p class="soft">{t('sitesEmptyBody')}</p>
          </div>
        )}
        {grants && grants.length > 0 && (
          <ul class="card">
            {grants.map((grant) => (
              <Site
                key={`${grant.origin} ${grant.safeId}`}
                grant={grant}
                identity={state.identities.find(({ safeId }) => safeId === grant.safeId)}
              />
            ))}
          </ul>
        )}
        <FaceSites />
      </div>
    </>
  );
}
