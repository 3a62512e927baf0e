// A backup file, or one of several: chosen, opened, and shown with everything that is in it before anything changes.
// Promises: an account that has an identity here already stops the way; nothing is stored by this step.
import { useState } from 'preact/hooks';
import type { BackupPreview, KeyWriting } from '../../../contract/pages/backup';
import { date, wholeNumber } from '../../format';
import { BackupFileForm, type GivenFile } from '../../parts/form/backup-file-form';
import { Button } from '../../parts/form/button';
import { Address, Identity } from '../../parts/shown/identity';
import { Notice } from '../../parts/notice';
import { openPage } from '../../tabs';
import { plural, t, type MessageKey } from '../../text';
import { ask } from '../../worker/calls';
import { StepHead } from '../../parts/step-head';
import type { ChosenFile } from '../../parts/form/file-field';
import { ManyFiles } from './many-files';

const writingWords: Record<KeyWriting, MessageKey> = {
  bytes: 'writingBytes',
  base64: 'writingBase64',
  hex: 'writingHex',
  'binary-text': 'writingBinaryText',
  numbers: 'writingNumbers',
};

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
  /** Files that were given together and not brought in yet. */
  waiting: readonly File[];
  onWaiting: (files: readonly File[]) => void;
  /** The file of them that is brought in now. */
  onTaken: (file: File) => void;
}

export function FileStep({ opened, onOpened, onContinue, onBack, waiting, onWaiting, onTaken }: FileStepProps) {
  const [given, setGiven] = useState<ChosenFile>();
  if (opened)
    return (
      <Preview
        preview={opened.preview}
        onContinue={onContinue}
        onOther={() => {
          setGiven(undefined);
          onOpened(undefined);
        }}
      />
    );
  if (waiting.length > 0 && !given)
    return (
      <ManyFiles
        files={waiting}
        onOpen={(file, chosen) => {
          onTaken(file);
          setGiven(chosen);
        }}
        onBack={() => onWaiting([])}
      />
    );
  return (
    <div class="stack loose">
      <StepHead title={t('fileTitle')}>{t('fileBody')}</StepHead>
      <BackupFileForm
        submit={t('fileOpen')}
        given={given}
        onMany={onWaiting}
        open={(given) => ask('backup_preview', given)}
        onOpened={(preview, given) => onOpened({ given, preview })}
        beside={
          <Button testId="file-back" look="quiet" onPress={() => (given ? setGiven(undefined) : onBack())}>
            {t('back')}
          </Button>
        }
      />
    </div>
  );
}

function Preview({
  preview,
  onContinue,
  onOther,
}: {
  preview: BackupPreview;
  onContinue: () => void;
  onOther: () => void;
}) {
  const { account, name, createdAtMs, prekeys, conversations, inboxKeys, names, existing, found } = preview;
  const [isLeaving, setLeaving] = useState(false);
  return (
    <div
      class="stack loose"
      data-testid="file-preview"
      data-account={account}
      data-existing={existing === null ? 'none' : existing.sameIdentity ? 'same' : 'other'}
    >
      <StepHead title={t('previewTitle')} takesFocus>
        {t('previewBody')}
      </StepHead>
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
            {found && (
              <>
                <dt>{t('previewFound')}</dt>
                <dd data-testid="file-found" data-writing={found.writing}>
                  {t(found.isBare ? 'previewFoundBare' : 'previewFoundBundle', t(writingWords[found.writing]))}
                </dd>
              </>
            )}
            <dt>{t('previewHolds')}</dt>
            <dd>{t('previewAmounts', plural('preKeys', prekeys), plural('conversations', conversations))}</dd>
            <dt>{t('previewInboxKeys')}</dt>
            <dd data-testid="file-inbox-keys" data-count={inboxKeys ?? 'none'}>
              {inboxKeys === null ? t('previewWithoutInboxKey') : wholeNumber(inboxKeys)}
            </dd>
            {names !== null && names > 0 && (
              <>
                <dt>{t('checkNames')}</dt>
                <dd data-testid="file-names" data-count={names}>
                  {wholeNumber(names)}
                </dd>
              </>
            )}
          </dl>
        </div>
      </div>
      {existing !== null && (
        <Notice title={t(existing.sameIdentity ? 'previewSameTitle' : 'previewOtherTitle')}>
          {t(existing.sameIdentity ? 'previewSame' : 'previewOther')}
        </Notice>
      )}
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
