// That everything of a site was rejected a moment ago, with the way back for as long as its pages were not told.
// Promises: after its time it goes by itself; what cannot be taken back any more is said to be so. Must not: claim that something waits again before the worker says so.
import { useEffect, useState } from 'preact/hooks';
import { undoMs } from '../../contract/limits';
import type { RejectUndo } from '../../contract/pages/approvals';
import { Button } from '../parts/form/button';
import { Failure } from '../parts/failure';
import { plural, t } from '../text';
import { VaultCallError } from '../worker/channel';

export function RejectedNote({
  refusal: { untilMs, count },
  onTakeBack,
  onOver,
}: {
  refusal: RejectUndo;
  onTakeBack: () => Promise<void>;
  onOver: () => void;
}) {
  const [error, setError] = useState<unknown>();
  const isOver = error instanceof VaultCallError && error.reason === 'stale';
  useEffect(() => {
    const timer = setTimeout(onOver, Math.max(0, untilMs - Date.now()));
    return () => clearTimeout(timer);
  }, [untilMs]);
  return (
    <div class="stack tight" data-testid="approval-rejected" role="status">
      <div class="row apart start">
        <div class="grow">
          <p class="small">{plural('rejected', count)}</p>
          <p class="small soft">{isOver ? t('rejectedForGood') : t('undoTime', undoMs / 1000)}</p>
        </div>
        {!isOver && (
          <Button testId="approval-take-back" compact onPress={() => void onTakeBack().catch(setError)}>
            {t('undo')}
          </Button>
        )}
      </div>
      {error !== undefined && !isOver && <Failure error={error} />}
    </div>
  );
}
