// Begins the draft; first asks what opens the safe in this browser, where that was not chosen with the account.
// Promises: nothing is stored before Continue, here or on the account's step.
import { useLayoutEffect, useState } from 'preact/hooks';
import type { EnrolmentState } from '../../../contract/pages/enrolment';
import { VaultCallError } from '../../worker/channel';
import { Failure } from '../../parts/failure';
import { Button } from '../../parts/form/button';
import { Identity } from '../../parts/shown/identity';
import { Progress } from '../../parts/progress';
import { t } from '../../text';
import { useCall } from '../../worker/use-call';
import { ask } from '../../worker/calls';
import { OpenChoice } from './open-choice';
import type { Plan } from './plan';
import { StepHead } from '../../parts/step-head';

type First = EnrolmentState['first'];

interface OpenStepProps {
  plan: Plan & { account: string; name: string };
  /** What was chosen on the way here: begins by itself. */
  decided: First | undefined;
  /** The wallet was picked, and none is connected yet. */
  onNeedsWallet: () => void;
  onBegun: (enrolment: EnrolmentState) => void;
  onBack: () => void;
}

export function OpenStep({ plan, decided, onNeedsWallet, onBegun, onBack }: OpenStepProps) {
  const { account, name, source, wallet } = plan;
  // Whoever restores a file may have no wallet at hand; everybody else has just connected one.
  const [first, setFirst] = useState<First>(decided ?? (wallet ? 'wallet' : 'passphrase'));
  const call = useCall();
  const begin = () => {
    if (first === 'wallet' && !wallet) return onNeedsWallet();
    return call.run(
      () => ask('enrol_begin', { account, wallet: wallet ?? { kind: 'manual' }, name, source, first }),
      onBegun,
    );
  };
  useLayoutEffect(() => {
    if (decided) begin();
  }, []);
  const isTaken = call.error instanceof VaultCallError && call.error.reason === 'already-exists';
  return (
    <form
      class="stack loose"
      onSubmit={(event) => {
        event.preventDefault();
        if (!call.isBusy) begin();
      }}
    >
      <StepHead title={t('openTitle')}>{t('openBody')}</StepHead>
      <Identity name={name} account={account} canCopy={false} />
      <fieldset disabled={call.isBusy}>
        <legend class="visually-hidden">{t('openTitle')}</legend>
        <OpenChoice wallet={wallet} first={first} onFirst={setFirst} />
      </fieldset>
      {call.error !== undefined && <Failure error={call.error} />}
      {call.isBusy ? (
        <Progress sentence={t('beginning')} />
      ) : (
        <div class="row wrap">
          <Button testId="open-continue" look="primary" type="submit" isOff={isTaken}>
            {t('continueWord')}
          </Button>
          <Button testId="open-back" look="quiet" onPress={onBack}>
            {t('back')}
          </Button>
        </div>
      )}
    </form>
  );
}
