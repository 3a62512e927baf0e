// Gives an identity another name. The name is seen by its owner only.
import { useState } from 'preact/hooks';
import type { IdentitySummary } from '../../../contract/pages/identity';
import { nameLength } from '../../../contract/limits';
import { pastedName } from '../../../contract/paste';
import { Failure } from '../../parts/failure';
import { Button } from '../../parts/form/button';
import { Dialog } from '../../parts/form/dialog';
import { TextField } from '../../parts/form/field';
import { t } from '../../text';
import { ask } from '../../worker/calls';

export function RenameDialog({ identity, onClose }: { identity: IdentitySummary; onClose: () => void }) {
  const [name, setName] = useState(identity.name);
  const [error, setError] = useState<unknown>();
  const isReady = pastedName(name) !== '' && name.length <= nameLength;
  const save = () =>
    ask('identity_rename', { safeId: identity.safeId, name: pastedName(name) }).then(onClose, setError);
  return (
    <Dialog title={t('renameTitle')} onClose={onClose}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (isReady) void save();
        }}
      >
        <TextField
          testId="rename-name"
          label={t('accountName')}
          hint={t('accountNameHint')}
          value={name}
          onValue={setName}
          longest={nameLength}
          isFocusedFirst
        />
        {error !== undefined && <Failure error={error} />}
        <div class="dialog-actions">
          <Button testId="rename-cancel" onPress={onClose}>
            {t('cancel')}
          </Button>
          <Button testId="rename-save" look="primary" type="submit" isOff={!isReady}>
            {t('save')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
