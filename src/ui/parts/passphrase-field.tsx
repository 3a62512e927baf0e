// Passphrases: one that exists, typed once; a new one, typed twice.
// Promises: password fields without autocompletion (R-C7); what is wrong with a new one is said in words beside the field it is about.
// Must not: judge how strong a passphrase is; the vault does, and `error` brings its answer.
import { weaknessOf } from '../failure';
import { t } from '../text';
import { SecretField } from './field';

interface PassphraseFieldProps {
  value: string;
  onValue: (value: string) => void;
  label?: string;
  hint?: string;
  isFocusedFirst?: boolean;
}

/** A passphrase that opens something. */
export function PassphraseField({ value, onValue, label, hint, isFocusedFirst = false }: PassphraseFieldProps) {
  return <SecretField testId="passphrase" label={label ?? t('passphraseLabel')} hint={hint ?? t('passphraseHint')} value={value} onValue={onValue} maxLength={200} isFocusedFirst={isFocusedFirst} />;
}

/** What stands in the two fields of a new passphrase. */
export interface TypedTwice {
  secret: string;
  secretAgain: string;
}

export const nothingTyped: TypedTwice = { secret: '', secretAgain: '' };

/** Whether a new passphrase is there, twice the same. */
export function isTypedTwice({ secret, secretAgain }: TypedTwice): boolean {
  return secret.trim() !== '' && secret === secretAgain;
}

interface NewPassphraseProps {
  typed: TypedTwice;
  onTyped: (typed: TypedTwice) => void;
  /** What the vault threw about the passphrase as it stands; the caller forgets it when something else is typed. */
  error?: unknown;
  isFocusedFirst?: boolean;
}

/** Two fields; a `weak-passphrase` in `error` is said under the first, a difference under the second. Other errors are the caller's. */
export function NewPassphrase({ typed, onTyped, error, isFocusedFirst = false }: NewPassphraseProps) {
  const { secret, secretAgain } = typed;
  return (
    <div class="stack">
      <SecretField
        testId="passphrase-new"
        label={t('passphraseNew')}
        hint={t('passphraseNewHint')}
        value={secret}
        onValue={(value) => onTyped({ secret: value, secretAgain })}
        error={weaknessOf(error)}
        maxLength={200}
        isFocusedFirst={isFocusedFirst}
      />
      <SecretField
        testId="passphrase-again"
        label={t('passphraseAgain')}
        value={secretAgain}
        onValue={(value) => onTyped({ secret, secretAgain: value })}
        error={secret.startsWith(secretAgain) ? undefined : t('passphraseDiffers')}
        maxLength={200}
      />
    </div>
  );
}
