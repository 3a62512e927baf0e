// Looks for the account's keys on the network.
// Promises: can be left at any time and changes nothing; a node that fails is said in words, with what can be done instead.
import { useEffect } from 'preact/hooks';
import type { NetworkLook } from '../../../contract/pages/network';
import { Failure } from '../../parts/failure';
import { Button } from '../../parts/form/button';
import { Identity } from '../../parts/shown/identity';
import { Progress } from '../../parts/progress';
import { t } from '../../text';
import { useCall } from '../../worker/use-call';
import { ask } from '../../worker/calls';
import { StepHead } from '../../parts/step-head';

interface LookProps {
  account: string;
  onLook: (look: NetworkLook) => void;
  onBack: () => void;
  /** Undefined where the way goes nowhere without the network. */
  onWithout?: (() => void) | undefined;
}

/** The look itself, for a step that needs its result; draws only the wait and the failure. */
export function Look({ account, onLook, onBack, onWithout }: LookProps) {
  const call = useCall();
  const look = () => call.run(() => ask('network_look', { account }), onLook);
  useEffect(look, [account]);
  if (call.error === undefined) {
    return (
      <Progress sentence={t('looking')} onCancel={onBack}>
        {t('lookingHint')}
      </Progress>
    );
  }
  return (
    <div class="stack">
      <Failure error={call.error} onRetry={look} />
      {onWithout && <p class="soft">{t('lookWithoutMeaning')}</p>}
      <div class="row wrap">
        {onWithout && (
          <Button testId="look-without" onPress={onWithout}>
            {t('lookWithout')}
          </Button>
        )}
        <Button testId="look-back" look="quiet" onPress={onBack}>
          {t('back')}
        </Button>
      </div>
    </div>
  );
}

export function LookStep({ name, ...props }: LookProps & { name: string }) {
  return (
    <div class="stack loose">
      <StepHead title={t('lookStepTitle')}>{t('lookBody')}</StepHead>
      <Identity name={name} account={props.account} canCopy={false} />
      <Look {...props} />
    </div>
  );
}
