// A backup file: chosen, opened, and shown with everything that is in it before anything changes.
// Promises: an account that has an identity here already stops the way; nothing is stored by this step.
import { useState } from 'preact/hooks';
import type { BackupPreview } from '../../contract/flows';
import { date } from '../format';
import { BackupFileForm, type GivenFile } from '../parts/backup-file-form';
import { Button } from '../parts/button';
import { Address, Identity } from '../parts/identity';
import { Notice } from '../parts/notice';
import { openPage } from '../tabs';
import { plural, t } from '../text';
import { ask } from '../vault-calls';
import { StepHead } from './step-head';

interface Opened {
  given: GivenFile;
  preview: BackupPreview;
}

interface FileStepProps {
  /** A file that was opened before and came back to. */
  opened: Opened | undefined;
  onOpened: (opened: Opened | undefined) => void;
  onContinue: () => void;
  onBack: () => void;
}

export function FileStep({ opened, onOpened, onContinue, onBack }: FileStepProps) {
  if (opened) return <Preview preview={opened.preview} onContinue={onContinue} onOther={() => onOpened(undefined)} />;
  return (
    <div class="stack loose">
      <StepHead title={t('fileTitle')}>{t('fileBody')}</StepHead>
      <BackupFileForm
        submit={t('fileOpen')}
        open={(given) => ask('backup_preview', given)}
        onOpened={(preview, given) => onOpened({ given, preview })}
        beside={
          <Button testId="file-back" look="quiet" onPress={onBack}>
            {t('back')}
          </Button>
        }
      />
    </div>
  );
}

function Preview({ preview, onContinue, onOther }: { preview: BackupPreview; onContinue: () => void; onOther: () => void }) {
  const { account, name, createdAtMs, preKeys, conversations, existing } = preview;
  const [isLeaving, setLeaving] = useState(false);
  return (
    <div class="stack loose" data-testid="file-preview" data-account={account} data-existing={existing === null ? 'none' : existing.sameIdentity ? 'same' : 'other'}>
      <StepHead title={t('previewTitle')} takesFocus>{t('previewBody')}</StepHead>
      <div class="card">
        <div class="card-row">
          <Identity name={name} account={account} canCopy={false} />
        </div>
        <div class="card-body">
          <dl class="facts">
            <dt>{t('accountAddress')}</dt>
            <dd>
              <Address account={account} whole canCopy={false} />
            </dd>
            <dt>{t('previewMade')}</dt>
            <dd>{createdAtMs === null ? t('previewByOther') : date(createdAtMs)}</dd>
            <dt>{t('previewHolds')}</dt>
            <dd>{t('previewAmounts', plural('preKeysOne', 'preKeysOther', preKeys), plural('conversationsOne', 'conversationsOther', conversations))}</dd>
          </dl>
        </div>
      </div>
      {existing !== null && <Notice title={t(existing.sameIdentity ? 'previewSameTitle' : 'previewOtherTitle')}>{t(existing.sameIdentity ? 'previewSame' : 'previewOther')}</Notice>}
      <div class="row wrap">
        {existing === null ? (
          <Button testId="preview-continue" look="primary" onPress={onContinue}>
            {t('previewRestore')}
          </Button>
        ) : (
          <Button
            testId="preview-open-vault"
            look="primary"
            isOff={isLeaving}
            onPress={() => {
              setLeaving(true);
              void openPage('vault').finally(() => setLeaving(false));
            }}
          >
            {t('openVault')}
          </Button>
        )}
        <Button testId="preview-other" look="quiet" onPress={onOther}>
          {t('fileOther')}
        </Button>
      </div>
    </div>
  );
}
