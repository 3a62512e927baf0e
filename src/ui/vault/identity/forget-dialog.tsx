// Deletes an identity from this browser, after the person typed the end of its address, or while it is not open the whole of it.
// Promises: says plainly what is lost for ever before it can be done, and offers a backup first. The worker checks the typed text again.
import { useState } from 'preact/hooks';
import type { IdentitySummary } from '../../../contract/pages/identity';
import { isConfirmedBy, isTypedInFull, pastedLine } from '../../../contract/paste';
import { Failure } from '../../parts/failure';
import { Button } from '../../parts/form/button';
import { Dialog } from '../../parts/form/dialog';
import { TextField } from '../../parts/form/field';
import { Identity } from '../../parts/shown/identity';
import { lastFour } from '../../parts/shown/account';
import { Notice } from '../../parts/notice';
import { t } from '../../text';
import { ask } from '../../worker/calls';
import { BackupOffer } from './backup-offer';

export function ForgetDialog({
  identity,
  onBackup,
  onClose,
}: {
  identity: IdentitySummary;
  onBackup: () => void;
  onClose: () => void;
}) {
  const { account, safeId } = identity;
  const [typed, setTyped] = useState('');
  const [error, setError] = useState<unknown>();
  // An identity whose address cannot be read is confirmed by its number in the store.
  const word = account ?? safeId;
  const isWhole = identity.status !== 'unlocked';
  const isReady = isWhole ? isTypedInFull(word, typed) : isConfirmedBy(word, typed);
  const forget = () => ask('identity_forget', { safeId, typed: pastedLine(typed) }).then(onClose, setError);
  return (
    <Dialog title={t('forgetTitle')} onClose={onClose}>
      <Identity name={identity.name} account={account} canCopy={false} />
      <Notice tone="danger" title={t('forgetWarningTitle')}>
        {t('forgetWarning')}
      </Notice>
      <BackupOffer identity={identity} onBackup={onBackup} onClose={onClose} />
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (isReady) void forget();
        }}
      >
        {isWhole && <p class="small soft">{t('forgetWhole')}</p>}
        <TextField
          testId="forget-typed"
          label={t('forgetType', isWhole ? word : lastFour(word))}
          value={typed}
          onValue={setTyped}
          longest={60}
          isMono
        />
        {error !== undefined && <Failure error={error} />}
        <div class="dialog-actions">
          <Button testId="forget-cancel" onPress={onClose}>
            {t('cancel')}
          </Button>
          <Button testId="forget-confirm" look="danger" type="submit" isOff={!isReady}>
            {t('forgetConfirm')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
