// Sites that may ask, what each may do, and the way to end it.
// Promises: revoking needs one press, works while locked, and can be undone for a moment.
import { useState } from 'preact/hooks';
import type { IdentitySummary } from '../../../contract/pages/identity';
import type { SiteGrant } from '../../../contract/pages/sites';
import { Failure } from '../../parts/failure';
import { date, dateTime } from '../../format';
import { GrantUses } from '../../grant-uses';
import { untilSentence } from '../../grant-words';
import { EndedNotices, useRevoking } from '../../parts/revoke-undo';
import { Drawing } from '../../parts/icon';
import { Button } from '../../parts/form/button';
import { DappText } from '../../parts/shown/dapp-text';
import { Choice } from '../../parts/form/field';
import { rich, t } from '../../text';
import { ask, useVault } from '../../worker/calls';
import { whoIsOf } from '../../people';
import { SiteName } from '../../sites/site-icon';
import { SiteActivity } from '../activity/site-activity';
import { QuietSites, SiteQuiet } from '../../sites/site-quiet';
import { FaceSites } from './face-sites';
import type { SectionProps } from './section-props';
import { EditGrant } from './site-grant';

interface SiteProps {
  grant: SiteGrant;
  identity: IdentitySummary | undefined;
  identities: readonly IdentitySummary[];
  onRevoke: () => void;
  onGo: SectionProps['onGo'];
}

function Site({ grant, identity, identities, onRevoke, onGo }: SiteProps) {
  const [error, setError] = useState<unknown>();
  const { origin, safeId, asksToConnect } = grant;
  const setAsking = (isAsked: boolean) =>
    ask('grants_setAsking', { origin, safeId, asksToConnect: isAsked }).then(() => setError(undefined), setError);
  const isLocked = identity?.status !== 'unlocked';
  const namesPeople = grant.bounds.some(({ scope }) => scope?.of === 'peers');
  const { value: book } = useVault('people_list', isLocked || !namesPeople ? null : { safeId }, 'state');
  const whoIs = whoIsOf(identities, book ?? []);
  return (
    <li class="card-body stack tight" data-testid="site" data-origin={grant.origin}>
      <div class="row apart start wrap with-side">
        <div class="grow">
          <SiteName origin={grant.origin} />
          <GrantUses grant={grant} nowMs={Date.now()} whoIs={whoIs} />
        </div>
        <Button testId="site-revoke" compact onPress={onRevoke}>
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
      <EditGrant {...{ grant, isLocked, identities, whoIs }} />
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
      {identity && !isLocked && (
        <SiteActivity
          identity={identity}
          origin={origin}
          onAll={() => onGo({ section: 'activity', of: { safeId, origin } })}
        />
      )}
      <SiteQuiet origin={origin} />
      {error !== undefined && <Failure error={error} />}
    </li>
  );
}

export function SitesSection({ state, onGo }: SectionProps) {
  const { value: grants, error, refresh } = useVault('grants_list', {}, 'grants', 'state');
  const revoking = useRevoking();
  const revoke = ({ origin, safeId }: SiteGrant) =>
    revoking.end({ origin }, () => ask('grants_revoke', { origin, safeId }));
  const revokeAll = () => revoking.end({ grants: grants?.length ?? 0 }, () => ask('grants_revokeAll', {}));
  return (
    <>
      <div class="vault-title">
        <h1 class="hero">{t('sites')}</h1>
        {grants && grants.length > 1 && (
          <Button testId="sites-revoke-all" onPress={revokeAll}>
            {t('revokeAll')}
          </Button>
        )}
      </div>
      <div class="stack">
        {error && <Failure error={error} onRetry={() => void refresh()} />}
        <EndedNotices revoking={revoking} />
        {grants?.length === 0 && (
          <div class="card empty" data-testid="sites-empty">
            <Drawing name="lend" />
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
                identities={state.identities}
                onRevoke={() => revoke(grant)}
                onGo={onGo}
              />
            ))}
          </ul>
        )}
        <QuietSites />
        <FaceSites />
      </div>
    </>
  );
}
