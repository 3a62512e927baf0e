// Whether a log is whole, in words: from when on a missing line shows, what went by age or for want of room, and what is missing.
// Promises: what Prekey Vault removed itself is never called missing, and what is missing is never called removed.
import { useState } from 'preact/hooks';
import { keptDays, type KeptDays } from '../../../contract/choices';
import { date } from '../../format';
import { Notice } from '../../parts/notice';
import { Button } from '../../parts/form/button';
import { Select } from '../../parts/form/field';
import { plural, t } from '../../text';
import type { ReadLog } from './log-reader';

/** What is wrong with a log, above the list; nothing when nothing is. */
export function ChainWarning({ log: { chain, entries } }: { log: ReadLog }) {
  const gaps = [...(chain.gapAtEnd ? [chain.gapAtEnd] : []), ...entries.flatMap(({ gap }) => gap ?? [])];
  if (chain.since === 'lost')
    return (
      <Notice tone="danger" testId="activity-broken" title={t('chainLostTitle')}>
        {t('chainLost')}
      </Notice>
    );
  if (gaps.length === 0) return null;
  return (
    <Notice tone="danger" testId="activity-broken" title={t('chainBrokenTitle')}>
      <p>{plural('gaps', gaps.length)}</p>
      <p>{t('chainBroken')}</p>
    </Notice>
  );
}

/** What the list does not hold, and since when it can tell, below it. */
export function ChainFacts({ log: { chain, entries } }: { log: ReadLog }) {
  const { since, aged, removed, isRestart } = chain;
  const isPartly = since !== null && since !== 'lost' && entries.some(({ sequence }) => sequence < since.sequence);
  return (
    <div
      class="small soft"
      data-testid="activity-chain"
      data-since={since === null ? 'none' : typeof since === 'string' ? since : since.sequence}
    >
      {since !== null && since !== 'lost' && <p>{t(isRestart ? 'chainRestarted' : 'chainSince', date(since.atMs))}</p>}
      {isPartly && <p>{t('chainPartly')}</p>}
      {since === null && entries.length > 0 && <p>{t('chainNone')}</p>}
      {aged && <p>{t('chainAged', plural('lines', aged.lines), date(aged.untilMs))}</p>}
      {removed > 0 && <p>{t('chainRemoved', plural('lines', removed))}</p>}
    </div>
  );
}

/** Longer at once; shorter only after a second press, for then lines go for good. */
export function KeptFor({ days, onDays }: { days: KeptDays; onDays: (days: KeptDays) => void }) {
  const [wish, setWish] = useState<KeptDays>();
  const choose = (value: string) => {
    const chosen = keptDays.find((one) => String(one) === value) ?? days;
    setWish(chosen < days ? chosen : undefined);
    if (chosen > days) onDays(chosen);
  };
  const answer = (isMeant: boolean) => {
    if (isMeant && wish !== undefined) onDays(wish);
    setWish(undefined);
  };
  return (
    <div class="kept-for stack tight">
      <Select
        testId="activity-keep"
        label={t('keptFor')}
        value={String(wish ?? days)}
        options={keptDays.map((one) => ({ value: String(one), words: t('keptDays', one) }))}
        onValue={choose}
      />
      {wish !== undefined && (
        <Notice tone="danger">
          <div class="stack tight">
            <p>{t('keptLess', wish)}</p>
            <div class="row">
              <Button testId="activity-keep-less" look="danger" compact onPress={() => answer(true)}>
                {t('removeThem')}
              </Button>
              <Button testId="activity-keep-cancel" compact onPress={() => answer(false)}>
                {t('cancel')}
              </Button>
            </div>
          </div>
        </Notice>
      )}
    </div>
  );
}
