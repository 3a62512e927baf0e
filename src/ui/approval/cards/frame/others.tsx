// What waits beside a card and can get the same answer: a live number, and each as it is once the person had them listed.
// Promises: only what was listed is answered (R-C3); what comes after that waits, and is counted. Must not: list anything by itself.
import { useState } from 'preact/hooks';
import type { ComponentChildren } from 'preact';
import type { ShownCard } from '../../../../contract/pages/approvals';
import { joins } from '../../../../contract/pages/cards/joining';
import { Button } from '../../../parts/form/button';
import { plural, t } from '../../../text';
import type { CardProps } from './card-props';

/** A card of one kind. */
export type CardOf<Shown> = ShownCard & { shown: Shown };

export interface Others<Shown> {
  /** Those on the card besides its own, as they were when they were listed. */
  listed: readonly CardOf<Shown>[];
  /** Those that wait and are not listed. */
  waiting: readonly CardOf<Shown>[];
  list(isWanted: boolean): void;
}

/** `isOwn`: one that the card speaks of already, and its answer answers. */
export function useOthers<Shown extends ShownCard['shown']>(
  card: ShownCard,
  alsoWaiting: CardProps['alsoWaiting'],
  isOwn: (other: CardOf<Shown>, listed: readonly CardOf<Shown>[]) => boolean = () => false,
): Others<Shown> {
  const [listed, setListed] = useState<readonly CardOf<Shown>[]>([]);
  const joining = alsoWaiting.filter((one): one is CardOf<Shown> => joins(card, one));
  const waiting: CardOf<Shown>[] = [];
  for (const one of joining) {
    const before = [...listed, ...waiting];
    if (!listed.some(({ id }) => id === one.id) && !isOwn(one, before)) waiting.push(one);
  }
  return { listed, waiting, list: (isWanted) => setListed(isWanted ? [...listed, ...waiting] : []) };
}

/** Their number, until the person has them listed; then each as `draw` shows it. */
export function OthersThatWait<Shown>({
  others: { listed, waiting, list },
  draw,
}: {
  others: Others<Shown>;
  draw: (card: CardOf<Shown>) => ComponentChildren;
}) {
  if (listed.length === 0 && waiting.length === 0) return null;
  return (
    <section class="stack" data-testid="approval-others" data-listed={listed.length} data-waiting={waiting.length}>
      {listed.map((one, at) => (
        <div key={one.id} class="stack listed" data-testid="approval-listed">
          <h2 class="small soft">{t('counter', at + 2, listed.length + 1)}</h2>
          {draw(one)}
        </div>
      ))}
      <div class="row apart wrap">
        {waiting.length > 0 && (
          <Button testId="approval-list-others" compact onPress={() => list(true)}>
            {listed.length === 0 ? plural('listOthers', waiting.length) : plural('listMore', waiting.length)}
          </Button>
        )}
        {listed.length > 0 && (
          <Button testId="approval-only-first" look="quiet" compact onPress={() => list(false)}>
            {t('onlyTheFirst')}
          </Button>
        )}
      </div>
    </section>
  );
}
