// The rehearsal: opens a backup file and compares it with the safe, so that a person knows what it is worth before it is needed.
// Promises: changes nothing but the note that this file was checked; what is missing is counted in words.
import { useState } from 'preact/hooks';
import type { BackupComparison } from '../../../contract/pages/backup';
import { verdictOf, verdictWords } from '../../backup-model';
import { dateTime } from '../../format';
import { BackupFileForm } from '../../parts/form/backup-file-form';
import { Button } from '../../parts/form/button';
import { Notice } from '../../parts/notice';
import { plural, t } from '../../text';
import { ask } from '../../worker/calls';
import { Task } from '../task';

export function CheckTask({
  safeId,
  onLeave,
  onSaveNew,
}: {
  safeId: string;
  onLeave: () => void;
  onSaveNew: () => void;
}) {
  const [comparison, setComparison] = useState<BackupComparison>();
  if (!comparison) {
    return (
      <Task testId="backup-check-task" title={t('backupCheck')} body={<p>{t('checkMeaning')}</p>} onLeave={onLeave}>
        <BackupFileForm
          submit={t('checkFile')}
          open={(given) => ask('backup_check', { safeId, ...given })}
          onOpened={setComparison}
        />
      </Task>
    );
  }
  const verdict = verdictOf(comparison);
  const [title, body] = verdictWords[verdict];
  const { createdAtMs, missingPrekeys, missingInboxKeys, missingInboxTexts, missingConversations } = comparison;
  const isGood = verdict === 'good' || verdict === 'good-older';
  return (
    <Task testId="backup-check-task" title={t('checkedTitle')}>
      <div data-testid="backup-verdict" data-verdict={verdict}>
        <Notice tone={isGood ? 'good' : verdict === 'incomplete' ? 'danger' : 'plain'} title={t(title)}>
          {t(body)}
        </Notice>
      </div>
      <dl class="facts">
        {createdAtMs !== null && (
          <>
            <dt>{t('checkCreated')}</dt>
            <dd>{dateTime(createdAtMs)}</dd>
          </>
        )}
        {verdict !== 'other' && (
          <>
            <dt>{t('checkKeys')}</dt>
            <dd>
              {missingPrekeys === 0
                ? t('checkAllThere')
                : plural('checkMissingKeysOne', 'checkMissingKeysOther', missingPrekeys)}
            </dd>
            <dt>{t('previewInboxKeys')}</dt>
            <dd>
              {missingInboxKeys === 0
                ? t('checkAllThere')
                : plural('checkMissingInboxKeysOne', 'checkMissingInboxKeysOther', missingInboxKeys)}
            </dd>
            <dt>{t('checkInboxTexts')}</dt>
            <dd>
              {missingInboxTexts === 0
                ? t('checkAllThere')
                : plural('checkMissingTextsOne', 'checkMissingTextsOther', missingInboxTexts)}
            </dd>
            <dt>{t('detailConversations')}</dt>
            <dd>
              {missingConversations === 0
                ? t('checkAllThere')
                : plural('checkMissingConversationsOne', 'checkMissingConversationsOther', missingConversations)}
            </dd>
          </>
        )}
      </dl>
      <div class="row wrap">
        {verdict !== 'good' && (
          <Button testId="check-save-new" look="primary" onPress={onSaveNew}>
            {t('checkSaveNew')}
          </Button>
        )}
        <Button testId="check-done" look={verdict === 'good' ? 'primary' : 'plain'} onPress={onLeave}>
          {t('done')}
        </Button>
        <Button testId="check-another" look="quiet" onPress={() => setComparison(undefined)}>
          {t('checkAnother')}
        </Button>
      </div>
    </Task>
  );
}
