// Publishes the public keys of an identity, so that others can write to it; says when that was done.
// Promises: another identity's contact is replaced only after a typed confirmation (R-I4); a wait that is left is read again, not guessed.
import { useState } from 'preact/hooks';
import type { NetworkState } from '../../contract/pages/network';
import { isConfirmedBy, pastedLine } from '../../contract/paste';
import { VaultCallError } from '../worker/channel';
import { Failure } from '../parts/failure';
import { dateTime } from '../format';
import { Button } from '../parts/form/button';
import { Icon } from '../parts/icon';
import { Notice } from '../parts/notice';
import { Progress } from '../parts/progress';
import { TypedConfirmation } from '../parts/form/typed-confirmation';
import { t } from '../text';
import { useCall } from '../worker/use-call';
import { ask } from '../worker/calls';

interface PublishContactProps {
  safeId: string;
  account: string;
  /** undefined while it is read. */
  state: NetworkState | undefined;
  /** What the network state is by now; undefined: read it again. */
  onState: (state: NetworkState | undefined) => void;
  /** Offers to publish what was published before. */
  canRepeat?: boolean;
}

export function PublishContact({ safeId, account, state, onState, canRepeat = false }: PublishContactProps) {
  const [typed, setTyped] = useState('');
  const call = useCall();
  const needsTyping = call.error instanceof VaultCallError && call.error.reason === 'needs-confirmation';
  const publishedAtMs = state?.contactPublishedAtMs ?? null;
  const publish = (confirmation?: string) =>
    call.run(
      () =>
        ask('network_publishContact', {
          safeId,
          node: state?.environment?.url,
          ...(confirmation !== undefined && { typed: confirmation }),
        }),
      onState,
    );
  const stop = () => {
    call.leave();
    onState(undefined);
  };

  if (call.isBusy) {
    return (
      <Progress sentence={t('contactPublishing')} onCancel={stop} cancelWords={t('stopWaiting')}>
        {t('publishingHint')}
      </Progress>
    );
  }
  if (needsTyping) {
    const isConfirmed = isConfirmedBy(account, typed);
    return (
      <form
        class="stack"
        data-testid="contact-replace"
        onSubmit={(event) => {
          event.preventDefault();
          if (isConfirmed) publish(pastedLine(typed));
        }}
      >
        <Notice tone="danger" title={t('contactReplaceTitle')}>
          {t('contactReplace')}
        </Notice>
        <TypedConfirmation word={account} value={typed} onValue={setTyped} isFocusedFirst />
        <div class="row wrap">
          <Button testId="contact-replace-confirm" look="danger" type="submit" isOff={!isConfirmed}>
            {t('contactReplaceConfirm')}
          </Button>
          <Button testId="contact-replace-cancel" look="quiet" onPress={call.forgetError}>
            {t('leaveIt')}
          </Button>
        </div>
      </form>
    );
  }
  return (
    <div class="stack tight" data-testid="contact" data-published={publishedAtMs !== null}>
      {publishedAtMs !== null && (
        <p class="done-line" role="status">
          <Icon name="check" />
          {t('contactPublished', dateTime(publishedAtMs))}
        </p>
      )}
      {call.error !== undefined && <Failure error={call.error} />}
      {(publishedAtMs === null || canRepeat) && (
        <div>
          <Button testId="contact-publish" onPress={() => publish()}>
            {call.error !== undefined ? t('tryAgain') : t(publishedAtMs === null ? 'publish' : 'publishAgain')}
          </Button>
        </div>
      )}
    </div>
  );
}
