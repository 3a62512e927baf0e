// Popup and side panel at one glance: who you are here, whether it is open, what this site may do, what waits, and Lock now.
// Promises: no technical word; Lock now has its place from the first drawing on, and so has what is above it. Must not: prompt a wallet (a popup closes when it loses
// focus) or decide a request.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { IdentitySummary } from '../../contract/pages/identity';
import { timeOrDate } from '../format';
import { Failure } from '../parts/failure';
import { Brand, type PageProps } from '../parts/page';
import { Button, IconButton } from '../parts/form/button';
import { useNow } from '../parts/clock';
import { Drawing, Icon } from '../parts/icon';
import { Identity, Status } from '../parts/shown/identity';
import { Notice } from '../parts/notice';
import { EndedNotices, useRevoking } from '../parts/revoke-undo';
import { openPage } from '../tabs';
import { plural, t } from '../text';
import { AtOnce, useAwaited, useSeen } from '../worker/at-once';
import { ask } from '../worker/calls';
import { HeldBackSites } from './held-back';
import { IdentityNote } from './identity-note';
import { SiteSection, useTabSite } from './site-section';
import { useTab } from './use-tab';

type Leave = (page: 'onboarding' | 'vault', section?: string) => void;

function EmptyVault({ leave }: { leave: Leave }) {
  return (
    <div class="stack">
      <Drawing name="safe" />
      <h1>{t('popupEmptyTitle')}</h1>
      <p class="soft">{t('popupEmptyBody')}</p>
      <Button testId="popup-set-up" look="primary" wide onPress={() => leave('onboarding')}>
        {t('setUp')}
      </Button>
    </div>
  );
}

interface RowProps {
  identity: IdentitySummary;
  nowMs: number;
  leave: Leave;
  onDone: () => void;
  onFailure: (error: unknown) => void;
}

function IdentityRow({ identity, nowMs, leave, onDone, onFailure }: RowProps) {
  const { safeId, status, name, account, lockAtMs } = identity;
  const unlock = () => void ask('unlock_open', { safeId }).then(onDone, onFailure);
  return (
    <div class="card-row" data-testid="popup-identity" data-status={status}>
      <Identity name={name} account={account}>
        <div class="popup-side">
          {status === 'locked' && (
            <Button testId="popup-unlock" compact onPress={unlock}>
              {t('unlock')}
            </Button>
          )}
          {status === 'enrolling' && (
            <Button testId="popup-continue" compact onPress={() => leave('onboarding')}>
              {t('continueWord')}
            </Button>
          )}
          {status === 'damaged' && (
            <Button testId="popup-recover" compact onPress={() => leave('vault')}>
              {t('seeWhatToDo')}
            </Button>
          )}
          {status === 'unlocked' && <Status status={status} />}
          {status === 'unlocked' && lockAtMs !== null && (
            <span class="small soft">{t('locksAt', timeOrDate(lockAtMs, nowMs))}</span>
          )}
        </div>
      </Identity>
    </div>
  );
}

interface WaitingProps {
  count: number;
  onDone: () => void;
  onFailure: (error: unknown) => void;
}

function Waiting({ count, onDone, onFailure }: WaitingProps) {
  const open = () => void ask('approvals_open').then(onDone, onFailure);
  return (
    <button class="popup-waiting" type="button" data-testid="popup-review" onClick={open}>
      <span class="count">{count}</span>
      <span class="grow notice-title">{plural('waiting', count)}</span>
      <Icon name="chevron" />
    </button>
  );
}

interface GlanceProps {
  state: PageProps['state'];
  testId: 'popup' | 'panel';
  /** Another page of ours was opened. */
  onDone: () => void;
  /** What waits, in more words. */
  waiting?: ComponentChildren;
}

export function Glance(props: GlanceProps) {
  return (
    <AtOnce>
      <Glanced {...props} />
    </AtOnce>
  );
}

function Glanced({ state, testId, onDone, waiting }: GlanceProps) {
  const isSeen = useSeen();
  const nowMs = useNow(30_000);
  const [error, setError] = useState<unknown>();
  const tab = useTab();
  const site = useTabSite(tab ?? undefined);
  useAwaited(tab === null || site !== undefined);
  const revoking = useRevoking();
  const leave: Leave = (page, section) => void openPage(page, section).then(onDone);
  const canLock = state.identities.some(({ status }) => status === 'unlocked');
  const lock = () => ask('lock_now', {}).then(() => setError(undefined), setError);
  return (
    <div class="popup" data-testid={testId} data-status={state.status}>
      <header class="popup-head">
        {state.status === 'empty' ? (
          <Brand />
        ) : (
          <h1 class="plain">
            <Brand />
          </h1>
        )}
        <IconButton
          testId="popup-open-vault"
          icon="open"
          label={t('openVault')}
          onPress={() => leave(state.status === 'empty' ? 'onboarding' : 'vault')}
        />
      </header>
      <main class={isSeen ? 'popup-main stack' : 'popup-main stack unseen'}>
        {state.waiting > 0 && <Waiting count={state.waiting} onDone={onDone} onFailure={setError} />}
        {state.waiting > 0 && waiting}
        {state.waiting > 0 && <HeldBackSites first={site?.origin ?? undefined} onDone={onDone} />}
        {state.status === 'empty' ? (
          <EmptyVault leave={leave} />
        ) : (
          <>
            {state.status === 'damaged' && <Notice title={t('damagedTitle')}>{t('damagedShort')}</Notice>}
            <section aria-label={t('identities')}>
              <div class="card">
                {state.identities.map((identity) => (
                  <div key={identity.safeId}>
                    <IdentityRow {...{ identity, nowMs, leave, onDone }} onFailure={setError} />
                    {identity.status === 'unlocked' && (
                      <IdentityNote safeId={identity.safeId} onLeave={(section) => leave('vault', section)} />
                    )}
                  </div>
                ))}
              </div>
            </section>
            <EndedNotices revoking={revoking} />
            {site && (
              // A tab that shows another page is another site: nothing that was opened for the one before stays.
              <SiteSection
                key={`${site.tabId} ${site.origin}`}
                site={site}
                identities={state.identities}
                revoking={revoking}
              />
            )}
          </>
        )}
        {error !== undefined && <Failure error={error} />}
      </main>
      {canLock && (
        <footer class="popup-foot">
          <Button testId="popup-lock-now" icon="lock" wide onPress={() => void lock()}>
            {t('lockNow')}
          </Button>
        </footer>
      )}
    </div>
  );
}
