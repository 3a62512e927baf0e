// The backup of one identity: when a file was saved and checked, the way to save a file, and the rehearsal.
// Promises: the reminder says what is missing and what to do; what the file holds is one click away.
import { useState } from 'preact/hooks';
import { Failure } from '../../parts/failure';
import { dateTime } from '../../format';
import { reminderOf, reminderWords } from '../../backup-model';
import { Drawing } from '../../parts/icon';
import { Button } from '../../parts/form/button';
import { Disclosure } from '../../parts/form/field';
import { Notice } from '../../parts/notice';
import { t } from '../../text';
import { useVault } from '../../worker/calls';
import type { TopicProps } from '../topic-props';
import { useFocusAfter } from '../task';
import { Panel } from '../panel';
import { CheckTask } from './check-task';
import { ExportTask } from './export-task';

export function BackupTopic({ safeId }: TopicProps) {
  const { value: state, error, refresh } = useVault('backup_state', { safeId }, 'state');
  const [work, setWork] = useState<'export' | 'check'>();
  const list = useFocusAfter(work !== undefined);
  if (error) return <Failure error={error} onRetry={() => void refresh()} />;
  if (!state) return null;
  const leave = () => {
    setWork(undefined);
    void refresh();
  };
  if (work === 'export') return <ExportTask safeId={safeId} onLeave={leave} onCheck={() => setWork('check')} />;
  if (work === 'check') return <CheckTask safeId={safeId} onLeave={leave} onSaveNew={() => setWork('export')} />;
  const reminder = reminderOf(state);
  const { lastExportedAtMs, lastCheckedAtMs } = state;
  return (
    <div class="stack" data-testid="backup" data-reminder={reminder ?? 'none-needed'} ref={list} tabIndex={-1}>
      {reminder === 'none' && <Drawing name="copy" />}
      {reminder && <Notice title={t(reminderWords[reminder][0])}>{t(reminderWords[reminder][1])}</Notice>}
      <Panel title={t('backupTitle')} meaning={t('backupMeaning')}>
        <dl class="facts">
          <dt>{t('backupLastSaved')}</dt>
          <dd>{lastExportedAtMs === null ? t('backupNever') : dateTime(lastExportedAtMs)}</dd>
          <dt>{t('backupLastChecked')}</dt>
          <dd>{lastCheckedAtMs === null ? t('backupNever') : dateTime(lastCheckedAtMs)}</dd>
        </dl>
        <div class="row wrap">
          <Button
            testId="backup-export"
            look={lastExportedAtMs === null ? 'primary' : 'plain'}
            onPress={() => setWork('export')}
          >
            {t('backupSave')}
          </Button>
          <Button
            testId="backup-check"
            look={reminder === 'unchecked' ? 'primary' : 'plain'}
            onPress={() => setWork('check')}
          >
            {t('backupCheck')}
          </Button>
        </div>
        <Disclosure testId="backup-contents" label={t('backupContents')}>
          <div class="stack tight">
            <ul class="bulleted">
              <li>{t('backupHoldsKeys')}</li>
              <li>{t('backupHoldsConversations')}</li>
              <li>{t('backupHoldsSettings')}</li>
            </ul>
            <p>{t('backupFormat')}</p>
            <pre class="payload payload-bytes" tabIndex={0}>
              age -d backup.age &gt; backup
            </pre>
            <p class="small soft">{t('backupHoldsNot')}</p>
          </div>
        </Disclosure>
      </Panel>
    </div>
  );
}
