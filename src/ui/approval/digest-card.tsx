// A site wants 32 bytes signed that nobody can read: the one request that may be anything.
// Promises: says so in red; can be approved only after the person ticked that they know what it is, which arms the button anew; is
// never remembered.
import { useState } from 'preact/hooks';
import type { ShownRequest } from '../../contract/internal';
import { Choice } from '../parts/field';
import { Identity, Status } from '../parts/identity';
import { Notice } from '../parts/notice';
import { t } from '../text';
import { AnswerOrUnlock } from './answer-or-unlock';
import { CardLayout } from './card-frame';
import type { CardProps } from './card-props';

type DigestProps = CardProps & { shown: Extract<ShownRequest, { kind: 'digest' }> };

export function DigestCard({ card, state, shown, isBusy, isGone, onDecide }: DigestProps) {
  const { safeId, account, digestHex } = shown;
  const [isKnown, setKnown] = useState(false);
  const identity = state.identities.find((one) => one.safeId === safeId);
  const facts = (
    <>
      <dt>{t('detailAccount')}</dt>
      <dd class="mono">{account}</dd>
    </>
  );
  const answers = (
    <AnswerOrUnlock
      {...{ card, isGone, isBusy, onDecide, safeId, identity }}
      shownDetail={String(isKnown)}
      blockedBecause={isKnown ? undefined : t('digestTickFirst')}
      onApprove={() => onDecide({ kind: 'digest' })}
    />
  );
  return (
    <CardLayout sentence={t('wantsBlindSignature')} facts={facts} answers={answers}>
      <Notice tone="danger" title={t('digestTitle')}>
        {t('digestBody')}
      </Notice>
      <div class="stack tight">
        <h2 class="label">{t('digestLabel')}</h2>
        <p class="payload digest" data-testid="approval-digest" data-digest={digestHex}>
          {digestHex.match(/.{1,8}/g)?.map((part) => <span key={part}>{part}</span>)}
        </p>
      </div>
      <div class="card">
        <Choice testId="approval-digest-known" type="checkbox" name="known" isChosen={isKnown} onChoose={setKnown}>
          {t('digestKnown')}
        </Choice>
      </div>
      <div class="stack tight">
        <h2 class="label">{t('signAs')}</h2>
        <div class="card">
          <div class="card-row" data-testid="approval-identity">
            <Identity name={identity?.name ?? ''} account={account} size={32} canCopy={false}>
              {identity && <Status status={identity.status} />}
            </Identity>
          </div>
        </div>
      </div>
    </CardLayout>
  );
}
