// Takes what an app shows of an inbox: how many apps it has, how many changes it has used. Counting goes on from there.
// Promises: a number that cannot be is told beside its field, and nothing is sent before both are right.
import { useState } from 'preact/hooks';
import { inboxBounds } from '../../../contract/choices';
import type { InboxView } from '../../../contract/pages/inbox';
import { countIn } from '../../inbox-words';
import { Failure } from '../../parts/failure';
import { Button } from '../../parts/form/button';
import { Dialog } from '../../parts/form/dialog';
import { TextField } from '../../parts/form/field';
import { t } from '../../text';
import { ask } from '../../worker/calls';
import { useCall } from '../../worker/use-call';

/** An app may count more than may be there today: some inboxes are older than the bound. */
const mostApps = inboxBounds.installations * 10;

interface CountsDialogProps {
  safeId: string;
  inbox: InboxView;
  onClose: () => void;
}

export function CountsDialog({ safeId, inbox, onClose }: CountsDialogProps) {
  const [typedApps, setTypedApps] = useState(String(inbox.installations));
  const [typedChanges, setTypedChanges] = useState(String(inbox.updates));
  const [isTried, setTried] = useState(false);
  const call = useCall();
  const installations = countIn(typedApps, mostApps);
  const updates = countIn(typedChanges, inboxBounds.updates);
  const errorOf = (count: number | undefined, typed: string, most: number) =>
    count === undefined && (isTried || typed !== '') ? t('inboxCountWrong', most) : undefined;
  const save = () => {
    setTried(true);
    if (installations === undefined || updates === undefined || call.isBusy) return;
    const { inboxId } = inbox;
    call.run(() => ask('inbox_correct', { safeId, inboxId, installations, updates }), onClose);
  };
  return (
    <Dialog title={t('inboxCorrectTitle')} onClose={onClose}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <p class="soft">{t('inboxCorrectMeaning')}</p>
        <TextField
          testId="inbox-count-apps"
          label={t('inboxCountAppsLabel')}
          hint={t('inboxCountAppsHint')}
          error={errorOf(installations, typedApps, mostApps)}
          value={typedApps}
          onValue={setTypedApps}
          isFocusedFirst
        />
        <TextField
          testId="inbox-count-changes"
          label={t('inboxCountChangesLabel')}
          hint={t('inboxCountChangesHint')}
          error={errorOf(updates, typedChanges, inboxBounds.updates)}
          value={typedChanges}
          onValue={setTypedChanges}
        />
        {call.error !== undefined && <Failure error={call.error} />}
        <div class="dialog-actions">
          <Button testId="inbox-count-cancel" onPress={onClose}>
            {t('cancel')}
          </Button>
          <Button testId="inbox-count-save" look="primary" type="submit" isOff={call.isBusy}>
            {t('save')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
