// The end of onboarding: what there is now, and what happens next.
import type { IdentitySummary } from '../../contract/internal';
import { Button } from '../parts/button';
import { Identity, Status } from '../parts/identity';
import { closePage, openPage } from '../tabs';
import { t } from '../text';

export function ReadyStep({ identity }: { identity: IdentitySummary }) {
  return (
    <div class="stack loose" data-testid="onboarding-ready">
      <div class="stack tight">
        <h1 class="hero" tabIndex={-1}>
          {t('readyTitle')}
        </h1>
        <p class="lead soft">{t('readyBody')}</p>
      </div>
      <div class="card">
        <div class="card-row">
          <Identity name={identity.name} account={identity.account}>
            <Status status={identity.status} />
          </Identity>
        </div>
      </div>
      <div class="row wrap">
        <Button testId="ready-close" look="primary" onPress={closePage}>
          {t('done')}
        </Button>
        <Button testId="ready-open-vault" look="quiet" onPress={() => void openPage('vault')}>
          {t('openVault')}
        </Button>
      </div>
    </div>
  );
}
