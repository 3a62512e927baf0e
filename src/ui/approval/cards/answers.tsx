// The two answers. Reject comes first and holds the focus; Approve counts only when the arming machine lets a press through.
// Promises: the second click of a double click rejects nothing; while something must be opened first, Approve says what.
import { useEffect, useRef } from 'preact/hooks';
import { Button } from '../../parts/form/button';
import { t } from '../../text';
import type { CardProps } from './card-props';
import { useArming } from '../use-arming';

interface AnswersProps extends Pick<CardProps, 'card' | 'isGone' | 'isBusy' | 'onDecide'> {
  /** What besides the request is on screen and re-arms when it changes, e.g. whether a long text is open. */
  shownDetail?: string;
  /** Why this cannot be approved yet, in a few words; absent when it can. */
  blockedBecause?: string | undefined;
  onApprove: () => void;
}

/** Reject, focused when a new card appears. */
export function RejectButton({ card, onDecide }: Pick<CardProps, 'card' | 'onDecide'>) {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => button.current?.focus(), [card.id]);
  const press = (event: MouseEvent) => {
    if (event.detail <= 1) onDecide({ kind: 'reject' });
  };
  return (
    <Button testId="approval-reject" buttonRef={button} onPress={press}>
      {t('reject')}
    </Button>
  );
}

export function Answers({ card, isGone, isBusy, onDecide, shownDetail = '', blockedBecause, onApprove }: AnswersProps) {
  const canApprove = !isGone && !isBusy && blockedBecause === undefined;
  const { isArmed, handlers } = useArming([card.id, card.digest, card.nonce, shownDetail].join(), () => {
    if (canApprove) onApprove();
  });
  const isReady = isArmed && canApprove;
  return (
    <>
      <RejectButton card={card} onDecide={onDecide} />
      <button
        class="button primary"
        type="button"
        data-testid="approval-approve"
        data-armed={isReady}
        aria-disabled={!isReady}
        title={blockedBecause}
        {...handlers}
      >
        {t('approve')}
      </button>
    </>
  );
}
