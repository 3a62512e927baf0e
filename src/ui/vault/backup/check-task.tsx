// The rehearsal: opens a backup file and compares it with the safe, so that a person knows what it is worth before it is needed.
// Promises: changes nothing but the note that this file was checked; what is missing is counted in words. Names that only the file has are taken over when the
// person says so. What opens the file is kept as long as that is offered, and no longer.
import { useState } from 'preact/hooks';
import type { BackupComparison, FileSecret } from '../../../contract/pages/backup';
import { verdictOf, verdictWords } from '../../backup-model';
import { dateTime } from '../../format';
import { BackupFileForm } from '../../parts/form/backup-file-form';
import { Button } from '../../parts/form/button';
import { Notice } from '../../parts/notice';
import { plural, t } from '../../text';
import { ask } from '../../worker/calls';
import { useCall } from '../../worker/use-call';
import { Failure } from '../../parts/failure';
import { Task } from '../task';

interface GivenFile {
  file: Uint8Array;
  secret: FileSecret;
}

/** Names that the file has and the address book has not. */
function TakeNames({
  safeId,
  given,
  count,
  onTaken,
}: {
  safeId: string;
  given: GivenFile;
  count: number;
  onTaken: () => void;
}) {
  const call = useCall();
  return (
    <div class="stack tight" data-testid="check-new-names" data-count={count}>
      <p>{plural('checkNewNames', count)}</p>
      {call.error !== undefined && <Failure error={call.error} />}
      <div>
        <Button
          testId="check-take-names"
          isOff={call.isBusy}
          onPress={() => call.run(() => ask('backup_takeNames', { safeId, ...given }), onTaken)}
        >
          {t(call.isBusy ? 'checkTakingNames' : 'checkTakeNames')}
        </Button>
      </div>
    </div>
  );
}

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
  const [given, setGiven] = useState<GivenFile>();
  if (!comparison) {
    return (
      <Task testId="backup-check-task" title={t('backupCheck')} body={<p>{t('checkMeaning')}</p>} onLeave={onLeave}>
        <BackupFileForm
          submit={t('checkFile')}
          open={async (opened) => {
            const compared = await ask('backup_check', { safeId, ...opened });
            setGiven(compared.newNames > 0 ? opened : undefined);
            return compared;
          }}
          onOpened={setComparison}
        />
      </Task>
    );
  }
  const verdict = verdictOf(comparison);
  const [title, body] = verdictWords[verdict];
  const { createdAtMs, missingPrekeys, missingInboxKeys, missingInboxTexts, missingConversations, missingNames } =
    comparison;
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
            <dd>{missingPrekeys === 0 ? t('checkAllThere') : plural('checkMissingKeys', missingPrekeys)}</dd>
            <dt>{t('previewInboxKeys')}</dt>
            <dd>{missingInboxKeys === 0 ? t('checkAllThere') : plural('checkMissingInboxKeys', missingInboxKeys)}</dd>
            <dt>{t('checkInboxTexts')}</dt>
            <dd>{missingInboxTexts === 0 ? t('checkAllThere') : plural('checkMissingTexts', missingInboxTexts)}</dd>
            <dt>{t('detailConversations')}</dt>
            <dd>
              {missingConversations === 0
                ? t('checkAllThere')
                : plural('checkMissingConversations', missingConversations)}
            </dd>
            <dt>{t('checkNames')}</dt>
            <dd data-testid="check-names" data-count={missingNames}>
              {missingNames === 0 ? t('checkAllThere') : plural('checkMissingNames', missingNames)}
            </dd>
          </>
        )}
      </dl>
      {given && (
        <TakeNames safeId={safeId} given={given} count={comparison.newNames} onTaken={() => setGiven(undefined)} />
      )}
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
