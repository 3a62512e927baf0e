// The keys of message archives: since when today's is used, how many there were, and the way to another one.
import { limits } from '../../../contract/limits';
import { date } from '../../format';
import { Button } from '../../parts/form/button';
import { t } from '../../text';
import { Panel } from '../panel';

export function ArchivePanel({ madeAtMs, onNewKey }: { madeAtMs: readonly number[]; onNewKey: () => void }) {
  const isFull = madeAtMs.length >= limits.archiveKeys;
  return (
    <Panel title={t('archiveKeyTitle')} meaning={t('archiveKeyMeaning')}>
      <dl class="facts" data-testid="archive-keys" data-count={madeAtMs.length}>
        <dt>{t('archiveKeySince')}</dt>
        <dd>{date(madeAtMs.at(-1) ?? 0)}</dd>
        {madeAtMs.length > 1 && (
          <>
            <dt>{t('archiveKeysEarlier')}</dt>
            <dd>{madeAtMs.slice(0, -1).toReversed().map(date).join(' · ')}</dd>
          </>
        )}
      </dl>
      {isFull ? (
        <p class="small soft">{t('archiveKeysFull', limits.archiveKeys)}</p>
      ) : (
        <div>
          <Button testId="archive-new-key" onPress={onNewKey}>
            {t('archiveNewKey')}
          </Button>
        </div>
      )}
    </Panel>
  );
}
