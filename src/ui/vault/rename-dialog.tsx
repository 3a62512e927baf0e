// Gives an identity another name. The name is seen by its owner only.
import { useState } from 'preact/hooks';
import type { IdentitySummary } from '../../contract/internal';
import { Failure } from '../failure';
import { Button } from '../parts/button';
import { Dialog } from '../parts/dialog';
import { TextField } from '../parts/field';
import { t } from '../text';
import { ask } from '../vault-calls';

export function RenameDialog({ identity, onClose }: { identity: IdentitySummary; onClose: () => void }) {
  const [name, setName] = useState(identity.name);
  const [error, setError] = useState<unknown>();
  const isReady = name.trim() !== '';
  const save = () => ask('identity_rename', { safeId: identity.safeId, name: name.trim() }).then(onClose, setError);
  return (
    <Dialog title={t('renameTitle')} onClose={onClose}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (isReady) void save();
        }}
      >
        <TextField testId="rename-name" label={t('accountName')} hint={t('accountNameHint')} value={name} onValue={setName} maxLength={60} isFocusedFirst />
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
