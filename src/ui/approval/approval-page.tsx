// The approval window: one request at a time, who asks on top, Reject first, Approve when it is safe to press.
// Promises: the card on screen never changes by itself (R-C4); what is decided is exactly what was shown, by digest and nonce (R-C3).
// Must not: hold links or navigations, or ask a wallet for anything (R-C9, R-C10).
import { useEffect, useRef, useState } from 'preact/hooks';
import type { VaultCallError } from '../channel';
import { Failure } from '../failure';
import type { PageProps } from '../page';
import { useNow } from '../parts/clock';
import { closePage } from '../tabs';
import { t } from '../text';
import { ask, asCallError, useVault } from '../vault-calls';
import { CardFrame } from './card-frame';
import { ConnectCard } from './connect-card';
import { DigestCard } from './digest-card';
import { MessagesCard } from './messages-card';
import { MissedNotice } from './missed-notice';
import { afterDecision, afterMissed, emptyQueue, next, place, withList } from './queue';
import { SignCard } from './sign-card';
import { UnlockCard } from './unlock-card';
import type { CardProps, Decision } from './card-props';

/** How long "no longer waiting", or "your answer did not count", stays when nothing else waits. */
const goneMs = 4_000;

/** A request may arrive while the window is going; the worker knows. If it cannot be asked, there is nothing to stay for. */
async function closeUnlessNeeded(): Promise<void> {
  if (await ask('approvals_mayClose', {}).catch(() => true)) closePage();
}

export function ApprovalPage({ state }: PageProps) {
  const list = useVault('approvals_list', {}, 'approvals');
  const [queue, setQueue] = useState(emptyQueue);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<VaultCallError>();
  const nowMs = useNow(1_000);
  const shownQueue = useRef(queue);
  shownQueue.current = queue;
  const card = queue.shown;
  const isGone = queue.isGone || (card !== undefined && card.expiresAtMs <= nowMs);
  const othersWait = queue.waiting.some(({ id }) => id !== card?.id);

  useEffect(() => {
    if (list.value) setQueue((before) => withList(before, list.value ?? []));
  }, [list.value]);

  const isEmpty = list.value !== undefined && list.value.length === 0 && card === undefined;
  const endsNow = isEmpty && queue.missed === undefined;
  useEffect(() => {
    if (endsNow) void closeUnlessNeeded();
  }, [endsNow]);

  const endsSoon = (isGone && !othersWait) || (isEmpty && !endsNow);
  useEffect(() => {
    if (!endsSoon) return undefined;
    const timer = setTimeout(() => void closeUnlessNeeded(), goneMs);
    return () => clearTimeout(timer);
  }, [endsSoon]);

  async function settle(ids: readonly string[], work: () => Promise<unknown>): Promise<void> {
    if (isBusy) return;
    setBusy(true);
    setError(undefined);
    try {
      await work();
      setQueue((before) => afterDecision(before, ids));
    } catch (thrown) {
      const failure = asCallError(thrown);
      // Decided elsewhere, ended or changed: what waits now says which.
      const cards = failure.reason === 'stale' ? await ask('approvals_list', {}).catch(() => undefined) : undefined;
      const after = cards && afterMissed(shownQueue.current, cards);
      if (after) setQueue((before) => afterMissed(before, cards) ?? before);
      else setError(failure);
    } finally {
      await list.refresh();
      setBusy(false);
    }
  }

  if (list.error && !card) {
    return (
      <main class="approval-idle">
        <Failure error={list.error} onRetry={() => void list.refresh()} />
      </main>
    );
  }
  if (!list.value && !card) return null;
  if (!card) {
    return (
      <main class="approval-idle" data-testid="approval-empty">
        {queue.missed ? <MissedNotice missed={queue.missed} /> : <p class="soft">{t('nothingWaiting')}</p>}
      </main>
    );
  }

  const decide = (decision: Decision) => {
    if (!isGone) void settle([card.id], () => ask('approvals_decide', { id: card.id, digest: card.digest, nonce: card.nonce, decision }));
  };
  const sameSite = queue.waiting.filter(({ origin }) => origin === card.origin).map(({ id }) => id);
  const rejectAll = () => void settle(sameSite, () => ask('approvals_rejectAll', { origin: card.origin }));
  const props: CardProps = { card, state, isGone, isBusy, onDecide: decide };
  const frame = {
    card,
    place: place(queue),
    error,
    missed: queue.missed,
    isGone,
    onNext: othersWait ? () => setQueue(next) : closePage,
    hasNext: othersWait,
    onRejectAll: sameSite.length > 1 ? rejectAll : undefined,
    sameSite: sameSite.length,
  };
  return (
    <CardFrame {...frame}>
      {/* A key per request: no choice made for one card survives into the next. */}
      {card.shown.kind === 'connect' && <ConnectCard key={card.id} {...props} shown={card.shown} />}
      {card.shown.kind === 'sign' && <SignCard key={card.id} {...props} shown={card.shown} />}
      {card.shown.kind === 'messages' && <MessagesCard key={card.id} {...props} shown={card.shown} />}
      {card.shown.kind === 'digest' && <DigestCard key={card.id} {...props} shown={card.shown} />}
      {card.shown.kind === 'unlock' && <UnlockCard key={card.id} {...props} shown={card.shown} />}
    </CardFrame>
  );
}
