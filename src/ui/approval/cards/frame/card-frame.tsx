// What all approval cards share: bar with the counter, the origin as the largest thing, warnings, details, and what happens at the end.
// Promises: the origin is the one the browser reported; the person can always leave without deciding; the answers
// are inside the window, however small it is, and cover nothing.
import { createContext, type ComponentChildren, type RefObject } from 'preact';
import { useContext, useRef } from 'preact/hooks';
import type { RequestFate, ShownCard } from '../../../../contract/pages/approvals';
import type { OwnPhrase } from '../../../../contract/pages/settings';
import { Failure } from '../../../parts/failure';
import { dateTime } from '../../../format';
import { OwnPhraseStrip } from '../../../parts/own-phrase';
import { Brand } from '../../../parts/page';
import { Button } from '../../../parts/form/button';
import { DappText } from '../../../parts/shown/dapp-text';
import { Disclosure } from '../../../parts/form/field';
import { Origin, OriginNotes } from '../../../parts/shown/origin';
import { plural, t } from '../../../text';
import { GoneNotice, MissedNotice } from '../../gone-notice';
import type { Queue } from '../../queue';
import type { Quiet } from '../../../../contract/pages/sites';
import { QuietButtons, QuietNote } from '../../../sites/site-quiet';

interface Frame {
  card: ShownCard;
  place: { at: number; of: number } | undefined;
  error: unknown;
  missed: Queue['missed'];
  isGone: boolean;
  /** What became of a card that is gone, once it is known. */
  fate: RequestFate | undefined;
  hasNext: boolean;
  onNext: () => void;
  /** Present when this site has more than one request waiting. */
  onRejectAll: (() => void) | undefined;
  sameSite: number;
  onQuiet: (quiet: Quiet) => void;
  /** Which site was muted or blocked a moment ago: it can be undone here. */
  quieted: string | undefined;
  /** What was rejected together, or ended, a moment ago, with the way back. */
  wayBack: ComponentChildren;
  /** By which the person knows this page; null or undefined for none. */
  own: OwnPhrase | null | undefined;
}

const FrameContext = createContext<Frame | undefined>(undefined);

/** What stands after the last of what is granted: when it was on the screen, all of the card was. */
export const EndOfCard = createContext<RefObject<HTMLElement | null>>({ current: null });

export function CardFrame({ children, ...frame }: Frame & { children: ComponentChildren }) {
  return <FrameContext.Provider value={frame}>{children}</FrameContext.Provider>;
}

interface CardLayoutProps {
  /** What happens, in a sentence, after the origin. */
  sentence: ComponentChildren;
  /** Technical facts of this kind of card, added to the common ones. */
  facts?: ComponentChildren;
  /** The answers at the bottom. */
  answers: ComponentChildren;
  children?: ComponentChildren;
}

export function CardLayout({ sentence, facts, answers, children }: CardLayoutProps) {
  const frame = useContext(FrameContext);
  const end = useRef<HTMLDivElement>(null);
  if (!frame) return null;
  const { card, place, error, missed, isGone } = frame;
  return (
    <div
      class="approval"
      data-testid="approval"
      data-kind={card.shown.kind}
      data-request={card.id}
      data-gone={isGone}
      data-fate={frame.fate}
    >
      <div class="approval-body">
        <OwnPhraseStrip own={frame.own} />
        <header class="approval-head">
          <div class="approval-bar">
            <Brand size={16} />
            {place && (
              <span data-testid="approval-counter" role="status">
                {t('counter', place.at, place.of)}
              </span>
            )}
          </div>
          <h1 class="approval-origin" data-testid="approval-origin" data-origin={card.origin}>
            <Origin origin={card.origin} look="large" />
          </h1>
          <p class="lead" data-testid="approval-sentence">
            {sentence}
          </p>
        </header>
        <main class="approval-main stack" tabIndex={-1}>
          {isGone && <GoneNotice fate={frame.fate} />}
          {frame.quieted !== undefined && <QuietNote origin={frame.quieted} isNamed />}
          {frame.wayBack}
          {missed && !isGone && <MissedNotice missed={missed} />}
          {error !== undefined && <Failure error={error} />}
          <OriginNotes origin={card.origin} firstSeen={card.firstSeen} looksLike={card.looksLike} />
          {children}
          <div ref={end} class="end-of-card" />
          <Disclosure testId="approval-details" label={t('details')}>
            <dl class="facts small">
              <dt>{t('detailOrigin')}</dt>
              <dd class="mono">
                <DappText text={card.origin} />
              </dd>
              {facts}
              {card.joined > 1 && (
                <>
                  <dt>{t('detailJoined')}</dt>
                  <dd>{plural('joined', card.joined)}</dd>
                </>
              )}
              <dt>{t('detailAsked')}</dt>
              <dd>{dateTime(card.createdAtMs)}</dd>
              <dt>{t('detailExpires')}</dt>
              <dd>{dateTime(card.expiresAtMs)}</dd>
              <dt>{t('detailDigest')}</dt>
              <dd class="mono">{card.digest}</dd>
              <dt>{t('detailRequest')}</dt>
              <dd class="mono">{card.id}</dd>
            </dl>
          </Disclosure>
          {!isGone && <p class="small soft">{t('closingMeansLater')}</p>}
        </main>
        {!isGone && <SiteActs {...frame} />}
      </div>
      {isGone ? (
        <GoneFoot hasNext={frame.hasNext} onNext={frame.onNext} />
      ) : (
        <footer class="approval-foot">
          <div class="approval-answers" tabIndex={-1}>
            <EndOfCard.Provider value={end}>{answers}</EndOfCard.Provider>
          </div>
        </footer>
      )}
    </div>
  );
}

/** Three acts about the site, none of which does another's work: the answers to what waits, ten minutes of quiet, and no answers at all. */
function SiteActs({ onRejectAll, sameSite, onQuiet }: Pick<Frame, 'onRejectAll' | 'sameSite' | 'onQuiet'>) {
  return (
    <div class="approval-acts">
      <QuietButtons onQuiet={onQuiet} />
      {/* Last, and on a line above where there is no room: it comes when a second request does, and must move nothing. */}
      {onRejectAll && (
        <Button testId="approval-reject-all" look="quiet" compact onPress={onRejectAll}>
          {t('rejectAll', sameSite)}
        </Button>
      )}
    </div>
  );
}

/** What stands in place of the answers when a card no longer waits. */
function GoneFoot({ hasNext, onNext }: { hasNext: boolean; onNext: () => void }) {
  return (
    <footer class="approval-foot alone">
      <Button testId="approval-next" wide onPress={onNext}>
        {hasNext ? t('nextRequest') : t('close')}
      </Button>
    </footer>
  );
}
