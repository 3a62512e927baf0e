// One step of a draft: signatures, passphrase, retrieval, import or recovery code, as the worker's draft says.
// Promises: the draft alone decides what comes next; an answer that another page was faster with leads to where the draft stands.
import { useState } from 'preact/hooks';
import type { NetworkLook } from '../../../contract/pages/network';
import type { EnrolmentState } from '../../../contract/pages/enrolment';
import type { IdentitySummary } from '../../../contract/pages/identity';
import { VaultCallError } from '../../worker/channel';
import { Failure } from '../../parts/failure';
import type { GivenFile } from '../../parts/form/backup-file-form';
import { Button } from '../../parts/form/button';
import { Notice } from '../../parts/notice';
import { t } from '../../text';
import { ask } from '../../worker/calls';
import { CodeStep } from './code-step';
import { ImportStep } from './import-step';
import { KeysStep } from './keys-step';
import { PassphraseStep } from './passphrase-step';
import { foundKind } from '../choose/plan';
import { readDraft } from './draft-now';
import type { DraftProps } from './draft-props';
import { RetrieveStep } from './retrieve-step';

interface EnrolStepProps {
  enrolment: EnrolmentState;
  look: NetworkLook | undefined;
  copyId: string | undefined;
  given: GivenFile | undefined;
  onLook: (look: NetworkLook) => void;
  onEnrolment: (enrolment: EnrolmentState) => void;
  onReplace: () => void;
  onUnsteady: () => void;
  onDiscarded: () => void;
  onReady: (identity: IdentitySummary) => void;
}

export function EnrolStep(props: EnrolStepProps) {
  const { enrolment, onEnrolment, look } = props;
  const { safeId, step, locked, first, source } = enrolment;
  const isFirst = step === 'unlock-1' || step === 'passphrase';
  const [error, setError] = useState<unknown>();
  const [isRunning, setRunning] = useState(false);
  const again = () => readDraft(safeId, props).then(() => setError(undefined), setError);
  const discard = () => ask('enrol_discard', { safeId }).then(props.onDiscarded, setError);

  async function move(call: () => Promise<EnrolmentState>): Promise<void> {
    try {
      onEnrolment(await call());
    } catch (thrown) {
      if (!(thrown instanceof VaultCallError)) throw thrown;
      if (thrown.reason === 'unsteady-wallet') return props.onUnsteady();
      if (thrown.reason !== 'wrong-step' && thrown.reason !== 'locked') throw thrown;
      await again();
    }
    return undefined;
  }
  const shared: DraftProps = { enrolment, move, series: { isRunning, onRunning: setRunning } };

  if (step === 'code' && !locked)
    return <CodeStep enrolment={enrolment} onEnrolment={onEnrolment} onReady={props.onReady} />;
  const isPassphrase = first === 'passphrase' && (locked || step === 'passphrase');
  return (
    <div class="stack loose">
      {look && source === 'new' && foundKind(look) === 'nothing' && isFirst && (
        <Notice tone="good" testId="found-nothing">
          {t('nothingFound')}
        </Notice>
      )}
      {isPassphrase ? (
        <PassphraseStep {...shared} />
      ) : !locked && step === 'retrieve' ? (
        <RetrieveStep {...shared} look={look} copyId={props.copyId} onLook={props.onLook} onReplace={props.onReplace} />
      ) : !locked && step === 'import' ? (
        <ImportStep {...shared} given={props.given} />
      ) : (
        <KeysStep {...shared} />
      )}
      {error !== undefined && <Failure error={error} onRetry={() => void again()} />}
      <div>
        <Button testId="keys-discard" look="quiet" onPress={() => void discard()}>
          {t('stopAndDiscard')}
        </Button>
      </div>
    </div>
  );
}
