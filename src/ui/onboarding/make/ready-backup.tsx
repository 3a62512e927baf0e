// The last step of onboarding: a backup file, saved and checked on the vault page, or put off.
// Promises: says where the file is made, and once it was made and checked; putting it off loses nothing, the vault page goes on reminding.
// Must not: make the file; that takes a proof, on the vault page alone.
import type { BackupState } from '../../../contract/pages/backup';
import { reminderOf } from '../../backup-model';
import { dateTime } from '../../format';
import { Button } from '../../parts/form/button';
import { Icon } from '../../parts/icon';
import { Notice } from '../../parts/notice';
import { addressOf } from '../../place';
import { openPage } from '../../tabs';
import { t } from '../../text';

export function ReadyBackup({ safeId, state }: { safeId: string; state: BackupState }) {
  const reminder = reminderOf(state);
  const go = () => void openPage('vault', addressOf({ section: 'identities', safeId, topic: 'backup' }));
  if (!reminder) {
    return (
      <div data-testid="ready-backup" data-reminder="none-needed">
        <Notice tone="good" title={t('readyBackupDoneTitle')}>
          {t('readyBackupDone', dateTime(state.lastCheckedAtMs ?? state.lastExportedAtMs ?? 0))}
        </Notice>
      </div>
    );
  }
  return (
    <section class="stack tight" data-testid="ready-backup" data-reminder={reminder}>
      <h2>{t('readyBackupTitle')}</h2>
      <div class="card">
        <div class="card-body stack tight">
          <p>{t('readyBackupWhy')}</p>
          {state.lastExportedAtMs !== null && (
            <p class="done-line">
              <Icon name="check" />
              {t('readyBackupSaved', dateTime(state.lastExportedAtMs))}
            </p>
          )}
          <div>
            <Button testId="ready-backup-save" look="primary" icon="open" onPress={go}>
              {t(reminder === 'unchecked' ? 'backupCheck' : 'backupSave')}
            </Button>
          </div>
          <p class="small soft">{t('readyBackupWhere')}</p>
        </div>
      </div>
    </section>
  );
}
