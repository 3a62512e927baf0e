// A site that may already ask is waiting, but its identity is locked. One button, which opens the unlock page.
// Promises: unlocking here approves nothing; the request goes on under the grant it already has.
import type { ShownRequest } from '../../../contract/pages/approvals';
import { Button } from '../../parts/form/button';
import { DappText } from '../../parts/shown/dapp-text';
import { Identity, Status } from '../../parts/shown/identity';
import { t } from '../../text';
import { RejectButton } from './frame/answers';
import { AccountFact } from './frame/as-identity';
import { CardLayout } from './frame/card-frame';
import type { CardProps } from './frame/card-props';

type UnlockProps = CardProps & { shown: Extract<ShownRequest, { kind: 'unlock' }> };

export function UnlockCard({ card, state, shown, onDecide, onUnlock }: UnlockProps) {
  const identity = state.identities.find(({ safeId }) => safeId === shown.safeId);
  const facts = (
    <>
      <dt>{t('detailMethod')}</dt>
      <dd class="mono">
        <DappText text={shown.method} />
      </dd>
      <AccountFact account={shown.account} />
    </>
  );
  const answers = (
    <>
      <RejectButton card={card} onDecide={onDecide} />
      <Button testId="approval-unlock" look="primary" onPress={() => onUnlock(shown.safeId)}>
        {t('unlock')}
      </Button>
    </>
  );
  return (
    <CardLayout sentence={t('isWaiting')} facts={facts} answers={answers}>
      <div class="card">
        <div class="card-row" data-testid="approval-identity">
          <Identity name={identity?.name ?? ''} account={shown.account} canCopy={false}>
            <Status status={identity?.status ?? 'locked'} />
          </Identity>
        </div>
      </div>
      <p>{t('unlockCardBody')}</p>
    </CardLayout>
  );
}
