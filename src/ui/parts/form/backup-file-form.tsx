// A backup file and what opens it, given together.
// Promises: says that a file without encryption needs nothing, and what that means; the secret stands in a password field and is
// forgotten once the file was opened (R-C7). Must not: open the file itself.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { ageFileOf } from '../../../contract/age-file';
import type { FileSecret } from '../../../contract/pages/backup';
import { typedSecretLength } from '../../../contract/limits';
import { Failure } from '../failure';
import { t } from '../../text';
import { useCall } from '../../worker/use-call';
import { Button } from './button';
import { SecretField } from './field';
import { FileField, type ChosenFile } from './file-field';
import { Notice } from '../notice';
import { isTyped, PassphraseField } from './passphrase-field';
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
}

export function BackupFileForm<T>({ submit, open, onOpened, beside }: BackupFileFormProps<T>) {
  const [chosen, setChosen] = useState<ChosenFile>();
  const [kind, setKind] = useState<'passphrase' | 'recovery-code'>('passphrase');
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
        onChosen={(file) => {
          setChosen(file);
          call.forgetError();
        }}
      />
      {chosen && !needsSecret && <Notice title={t('backupOpenFileTitle')}>{t('backupOpenFile')}</Notice>}
      {needsSecret && (
        <div class="stack">
          <div class="tabs" role="group" aria-label={t('secretWay')}>
            <button
              type="button"
              data-testid="file-way-passphrase"
              aria-pressed={kind === 'passphrase'}
              onClick={() => setKind('passphrase')}
            >
              {t('passphraseLabel')}
            </button>
            <button
              type="button"
              data-testid="file-way-recovery-code"
              aria-pressed={kind === 'recovery-code'}
              onClick={() => setKind('recovery-code')}
            >
              {t('codeLabel')}
            </button>
          </div>
          {kind === 'passphrase' ? (
            <PassphraseField
              label={t('backupPassphrase')}
              hint={t('backupPassphraseHint')}
              value={secret}
              onValue={change}
              isFocusedFirst
            />
          ) : (
            <SecretField
              testId="recovery-code"
              label={t('codeLabel')}
              hint={t('codeHint')}
              value={secret}
              onValue={change}
              longest={typedSecretLength}
              isFocusedFirst
              isMono
            />
          )}
        </div>
      )}
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
