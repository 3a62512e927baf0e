// The three signatures that make an identity: one to seal, one that says the keys are yours, one to prove the wallet opens the seal again.
// Promises: each says which of three and why; the answer decides the next one; nothing happens without a press.
import { useState } from 'preact/hooks';
import type { EnrolmentState, EnrolmentStep } from '../../contract/internal';
import { VaultCallError } from '../channel';
import { Failure } from '../failure';
import { Button } from '../parts/button';
import { Disclosure } from '../parts/field';
import { Icon } from '../parts/icon';
import { Identity } from '../parts/identity';
import { Notice } from '../parts/notice';
import { AskSignature } from '../signing/ask-signature';
import { t, type MessageKey } from '../text';
import { ask } from '../vault-calls';

interface KeysStepProps {
  enrolment: EnrolmentState;
  onEnrolment: (enrolment: EnrolmentState) => void;
  onUnsteady: () => void;
  onDiscarded: () => void;
}

type SignatureStep = Exclude<EnrolmentStep, 'code'>;
const signatures: readonly { step: SignatureStep; title: MessageKey; why: MessageKey }[] = [
  { step: 'unlock-1', title: 'signature1Title', why: 'signature1Why' },
  { step: 'identity', title: 'signature2Title', why: 'signature2Why' },
  { step: 'unlock-2', title: 'signature3Title', why: 'signature3Why' },
];
const methods = {
  'unlock-1': 'enrol_unlockSignature',
  identity: 'enrol_identitySignature',
  'unlock-2': 'enrol_confirmUnlockSignature',
} as const;

export function KeysStep({ enrolment, onEnrolment, onUnsteady, onDiscarded }: KeysStepProps) {
  const { safeId, step, text, locked, wallet, account } = enrolment;
  const [error, setError] = useState<unknown>();
  const at = step === 'code' ? signatures.length : signatures.findIndex((one) => one.step === step);
  const again = () => ask('enrol_get', { safeId }).then(onEnrolment, setError);

  async function give(signature: Uint8Array): Promise<void> {
    const method = locked || step === 'code' ? 'enrol_unlockSignature' : methods[step];
    try {
      onEnrolment(await ask(method, { safeId, signature }));
    } catch (thrown) {
      if (thrown instanceof VaultCallError && thrown.reason === 'unsteady-wallet') return onUnsteady();
      // Another page or an earlier answer was faster: the draft itself knows where it stands.
      if (thrown instanceof VaultCallError && thrown.reason === 'wrong-step') return void (await again());
      throw thrown;
    }
    return undefined;
  }
  const discard = () => ask('enrol_discard', { safeId }).then(onDiscarded, setError);
  const request = text !== null && (
    <div class="stack">
      <AskSignature wallet={wallet} account={account} text={text} onSignature={give} />
      {wallet.kind === 'extension' && (
        <Disclosure testId="signature-text" label={t('signatureText')}>
          <pre class="payload payload-bytes carry-text" tabIndex={0}>
            {text}
          </pre>
        </Disclosure>
      )}
    </div>
  );

  return (
    <div class="stack loose">
      <div class="stack tight">
        <h1 class="hero" tabIndex={-1}>
          {t('keysTitle')}
        </h1>
        <p class="lead soft">{t('keysBody')}</p>
      </div>
      <Identity name={enrolment.name} account={account} canCopy={false} />
      {locked && (
        <>
          <Notice title={t('draftLockedTitle')}>{t('draftLocked')}</Notice>
          {request}
        </>
      )}
      <ol class="card signatures">
        {signatures.map(({ title, why }, index) => {
          const isNow = index === at && !locked;
          return (
            <li key={title} class={index < at ? 'past' : index > at ? 'ahead' : ''} aria-current={isNow ? 'step' : undefined} data-testid={`signature-${index + 1}`}>
              <span class="number">{index < at ? <Icon name="check" /> : index + 1}</span>
              <div class="stack tight">
                <h2>
                  {t(title)}
                  <span class="visually-hidden"> {t('signatureOf', index + 1, signatures.length)}</span>
                </h2>
                {isNow && (
                  <div class="stack">
                    <div>
                      <p class="small soft" data-testid="signature-count">
                        {t('signatureOf', index + 1, signatures.length)}
                      </p>
                      <p>{t(why)}</p>
                    </div>
                    {request}
                  </div>
                )}
              </div>
            </li>
          );
        })}
      </ol>
      {error !== undefined && <Failure error={error} onRetry={() => void again()} />}
      <div>
        <Button testId="keys-discard" look="quiet" onPress={() => void discard()}>
          {t('stopAndDiscard')}
        </Button>
      </div>
    </div>
  );
}
