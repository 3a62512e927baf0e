// What renewing the prekey does, and what it breaks, before it is done or before it is left to happen by itself.
// Promises: where another app may hold the same keys, it can be begun only after the person said that they know.
import { useState } from 'preact/hooks';
import type { RotationDays } from '../../../contract/choices';
import type { NetworkState } from '../../../contract/pages/network';
import type { RotationState } from '../../../contract/pages/rotation';
import { Button } from '../../parts/form/button';
import { Choice } from '../../parts/form/field';
import { Notice } from '../../parts/notice';
import { t } from '../../text';
import { Task } from '../task';
import { everyWords, isShared } from './rotation-model';

interface RenewTaskProps {
  state: RotationState;
  network: NetworkState;
  /** Absent: renew now. */
  everyDays: RotationDays | undefined;
  onLeave: () => void;
  onMeant: () => void;
}

export function RenewTask({ state, network, everyDays, onLeave, onMeant }: RenewTaskProps) {
  const [isKnown, setKnown] = useState(false);
  const shared = isShared(network);
  const isReady = isKnown || !shared;
  return (
    <Task
      testId="rotation-task"
      title={everyDays === undefined ? t('renewAskNow') : t('renewAskEvery', t(everyWords[everyDays]))}
      onLeave={onLeave}
    >
      <ul class="bulleted">
        <li>{t('renewStepMade')}</li>
        <li>{t(state.publishes ? 'renewStepPublished' : 'renewStepHere')}</li>
        <li>{t('renewStepKept')}</li>
      </ul>
      <Notice tone={shared ? 'danger' : 'plain'} title={t(shared ? 'renewSharedTitle' : 'renewAloneTitle')}>
        {t(shared ? 'renewShared' : 'renewAlone')}
      </Notice>
      {shared && (
        <div class="card">
          <Choice testId="rotation-known" type="checkbox" name="known" isChosen={isKnown} onChoose={setKnown}>
            {t('renewKnown')}
          </Choice>
        </div>
      )}
      <div>
        <Button testId="rotation-confirm" look={shared ? 'danger' : 'primary'} isOff={!isReady} onPress={onMeant}>
          {t(everyDays === undefined ? 'renewNow' : 'renewEveryConfirm')}
        </Button>
      </div>
    </Task>
  );
}
