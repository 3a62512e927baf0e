// What another app did with this account on the network: said once, with what can be done, until it is put away.
// Promises: says that nothing here was changed by it; what can be done stands on the same page.
import type { NetworkNotice } from '../../../contract/pages/network';
import { Failure } from '../../parts/failure';
import { Button } from '../../parts/form/button';
import { Notice } from '../../parts/notice';
import { t } from '../../text';
import { useCall } from '../../worker/use-call';
import { ask } from '../../worker/calls';
import { noticeWords } from '../../network/look-model';

export function NetworkNoticePanel({
  safeId,
  notice,
  onDismissed,
}: {
  safeId: string;
  notice: NetworkNotice;
  onDismissed: () => void;
}) {
  const call = useCall();
  const [title, body] = noticeWords[notice];
  return (
    <Notice title={t(title)} testId="network-notice">
      <div class="stack tight" data-notice={notice}>
        <p>{t(body)}</p>
        {call.error !== undefined && <Failure error={call.error} />}
        <div>
          <Button
            testId="network-notice-dismiss"
            compact
            isOff={call.isBusy}
            onPress={() => call.run(() => ask('network_dismissNotice', { safeId }), onDismissed)}
          >
            {t('noticeDismiss')}
          </Button>
        </div>
      </div>
    </Notice>
  );
}
