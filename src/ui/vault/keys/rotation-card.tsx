// How the prekey is renewed: when it was, when it will be, by itself or now; and what to do about a renewal that stopped.
// Promises: a renewal that stopped says how far it came, why, and that nothing was lost.
import type { RotationDays } from '../../../contract/choices';
import type { RotationState } from '../../../contract/pages/rotation';
import { rotationDays } from '../../../contract/choices';
import { Failure, reasonOf } from '../../parts/failure';
import { date } from '../../format';
import { Button } from '../../parts/form/button';
import { Select } from '../../parts/form/field';
import { Progress } from '../../parts/progress';
import { t } from '../../text';
import type { Call } from '../../worker/use-call';
import { daysOf, everyWords } from './rotation-model';
import { Stopped } from './rotation-stopped';

interface RotationCardProps {
  state: RotationState;
  account: string;
  call: Call;
  onChoose: (everyDays: RotationDays) => void;
  onRenew: () => void;
  /** `typed`: the confirmation that ours replaces what is of another identity (R-I4). */
  onGoOn: (typed?: string) => void;
  onFinishHere: () => void;
  onTakeBack: () => void;
}

export function RotationCard(props: RotationCardProps) {
  const { state, call, onChoose, onRenew } = props;
  const { everyDays, nextAtMs, lastAtMs, pending } = state;
  return (
    <section class="card" data-testid="rotation" data-every={everyDays} data-pending={pending?.stage ?? 'none'}>
      <div class="card-body stack">
        <div class="stack tight">
          <h2>{t('renewTitle')}</h2>
          <p class="soft">{t('renewMeaning')}</p>
        </div>
        {pending && !call.isBusy && (
          <Stopped
            state={state}
            pending={pending}
            account={props.account}
            onGoOn={props.onGoOn}
            onFinishHere={props.onFinishHere}
            onTakeBack={props.onTakeBack}
          />
        )}
        {call.isBusy && (
          <Progress sentence={t('renewing')} onCancel={call.leave} cancelWords={t('stopWaiting')}>
            {state.publishes && t('renewingHint')}
          </Progress>
        )}
        {call.error !== undefined && reasonOf(call.error) !== pending?.reason && <Failure error={call.error} />}
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
