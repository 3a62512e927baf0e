// A site wants a signature: what for, over what, with which identity, and whether to be asked again.
// Promises: a text longer than 2 KiB must be opened before it can be approved, and opening it arms the button anew.
import { useState } from 'preact/hooks';
import type { ShownRequest } from '../../../contract/pages/approvals';
import { DappText } from '../../parts/shown/dapp-text';
import { Select } from '../../parts/form/field';
import { Identity, Status } from '../../parts/shown/identity';
import { isLongPayload, Payload } from '../../parts/shown/payload';
import { t } from '../../text';
import { AnswerOrUnlock } from './answer-or-unlock';
import { CardLayout } from './card-frame';
import type { CardProps } from './card-props';

type SignProps = CardProps & { shown: Extract<ShownRequest, { kind: 'sign' }> };
type Remember = 'ask' | 'until-locked' | '1h' | '1d';

export function SignCard({ card, state, shown, isBusy, isGone, onDecide, onUnlock }: SignProps) {
  const { safeId, account, purpose, payload } = shown;
  const [isWhole, setWhole] = useState(false);
  const [remember, setRemember] = useState<Remember>('ask');
  const identity = state.identities.find((one) => one.safeId === safeId);
  const mustOpen = isLongPayload(payload) && !isWhole;
  const approve = () => onDecide(remember === 'ask' ? { kind: 'sign' } : { kind: 'sign', remember });
  const answers = (
    <AnswerOrUnlock
      {...{ card, isGone, isBusy, onDecide, onUnlock, safeId, identity }}
      shownDetail={String(isWhole)}
      blockedBecause={mustOpen ? t('openFirst') : undefined}
      onApprove={approve}
    />
  );
  const facts = (
    <>
      <dt>{t('detailAccount')}</dt>
      <dd class="mono">{account}</dd>
    </>
  );
  return (
    <CardLayout sentence={t('wantsSignature')} facts={facts} answers={answers}>
      <div class="stack tight">
        <h2 class="label">{t('purpose')}</h2>
        <p class="purpose" data-testid="approval-purpose">
          <DappText text={purpose} />
        </p>
      </div>
      <Payload payload={payload} isWhole={isWhole} onOpened={() => setWhole(true)} />
      {mustOpen && <p class="small soft">{t('openFirst')}</p>}
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
