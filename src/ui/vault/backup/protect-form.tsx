// What will open a backup file or an archive: a passphrase of its own, or the recovery code of the safe.
// Promises: both stand in password fields and are forgotten once the file is there (R-C7); before that a passphrase is hard to guess, and a code was tried.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { FileSecret } from '../../../contract/pages/backup';
import { typedSecretLength } from '../../../contract/limits';
import { Failure, weaknessOf } from '../../parts/failure';
import { Button } from '../../parts/form/button';
import { SecretField } from '../../parts/form/field';
import { isTyped, isTypedTwice, NewPassphrase, nothingTyped } from '../../parts/form/passphrase-field';
import { Progress } from '../../parts/progress';
import { mustBeHardToGuess } from '../../passphrase/strength';
import { t } from '../../text';
import { ask } from '../../worker/calls';
import { useCall } from '../../worker/use-call';

interface ProtectFormProps<T> {
  safeId: string;
  /** Whether the safe has a recovery code. */
  hasCode: boolean;
  /** The verb on the button; "Save the file" without it. */
  submit?: string;
  /** What is shown while the file is made, in place of a line that it is. */
  working?: ComponentChildren;
  onSecret: (secret: FileSecret) => Promise<T>;
  onSaved: (file: T) => void;
}

export function ProtectForm<T>({ safeId, hasCode, submit, working, onSecret, onSaved }: ProtectFormProps<T>) {
  const [kind, setKind] = useState<'passphrase' | 'recovery-code'>('passphrase');
  const [typed, setTyped] = useState(nothingTyped);
  const [secretCode, setSecretCode] = useState('');
  const call = useCall();
  const isReady = (kind === 'passphrase' ? isTypedTwice(typed) : isTyped(secretCode)) && !call.isBusy;
  const choose = (next: typeof kind) => {
    setKind(next);
    call.forgetError();
  };
  async function make(): Promise<T> {
    const secret: FileSecret = kind === 'passphrase' ? { kind, passphrase: typed.secret } : { kind, code: secretCode };
    if (secret.kind === 'passphrase') await mustBeHardToGuess(secret.passphrase, safeId);
    // Sealed with a code that was mistyped, the file could never be opened.
    else await ask('slots_check', { safeId, secret });
    return await onSecret(secret);
  }
  const save = () => call.run(make, onSaved);
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
        (working ?? <Progress sentence={t('protecting')} onCancel={call.leave} />)
      ) : (
        <div>
          <Button testId="backup-protect" look="primary" type="submit" isOff={!isReady}>
            {submit ?? t('backupSaveFile')}
          </Button>
        </div>
      )}
    </form>
  );
}
