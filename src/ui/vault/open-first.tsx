// The step of a task in which the safe is opened once more, before the task does what it is for.
// Promises: one of `kinds` is enough, and is kept for the end of the task; leaving changes nothing.
import type { SlotKind } from '../../contract/choices';
import type { UnlockRequest } from '../../contract/pages/unlock';
import { t } from '../text';
import type { KeptSecrets } from './kept-secrets';
import { OpenAgain } from './open-again';
import { Task } from './task';

interface OpenFirstProps {
  testId: string;
  /** Why it has to be opened. */
  why: string;
  step: { at: number; of: number };
  request: UnlockRequest;
  kinds: readonly SlotKind[];
  secrets: KeptSecrets;
  onOpened: () => void;
  onLeave: () => void;
}

export function OpenFirst({ testId, why, step, request, kinds, secrets, onOpened, onLeave }: OpenFirstProps) {
  return (
    <Task testId={testId} title={t('openAgainTitle')} body={<p>{why}</p>} step={step} onLeave={onLeave}>
      <OpenAgain
        request={request}
        kinds={kinds}
        onOpened={(secret) => {
          secrets.keep(secret);
          onOpened();
        }}
      />
    </Task>
  );
}
