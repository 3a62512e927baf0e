// Signing by hand, for wallets that are not extensions of this browser: the exact text goes out (copy or QR), a signature comes back (pasted, in a picture,
// or seen by the camera).
// Promises: the pasted signature lives in a password field and is forgotten once it was handed over (R-C7); a code that is read is handed over at once; the camera
// is used after a press only. Must not: speak with a wallet; a person carries everything.
import { useRef, useState } from 'preact/hooks';
import { signatureFromText } from '../../../wallet/signature-text';
import { Failure } from '../../parts/failure';
import { Button } from '../../parts/form/button';
import { CopyButton } from '../../parts/form/copy-button';
import { Disclosure, SecretField } from '../../parts/form/field';
import { PictureButton } from '../../parts/form/picture-button';
import { Address } from '../../parts/shown/identity';
import { Qr } from '../../parts/qr';
import { rich, t } from '../../text';
import { CheckingSignature, type AskSignatureProps } from '../ask-props';
import { CameraView } from './camera-view';
import { codeInPicture } from '../../devices/read-code';

export function CarryText({ account, text, onSignature, checking }: AskSignatureProps) {
  const [pasted, setPasted] = useState('');
  const [isChecking, setChecking] = useState(false);
  const [isCamera, setCamera] = useState(false);
  const [note, setNote] = useState<string>();
  const [error, setError] = useState<unknown>();

  const turn = useRef(0);
  const leave = () => {
    turn.current += 1;
    setChecking(false);
  };

  /** Hands over the signature that `find` gives, unless something else was begun meanwhile. */
  async function give(find: () => Uint8Array | Promise<Uint8Array>): Promise<void> {
    let signature: Uint8Array | undefined;
    const mine = ++turn.current;
    setError(undefined);
    try {
      signature = await find();
      if (mine !== turn.current) return;
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

  /** What the camera saw: another code than a signature is said, and it goes on looking. */
  function see(code: string): void {
    let signature: Uint8Array;
    try {
      signature = signatureFromText(code);
    } catch {
      setNote(t('cameraOtherCode'));
      return;
    }
    setCamera(false);
    void give(() => signature);
  }
  const openCamera = () => {
    turn.current += 1;
    setNote(undefined);
    setError(undefined);
    setCamera(true);
  };

  return (
    <form
      class="stack loose"
      onSubmit={(event) => {
        event.preventDefault();
        void give(() => signatureFromText(pasted));
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
      <div class="stack">
        <h3>{t('carryBackTitle')}</h3>
        <SecretField
          testId="carry-signature"
          label={t('carryPaste')}
          hint={t('carryPasteHint')}
          value={pasted}
          onValue={setPasted}
          isMono
        />
        {isCamera ? (
          <CameraView
            note={note}
            onText={see}
            onError={(thrown) => {
              setCamera(false);
              setError(thrown);
            }}
            onStop={() => setCamera(false)}
          />
        ) : (
          !isChecking && (
            <div class="row wrap" role="group" aria-label={t('carryCodeBack')}>
              <Button testId="carry-camera" compact icon="camera" onPress={openCamera}>
                {t('carryCamera')}
              </Button>
              <PictureButton
                testId="carry-picture"
                label={t('carryPicture')}
                onPicture={(file) => void give(async () => signatureFromText(await codeInPicture(file)))}
              />
            </div>
          )
        )}
      </div>
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
