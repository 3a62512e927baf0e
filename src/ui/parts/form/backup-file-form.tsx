// A backup file and what opens it, given together.
// Promises: says that a file without encryption needs nothing, and what that means; the secret stands in a password field and is
// forgotten once the file was opened (R-C7). Must not: open the file itself.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { ageFileOf } from '../../../contract/age-file';
import type { FileSecret } from '../../../contract/pages/backup';
import { Failure } from '../failure';
import { t } from '../../text';
import { useCall } from '../../worker/use-call';
import { Button } from './button';
import { FileField, type ChosenFile } from './file-field';
import { Notice } from '../notice';
import { FileSecretFields, type FileSecretKind } from './file-secret';
import { isTyped } from './passphrase-field';
import { Progress } from '../progress';

export interface GivenFile {
  file: Uint8Array;
  secret: FileSecret;
}

interface BackupFileFormProps<T> {
  /** The verb on the button. */
  submit: string;
  /** Opens the file. What it throws is shown. */
  open: (given: GivenFile) => Promise<T>;
  /** Gets what `open` gave, unless the person stopped waiting for it. */
  onOpened: (result: T, given: GivenFile) => void;
  /** What stands beside the button. */
  beside?: ComponentChildren;
  /** A file that was chosen before. */
  given?: ChosenFile | undefined;
  /** Gets several files that were chosen at once. Without it there is only ever one. */
  onMany?: (files: File[]) => void;
}

export function BackupFileForm<T>({ submit, open, onOpened, beside, given: before, onMany }: BackupFileFormProps<T>) {
  const [chosen, setChosen] = useState<ChosenFile | undefined>(before);
  const [kind, setKind] = useState<FileSecretKind>('passphrase');
  const [secret, setSecret] = useState('');
  const call = useCall();
  const needsSecret = chosen !== undefined && ageFileOf(chosen.file) !== undefined;
  const isReady = chosen !== undefined && (!needsSecret || isTyped(secret)) && !call.isBusy;
  const change = (value: string) => {
    setSecret(value);
    call.forgetError();
  };

  function give(): void {
    if (!chosen) return;
    const fileSecret: FileSecret = !needsSecret
      ? { kind: 'none' }
      : kind === 'passphrase'
        ? { kind, passphrase: secret }
        : { kind, code: secret };
    const given: GivenFile = { file: chosen.file, secret: fileSecret };
    call.run(
      () => open(given),
      (result) => {
        setSecret('');
        onOpened(result, given);
      },
    );
  }

  return (
    <form
      class="stack loose"
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady) give();
      }}
    >
      <FileField
        label={t('backupFile')}
        hint={t('backupFileHint')}
        chosen={chosen}
        onMany={onMany}
        onChosen={(file) => {
          setChosen(file);
          call.forgetError();
        }}
      />
      {chosen && !needsSecret && <Notice title={t('backupOpenFileTitle')}>{t('backupOpenFile')}</Notice>}
      {needsSecret && <FileSecretFields kind={kind} secret={secret} onKind={setKind} onSecret={change} />}
      {call.error !== undefined && <Failure error={call.error} />}
      {call.isBusy ? (
        <Progress sentence={t('openingFile')} onCancel={call.leave}>
          {t('openingFileHint')}
        </Progress>
      ) : (
        <div class="row wrap">
          <Button testId="file-submit" look="primary" type="submit" isOff={!isReady}>
            {submit}
          </Button>
          {beside}
        </div>
      )}
    </form>
  );
}
