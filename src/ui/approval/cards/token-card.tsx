// A site wants a token, "a pass" in our words: with it the site publishes by itself, whatever and wherever it likes for this account.
// Promises: says what a pass can do, what somebody could do with it, and what does not end it; can be approved only after the person ticked that they want this, which
// arms the button anew; is never remembered. Several that were listed are told as so many, and given as so many.
import { useState } from 'preact/hooks';
import type { ShownRequest } from '../../../contract/pages/approvals';
import { Choice } from '../../parts/form/field';
import { Notice } from '../../parts/notice';
import { dateTime } from '../../format';
import { t } from '../../text';
import { AnswerOrUnlock } from './frame/answer-or-unlock';
import { AccountFact, AsIdentity } from './frame/as-identity';
import { CardLayout } from './frame/card-frame';
import type { CardProps } from './frame/card-props';
import { OthersThatWait, useOthers } from './frame/others';

type TokenProps = CardProps & { shown: Extract<ShownRequest, { kind: 'token' }> };

export function TokenCard({ card, state, shown, alsoWaiting, isBusy, isGone, onDecide, onUnlock }: TokenProps) {
  const { safeId, account } = shown;
  const [isWanted, setWanted] = useState(false);
  const others = useOthers<TokenProps['shown']>(card, alsoWaiting);
  const count = others.listed.length + 1;
  const decide: CardProps['onDecide'] = (decision) => onDecide(decision, others.listed);
  const identity = state.identities.find((one) => one.safeId === safeId);
  const answers = (
    <AnswerOrUnlock
      {...{ card, isGone, isBusy, onUnlock, safeId, identity, count }}
      onDecide={decide}
      shownDetail={[isWanted, ...others.listed.map((one) => one.nonce)].join()}
      blockedBecause={isWanted ? undefined : t('passTickFirst')}
      onApprove={() => decide({ kind: 'token' })}
    />
  );
  return (
    <CardLayout
      sentence={count > 1 ? t('wantsPasses', count) : t('wantsPass')}
      facts={<AccountFact account={account} />}
      answers={answers}
    >
      <Notice tone="danger" title={t('passTitle')}>
        <div class="stack tight">
          <p>{t('passBody')}</p>
          <p>{t('passHarm')}</p>
          <p>{t('passEnds')}</p>
        </div>
      </Notice>
      <OthersThatWait others={others} draw={(one) => <p>{t('anotherPass', dateTime(one.createdAtMs))}</p>} />
      <div class="card">
        <Choice testId="approval-token-wanted" type="checkbox" name="wanted" isChosen={isWanted} onChoose={setWanted}>
          {t('passWanted')}
        </Choice>
      </div>
      <AsIdentity identity={identity} account={account} />
    </CardLayout>
  );
}
