// One identity in the list: who it is, whether it is open, and what can be done with it.
// Promises: a damaged one says what happened and what to try before it offers anything that deletes.
import { useState } from 'preact/hooks';
import type { IdentitySummary } from '../../../contract/pages/identity';
import type { Settings } from '../../../contract/pages/settings';
import { Failure } from '../../parts/failure';
import { date, dateTime } from '../../format';
import { Button } from '../../parts/form/button';
import { Disclosure } from '../../parts/form/field';
import { Identity, Status } from '../../parts/shown/identity';
import { Notice } from '../../parts/notice';
import { openPage } from '../../tabs';
import { t } from '../../text';
import { ask } from '../../worker/calls';
import { walletName } from '../../wallet-name';
import { DamagedPanel } from '../../parts/damaged-panel';
import { ForgetDialog } from './forget-dialog';
import { IdentityTopics } from './identity-topics';
import type { Place } from '../../place';
import { RenameDialog } from './rename-dialog';

interface IdentityCardProps {
  identity: IdentitySummary;
  settings: Settings;
  onTryAgain: () => void;
  onGo: (place: Place) => void;
}

export function IdentityCard({ identity, settings, onTryAgain, onGo }: IdentityCardProps) {
  const { safeId, status, name, account, createdAtMs, wallet, setAsideAtMs } = identity;
  const [dialog, setDialog] = useState<'rename' | 'forget'>();
  const [error, setError] = useState<unknown>();
  const close = () => setDialog(undefined);
  const lock = () => ask('lock_now', { safeId }).then(() => setError(undefined), setError);
  const unlock = () => ask('unlock_open', { safeId }).then(() => setError(undefined), setError);
  const forget = (
    <Button testId="identity-forget" look="quiet-danger" onPress={() => setDialog('forget')}>
      {t('forget')}
    </Button>
  );
  return (
    <section
      class="card identity-card"
      data-testid="identity"
      data-status={status}
      data-safe={safeId}
      aria-label={name}
    >
      <div class="card-row">
        <Identity name={name} account={account} size={48}>
          <Status status={status} />
        </Identity>
      </div>
      {status === 'damaged' && (
        <div class="card-body">
          <DamagedPanel safeId={safeId} onTryAgain={onTryAgain} />
        </div>
      )}
      {setAsideAtMs !== null && status !== 'damaged' && (
        <div class="card-body">
          <Notice testId="identity-set-aside" title={t('setAsideTitle')}>
            {t('setAside', dateTime(setAsideAtMs))}
          </Notice>
        </div>
      )}
      {(status === 'locked' || status === 'unlocked') && (
        <div class="card-body stack tight">
          <dl class="facts">
            {createdAtMs !== null && (
              <>
                <dt>{t('created')}</dt>
                <dd>{date(createdAtMs)}</dd>
              </>
            )}
            {wallet && (
              <>
                <dt>{t('wallet')}</dt>
                <dd>{walletName(wallet)}</dd>
              </>
            )}
          </dl>
          {status === 'locked' && <p class="small soft">{t('detailsLocked')}</p>}
        </div>
      )}
      {status === 'unlocked' && (
        <IdentityTopics
          safeId={safeId}
          settings={settings}
          onGo={(topic) => onGo({ section: 'identities', safeId, topic })}
        />
      )}
      {error !== undefined && (
        <div class="card-body">
          <Failure error={error} />
        </div>
      )}
      {status === 'enrolling' ? (
        <div class="identity-actions">
          <Button testId="identity-continue" look="primary" compact onPress={() => void openPage('onboarding')}>
            {t('finishSetUp')}
          </Button>
        </div>
      ) : (
        <div class="identity-actions">
          {status === 'locked' && (
            <Button testId="identity-unlock" icon="unlock" compact onPress={() => void unlock()}>
              {t('unlock')}
            </Button>
          )}
          {status === 'unlocked' && (
            <Button testId="identity-lock" icon="lock" compact onPress={() => void lock()}>
              {t('lockNow')}
            </Button>
          )}
          {status === 'unlocked' && (
            <Button testId="identity-rename" look="quiet" onPress={() => setDialog('rename')}>
              {t('rename')}
            </Button>
          )}
          {status === 'damaged' ? (
            <Disclosure testId="identity-last-resort" label={t('lastResort')}>
              {forget}
            </Disclosure>
          ) : (
            <span class="end">{forget}</span>
          )}
        </div>
      )}
      {dialog === 'rename' && <RenameDialog identity={identity} onClose={close} />}
      {dialog === 'forget' && (
        <ForgetDialog
          identity={identity}
          onBackup={() => onGo({ section: 'identities', safeId, topic: 'backup' })}
          onClose={close}
        />
      )}
    </section>
  );
}
