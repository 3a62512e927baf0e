// Deletes an identity from this browser, after the person typed the end of its address.
// Promises: says plainly what is lost for ever before it can be done. The worker checks the typed text again.
import { useState } from 'preact/hooks';
import type { IdentitySummary } from '../../contract/internal';
import { Failure } from '../failure';
import { Button } from '../parts/button';
import { Dialog } from '../parts/dialog';
import { TextField } from '../parts/field';
import { Identity } from '../parts/identity';
import { isConfirmedBy } from '../parts/account';
import { Notice } from '../parts/notice';
import { t } from '../text';
import { ask } from '../vault-calls';

export function ForgetDialog({ identity, onClose }: { identity: IdentitySummary; onClose: () => void }) {
  const { account, safeId } = identity;
  const [typed, setTyped] = useState('');
  const [error, setError] = useState<unknown>();
  // An identity whose address cannot be read is confirmed by the end of its number in the store.
  const isReady = isConfirmedBy(account ?? safeId, typed);
  const forget = () => ask('identity_forget', { safeId, typed: typed.trim() }).then(onClose, setError);
  return (
    <Dialog title={t('forgetTitle')} onClose={onClose}>
      <Identity name={identity.name} account={account} canCopy={false} />
      <Notice tone="danger" title={t('forgetWarningTitle')}>
        {t('forgetWarning')}
      </Notice>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (isReady) void forget();
        }}
      >
        <TextField testId="forget-typed" label={t('forgetType', (account ?? safeId).slice(-4))} value={typed} onValue={setTyped} maxLength={60} isMono />
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
