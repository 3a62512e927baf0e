// What the network offers a finished identity: being found, a copy of the keys, the conversations there are. All of it can wait.
// Promises: nothing is published or read without a press on its own button.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { NetworkState } from '../../../contract/pages/network';
import type { IdentitySummary } from '../../../contract/pages/identity';
import { Failure } from '../../parts/failure';
import { dateTime } from '../../format';
import { PublishContact } from '../../network/publish-contact';
import { ReadHistory } from '../../network/read-history';
import { Button } from '../../parts/form/button';
import { Icon } from '../../parts/icon';
import { t } from '../../text';
import { useVault } from '../../worker/calls';

function Offer({ title, why, children }: { title: string; why: string; children: ComponentChildren }) {
  return (
    <section class="card-body stack tight">
      <div>
        <h3>{title}</h3>
        <p class="soft">{why}</p>
      </div>
      {children}
    </section>
  );
}

export function ReadyNetwork({
  identity: { safeId, account },
  onCopy,
}: {
  identity: IdentitySummary;
  onCopy: () => void;
}) {
  const reading = useVault('network_state', { safeId }, 'state');
  const [newer, setNewer] = useState<NetworkState>();
  const state = newer ?? reading.value;
  const onState = (next: NetworkState | undefined) => {
    setNewer(next);
    if (!next) void reading.refresh();
  };
  if (account === null) return null;
  if (!state) return reading.error ? <Failure error={reading.error} onRetry={() => void reading.refresh()} /> : null;
  const { copy, keysFrom } = state;
  return (
    <section class="stack tight" data-testid="ready-network" data-copy={copy.state}>
      <h2>{t('readyNetworkTitle')}</h2>
      <p class="soft">{t('readyNetworkBody')}</p>
      <div class="card">
        {keysFrom !== 'here' && (
          <Offer title={t('offerHistory')} why={t('offerHistoryWhy')}>
            <ReadHistory safeId={safeId} nodeUrl={state.environment?.url} />
          </Offer>
        )}
        <Offer title={t('offerContact')} why={t('offerContactWhy')}>
          <PublishContact safeId={safeId} account={account} state={state} onState={onState} />
        </Offer>
        {/* Keys that came from the network have their copy there. */}
        {(keysFrom !== 'network' || copy.state !== 'none') && (
          <Offer title={t('offerCopy')} why={t(copy.state === 'saved' ? 'copyBody' : 'offerCopyWhy')}>
            {copy.state === 'saved' ? (
              <p class="done-line">
                <Icon name="check" />
                {t('copySaved', dateTime(copy.atMs))}
              </p>
            ) : (
              <div class="stack tight">
                {copy.state === 'published' && <p>{t('copyUnproved')}</p>}
                <div>
                  <Button testId="ready-copy" onPress={onCopy}>
                    {copy.state === 'published' ? t('copyProve') : t('copyLook')}
                  </Button>
                </div>
              </div>
            )}
          </Offer>
        )}
      </div>
    </section>
  );
}
