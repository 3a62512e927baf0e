// The wallet signed one text in two ways, so it can never open what it sealed. Said plainly, with the way on.
import { Button } from '../parts/button';
import { Notice } from '../parts/notice';
import { t } from '../text';

export function UnsteadyStep({ onRestart }: { onRestart: () => void }) {
  return (
    <div class="stack loose" data-testid="onboarding-unsteady" data-reason="unsteady-wallet">
      <div class="stack tight">
        <h1 class="hero" tabIndex={-1}>
          {t('errUnsteadyTitle')}
        </h1>
        <p class="lead soft">{t('unsteadyWhat')}</p>
      </div>
      <p>{t('unsteadyWhy')}</p>
      <Notice tone="good" title={t('nothingLost')}>
        {t('unsteadyNothingLost')}
      </Notice>
      <div>
        <Button testId="unsteady-restart" look="primary" onPress={onRestart}>
          {t('otherWallet')}
        </Button>
      </div>
    </div>
  );
}
