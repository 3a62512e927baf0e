// How the prekey is renewed: when it was, when it will be, by itself or now; and what to do about a renewal that stopped.
// Promises: a renewal that stopped says how far it came, why, and that nothing was lost.
import type { RotationDays, RotationState } from '../../../contract/flows';
import { rotationDays } from '../../../contract/flows';
import { errorOfReason, explain, Failure } from '../../failure';
import { date, dateTime } from '../../format';
import { Button } from '../../parts/button';
import { Select } from '../../parts/field';
import { Notice } from '../../parts/notice';
import { Progress } from '../../parts/progress';
import { t } from '../../text';
import type { Call } from '../../use-call';
import { daysOf, everyWords, stageWords } from './rotation-model';

interface RotationCardProps {
  state: RotationState;
  call: Call;
  onChoose: (everyDays: RotationDays) => void;
  onRenew: () => void;
  onGoOn: () => void;
  onTakeBack: () => void;
}

export function RotationCard({ state, call, onChoose, onRenew, onGoOn, onTakeBack }: RotationCardProps) {
  const { everyDays, nextAtMs, lastAtMs, pending } = state;
  return (
    <section class="card" data-testid="rotation" data-every={everyDays} data-pending={pending?.stage ?? 'none'}>
      <div class="card-body stack">
        <div class="stack tight">
          <h2>{t('renewTitle')}</h2>
          <p class="soft">{t('renewMeaning')}</p>
        </div>
        {pending && !call.isBusy && <Stopped pending={pending} onGoOn={onGoOn} onTakeBack={onTakeBack} />}
        {call.isBusy && (
          <Progress sentence={t('renewing')} onCancel={call.leave} cancelWords={t('stopWaiting')}>
            {state.publishes && t('renewingHint')}
          </Progress>
        )}
        {call.error !== undefined && !pending?.reason && <Failure error={call.error} />}
        <dl class="facts">
          <dt>{t('renewLast')}</dt>
          <dd>{lastAtMs === null ? t('renewNotYet') : date(lastAtMs)}</dd>
          {nextAtMs !== null && (
            <>
              <dt>{t('renewNext')}</dt>
              <dd>{date(nextAtMs)}</dd>
            </>
          )}
        </dl>
        <Select
          testId="rotation-policy"
          label={t('renewPolicy')}
          value={String(everyDays)}
          options={rotationDays.map((days) => ({ value: String(days), words: t(everyWords[days]) }))}
          onValue={(value) => onChoose(daysOf(value))}
        />
        {!pending && (
          <div>
            <Button testId="rotation-now" isOff={call.isBusy} onPress={onRenew}>
              {t('renewNow')}
            </Button>
          </div>
        )}
      </div>
    </section>
  );
}

function Stopped({ pending, onGoOn, onTakeBack }: { pending: NonNullable<RotationState['pending']>; onGoOn: () => void; onTakeBack: () => void }) {
  const { stage, startedAtMs, reason, canCancel } = pending;
  const why = reason === null ? undefined : explain(errorOfReason(reason));
  return (
    <Notice title={t('renewStoppedTitle')} testId="rotation-pending">
      <div class="stack tight">
        <p>
          {t('renewBegan', dateTime(startedAtMs))} {t(stageWords[stage])} {!why && t('renewNothingLost')}
        </p>
        {why && (
          <p data-testid="rotation-reason" data-reason={reason}>
            {t('renewReason', why.title)} {why.body}
          </p>
        )}
        <div class="row wrap">
          <Button testId="rotation-go-on" look="primary" compact onPress={onGoOn}>
            {t('goOn')}
          </Button>
          {canCancel && (
            <Button testId="rotation-take-back" compact onPress={onTakeBack}>
              {t('renewTakeBack')}
            </Button>
          )}
        </div>
      </div>
    </Notice>
  );
}
