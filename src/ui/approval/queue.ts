// Which waiting request the window shows (R-C4). Pure.
// Promises: the card on screen stays until the person decides it or moves on, whatever arrives or vanishes meanwhile; a vanished one is
// marked, not replaced, unless an approval of the person's answered it: then the next comes up by itself. Must not: hold time or decide
// anything.
import type { RequestFate, ShownCard } from '../../contract/pages/approvals';

export interface Queue {
  /** The card on screen; undefined when there is nothing to show. */
  shown: ShownCard | undefined;
  /** The card on screen no longer waits (it expired, its page is gone, or it was decided elsewhere). */
  isGone: boolean;
  /** What became of it, once it is gone and the worker was asked. */
  fate: RequestFate | undefined;
  /** All that wait now, oldest first. */
  waiting: readonly ShownCard[];
  /** Ids the person decided in this window, so that a late list cannot bring one back. */
  decided: ReadonlySet<string>;
  /**
   * What is said of the card before. `over`, `changed`: the person's answer did not count, its request had ended by then and the next one is
   * shown, or it had changed and is shown as it is now. `answered`: an approval of theirs answered it before they came to it. Undefined
   * when there is nothing to say.
   */
  missed: 'over' | 'changed' | 'answered' | undefined;
}

export const emptyQueue: Queue = {
  shown: undefined,
  isGone: false,
  fate: undefined,
  waiting: [],
  decided: new Set(),
  missed: undefined,
};

/** After the rejection of the cards with these ids was taken back: they are listed again. */
export function takenBack(queue: Queue, ids: readonly string[]): Queue {
  return { ...queue, decided: new Set([...queue.decided].filter((id) => !ids.includes(id))) };
}

/** A newly read list. Only an empty place is filled by itself, and that of a card which is answered. */
export function withList(queue: Queue, cards: readonly ShownCard[]): Queue {
  const waiting = cards.filter((card) => !queue.decided.has(card.id));
  if (queue.shown === undefined) return { ...queue, waiting, shown: waiting[0], isGone: false, fate: undefined };
  const same = waiting.find((card) => card.id === queue.shown?.id);
  return same
    ? { ...queue, waiting, shown: same, isGone: false, fate: undefined }
    : pastAnswered({ ...queue, waiting, isGone: true });
}

/** The worker has told what became of the card `id`. Counts only while that is the one on screen, and gone. */
export function withFate(queue: Queue, id: string, fate: RequestFate): Queue {
  if (queue.shown?.id !== id || !queue.isGone) return queue;
  return pastAnswered({ ...queue, fate });
}

/** Leaves a card that is answered for the next, when a next card waits. */
function pastAnswered(queue: Queue): Queue {
  return queue.isGone && queue.fate === 'done' && queue.waiting.length > 0
    ? { ...next(queue), missed: 'answered' }
    : queue;
}

/** After the cards with these ids were decided, the shown one among them: the next one. */
export function afterDecision(queue: Queue, ids: readonly string[]): Queue {
  return next({ ...queue, decided: new Set([...queue.decided, ...ids]), missed: undefined });
}

/**
 * After the worker refused an answer because it was not to what waits now; `cards` is a list read after that, `fate` what became of the
 * card, `answer` what the person had answered. Undefined when the card waits exactly as it was shown: then the refusal has another reason.
 * What became of the card as the person wanted is not told as missed: the answer may have counted, and only its receipt been lost.
 */
export function afterMissed(
  queue: Queue,
  cards: readonly ShownCard[],
  fate: RequestFate,
  answer: 'approve' | 'reject',
): Queue | undefined {
  const same = cards.find((card) => card.id === queue.shown?.id);
  if (same && isSameRequest(same, queue.shown)) return undefined;
  if (same) return { ...withList(queue, cards), missed: 'changed' };
  const moved = next(withList(queue, cards));
  if (answer === 'reject' && fate === 'rejected') return { ...moved, missed: undefined };
  return { ...moved, missed: answer === 'approve' && fate === 'done' ? 'answered' : 'over' };
}

/** The person moves on from a card that no longer waits. */
export function next(queue: Queue): Queue {
  const waiting = queue.waiting.filter((card) => !queue.decided.has(card.id));
  return { ...queue, waiting, shown: waiting[0], isGone: false, fate: undefined };
}

/** "1 of 3": the place of the shown card and how many there are; undefined when there is only one. */
export function place(queue: Queue): { at: number; of: number } | undefined {
  if (!queue.shown) return undefined;
  const at = queue.waiting.findIndex((card) => card.id === queue.shown?.id);
  if (at < 0 || queue.waiting.length < 2) return undefined;
  return { at: at + 1, of: queue.waiting.length };
}

/** True when two cards are the same request as far as the person can tell; if not, a press must be armed anew. */
export function isSameRequest(a: ShownCard | undefined, b: ShownCard | undefined): boolean {
  return (
    a?.id === b?.id &&
    a?.digest === b?.digest &&
    a?.nonce === b?.nonce &&
    a?.origin === b?.origin &&
    a?.shown.kind === b?.shown.kind
  );
}
