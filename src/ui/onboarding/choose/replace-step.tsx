// New keys although the account has keys on the network: what that breaks, and a typed confirmation (R-I4).
// Promises: nothing on the network is touched here; a draft that was begun for the other keys is given up only after the confirmation.
import { useState } from 'preact/hooks';
import { isConfirmedBy } from '../../../contract/paste';
import { Failure } from '../../parts/failure';
import { Button } from '../../parts/form/button';
import { Identity } from '../../parts/shown/identity';
import { Notice } from '../../parts/notice';
import { Progress } from '../../parts/progress';
import { TypedConfirmation } from '../../parts/form/typed-confirmation';
import { t, type MessageKey } from '../../text';
import { useCall } from '../../worker/use-call';
import { ask } from '../../worker/calls';
import { StepHead } from '../../parts/step-head';

const consequences: readonly MessageKey[] = ['replaceOthers', 'replaceApps', 'replaceOld'];

interface ReplaceStepProps {
  account: string;
  name: string;
  /** A draft that was begun to bring the keys; it is discarded. */
  draftId: string | undefined;
  onConfirmed: () => void;
  onBack: () => void;
}

export function ReplaceStep({ account, name, draftId, onConfirmed, onBack }: ReplaceStepProps) {
  const [typed, setTyped] = useState('');
  const call = useCall();
  const isConfirmed = isConfirmedBy(account, typed);
  const confirm = () => {
    if (draftId === undefined) return onConfirmed();
    return call.run(() => ask('enrol_discard', { safeId: draftId }), onConfirmed);
  };
  return (
    <form
      class="stack loose"
      data-testid="replace"
      onSubmit={(event) => {
        event.preventDefault();
        if (isConfirmed && !call.isBusy) confirm();
      }}
    >
      <StepHead title={t('replaceTitle')}>{t('replaceBody')}</StepHead>
      <Identity name={name} account={account} canCopy={false} />
      <Notice tone="danger" title={t('replaceWarning')}>
        <ul class="consequences">
          {consequences.map((key) => (
            <li key={key}>{t(key)}</li>
          ))}
        </ul>
      </Notice>
      <TypedConfirmation word={account} value={typed} onValue={setTyped} />
      {call.error !== undefined && <Failure error={call.error} />}
      {call.isBusy ? (
        <Progress sentence={t('discarding')} onCancel={call.leave} />
      ) : (
        <div class="row wrap">
          <Button testId="replace-back" onPress={onBack}>
            {t('replaceBack')}
          </Button>
          <Button testId="replace-confirm" look="danger" type="submit" isOff={!isConfirmed}>
            {t('wayNew')}
          </Button>
        </div>
      )}
    </form>
  );
}
