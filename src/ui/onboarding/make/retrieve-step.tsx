// Brings the account's keys from the network: what "Enable Identity" opens, then that one signature for the chosen copy.
// Promises: the warning stands before the signature; a copy that cannot be used is said in words, changes nothing, and leaves the others
// to choose; new keys instead lead through the warning (R-I4). Must not: ask the wallet but after a press here, or one that said it comes.
import { useState } from 'preact/hooks';
import type { NetworkLook } from '../../../contract/pages/network';
import { VaultCallError } from '../../worker/channel';
import { LookFurther } from '../../network/look-further';
import { Button } from '../../parts/form/button';
import { Identity } from '../../parts/shown/identity';
import { Notice } from '../../parts/notice';
import { AskSignature } from '../../signing/ask-signature';
import { SignatureCount } from '../../signing/signature-count';
import { SignatureText } from '../../signing/signature-text';
import { dateTime } from '../../format';
import { t } from '../../text';
import { ask } from '../../worker/calls';
import { Candidates } from '../choose/candidates';
import type { DraftProps } from './draft-props';
import { Look } from '../choose/look-step';
import { signaturesGiven, signaturesOf } from '../choose/plan';
import { StepHead } from '../../parts/step-head';

interface RetrieveStepProps extends DraftProps {
  /** Undefined after a reload: then it looks again. */
  look: NetworkLook | undefined;
  copyId: string | undefined;
  onLook: (look: NetworkLook) => void;
  onReplace: () => void;
}

export function RetrieveStep({ enrolment, move, series, look, copyId, onLook, onReplace }: RetrieveStepProps) {
  const { safeId, account, name, wallet } = enrolment;
  const [picked, setPicked] = useState(copyId);
  const [unusable, setUnusable] = useState<string[]>([]);
  const [isWaiting, setWaiting] = useState(true);
  const copy = look?.copies.find((one) => one.copyId === picked) ?? look?.copies[0];
  const count = signaturesOf(enrolment).length;
  const given = signaturesGiven(enrolment);

  async function retrieve(chosenId: string, signature: Uint8Array): Promise<void> {
    try {
      await move(() =>
        ask('enrol_retrieve', {
          safeId,
          node: look?.nodeUrl,
          from: look?.copies.find((one) => one.copyId === chosenId)?.from ?? null,
          copyId: chosenId,
          signature,
        }),
      );
    } catch (thrown) {
      if (thrown instanceof VaultCallError && thrown.reason === 'unusable-copy')
        setUnusable((before) => [...new Set([...before, chosenId])]);
      throw thrown;
    }
  }

  const head = (
    <>
      <StepHead title={t('retrieveTitle')}>{t('retrieveBody')}</StepHead>
      <Identity name={name} account={account} canCopy={false} />
    </>
  );
  if (!look) {
    return (
      <>
        {head}
        {isWaiting ? (
          <Look account={account} onLook={onLook} onBack={() => setWaiting(false)} />
        ) : (
          <div>
            <Button testId="retrieve-look" look="primary" onPress={() => setWaiting(true)}>
              {t('lookAgain')}
            </Button>
          </div>
        )}
      </>
    );
  }
  return (
    <>
      {head}
      {copy ? (
        <>
          <Notice title={t('retrieveWarningTitle')}>{t('retrieveWarning')}</Notice>
          <Candidates look={look} copyId={copy.copyId} onCopy={setPicked} unusable={unusable} />
          <section class="card">
            <div class="card-body stack">
              <div>
                <SignatureCount at={given + 1} of={count} />
                <p>{t('retrieveFrom', dateTime(copy.publishedAtMs))}</p>
              </div>
              <AskSignature
                wallet={wallet}
                account={account}
                text={copy.text}
                onSignature={(signature) => retrieve(copy.copyId, signature)}
                series={{ ...series, left: count - given }}
                checking={{ sentence: t('retrieving'), hint: t('retrievingHint'), leave: t('stopWaiting') }}
              />
              <SignatureText wallet={wallet} text={copy.text} />
            </div>
          </section>
        </>
      ) : (
        <Notice title={t('noCopyTitle')}>{t('noCopy')}</Notice>
      )}
      <LookFurther account={account} look={look} onLook={onLook} />
      {(!copy || unusable.length > 0) && (
        <div>
          <Button testId="retrieve-replace" look={copy ? 'quiet' : 'plain'} onPress={onReplace}>
            {t('newInstead')}
          </Button>
        </div>
      )}
    </>
  );
}
