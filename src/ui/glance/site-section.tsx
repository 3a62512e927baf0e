// What the page in the tab may do, and the button that ends it.
// Promises: the origin is the one the worker knows for that tab, not what the page says of itself.
import { useEffect, useState } from 'preact/hooks';
import type { IdentitySummary } from '../../contract/pages/identity';
import type { SiteGrant } from '../../contract/pages/sites';
import { GrantUses } from '../grant-uses';
import { untilSentence } from '../grant-words';
import type { Revoking } from '../parts/revoke-undo';
import { Button } from '../parts/form/button';
import { DappText } from '../parts/shown/dapp-text';
import { SiteName } from '../sites/site-icon';
import { SiteQuiet } from '../sites/site-quiet';
import { t } from '../text';
import { ask, useVault } from '../worker/calls';
import { FaceSwitch } from './face-switch';
import type { Tab } from './use-tab';

interface GrantProps {
  grant: SiteGrant;
  name: string | undefined;
  onRevoke: () => void;
}

function Grant({ grant, name, onRevoke }: GrantProps) {
  return (
    <div class="card-body stack tight" data-testid="popup-grant">
      <GrantUses grant={grant} nowMs={Date.now()} />
      <div class="row apart">
        <div class="grow small soft">
          {name !== undefined && (
            <p class="one-line">
              <DappText text={name} />
            </p>
          )}
          <p>{untilSentence(grant)}</p>
        </div>
        <Button testId="popup-revoke" compact onPress={onRevoke}>
          {t('revoke')}
        </Button>
      </div>
    </div>
  );
}

interface Site {
  tabId: number;
  origin: string | null;
  grants: SiteGrant[];
}

/** The site in the tab; undefined until it is known, or when there is no tab. Never that of the tab before. */
export function useTabSite(tab: Tab | undefined): Site | undefined {
  const [known, setKnown] = useState<Tab>();
  const { value, refresh } = useVault('site_get', tab ? { tabId: tab.tabId } : null, 'grants', 'state');
  useEffect(() => {
    if (tab) void refresh().then(() => setKnown(tab));
  }, [tab, refresh]);
  return value && tab && known === tab ? { ...value, tabId: tab.tabId } : undefined;
}

interface SiteProps {
  site: Site;
  identities: readonly IdentitySummary[];
  revoking: Revoking;
}

export function SiteSection({ site, identities, revoking }: SiteProps) {
  const nameOf = (safeId: string) =>
    identities.length > 1
      ? identities.find((identity) => identity.safeId === safeId)?.name || t('unnamedIdentity')
      : undefined;
  const revoke = ({ origin, safeId }: SiteGrant) =>
    revoking.end({ origin }, () => ask('grants_revoke', { origin, safeId }));
  return (
    <section class="stack tight">
      <h2 class="label">{t('thisSite')}</h2>
      <div class="card" data-testid="popup-site" data-connected={site.grants.length > 0}>
        {site.origin === null ? (
          <p class="card-body soft">{t('siteNone')}</p>
        ) : (
          <>
            <div class="card-body">
              <SiteName origin={site.origin} />
              {site.grants.length === 0 && <p class="soft">{t('siteNotConnected')}</p>}
            </div>
            {site.grants.map((grant) => (
              <Grant key={grant.safeId} grant={grant} name={nameOf(grant.safeId)} onRevoke={() => revoke(grant)} />
            ))}
            <div class="card-body">
              <SiteQuiet key={site.origin} origin={site.origin} />
            </div>
            <FaceSwitch key={site.origin} origin={site.origin} tabId={site.tabId} />
          </>
        )}
      </div>
    </section>
  );
}
