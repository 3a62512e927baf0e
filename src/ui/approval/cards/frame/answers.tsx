// The two answers. Reject comes first and holds the focus; Approve counts only when the arming machine lets a press through.
// Promises: the second click of a double click rejects nothing; while something must be opened or seen first, it
// says what, and a press goes on reading.
import { useContext, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Button } from '../../../parts/form/button';
import { t } from '../../../text';
import type { CardProps } from './card-props';
import { pageOn, toTheTop } from '../../scrolling';
import { useArming } from '../../use-arming';
import { EndOfCard } from './card-frame';

interface AnswersProps extends Pick<CardProps, 'card' | 'isGone' | 'isBusy' | 'onDecide'> {
  /** What besides the request is on screen and re-arms when it changes, e.g. whether a long text is open. */
  shownDetail?: string;
  /** Why this cannot be approved yet, in a few words; absent when it can. */
  blockedBecause?: string | undefined;
  onApprove: () => void;
  /** How many requests are answered; more than one are said on the buttons. */
  count?: number;
  /** In place of "Approve". */
  approveWords?: string;
}

/** Reject, focused when a new card appears. */
export function RejectButton({ card, onDecide, count = 1 }: Pick<AnswersProps, 'card' | 'onDecide' | 'count'>) {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => button.current?.focus(), [card.id]);
  const press = (event: MouseEvent) => {
    if (event.detail <= 1) onDecide({ kind: 'reject' });
  };
  return (
    <Button testId="approval-reject" buttonRef={button} onPress={press}>
      {count > 1 ? t('rejectSeveral', count) : t('reject')}
    </Button>
  );
}

/** What is below the fold, said in words, with a way on that needs neither wheel nor touch. It goes when the end was seen. */
function ReadOn({ onPress }: { onPress: () => void }) {
  const row = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const shown = row.current;
    return () => {
      // To where the next Tab comes to Reject, and where Enter answers nothing.
      if (shown?.contains(document.activeElement)) shown.closest<HTMLElement>('.approval-answers')?.focus();
    };
  }, []);
  return (
    <div ref={row} class="approval-unseen small">
      <span id="unseen">{t('seeAllFirst')}</span>
      <Button testId="approval-read-on" compact describedBy="unseen" onPress={onPress}>
        {t('readOn')}
      </Button>
    </div>
  );
}

export function Answers({
  card,
  isGone,
  isBusy,
  onDecide,
  shownDetail = '',
  blockedBecause,
  onApprove,
  count = 1,
  approveWords = t('approve'),
}: AnswersProps) {
  const end = useContext(EndOfCard);
  const canApprove = !isGone && !isBusy && blockedBecause === undefined;
  const request = [card.id, card.digest, card.nonce].join();
  // A card that says something else by now is read from its beginning. Before the arming, whose time begins when all of it is in place.
  useLayoutEffect(() => toTheTop(end.current), [request]);
  const { isArmed, isSeen, handlers } = useArming([request, shownDetail].join(), end, () => {
    if (canApprove) onApprove();
  });
  const isReady = isArmed && canApprove;
  const [longRequest, setLongRequest] = useState<string>();
  useLayoutEffect(() => {
    if (isSeen === false) setLongRequest(request);
  }, [isSeen, request]);
  return (
    <>
      {isSeen === false && <ReadOn onPress={() => pageOn(end.current)} />}
      {/* The row stays: where it was pressed to read on, nothing else is to lie under the pointer. */}
      {isSeen !== false && longRequest === request && (
        <p class="approval-unseen small soft">{isSeen && <span>{t('readAll')}</span>}</p>
      )}
      <RejectButton card={card} onDecide={onDecide} count={count} />
      <button
        class="button primary"
        type="button"
        data-testid="approval-approve"
        data-armed={isReady}
        data-seen={isSeen === true}
        aria-disabled={!isReady}
        aria-describedby={isSeen === false ? 'unseen' : undefined}
        title={blockedBecause}
        {...handlers}
      >
        {count > 1 ? t('approveSeveral', count) : approveWords}
      </button>
    </>
  );
}
