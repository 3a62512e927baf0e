// Saves a backup: the safe is opened once more, then it is chosen what opens the file, then the browser gets the encrypted file.
// Promises: nothing that is not encrypted comes to this page.
import { useState } from 'preact/hooks';
import type { BackupFile } from '../../../contract/pages/backup';
import { Failure } from '../../parts/failure';
import { Button } from '../../parts/form/button';
import { Notice } from '../../parts/notice';
import { inOrder } from '../../slot-model';
import { plural, rich, t } from '../../text';
import { ask, useVault } from '../../worker/calls';
import { useKeptSecrets } from '../kept-secrets';
import { OpenFirst } from '../open-first';
import { Task } from '../task';
import { ProtectForm } from './protect-form';
import { saveFile } from './save-file';

interface ExportTaskProps {
  safeId: string;
  onLeave: () => void;
  /** The person wants to check the file. */
  onCheck: () => void;
}

export function ExportTask({ safeId, onLeave, onCheck }: ExportTaskProps) {
  const details = useVault('identity_details', { safeId });
  const request = useVault('unlock_getText', { safeId });
  const secrets = useKeptSecrets();
  const [isOpened, setOpened] = useState(false);
  const [saved, setSaved] = useState<BackupFile>();
  const error = details.error ?? request.error;
  if (error) return <Failure error={error} onRetry={() => void Promise.all([details.refresh(), request.refresh()])} />;
  if (!details.value || !request.value) return null;
  const kinds = inOrder(details.value.slots).map(({ type }) => type);

  if (saved) {
    return (
      <Task testId="backup-export-task" title={t('backupSavedTitle')}>
        <Notice tone="good" testId="backup-saved">
          <p>{rich('backupSaved', <bdi class="mono">{saved.fileName}</bdi>)}</p>
          <p>{plural('backupSavedWith', saved.conversations)}</p>
        </Notice>
        <p>{t('backupKeep')}</p>
        <div class="row wrap">
          <Button testId="backup-check-now" look="primary" onPress={onCheck}>
            {t('backupCheckNow')}
          </Button>
          <Button testId="backup-save-again" onPress={() => saveFile(saved.fileName, saved.file)}>
            {t('backupSaveAgain')}
          </Button>
          <Button testId="backup-done" look="quiet" onPress={onLeave}>
            {t('done')}
          </Button>
        </div>
      </Task>
    );
  }
  if (!isOpened) {
    return (
      <OpenFirst
        testId="backup-export-task"
        why={t('openAgainBackup')}
        step={{ at: 1, of: 2 }}
        request={request.value}
        onOpened={() => setOpened(true)}
        {...{ kinds, secrets, onLeave }}
      />
    );
  }
  return (
    <Task
      testId="backup-export-task"
      title={t('protectTitle')}
      body={<p>{t('protectMeaning')}</p>}
      step={{ at: 2, of: 2 }}
      onLeave={onLeave}
    >
      <ProtectForm
        safeId={safeId}
        hasCode={kinds.includes('recovery-code')}
        onSecret={(secret) => ask('backup_export', { safeId, proof: secrets.proof(), secret })}
        onSaved={(file) => {
          secrets.forget();
          setSaved(file);
          saveFile(file.fileName, file.file);
        }}
      />
    </Task>
  );
}
