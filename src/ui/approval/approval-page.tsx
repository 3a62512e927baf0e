// The approval window: one request at a time, who asks on top, Reject first, Approve when it is safe to press.
// Promises: the card on screen never changes by itself while it waits (R-C4); a card that went away is told as what became of it; what is decided is exactly what was shown, by digest and nonce (R-C3).
// Must not: hold links or navigations, or ask a wallet for anything (R-C9, R-C10).
import { useEffect, useRef, useState } from 'preact/hooks';
import { undoMs } from '../../contract/limits';
import type { RejectUndo } from '../../contract/pages/approvals';
import type { Quiet } from '../../contract/pages/sites';
import { QuietNote } from '../sites/site-quiet';
import type { VaultCallError } from '../worker/channel';
import { Failure } from '../parts/failure';
import { OwnPhraseStrip } from '../parts/own-phrase';
import { EndedNotices, useRevoking } from '../parts/revoke-undo';
import type { PageProps } from '../parts/page';
import { useNow } from '../parts/clock';
import { closePage } from '../tabs';
import { t } from '../text';
import { ask, asCallError, useVault } from '../worker/calls';
import { CardFrame } from './cards/frame/card-frame';
import { ConnectCard } from './cards/connect-card';
import { MissedNotice } from './gone-notice';
import { MessagesCard } from './cards/messages-card';
import {
  afterDecision,
  afterMissed,
  emptyQueue,
  next,
  place,
  takenBack,
  withFate,
  withList,
  type Queue,
} from './queue';
import { RejectedNote } from './rejected-note';
import { ArchiveCard } from './cards/archive-card';
import { IdentityTextCard } from './cards/identity-text-card';
import { SignCard } from './cards/sign-card';
import { TokenCard } from './cards/token-card';
import { UnlockCard } from './cards/unlock-card';
import { VolumeCard } from './cards/volume-card';
import type { CardProps } from './cards/frame/card-props';

/** How long "no longer waiting", or "your answer did not count", stays when nothing else waits. */
const goneMs = 4_000;

/** A request may arrive while the window is going; the worker knows. If it cannot be asked, there is nothing to stay for. */
async function closeUnlessNeeded(): Promise<void> {
  if (await ask('approvals_mayClose', {}).catch(() => true)) closePage();
}

export function ApprovalPage({ state }: PageProps) {
  // Names on cards follow the lock and the address book, which are the vault's state.
  const list = useVault('approvals_list', {}, 'approvals', 'state');
  const own = useVault('ownPhrase_get', {}, 'state');
  const [queue, setQueue] = useState(emptyQueue);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<VaultCallError>();
  const [quieted, setQuieted] = useState<string>();
  const [refusal, setRefusal] = useState<RejectUndo>();
  const revoking = useRevoking();
  /** Something can be taken back here for a moment. */
  const hasWayBack = quieted !== undefined || refusal !== undefined || revoking.acts.length > 0;
  const nowMs = useNow(1_000);
  const shownQueue = useRef(queue);
  shownQueue.current = queue;
  const card = queue.shown;
  const isGone = queue.isGone || (card !== undefined && card.expiresAtMs <= nowMs);
  const othersWait = queue.waiting.some(({ id }) => id !== card?.id);

  useEffect(() => {
    if (list.value) setQueue((before) => withList(before, list.value ?? []));
  }, [list.value]);

  const goneId = queue.isGone && queue.fate === undefined ? card?.id : undefined;
  useEffect(() => {
    if (goneId === undefined) return;
    const asked = ask('approvals_fate', { id: goneId }).catch(() => 'unknown' as const);
    void asked.then((fate) =>
      fate === 'waiting' ? list.refresh() : setQueue((before) => withFate(before, goneId, fate)),
    );
  }, [goneId]);

  const isEmpty = list.value !== undefined && list.value.length === 0 && card === undefined;
  const endsNow = isEmpty && queue.missed === undefined && !hasWayBack;
  useEffect(() => {
    if (endsNow) void closeUnlessNeeded();
  }, [endsNow]);

  const endsSoon = (isGone && !othersWait) || (isEmpty && !endsNow);
  useEffect(() => {
    if (!endsSoon) return undefined;
    const timer = setTimeout(() => void closeUnlessNeeded(), hasWayBack ? undoMs : goneMs);
    return () => clearTimeout(timer);
  }, [endsSoon, hasWayBack]);

  /** What the window shows after a refused answer; undefined when its request waits as it was shown. */
  async function missed(answer: 'approve' | 'reject'): Promise<((before: Queue) => Queue) | undefined> {
    const { shown } = shownQueue.current;
    if (!shown) return undefined;
    const [cards, fate] = await Promise.all([ask('approvals_list', {}), ask('approvals_fate', { id: shown.id })]);
    const after = (before: Queue) => afterMissed(before, cards, fate, answer);
    return after(shownQueue.current) && ((before) => after(before) ?? before);
  }

  async function settle(
    ids: readonly string[],
    answer: 'approve' | 'reject',
    /** May tell which were decided; otherwise all of `ids` were. */
    work: () => Promise<readonly string[] | void | null>,
  ): Promise<void> {
    if (isBusy) return;
    setBusy(true);
    setError(undefined);
    try {
      const decided = (await work()) ?? [];
      setQueue((before) => afterDecision(before, [...ids, ...decided]));
    } catch (thrown) {
      const failure = asCallError(thrown);
      // Decided elsewhere, by this very answer before its receipt was lost, ended or changed: the worker says which.
      const after = failure.reason === 'stale' ? await missed(answer).catch(() => undefined) : undefined;
      if (after) setQueue(after);
      else setError(failure);
    } finally {
      await list.refresh();
      setBusy(false);
    }
  }

  if (list.error && !card) {
    return (
      <main class="approval-idle">
        <Failure error={list.error} isHeading onRetry={() => void list.refresh()} />
      </main>
    );
  }
  // The phrase first: it is not to come when a request is already there to be read.
  if ((!list.value && !card) || (own.value === undefined && !own.error)) return null;
  const takeBack = (id: string) => async () => {
    const ids = await ask('approvals_takeBack', { id });
    setQueue((before) => takenBack(before, ids));
    setRefusal(undefined);
    await list.refresh();
  };
  const wayBack = (
    <>
      {refusal && (
        <RejectedNote
          key={refusal.id}
          refusal={refusal}
          onTakeBack={takeBack(refusal.id)}
          onOver={() => setRefusal(undefined)}
        />
      )}
      <EndedNotices revoking={revoking} />
    </>
  );
  if (!card) {
    return (
      <main class="approval-idle" data-testid="approval-empty">
        <OwnPhraseStrip own={own.value} />
        {quieted !== undefined && <QuietNote origin={quieted} isNamed />}
        {wayBack}
        {queue.missed ? (
          <MissedNotice missed={queue.missed} isHeading />
        ) : (
          <h1 class="plain soft">{t('nothingWaiting')}</h1>
        )}
      </main>
    );
  }

  const decide: CardProps['onDecide'] = (decision, others = []) => {
    const [own, ...listed] = [card, ...others].map(({ id, digest, nonce }) => ({ id, digest, nonce }));
    if (!isGone && own)
      void settle([card.id], decision.kind === 'reject' ? 'reject' : 'approve', () =>
        ask('approvals_decide', { ...own, decision, ...(listed.length > 0 ? { others: listed } : {}) }),
      );
  };
  const sameSite = queue.waiting.filter(({ origin }) => origin === card.origin).map(({ id }) => id);
  const rejectAll = () =>
    void settle(sameSite, 'reject', async () => {
      setRefusal((await ask('approvals_rejectAll', { origin: card.origin, undoable: true })) ?? undefined);
    });
  const quiet = (how: Quiet) =>
    void settle(sameSite, 'reject', async () => {
      await ask('quiet_set', { origin: card.origin, quiet: how });
      setQuieted(card.origin);
    });
  const stop = (safeId: string) =>
    void settle(sameSite, 'reject', async () => {
      const undo = await ask('grants_revoke', { origin: card.origin, safeId });
      revoking.end({ origin: card.origin }, async () => undo);
    });
  const unlock = (safeId: string) =>
    void ask('unlock_open', { safeId }).then(
      () => setError(undefined),
      (thrown) => setError(asCallError(thrown)),
    );
  const alsoWaiting = queue.waiting.filter(({ id, origin }) => origin === card.origin && id !== card.id);
  const props: CardProps = { card, alsoWaiting, state, isGone, isBusy, onDecide: decide, onUnlock: unlock };
  const frame = {
    card,
    place: place(queue),
    error,
    missed: queue.missed,
    fate: isGone ? (queue.fate ?? (queue.isGone ? undefined : 'expired')) : undefined,
    isGone,
    onNext: othersWait ? () => setQueue(next) : closePage,
    hasNext: othersWait,
    onRejectAll: sameSite.length > 1 ? rejectAll : undefined,
    sameSite: sameSite.length,
    onQuiet: quiet,
    quieted,
    wayBack,
    own: own.value,
  };
  return (
    <CardFrame {...frame}>
      {/* A key per request: no choice made for one card survives into the next. */}
      {card.shown.kind === 'connect' && <ConnectCard key={card.id} {...props} shown={card.shown} />}
      {card.shown.kind === 'sign' && <SignCard key={card.id} {...props} shown={card.shown} />}
      {card.shown.kind === 'messages' && <MessagesCard key={card.id} {...props} shown={card.shown} />}
      {card.shown.kind === 'token' && <TokenCard key={card.id} {...props} shown={card.shown} />}
      {card.shown.kind === 'v3' && <IdentityTextCard key={card.id} {...props} shown={card.shown} />}
      {card.shown.kind === 'archive' && <ArchiveCard key={card.id} {...props} shown={card.shown} />}
      {card.shown.kind === 'volume' && <VolumeCard key={card.id} {...props} shown={card.shown} onStop={stop} />}
      {card.shown.kind === 'unlock' && <UnlockCard key={card.id} {...props} shown={card.shown} />}
    </CardFrame>
  );
}
