// Signing by hand, for wallets that are not extensions of this browser: the exact text goes out (copy or QR), a signature comes back.
// Promises: the pasted signature lives in a password field and is forgotten once it was handed over (R-C7).
import { useRef, useState } from 'preact/hooks';
import { signatureFromText } from '../../wallet/signature-text';
import { Failure } from '../parts/failure';
import { Button } from '../parts/form/button';
import { CopyButton } from '../parts/form/copy-button';
import { Disclosure, SecretField } from '../parts/form/field';
import { Address } from '../parts/shown/identity';
import { Qr } from '../parts/qr';
import { rich, t } from '../text';
import { CheckingSignature, type AskSignatureProps } from './ask-props';

export function CarryText({ account, text, onSignature, checking }: AskSignatureProps) {
  const [pasted, setPasted] = useState('');
  const [isChecking, setChecking] = useState(false);
  const [error, setError] = useState<unknown>();

  const turn = useRef(0);
  const leave = () => {
    turn.current += 1;
    setChecking(false);
  };

  async function submit(): Promise<void> {
    let signature: Uint8Array | undefined;
    const mine = ++turn.current;
    setError(undefined);
    try {
      signature = signatureFromText(pasted);
      setChecking(true);
      await onSignature(signature);
      setPasted('');
    } catch (thrown) {
      if (mine === turn.current) setError(thrown);
    } finally {
      signature?.fill(0);
      if (mine === turn.current) setChecking(false);
    }
  }

  return (
    <form
      class="stack loose"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <div class="stack tight">
        <h3>{t('carryTextTitle')}</h3>
        <pre class="payload payload-bytes carry-text" tabIndex={0} data-testid="carry-text">
          {text}
        </pre>
        <div class="row wrap">
          <CopyButton testId="carry-copy" text={text} label={t('carryCopy')} />
        </div>
        <Disclosure testId="carry-qr" label={t('carryQr')}>
          <Qr text={text} label={t('carryQrLabel')} />
        </Disclosure>
      </div>
      <div class="stack tight">
        <h3>{t('carrySignTitle')}</h3>
        <p class="soft">{rich('carrySignBody', <Address account={account} canCopy={false} />)}</p>
      </div>
      <SecretField
        testId="carry-signature"
        label={t('carryPaste')}
        hint={t('carryPasteHint')}
        value={pasted}
        onValue={setPasted}
        isMono
      />
      {error !== undefined && <Failure error={error} />}
      {isChecking ? (
        <CheckingSignature checking={checking} onLeave={leave} />
      ) : (
        <div>
          <Button testId="carry-submit" look="primary" type="submit" isOff={pasted.trim() === ''}>
            {t('carryUse')}
          </Button>
        </div>
      )}
    </form>
  );
}
