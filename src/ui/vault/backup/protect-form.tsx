// What will open a backup file: a passphrase of its own, or the recovery code of the safe.
// Promises: both stand in password fields and are forgotten once the file is there (R-C7).
import { useState } from 'preact/hooks';
import type { BackupFile, FileSecret } from '../../../contract/pages/backup';
import { typedSecretLength } from '../../../contract/limits';
import { Failure, weaknessOf } from '../../parts/failure';
import { Button } from '../../parts/form/button';
import { SecretField } from '../../parts/form/field';
import { isTyped, isTypedTwice, NewPassphrase, nothingTyped } from '../../parts/form/passphrase-field';
import { Progress } from '../../parts/progress';
import { t } from '../../text';
import { useCall } from '../../worker/use-call';

interface ProtectFormProps {
  safeId: string;
  /** Whether the safe has a recovery code. */
  hasCode: boolean;
  onSecret: (secret: FileSecret) => Promise<BackupFile>;
  onSaved: (file: BackupFile) => void;
}

export function ProtectForm({ safeId, hasCode, onSecret, onSaved }: ProtectFormProps) {
  const [kind, setKind] = useState<'passphrase' | 'recovery-code'>('passphrase');
  const [typed, setTyped] = useState(nothingTyped);
  const [secretCode, setSecretCode] = useState('');
  const call = useCall();
  const isReady = (kind === 'passphrase' ? isTypedTwice(typed) : isTyped(secretCode)) && !call.isBusy;
  const choose = (next: typeof kind) => {
    setKind(next);
    call.forgetError();
  };
  const save = () =>
    call.run(
      () => onSecret(kind === 'passphrase' ? { kind, passphrase: typed.secret } : { kind, code: secretCode }),
      onSaved,
    );
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady) save();
      }}
    >
      {hasCode && (
        <div class="tabs" role="group" aria-label={t('protectTitle')}>
          <button
            type="button"
            data-testid="protect-passphrase"
            aria-pressed={kind === 'passphrase'}
            onClick={() => choose('passphrase')}
          >
            {t('passphraseLabel')}
          </button>
          <button
            type="button"
            data-testid="protect-recovery-code"
            aria-pressed={kind === 'recovery-code'}
            onClick={() => choose('recovery-code')}
          >
            {t('codeLabel')}
          </button>
        </div>
      )}
      {kind === 'passphrase' ? (
        <NewPassphrase
          safeId={safeId}
          typed={typed}
          error={call.error}
          isFocusedFirst
          onTyped={(next) => {
            setTyped(next);
            call.forgetError();
          }}
        />
      ) : (
        <SecretField
          testId="recovery-code"
          label={t('codeLabel')}
          hint={t('protectCodeHint')}
          value={secretCode}
          onValue={(value) => {
            setSecretCode(value);
            call.forgetError();
          }}
          longest={typedSecretLength}
          isFocusedFirst
          isMono
        />
      )}
      {call.error !== undefined && weaknessOf(call.error) === undefined && <Failure error={call.error} />}
      {call.isBusy ? (
        <Progress sentence={t('protecting')} onCancel={call.leave} />
      ) : (
        <div>
          <Button testId="backup-protect" look="primary" type="submit" isOff={!isReady}>
            {t('backupSaveFile')}
          </Button>
        </div>
      )}
    </form>
  );
}
