// Before an identity is forgotten: how its backup stands, and the way to save one first.
// Promises: says the truth about each state: none, not checked, not of today's keys, checked; a locked one is offered its unlock.
import type { IdentitySummary } from '../../../contract/pages/identity';
import { reminderOf, reminderWords } from '../../backup-model';
import { date } from '../../format';
import { Button } from '../../parts/form/button';
import { Notice } from '../../parts/notice';
import { t } from '../../text';
import { ask, useVault } from '../../worker/calls';

interface BackupOfferProps {
  identity: IdentitySummary;
  /** Goes to its backup instead of forgetting it. */
  onBackup: () => void;
  onClose: () => void;
}

export function BackupOffer({ identity, onBackup, onClose }: BackupOfferProps) {
  if (identity.status === 'unlocked') return <OpenOffer safeId={identity.safeId} onBackup={onBackup} />;
  if (identity.status !== 'locked') return null;
  const unlock = () => {
    onClose();
    void ask('unlock_open', { safeId: identity.safeId });
  };
  return (
    <Notice title={t('forgetBackupTitle')} testId="forget-backup">
      <div class="stack tight">
        <p>{t('forgetBackupLocked')}</p>
        <div>
          <Button testId="forget-unlock" icon="unlock" compact onPress={unlock}>
            {t('unlock')}
          </Button>
        </div>
      </div>
    </Notice>
  );
}

function OpenOffer({ safeId, onBackup }: { safeId: string; onBackup: () => void }) {
  const { value: state } = useVault('backup_state', { safeId }, 'state');
  if (!state) return null;
  const reminder = reminderOf(state);
  const words = reminder
    ? t(reminder === 'none' ? 'forgetBackupNone' : reminderWords[reminder][1])
    : t('forgetBackupChecked', date(state.lastCheckedAtMs ?? state.lastExportedAtMs ?? 0));
  return (
    <Notice title={t('forgetBackupTitle')} testId="forget-backup">
      <div class="stack tight" data-reminder={reminder ?? 'none-needed'}>
        <p>{words}</p>
        <div>
          <Button testId="forget-backup-save" compact onPress={onBackup}>
            {t(reminder === 'unchecked' ? 'backupCheck' : 'backupSave')}
          </Button>
        </div>
      </div>
    </Notice>
  );
}
