// Names an inbox, or adds one that the vault does not know by its number and a name.
// Promises: says what adding changes: cards for the inbox no longer warn that nobody here knows it.
import { useState } from 'preact/hooks';
import { nameLength } from '../../../contract/limits';
import type { InboxView } from '../../../contract/pages/inbox';
import { pastedName } from '../../../contract/paste';
import { inboxIdIn } from '../../inbox-words';
import { Failure } from '../../parts/failure';
import { Button } from '../../parts/form/button';
import { Dialog } from '../../parts/form/dialog';
import { TextField } from '../../parts/form/field';
import { t } from '../../text';
import { ask } from '../../worker/calls';
import { useCall } from '../../worker/use-call';

interface NameDialogProps {
  safeId: string;
  /** Absent: one more inbox. */
  inbox?: InboxView;
  onClose: () => void;
}

export function NameDialog({ safeId, inbox, onClose }: NameDialogProps) {
  const [name, setName] = useState(inbox?.name ?? '');
  const [typedId, setTypedId] = useState('');
  const call = useCall();
  const inboxId = inbox?.inboxId ?? inboxIdIn(typedId);
  // A name can be taken away; an inbox is added under one.
  const isNamed = pastedName(name).length <= nameLength && (inbox !== undefined || pastedName(name) !== '');
  const isReady = inboxId !== undefined && isNamed && !call.isBusy;
  const save = () => {
    if (isReady) call.run(() => ask('inbox_name', { safeId, inboxId, name: pastedName(name) }), onClose);
  };
  return (
    <Dialog title={t(inbox ? 'inboxNameTitle' : 'inboxAddTitle')} onClose={onClose}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        {!inbox && (
          <>
            <p class="soft">{t('inboxAddMeaning')}</p>
            <TextField
              testId="inbox-id"
              label={t('inboxIdLabel')}
              hint={t('inboxIdHint')}
              error={typedId.trim() !== '' && inboxId === undefined ? t('inboxIdWrong') : undefined}
              value={typedId}
              onValue={setTypedId}
              longest={200}
              isFocusedFirst
              isMono
            />
          </>
        )}
        <TextField
          testId="inbox-name"
          label={t('accountName')}
          hint={t('accountNameHint')}
          value={name}
          onValue={setName}
          longest={nameLength}
          isFocusedFirst={inbox !== undefined}
        />
        {call.error !== undefined && <Failure error={call.error} />}
        <div class="dialog-actions">
          <Button testId="inbox-name-cancel" onPress={onClose}>
            {t('cancel')}
          </Button>
          <Button testId="inbox-name-save" look="primary" type="submit" isOff={!isReady}>
            {t(inbox ? 'save' : 'inboxAdd')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
