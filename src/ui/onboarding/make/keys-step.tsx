// The signatures that make an identity: to seal, to say whose the keys are or to open them, and to prove the wallet opens the seal again.
// Promises: each says which of how many and why; one press asks for those that are left, one after the other, and the button says how many;
// what a signature could be misused for stands here before that press.
import type { EnrolmentStep } from '../../../contract/pages/enrolment';
import { Icon } from '../../parts/icon';
import { Identity } from '../../parts/shown/identity';
import { Notice } from '../../parts/notice';
import { AskSignature } from '../../signing/ask-signature';
import { SignatureCount } from '../../signing/signature-count';
import { SignatureText } from '../../signing/signature-text';
import { t, type MessageKey } from '../../text';
import { ask } from '../../worker/calls';
import type { DraftProps } from './draft-props';
import { signaturesGiven, signaturesOf } from '../choose/plan';
import { StepHead } from '../../parts/step-head';

const words: Partial<Record<EnrolmentStep, { title: MessageKey; why: MessageKey }>> = {
  'unlock-1': { title: 'signature1Title', why: 'signature1Why' },
  identity: { title: 'signature2Title', why: 'signature2Why' },
  retrieve: { title: 'retrieveTitle', why: 'retrieveWhy' },
  'unlock-2': { title: 'signature3Title', why: 'signature3Why' },
};
const titles: readonly MessageKey[] = ['keysTitle1', 'keysTitle2', 'keysTitle3'];

/** The call that takes the signature of a step; a locked draft is opened again first. */
function give(step: EnrolmentStep, safeId: string, signature: Uint8Array) {
  if (step === 'identity') return ask('enrol_identitySignature', { safeId, signature });
  if (step === 'unlock-2') return ask('enrol_confirmUnlockSignature', { safeId, signature });
  return ask('enrol_unlockSignature', { safeId, signature });
}

export function KeysStep({ enrolment, move, series }: DraftProps) {
  const { safeId, step, text, locked, wallet, account, name } = enrolment;
  const signatures = signaturesOf(enrolment);
  const at = signaturesGiven(enrolment);
  const request = text !== null && (
    <div class="stack">
      <AskSignature
        wallet={wallet}
        account={account}
        text={text}
        onSignature={(signature) => move(() => give(locked ? 'unlock-1' : step, safeId, signature))}
        {...(locked ? {} : { series: { ...series, left: signatures.length - at } })}
      />
      <SignatureText wallet={wallet} text={text} />
    </div>
  );

  return (
    <>
      <StepHead title={t(titles[signatures.length - 1] ?? 'keysTitle1')}>{t('keysBody')}</StepHead>
      <Identity name={name} account={account} canCopy={false} />
      {locked && (
        <>
          <Notice title={t('draftLockedTitle')}>{t('draftLocked')}</Notice>
          {request}
        </>
      )}
      <ol class="card signatures">
        {signatures.map((one, index) => {
          const isNow = index === at && !locked;
          const { title, why } = words[one] ?? { title: 'keysTitle1', why: 'keysBody' };
          return (
            <li
              key={one}
              class={index < at ? 'past' : index > at ? 'ahead' : ''}
              aria-current={isNow ? 'step' : undefined}
              data-testid={`signature-${index + 1}`}
            >
              <span class="number">{index < at ? <Icon name="check" /> : index + 1}</span>
              <div class="stack tight">
                <h2>
                  {t(title)}
                  <span class="visually-hidden"> {t('signatureOf', index + 1, signatures.length)}</span>
                </h2>
                {isNow && (
                  <div class="stack">
                    <div>
                      <SignatureCount at={index + 1} of={signatures.length} />
                      <p>{t(why)}</p>
                    </div>
                    {request}
                  </div>
                )}
                {index > at && <p class="small soft">{t(why)}</p>}
                {one === 'retrieve' && index >= at && (
                  <Notice title={t('retrieveWarningTitle')}>{t('retrieveWarning')}</Notice>
                )}
              </div>
            </li>
          );
        })}
      </ol>
    </>
  );
}
