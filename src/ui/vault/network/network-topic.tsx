// One identity on the network: which network, whether others find its public keys, the copy of the keys, and its conversations there.
// Promises: nothing is asked of a node before a press; what another app did there is said, and can be put away.
import { useState } from 'preact/hooks';
import type { NetworkState } from '../../../contract/flows';
import { Failure } from '../../failure';
import { NetworkCopy } from '../../network/network-copy';
import { NetworkSetting, networkWords } from '../../network/network-setting';
import { PublishContact } from '../../network/publish-contact';
import { ReadHistory } from '../../network/read-history';
import { Button } from '../../parts/button';
import { t } from '../../text';
import { useVault } from '../../vault-calls';
import type { TopicProps } from '../identity-page';
import { CopySection } from './copy-section';
import { LookSection } from './look-section';
import { NetworkNoticePanel } from './network-notice-panel';

export function NetworkTopic({ safeId, account, settings }: TopicProps) {
  const reading = useVault('network_state', { safeId }, 'state');
  const request = useVault('unlock_getText', { safeId });
  const [isCopying, setCopying] = useState(false);
  const [isChanging, setChanging] = useState(false);
  /** What a call answered, until the state is read again. */
  const [fresh, setFresh] = useState<NetworkState>();
  const error = reading.error ?? request.error;
  if (error) return <Failure error={error} onRetry={() => void Promise.all([reading.refresh(), request.refresh()])} />;
  const state = fresh ?? reading.value;
  if (!state || !request.value) return null;
  const take = (next: NetworkState | undefined) => {
    setFresh(next);
    void reading.refresh().then(() => setFresh(undefined));
  };

  if (isCopying) {
    return (
      <section class="card card-body">
        <NetworkCopy safeId={safeId} account={account} wallet={request.value.wallet} onState={take} onBack={() => setCopying(false)} />
      </section>
    );
  }
  const { environment } = settings;
  return (
    <div class="stack" data-testid="network" data-contact={state.contactPublishedAtMs !== null} data-copy={state.copy.state}>
      {state.notice && environment && <NetworkNoticePanel safeId={safeId} account={account} notice={state.notice} state={state} onState={take} />}
      <section class="card card-body stack">
        <div class="row apart start">
          <div class="grow stack tight">
            <h2>{environment ? networkWords(environment) : t('networkNoneYet')}</h2>
            <p class="soft">{t(environment ? 'networkForAll' : 'networkNoneYetBody')}</p>
          </div>
          {environment && (
            <Button testId="network-change" compact onPress={() => setChanging(!isChanging)}>
              {t(isChanging ? 'cancel' : 'networkChange')}
            </Button>
          )}
        </div>
        {(!environment || isChanging) && <NetworkSetting settings={settings} onKept={() => setChanging(false)} />}
      </section>
      {environment && (
        <>
          <section class="card card-body stack">
            <div class="stack tight">
              <h2>{t('contactTitle')}</h2>
              <p class="soft">{t('contactMeaning')}</p>
            </div>
            <PublishContact safeId={safeId} account={account} state={state} onState={take} canRepeat />
          </section>
          <CopySection copy={state.copy} onBegin={() => setCopying(true)} />
          <section class="card card-body stack">
            <div class="stack tight">
              <h2>{t('historyTitle')}</h2>
              <p class="soft">{t('historyMeaning')}</p>
            </div>
            <ReadHistory safeId={safeId} />
          </section>
          <LookSection safeId={safeId} account={account} />
        </>
      )}
    </div>
  );
}
