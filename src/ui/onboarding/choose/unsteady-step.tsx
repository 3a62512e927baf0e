// The wallet signed one text in two ways, so it can never open what it sealed. Said plainly, with two ways on.
import { Button } from '../../parts/form/button';
import { Notice } from '../../parts/notice';
import { t } from '../../text';
import { StepHead } from '../../parts/step-head';

export function UnsteadyStep({ onPassphrase, onRestart }: { onPassphrase: () => void; onRestart: () => void }) {
  return (
    <div class="stack loose" data-testid="onboarding-unsteady" data-reason="unsteady-wallet">
      <StepHead title={t('errUnsteadyTitle')}>{t('unsteadyWhat')}</StepHead>
      <p>{t('unsteadyWhy')}</p>
      <Notice tone="good" title={t('nothingLost')}>
        {t('unsteadyNothingLost')}
      </Notice>
      <div class="row wrap">
        <Button testId="unsteady-passphrase" look="primary" onPress={onPassphrase}>
          {t('unsteadyPassphrase')}
        </Button>
        <Button testId="unsteady-restart" look="quiet" onPress={onRestart}>
          {t('otherWallet')}
        </Button>
      </div>
    </div>
  );
}
