// What opens a sealed file: its passphrase, or a recovery code. Promises: both stand in password fields (R-C7). Must not: keep what was typed.
import { typedSecretLength } from '../../../contract/limits';
import { t } from '../../text';
import { SecretField } from './field';
import { PassphraseField } from './passphrase-field';

export type FileSecretKind = 'passphrase' | 'recovery-code';

export function FileSecretFields({
  kind,
  secret,
  onKind,
  onSecret,
}: {
  kind: FileSecretKind;
  secret: string;
  onKind: (kind: FileSecretKind) => void;
  onSecret: (secret: string) => void;
}) {
  return (
    <div class="stack">
      <div class="tabs" role="group" aria-label={t('secretWay')}>
        <button
          type="button"
          data-testid="file-way-passphrase"
          aria-pressed={kind === 'passphrase'}
          onClick={() => onKind('passphrase')}
        >
          {t('passphraseLabel')}
        </button>
        <button
          type="button"
          data-testid="file-way-recovery-code"
          aria-pressed={kind === 'recovery-code'}
          onClick={() => onKind('recovery-code')}
        >
          {t('codeLabel')}
        </button>
      </div>
      {kind === 'passphrase' ? (
        <PassphraseField
          label={t('backupPassphrase')}
          hint={t('backupPassphraseHint')}
          value={secret}
          onValue={onSecret}
          isFocusedFirst
        />
      ) : (
        <SecretField
          testId="recovery-code"
          label={t('codeLabel')}
          hint={t('codeHint')}
          value={secret}
          onValue={onSecret}
          longest={typedSecretLength}
          isFocusedFirst
          isMono
        />
      )}
    </div>
  );
}
