// A site wants a signature: what for, over what, with which identity, and whether to be asked again.
// Promises: a text longer than 2 KiB must be opened before it can be approved, and opening it arms the button anew. Others that wait are answered with it
// only when the person had them listed, each with all of its text; what comes after that waits for the next card.
import { useState } from 'preact/hooks';
import type { ShownRequest } from '../../../contract/pages/approvals';
import { DappText } from '../../parts/shown/dapp-text';
import { Select } from '../../parts/form/field';
import { isLongPayload, Payload } from '../../parts/shown/payload';
import { t } from '../../text';
import { AnswerOrUnlock } from './frame/answer-or-unlock';
import { AccountFact, AsIdentity } from './frame/as-identity';
import { CardLayout } from './frame/card-frame';
import type { CardProps } from './frame/card-props';
import { OthersThatWait, useOthers } from './frame/others';

type SignRequest = Extract<ShownRequest, { kind: 'sign' }>;
type SignProps = CardProps & { shown: SignRequest };
type Remember = 'ask' | 'until-locked' | '1h' | '1d';

/** One signature: what for, and over what. */
function Signed({ shown, isWhole, onOpened }: { shown: SignRequest; isWhole: boolean; onOpened: () => void }) {
  const mustOpen = isLongPayload(shown.payload) && !isWhole;
  return (
    <>
      <div class="stack tight">
        <h2 class="label">{t('purpose')}</h2>
        <p class="purpose" data-testid="approval-purpose">
          <DappText text={shown.purpose} />
        </p>
      </div>
      <Payload payload={shown.payload} isWhole={isWhole} onOpened={onOpened} />
      {mustOpen && <p class="small soft">{t('openFirst')}</p>}
    </>
  );
}

export function SignCard({ card, state, shown, alsoWaiting, isBusy, isGone, onDecide, onUnlock }: SignProps) {
  const { safeId, account } = shown;
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const others = useOthers<SignRequest>(card, alsoWaiting);
  const [remember, setRemember] = useState<Remember>('ask');
  const identity = state.identities.find((one) => one.safeId === safeId);
  const open = (id: string) => setOpened(new Set([...opened, id]));
  const all = [{ ...card, shown }, ...others.listed];
  const mustOpen = all.some((one) => isLongPayload(one.shown.payload) && !opened.has(one.id));
  const decide: CardProps['onDecide'] = (decision) => onDecide(decision, others.listed);
  const approve = () => decide(remember === 'ask' ? { kind: 'sign' } : { kind: 'sign', remember });
  const answers = (
    <AnswerOrUnlock
      {...{ card, isGone, isBusy, onUnlock, safeId, identity }}
      onDecide={decide}
      count={all.length}
      shownDetail={[...all.map((one) => one.nonce), ...opened].join()}
      blockedBecause={mustOpen ? t('openFirst') : undefined}
      onApprove={approve}
    />
  );
  return (
    <CardLayout sentence={t('wantsSignature')} facts={<AccountFact account={account} />} answers={answers}>
      <Signed shown={shown} isWhole={opened.has(card.id)} onOpened={() => open(card.id)} />
      <OthersThatWait
        others={others}
        draw={(one) => <Signed shown={one.shown} isWhole={opened.has(one.id)} onOpened={() => open(one.id)} />}
      />
      <AsIdentity identity={identity} account={account} words={t('signAs')} />
      <Select<Remember>
        testId="approval-remember"
        label={t('nextTime')}
        value={remember}
        options={[
          { value: 'ask', words: t('rememberAsk') },
          { value: 'until-locked', words: t('rememberUntilLocked') },
          { value: '1h', words: t('remember1h') },
          { value: '1d', words: t('remember1d') },
        ]}
        onValue={setRemember}
      />
      {remember !== 'ask' && <p class="small soft">{t('rememberMeaning')}</p>}
    </CardLayout>
  );
}
