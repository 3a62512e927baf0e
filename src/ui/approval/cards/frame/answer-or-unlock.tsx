// The answers of a card about one identity: Approve while it is unlocked, otherwise the way to unlock it.
// Promises: unlocking is another act and approves nothing.
import type { IdentitySummary } from '../../../../contract/pages/identity';
import { Button } from '../../../parts/form/button';
import { t } from '../../../text';
import { Answers, RejectButton } from './answers';
import type { CardProps } from './card-props';

interface AnswerProps extends Pick<CardProps, 'card' | 'isGone' | 'isBusy' | 'onDecide' | 'onUnlock'> {
  safeId: string;
  /** The identity as the vault's state has it; undefined when it is no longer there. */
  identity: IdentitySummary | undefined;
  shownDetail?: string;
  blockedBecause?: string | undefined;
  onApprove: () => void;
  count?: number;
  approveWords?: string;
}

export function AnswerOrUnlock({ safeId, identity, onUnlock, ...answers }: AnswerProps) {
  if (identity?.status !== 'locked') return <Answers {...answers} />;
  return (
    <>
      <RejectButton card={answers.card} onDecide={answers.onDecide} {...(answers.count && { count: answers.count })} />
      <Button testId="approval-unlock" look="primary" onPress={() => onUnlock(safeId)}>
        {t('unlockFirst')}
      </Button>
    </>
  );
}
