// Two parts of the page about the network copy: what a person agrees to, and one of its two signatures.
// Promises: the warning is whole before the box can be ticked. Must not: ask the wallet without a press.
import type { WalletChoice } from '../../contract/schemas';
import { Choice } from '../parts/form/field';
import { Notice } from '../parts/notice';
import { AskSignature } from '../signing/ask-signature';
import { SignatureCount } from '../signing/signature-count';
import { SignatureText } from '../signing/signature-text';
import { t } from '../text';

/** The consent of its own that the copy needs (R-I1). */
export function CopyConsent({
  isAgreed,
  isOff,
  onAgreed,
}: {
  isAgreed: boolean;
  isOff: boolean;
  onAgreed: (isAgreed: boolean) => void;
}) {
  return (
    <>
      <Notice tone="danger" title={t('copyWarningTitle')}>
        <div class="stack tight">
          <p>{t('copyWarning')}</p>
          <p>{t('copyWarningForEver')}</p>
        </div>
      </Notice>
      <p class="soft">{t('copyInstead')}</p>
      <div class="card">
        <Choice
          testId="copy-agree"
          type="checkbox"
          name="copy-agree"
          isChosen={isAgreed}
          isOff={isOff}
          onChoose={onAgreed}
        >
          {t('copyAgree')}
        </Choice>
      </div>
    </>
  );
}

interface CopySignatureProps {
  stage: 'seal' | 'prove';
  wallet: WalletChoice;
  account: string;
  text: string;
  onSignature: (signature: Uint8Array) => Promise<void>;
}

/** The first signature seals the copy, the second one must open it. */
export function CopySignature({ stage, wallet, account, text, onSignature }: CopySignatureProps) {
  const isFirst = stage === 'seal';
  return (
    <section class="card">
      <div class="card-body stack">
        <div>
          <SignatureCount at={isFirst ? 1 : 2} of={2} />
          <h2>{t(isFirst ? 'copySealTitle' : 'copyProveTitle')}</h2>
          <p>{t(isFirst ? 'copySealWhy' : 'copyProveWhy')}</p>
        </div>
        <AskSignature
          wallet={wallet}
          account={account}
          text={text}
          onSignature={onSignature}
          checking={{
            sentence: t(isFirst ? 'copyPublishing' : 'copyOpening'),
            hint: t('publishingHint'),
            leave: t('stopWaiting'),
          }}
        />
        <SignatureText wallet={wallet} text={text} />
      </div>
    </section>
  );
}
