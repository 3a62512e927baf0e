// All identities, and the way to one more.
// Promises: a store that cannot be read is never shown as an empty one.
import { Drawing } from '../../parts/icon';
import { Button } from '../../parts/form/button';
import { openPage } from '../../tabs';
import { t } from '../../text';
import { DamagedPanel } from '../../parts/damaged-panel';
import { IdentityCard } from '../identity/identity-card';
import type { SectionProps } from './section-props';

export function IdentitiesSection({ state, reading, onGo }: SectionProps) {
  return (
    <>
      <div class="vault-title">
        <h1 class="hero">{t('identities')}</h1>
        {state.identities.length > 0 && (
          <Button testId="identity-add" onPress={() => void openPage('onboarding')}>
            {t('addIdentity')}
          </Button>
        )}
      </div>
      {state.identities.length === 0 && state.status === 'damaged' ? (
        <DamagedPanel onTryAgain={() => void reading.refresh()} />
      ) : state.identities.length === 0 ? (
        <div class="card empty">
          <Drawing name="safe" />
          <h2>{t('popupEmptyTitle')}</h2>
          <p class="soft">{t('popupEmptyBody')}</p>
          <Button testId="vault-set-up" look="primary" onPress={() => void openPage('onboarding')}>
            {t('setUp')}
          </Button>
        </div>
      ) : (
        <div class="stack">
          {state.identities.map((identity) => (
            <IdentityCard
              key={identity.safeId}
              identity={identity}
              settings={state.settings}
              onTryAgain={() => void reading.refresh()}
              onGo={onGo}
            />
          ))}
        </div>
      )}
    </>
  );
}
