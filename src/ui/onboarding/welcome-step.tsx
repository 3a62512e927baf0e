// The first words: what this is, what it will ask for; and the way back into an unfinished set-up.
// Promises: discarding a draft is said to lose nothing but the draft, and asks first.
import { useState } from 'preact/hooks';
import type { EnrolmentState, IdentitySummary, VaultState } from '../../contract/internal';
import { Failure } from '../failure';
import { Button } from '../parts/button';
import { Dialog } from '../parts/dialog';
import { Icon, type IconName } from '../parts/icon';
import { Identity } from '../parts/identity';
import { openPage } from '../tabs';
import { t, type MessageKey } from '../text';
import { ask } from '../vault-calls';
import { DamagedPanel } from '../vault/damaged-panel';

const promises: readonly [IconName, MessageKey, MessageKey][] = [
  ['lock', 'promiseSealedTitle', 'promiseSealed'],
  ['person', 'promiseAskedTitle', 'promiseAsked'],
  ['note', 'promiseWalletTitle', 'promiseWallet'],
];

function Draft({ draft, onContinue }: { draft: IdentitySummary; onContinue: (enrolment: EnrolmentState) => void }) {
  const [error, setError] = useState<unknown>();
  const [isAsking, setAsking] = useState(false);
  const resume = () => ask('enrol_get', { safeId: draft.safeId }).then(onContinue, setError);
  const discard = () => {
    setAsking(false);
    void ask('enrol_discard', { safeId: draft.safeId }).then(() => setError(undefined), setError);
  };
  return (
    <div class="card" data-testid="onboarding-draft">
      <div class="card-row">
        <Identity name={draft.name} account={draft.account} canCopy={false} />
      </div>
      <div class="card-body stack">
        <p>{t('draftBody')}</p>
        <div class="row wrap">
          <Button testId="onboarding-continue" look="primary" onPress={() => void resume()}>
            {t('continueWord')}
          </Button>
          <Button testId="onboarding-discard" onPress={() => setAsking(true)}>
            {t('discard')}
          </Button>
        </div>
        {error !== undefined && <Failure error={error} />}
      </div>
      {isAsking && (
        <Dialog title={t('discardTitle')} onClose={() => setAsking(false)}>
          <p>{t('discardBody')}</p>
          <div class="dialog-actions">
            <Button testId="discard-cancel" onPress={() => setAsking(false)}>
              {t('keepIt')}
            </Button>
            <Button testId="discard-confirm" look="danger" onPress={discard}>
              {t('discard')}
            </Button>
          </div>
        </Dialog>
      )}
    </div>
  );
}

interface WelcomeStepProps {
  state: VaultState;
  onStart: () => void;
  onContinue: (enrolment: EnrolmentState) => void;
  onTryAgain: () => void;
}

export function WelcomeStep({ state, onStart, onContinue, onTryAgain }: WelcomeStepProps) {
  // What cannot be read may hold an identity: nothing new is offered in its place (R-H4).
  if (state.status === 'damaged' && state.identities.length === 0) return <DamagedPanel onTryAgain={onTryAgain} />;
  const drafts = state.identities.filter(({ status }) => status === 'enrolling');
  const finished = state.identities.filter(({ status }) => status !== 'enrolling');
  if (drafts.length > 0) {
    return (
      <div class="stack loose">
        <h1 class="hero" tabIndex={-1}>
          {t('draftTitle')}
        </h1>
        {drafts.map((draft) => (
          <Draft key={draft.safeId} draft={draft} onContinue={onContinue} />
        ))}
        <div>
          <Button testId="onboarding-start" look="quiet" onPress={onStart}>
            {t('startAnother')}
          </Button>
        </div>
      </div>
    );
  }
  return (
    <div class="stack loose">
      <div class="stack tight">
        <h1 class="hero" tabIndex={-1}>
          {finished.length > 0 ? t('welcomeAnotherTitle') : t('welcomeTitle')}
        </h1>
        <p class="lead soft">{finished.length > 0 ? t('welcomeAnotherBody') : t('welcomeBody')}</p>
      </div>
      <ul class="promises">
        {promises.map(([icon, title, body]) => (
          <li key={title}>
            <Icon name={icon} />
            <div>
              <h2>{t(title)}</h2>
              <p class="soft">{t(body)}</p>
            </div>
          </li>
        ))}
      </ul>
      <div class="row wrap">
        <Button testId="onboarding-start" look="primary" onPress={onStart}>
          {finished.length > 0 ? t('addIdentity') : t('setUpShort')}
        </Button>
        {finished.length > 0 && (
          <Button testId="onboarding-open-vault" look="quiet" onPress={() => void openPage('vault')}>
            {t('openVault')}
          </Button>
        )}
      </div>
      <p class="small soft">{t('welcomeNeeds')}</p>
    </div>
  );
}
