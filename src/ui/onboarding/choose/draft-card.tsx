// An unfinished set-up, to be continued or discarded.
// Promises: discarding is said to lose nothing but the draft, and asks first.
import { useState } from 'preact/hooks';
import type { EnrolmentState } from '../../../contract/pages/enrolment';
import type { IdentitySummary } from '../../../contract/pages/identity';
import { Failure } from '../../parts/failure';
import { Button } from '../../parts/form/button';
import { Dialog } from '../../parts/form/dialog';
import { Identity } from '../../parts/shown/identity';
import { t } from '../../text';
import { ask } from '../../worker/calls';

export function DraftCard({
  draft,
  onContinue,
}: {
  draft: IdentitySummary;
  onContinue: (enrolment: EnrolmentState) => void;
}) {
  const [error, setError] = useState<unknown>();
  const [isAsking, setAsking] = useState(false);
  const resume = () => ask('enrol_get', { safeId: draft.safeId }).then(onContinue, setError);
  const discard = () => {
    setAsking(false);
    void ask('enrol_discard', { safeId: draft.safeId }).then(() => setError(undefined), setError);
  };
  return (
    <div class="card" data-testid="onboarding-draft">
      <div class="card-row">
        <Identity name={draft.name} account={draft.account} canCopy={false} />
      </div>
      <div class="card-body stack">
        <p>{t('draftBody')}</p>
        <div class="row wrap">
          <Button testId="onboarding-continue" look="primary" onPress={() => void resume()}>
            {t('continueWord')}
          </Button>
          <Button testId="onboarding-discard" onPress={() => setAsking(true)}>
            {t('discard')}
          </Button>
        </div>
        {error !== undefined && <Failure error={error} />}
      </div>
      {isAsking && (
        <Dialog title={t('discardTitle')} onClose={() => setAsking(false)}>
          <p>{t('discardBody')}</p>
          <div class="dialog-actions">
            <Button testId="discard-cancel" onPress={() => setAsking(false)}>
              {t('keepIt')}
            </Button>
            <Button testId="discard-confirm" look="danger" onPress={discard}>
              {t('discard')}
            </Button>
          </div>
        </Dialog>
      )}
    </div>
  );
}
