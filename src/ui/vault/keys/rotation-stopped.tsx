// A renewal that stopped: how far it came, why, that nothing was lost, and every way out of it.
// Promises: there is always a way: going on, going on over what is of another identity once that was typed (R-I4), finishing here only, or
// taking it back while nothing was sent.
import { useState } from 'preact/hooks';
import type { RotationState } from '../../../contract/pages/rotation';
import { errorOfReason, explain } from '../../parts/failure';
import { dateTime } from '../../format';
import { isConfirmedBy, pastedLine } from '../../../contract/paste';
import { Button } from '../../parts/form/button';
import { Notice } from '../../parts/notice';
import { TypedConfirmation } from '../../parts/form/typed-confirmation';
import { t } from '../../text';
import { stageWords } from './rotation-model';

interface StoppedProps {
  state: RotationState;
  pending: NonNullable<RotationState['pending']>;
  account: string;
  onGoOn: (typed?: string) => void;
  onFinishHere: () => void;
  onTakeBack: () => void;
}

export function Stopped({ state, pending, account, onGoOn, onFinishHere, onTakeBack }: StoppedProps) {
  const { stage, startedAtMs, reason, canCancel } = pending;
  const [typed, setTyped] = useState('');
  const why = reason === null ? undefined : explain(errorOfReason(reason));
  const mustType = reason === 'needs-confirmation';
  const isConfirmed = isConfirmedBy(account, typed);
  return (
    <Notice title={t('renewStoppedTitle')} testId="rotation-pending">
      <form
        class="stack tight"
        onSubmit={(event) => {
          event.preventDefault();
          if (!mustType) onGoOn();
          else if (isConfirmed) onGoOn(pastedLine(typed));
        }}
      >
        <p>
          {t('renewBegan', dateTime(startedAtMs))} {t(stageWords[stage])} {!why && t('renewNothingLost')}
        </p>
        {why && (
          <p data-testid="rotation-reason" data-reason={reason}>
            {t('renewReason', why.title)} {why.body}
          </p>
        )}
        {mustType && (
          <>
            <p>{t('renewReplaceMeaning')}</p>
            <TypedConfirmation word={account} value={typed} onValue={setTyped} />
          </>
        )}
        {state.publishes && reason !== null && <p class="small soft">{t('renewFinishHereMeaning')}</p>}
        <div class="row wrap">
          {mustType ? (
            <Button testId="rotation-replace" look="danger" compact type="submit" isOff={!isConfirmed}>
              {t('renewReplace')}
            </Button>
          ) : (
            <Button testId="rotation-go-on" look="primary" compact type="submit">
              {t('goOn')}
            </Button>
          )}
          {state.publishes && reason !== null && (
            <Button testId="rotation-finish-here" compact onPress={onFinishHere}>
              {t('renewFinishHere')}
            </Button>
          )}
          {canCancel && (
            <Button testId="rotation-take-back" compact onPress={onTakeBack}>
              {t('renewTakeBack')}
            </Button>
          )}
        </div>
      </form>
    </Notice>
  );
}
