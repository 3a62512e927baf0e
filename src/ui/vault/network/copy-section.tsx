// Whether the network has a copy of the keys, and the way to make it.
// Promises: a copy that was not opened yet is never called saved (R-I2).
import type { NetworkState } from '../../../contract/pages/network';
import { dateTime } from '../../format';
import { Button } from '../../parts/form/button';
import { Icon } from '../../parts/icon';
import { Notice } from '../../parts/notice';
import { t } from '../../text';
import { Panel } from '../panel';

export function CopySection({ copy, onBegin }: { copy: NetworkState['copy']; onBegin: () => void }) {
  return (
    <Panel title={t('copySectionTitle')} meaning={t('copySectionMeaning')}>
      {copy.state === 'saved' && (
        <p class="done-line">
          <Icon name="check" />
          {t('copySavedAt', dateTime(copy.atMs))}
        </p>
      )}
      {copy.state === 'published' && (
        <Notice title={t('copyUnprovenTitle')}>{t('copyUnproven', dateTime(copy.atMs))}</Notice>
      )}
      <div>
        <Button testId="copy-begin" onPress={onBegin}>
          {t(copy.state === 'none' ? 'copyMake' : 'copyMakeAgain')}
        </Button>
      </div>
    </Panel>
  );
}
