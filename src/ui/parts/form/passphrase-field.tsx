// Passphrases: one that exists, typed once; a new one, typed twice.
// Promises: password fields without autocompletion (R-C7); what is wrong with a new one is said in words beside the field it is about; a blank
// at either end is pointed out, because it counts. Must not: change what was typed, or let a weak one through:
// passphrase/strength and the vault refuse it, and `error` brings their answer.
import { useEffect, useState } from 'preact/hooks';
import { newPassphraseLength, typedSecretLength, type Weakness } from '../../../contract/limits';
import { weaknessOf, weaknessWord } from '../failure';
import { prepare, weaknessOfNew } from '../../passphrase/strength';
import { t } from '../../text';
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
  return (
    <SecretField
      testId="passphrase"
      label={label ?? t('passphraseLabel')}
      hint={blankWord(value) ?? hint ?? t('passphraseHint')}
      value={value}
      onValue={onValue}
      longest={typedSecretLength}
      isFocusedFirst={isFocusedFirst}
    />
  );
}

/** What stands in the two fields of a new passphrase. */
export interface TypedTwice {
  secret: string;
  secretAgain: string;
}

export const nothingTyped: TypedTwice = { secret: '', secretAgain: '' };

/** Whether something was typed that can be tried: not nothing, and not too long. */
export function isTyped(secret: string): boolean {
  return secret !== '' && secret.length <= typedSecretLength;
}

/** Whether a new passphrase is there, twice the same. */
export function isTypedTwice({ secret, secretAgain }: TypedTwice): boolean {
  return isTyped(secret) && secret === secretAgain;
}

interface NewPassphraseProps {
  /** The identity it is for: its name and account are not accepted as a passphrase. */
  safeId: string;
  typed: TypedTwice;
  onTyped: (typed: TypedTwice) => void;
  /** What the vault threw about the passphrase as it stands; the caller forgets it when something else is typed. */
  error?: unknown;
  isFocusedFirst?: boolean;
}

/** Two fields; a `weak-passphrase` in `error` is said under the first, a difference under the second. Other errors are the caller's. */
export function NewPassphrase({ safeId, typed, onTyped, error, isFocusedFirst = false }: NewPassphraseProps) {
  const { secret, secretAgain } = typed;
  const verdict = useVerdict(secret, safeId);
  return (
    <div class="stack">
      <SecretField
        testId="passphrase-new"
        label={t('passphraseNew')}
        hint={
          <span data-testid="passphrase-verdict" data-verdict={verdict ?? 'unknown'}>
            {[
              verdict === undefined
                ? t('passphraseNewHint')
                : verdict === 'hard'
                  ? t('passphraseHard')
                  : weaknessWord(verdict),
              blankWord(secret),
            ]
              .filter(Boolean)
              .join(' ')}
          </span>
        }
        value={secret}
        onValue={(value) => onTyped({ secret: value, secretAgain })}
        error={weaknessOf(error)}
        longest={typedSecretLength}
        isFocusedFirst={isFocusedFirst}
      />
      <SecretField
        testId="passphrase-again"
        label={t('passphraseAgain')}
        value={secretAgain}
        onValue={(value) => onTyped({ secret, secretAgain: value })}
        error={secret.startsWith(secretAgain) ? undefined : t('passphraseDiffers')}
        longest={typedSecretLength}
      />
    </div>
  );
}

/** Said of a blank at either end: it is easily typed by mistake, and it counts. Undefined when there is none. */
function blankWord(secret: string): string | undefined {
  return secret === secret.trim() ? undefined : t('passphraseBlank');
}

/** Once typing stops: what is said of a passphrase in words. Nothing moves while somebody types. */
const restMs = 400;

function useVerdict(secret: string, safeId: string): Weakness | 'hard' | undefined {
  const [verdict, setVerdict] = useState<Weakness | 'hard'>();
  useEffect(prepare, []);
  useEffect(() => {
    let isOver = false;
    if (secret.length < newPassphraseLength || !isTyped(secret)) {
      setVerdict(undefined);
      return undefined;
    }
    const timer = setTimeout(() => {
      weaknessOfNew(secret, safeId).then(
        (weakness) => !isOver && setVerdict(weakness ?? 'hard'),
        () => !isOver && setVerdict(undefined),
      );
    }, restMs);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [secret, safeId]);
  return verdict;
}
