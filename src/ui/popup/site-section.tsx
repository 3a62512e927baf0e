// What the page in the tab below the popup may do, and the button that ends it.
// Promises: the origin is the one the worker knows for that tab, not what the page says of itself.
import { useEffect, useState } from 'preact/hooks';
import type { IdentitySummary } from '../../contract/pages/identity';
import type { SiteGrant } from '../../contract/pages/sites';
import { GrantUses } from '../grant-uses';
import { untilSentence } from '../grant-words';
import { EndedNotices, useRevoking } from '../parts/revoke-undo';
import { Button } from '../parts/form/button';
import { DappText } from '../parts/shown/dapp-text';
import { Origin } from '../parts/shown/origin';
import { SiteQuiet } from '../sites/site-quiet';
import { activeTabId } from '../tabs';
import { t } from '../text';
import { ask, useVault } from '../worker/calls';
import { FaceSwitch } from './face-switch';

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

/** The site in the tab below the popup; undefined until it is known, or when there is no tab. */
export function useTabSite(): Site | undefined {
  const [tabId, setTabId] = useState<number>();
  useEffect(() => {
    void activeTabId().then(setTabId);
  }, []);
  const { value } = useVault('site_get', tabId === undefined ? null : { tabId }, 'grants', 'state');
  return value && tabId !== undefined ? { ...value, tabId } : undefined;
}

export function SiteSection({ site, identities }: { site: Site; identities: readonly IdentitySummary[] }) {
  const nameOf = (safeId: string) =>
    identities.length > 1
      ? identities.find((identity) => identity.safeId === safeId)?.name || t('unnamedIdentity')
      : undefined;
  const revoking = useRevoking();
  const revoke = ({ origin, safeId }: SiteGrant) =>
    revoking.end({ origin }, () => ask('grants_revoke', { origin, safeId }));
  return (
    <section class="stack tight">
      <h2 class="label">{t('thisSite')}</h2>
      <EndedNotices revoking={revoking} />
      <div class="card" data-testid="popup-site" data-connected={site.grants.length > 0}>
        {site.origin === null ? (
          <p class="card-body soft">{t('siteNone')}</p>
        ) : (
          <>
            <div class="card-body">
              <Origin origin={site.origin} />
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
