// What to read when an identity cannot be opened: what happened, that nothing was deleted, what to try, in that order.
import { Button } from './form/button';
import { Notice } from './notice';
import { t, type MessageKey } from '../text';
import { ask } from '../worker/calls';

const tries: readonly MessageKey[] = ['damagedTry1', 'damagedTry2', 'damagedTry3', 'damagedTry4'];
/** Without the way that needs an identity to unlock. */
const triesForStore: readonly MessageKey[] = ['damagedTry1', 'damagedTry2', 'damagedTryNewer', 'damagedTry4'];

/** `safeId` is absent when it is not one identity but the whole store that cannot be read: then nobody knows what is in it. */
export function DamagedPanel({ safeId, onTryAgain }: { safeId?: string; onTryAgain: () => void }) {
  return (
    <div class="stack" data-testid="damaged-panel">
      <Notice tone="danger" title={t(safeId ? 'damagedTitle' : 'damagedStoreTitle')}>
        {t(safeId ? 'damagedBody' : 'damagedStoreBody')}
      </Notice>
      <div>
        <h3>{t('damagedTryTitle')}</h3>
        <ol class="numbered">
          {(safeId ? tries : triesForStore).map((key) => (
            <li key={key}>{t(key)}</li>
          ))}
        </ol>
      </div>
      <div class="row wrap">
        <Button testId="damaged-try-again" look="primary" onPress={onTryAgain}>
          {t('tryAgain')}
        </Button>
        {safeId && (
          <Button testId="damaged-unlock" onPress={() => void ask('unlock_open', { safeId })}>
            {t('tryUnlock')}
          </Button>
        )}
      </div>
    </div>
  );
}
