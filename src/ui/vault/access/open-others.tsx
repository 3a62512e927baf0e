// Opens every way that stays, one after the other, before the safe gets a new root key.
// Promises: each is tried at once; when the last one fitted, the work begins by itself; a failure of the work can be tried again without
// opening anything anew. Must not: keep secrets itself; `secrets` does, for as long as the task lives.
import { useState } from 'preact/hooks';
import type { UnlockRequest } from '../../../contract/pages/unlock';
import { Failure } from '../../parts/failure';
import { Progress } from '../../parts/progress';
import { t, type MessageKey } from '../../text';
import type { Call } from '../../worker/use-call';
import type { KeptSecrets } from '../kept-secrets';
import { OpenAgain } from '../open-again';
import { Task } from '../task';
import type { SlotKind } from '../../../contract/choices';

const openWords: Record<SlotKind, MessageKey> = {
  wallet: 'openOtherWallet',
  passphrase: 'openOtherPassphrase',
  'recovery-code': 'openOtherCode',
  passkey: 'openOtherPasskey',
};

interface OpenOthersProps {
  testId: string;
  request: UnlockRequest;
  kinds: readonly SlotKind[];
  secrets: KeptSecrets;
  stepsBefore: number;
  stepsInAll: number;
  /** The work at the end: its progress and failure are shown here. */
  call: Call;
  sentence: string;
  onAllOpened: () => void;
  onLeave: () => void;
}

export function OpenOthers({
  testId,
  request,
  kinds,
  secrets,
  stepsBefore,
  stepsInAll,
  call,
  sentence,
  onAllOpened,
  onLeave,
}: OpenOthersProps) {
  const [at, setAt] = useState(0);
  const kind = kinds[at];
  if (kind === undefined) {
    return (
      <Task testId={testId} title={sentence} {...(call.isBusy ? {} : { onLeave })}>
        {call.error === undefined ? (
          <Progress sentence={sentence}>{t('rootKeyHint')}</Progress>
        ) : (
          <Failure error={call.error} onRetry={onAllOpened} />
        )}
      </Task>
    );
  }
  return (
    <Task
      testId={testId}
      title={t(openWords[kind])}
      body={<p>{t('openOther')}</p>}
      step={{ at: stepsBefore + at + 1, of: stepsInAll }}
      onLeave={onLeave}
    >
      <OpenAgain
        key={kind}
        request={request}
        kinds={[kind]}
        onOpened={(secret) => {
          secrets.keep(secret);
          setAt(at + 1);
          if (at + 1 === kinds.length) onAllOpened();
        }}
      />
    </Task>
  );
}
