// One way out of several to open a safe: the wallet's signature, the recovery code, the passphrase or the passkey, as a SlotSecret.
// Promises: wallet and passkey are asked only after a press (R-C9); code and passphrase stand in password fields and are forgotten once they
// were handed over (R-C7). Must not: decide what the secret is for; the words around it say that.
import { useState } from 'preact/hooks';
import type { SlotSecret, WalletChoice } from '../../contract/schemas';
import { typedSecretLength } from '../../contract/limits';
import { Failure } from '../parts/failure';
import { AskSignature } from './ask-signature';
import { t, type MessageKey } from '../text';
import type { AnyBytes } from '../worker/calls';
import { Button } from '../parts/form/button';
import { SecretField } from '../parts/form/field';
import { isTyped, PassphraseField } from '../parts/form/passphrase-field';
import { Progress } from '../parts/progress';
import type { SlotKind } from '../../contract/choices';
import type { PasskeyRequest } from '../../contract/pages/unlock';
import { AskPasskey } from './ask-passkey';
import { usePasskeys } from '../devices/use-passkeys';

/** A SlotSecret, its bytes over any buffer. */
export type GivenSecret = AnyBytes<SlotSecret>;

export interface SecretFormProps {
  /** What is offered, a passkey that this browser can ask before all others, the first one opened. One kind alone has no tabs. */
  slots: readonly SlotKind[];
  account: string;
  /** How the wallet is reached; null leaves the wallet out. */
  wallet: WalletChoice | null;
  /** The unlock text of the safe (`unlock_getText`); undefined leaves the wallet out. */
  text: string | undefined;
  /** What the passkey is asked with; null leaves the passkey out. */
  passkey: PasskeyRequest | null;
  /** The verb on the button below a code or a passphrase. */
  submit: string;
  /** Takes the secret. What it throws is shown. Its bytes are wiped when it resolves: whoever keeps them longer makes a copy. */
  onSecret: (secret: GivenSecret) => Promise<void>;
}

const words: Record<SlotKind, MessageKey> = {
  wallet: 'withWallet',
  'recovery-code': 'withCode',
  passphrase: 'withPassphrase',
  passkey: 'withPasskey',
};

export function SecretForm({ slots, account, wallet, text, passkey, submit, onSecret }: SecretFormProps) {
  const canPasskey = usePasskeys();
  const isPasskey = (kind: SlotKind) => kind === 'passkey';
  // Asked for alone it is shown where it cannot be used too: then it says so.
  const hasPasskey = slots.every(isPasskey) || (slots.some(isPasskey) && passkey !== null && canPasskey === true);
  const others = [...new Set(slots)].filter(
    (kind) => !isPasskey(kind) && (kind !== 'wallet' || (wallet !== null && text !== undefined)),
  );
  const offered: SlotKind[] = hasPasskey ? ['passkey', ...others] : others;
  const [picked, setPicked] = useState<SlotKind>();
  const kind = picked !== undefined && offered.includes(picked) ? picked : offered[0];
  if (slots.some(isPasskey) && passkey && canPasskey === undefined) return null;
  return (
    <div class="stack" data-testid="secret-form" data-kind={kind}>
      {offered.length > 1 && (
        <div class="tabs" role="group" aria-label={t('secretWay')}>
          {offered.map((one) => (
            <button
              key={one}
              type="button"
              data-testid={`secret-way-${one}`}
              aria-pressed={one === kind}
              onClick={() => setPicked(one)}
            >
              {t(words[one])}
            </button>
          ))}
        </div>
      )}
      {kind === 'wallet' && wallet && text !== undefined && (
        <AskSignature
          wallet={wallet}
          account={account}
          text={text}
          onSignature={(signature) => onSecret({ kind: 'wallet', signature })}
        />
      )}
      {kind === 'passkey' && (
        <AskPasskey
          request={canPasskey ? passkey : null}
          submit={submit}
          onSecret={(prfSecret) => onSecret({ kind, prfSecret })}
        />
      )}
      {(kind === 'recovery-code' || kind === 'passphrase') && (
        <TypedSecret key={kind} kind={kind} submit={submit} onSecret={onSecret} />
      )}
    </div>
  );
}

/** A recovery code or a passphrase, typed. */
export function TypedSecret({
  kind,
  submit,
  onSecret,
}: {
  kind: 'recovery-code' | 'passphrase';
  submit: string;
  onSecret: (secret: GivenSecret) => Promise<void>;
}) {
  const [secret, setSecret] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const isReady = isTyped(secret) && !isBusy;
  const change = (value: string) => {
    setSecret(value);
    setError(undefined);
  };

  async function give(): Promise<void> {
    setBusy(true);
    setError(undefined);
    try {
      await onSecret(kind === 'passphrase' ? { kind, passphrase: secret } : { kind, code: secret });
      setSecret('');
    } catch (thrown) {
      setError(thrown);
    } finally {
      setBusy(false);
    }
  }

  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady) void give();
      }}
    >
      {kind === 'passphrase' ? (
        <PassphraseField value={secret} onValue={change} isFocusedFirst />
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
      {error !== undefined && <Failure error={error} />}
      {isBusy ? (
        <Progress sentence={t('openingSafe')} />
      ) : (
        <div>
          <Button testId="secret-submit" look="primary" type="submit" isOff={!isReady}>
            {submit}
          </Button>
        </div>
      )}
    </form>
  );
}
