// What another app did with this account on the network: said once, with what can be done, until it is put away.
// Promises: says that nothing here was changed by it.
import type { NetworkNotice, NetworkState } from '../../../contract/flows';
import { Failure } from '../../failure';
import { PublishContact } from '../../network/publish-contact';
import { Button } from '../../parts/button';
import { Notice } from '../../parts/notice';
import { t } from '../../text';
import { useCall } from '../../use-call';
import { ask } from '../../vault-calls';
import { noticeWords } from './look-model';

interface NetworkNoticePanelProps {
  safeId: string;
  account: string;
  notice: NetworkNotice;
  state: NetworkState;
  onState: (state: NetworkState | undefined) => void;
}

export function NetworkNoticePanel({ safeId, account, notice, state, onState }: NetworkNoticePanelProps) {
  const call = useCall();
  const [title, body] = noticeWords[notice];
  const dismiss = () =>
    call.run(
      () => ask('network_dismissNotice', { safeId }),
      () => onState({ ...state, notice: null }),
    );
  return (
    <Notice title={t(title)} testId="network-notice">
      <div class="stack tight" data-notice={notice}>
        <p>{t(body)}</p>
        {call.error !== undefined && <Failure error={call.error} />}
        <PublishContact safeId={safeId} account={account} state={{ ...state, contactPublishedAtMs: null }} onState={onState} />
        <div>
          <Button testId="network-notice-dismiss" look="quiet" isOff={call.isBusy} onPress={dismiss}>
            {t('noticeDismiss')}
          </Button>
        </div>
      </div>
    </Notice>
  );
}
