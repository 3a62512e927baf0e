// One identity on the network: which network, whether others find its public keys, the copy of the keys, and its conversations there.
// Promises: nothing is asked of a node before a press; what another app did there is said, and can be put away.
import { useState } from 'preact/hooks';
import type { NetworkState } from '../../../contract/pages/network';
import { Failure } from '../../parts/failure';
import { NetworkCopy } from '../../network/network-copy';
import { NetworkSetting, networkWords } from '../../network/network-setting';
import { useMissingPermission } from '../../network/node-permission';
import { PublishContact } from '../../network/publish-contact';
import { ReadHistory } from '../../network/read-history';
import { Button } from '../../parts/form/button';
import { t } from '../../text';
import { useVault } from '../../worker/calls';
import type { TopicProps } from '../topic-props';
import { useFocusAfter } from '../task';
import { CopySection } from './copy-section';
import { LookSection } from './look-section';
import { Panel } from '../panel';
import { NetworkNoticePanel } from './network-notice-panel';

export function NetworkTopic({ safeId, account, settings }: TopicProps) {
  const reading = useVault('network_state', { safeId }, 'state');
  const request = useVault('unlock_getText', { safeId });
  const [isCopying, setCopying] = useState(false);
  const [isChanging, setChanging] = useState(false);
  const isMissing = useMissingPermission(settings.environment?.url ?? null, 'messages');
  /** What a call answered, until the state is read again. */
  const [fresh, setFresh] = useState<NetworkState>();
  const list = useFocusAfter(isCopying);
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
      <section class="card">
        <div class="card-body">
          <NetworkCopy
            safeId={safeId}
            account={account}
            wallet={request.value.wallet}
            nodeUrl={settings.environment?.url}
            onState={take}
            onBack={() => setCopying(false)}
          />
        </div>
      </section>
    );
  }
  const { environment } = settings;
  return (
    <div
      class="stack"
      data-testid="network"
      data-contact={state.contactPublishedAtMs !== null}
      data-copy={state.copy.state}
      ref={list}
      tabIndex={-1}
    >
      {state.notice && environment && (
        <NetworkNoticePanel
          safeId={safeId}
          notice={state.notice}
          onDismissed={() => take({ ...state, notice: null })}
        />
      )}
      <Panel
        title={environment ? networkWords(environment) : t('networkNoneYet')}
        meaning={t(environment ? 'networkForAll' : 'networkNoneYetBody')}
        side={
          environment && (
            <Button testId="network-change" compact onPress={() => setChanging(!isChanging)}>
              {t(isChanging ? 'cancel' : 'networkChange')}
            </Button>
          )
        }
      >
        {(!environment || isChanging || isMissing) && (
          <NetworkSetting settings={settings} onKept={() => setChanging(false)} />
        )}
      </Panel>
      {environment && (
        <>
          <Panel title={t('contactTitle')} meaning={t('contactMeaning')}>
            <PublishContact safeId={safeId} account={account} state={state} onState={take} canRepeat />
          </Panel>
          <CopySection copy={state.copy} onBegin={() => setCopying(true)} />
          <Panel title={t('historyTitle')} meaning={t('historyMeaning')}>
            <ReadHistory safeId={safeId} nodeUrl={environment.url} />
          </Panel>
          <LookSection safeId={safeId} account={account} />
        </>
      )}
    </div>
  );
}
