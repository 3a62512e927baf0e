// The copy of the keys on the network: its own consent, then one signature that seals it and a second one that must open it again.
// Promises: nothing is asked of the wallet before the person has agreed to this text (R-I1); it is called saved only after the node's
// copy was opened with a fresh signature (R-I2); a copy that is not ours is replaced only after a typed confirmation (R-I4).
import { useEffect, useRef, useState } from 'preact/hooks';
import type { NetworkState } from '../../contract/pages/network';
import type { WalletChoice } from '../../contract/schemas';
import { isConfirmedBy, pastedLine } from '../../contract/paste';
import { VaultCallError } from '../worker/channel';
import { Failure } from '../parts/failure';
import { Button } from '../parts/form/button';
import { Notice } from '../parts/notice';
import { Progress } from '../parts/progress';
import { TypedConfirmation } from '../parts/form/typed-confirmation';
import { t } from '../text';
import { useCall } from '../worker/use-call';
import { ask } from '../worker/calls';
import { CopyConsent, CopySignature } from './copy-parts';

interface NetworkCopyProps {
  safeId: string;
  account: string;
  wallet: WalletChoice;
  /** The node that is set: what is agreed to here is for that node (R-I1). */
  nodeUrl: string | undefined;
  onState: (state: NetworkState) => void;
  /** The person is done, or does not want it. */
  onBack: () => void;
}

type Stage = 'consent' | 'seal' | 'replace' | 'prove' | 'saved' | 'useless';

/** The whole way as one page; `data-stage` says where it is. */
export function NetworkCopy({ safeId, account, wallet, nodeUrl, onState, onBack }: NetworkCopyProps) {
  const [node] = useState(nodeUrl);
  const [stage, setStage] = useState<Stage>('consent');
  const [text, setText] = useState('');
  const [isAgreed, setAgreed] = useState(false);
  const [typed, setTyped] = useState('');
  const call = useCall();
  // Kept only while the person decides whether something is replaced, so that the wallet need not sign once more.
  const secretSignature = useRef<Uint8Array>(undefined);
  const drop = () => {
    secretSignature.current?.fill(0);
    secretSignature.current = undefined;
  };
  useEffect(() => drop, []);
  const head = useRef<HTMLHeadingElement>(null);
  const go = (next: Stage) => {
    setStage(next);
    call.forgetError();
    head.current?.focus();
  };

  const agree = () =>
    call.run(
      () => ask('network_copyText', { safeId, node }),
      (made) => {
        setText(made.text);
        go('seal');
      },
    );
  const sealed = (state: NetworkState) => {
    drop();
    onState(state);
    go('prove');
  };
  async function seal(signature: Uint8Array): Promise<void> {
    try {
      sealed(await ask('network_publishCopy', { safeId, node, signature }));
    } catch (thrown) {
      if (!(thrown instanceof VaultCallError && thrown.reason === 'needs-confirmation')) throw thrown;
      secretSignature.current = signature.slice();
      go('replace');
    }
  }
  const replace = () => {
    const signature = secretSignature.current;
    if (signature)
      call.run(() => ask('network_publishCopy', { safeId, node, signature, typed: pastedLine(typed) }), sealed);
  };
  async function prove(signature: Uint8Array): Promise<void> {
    try {
      onState(await ask('network_confirmCopy', { safeId, node, signature }));
      go('saved');
    } catch (thrown) {
      if (!(thrown instanceof VaultCallError && thrown.reason === 'unsteady-wallet')) throw thrown;
      go('useless');
    }
  }
  const leave = () => {
    drop();
    onBack();
  };
  const isConfirmed = isConfirmedBy(account, typed);
  const isOver = stage === 'saved' || stage === 'useless';

  return (
    <div class="stack loose" data-testid="network-copy" data-stage={stage}>
      <div class="stack tight">
        <h1 class="hero" tabIndex={-1} ref={head}>
          {stage === 'saved' ? t('copySavedTitle') : t('copyTitle')}
        </h1>
        <p class="lead soft">{stage === 'saved' ? t('copySavedBody') : t('copyBody')}</p>
      </div>
      {stage === 'consent' && (
        <>
          <CopyConsent isAgreed={isAgreed} isOff={call.isBusy} onAgreed={setAgreed} />
          {call.error !== undefined && <Failure error={call.error} />}
          {call.isBusy && <Progress sentence={t('copyPreparing')} onCancel={call.leave} />}
        </>
      )}
      {(stage === 'seal' || stage === 'prove') && (
        <CopySignature
          key={stage}
          stage={stage}
          wallet={wallet}
          account={account}
          text={text}
          onSignature={stage === 'seal' ? seal : prove}
        />
      )}
      {stage === 'replace' && (
        <form
          class="stack"
          onSubmit={(event) => {
            event.preventDefault();
            if (isConfirmed) replace();
          }}
        >
          <Notice tone="danger" title={t('copyReplaceTitle')}>
            {t('copyReplace')}
          </Notice>
          <TypedConfirmation word={account} value={typed} onValue={setTyped} isFocusedFirst />
          {call.error !== undefined && <Failure error={call.error} />}
          {call.isBusy ? (
            <Progress sentence={t('copyPublishing')} onCancel={call.leave} cancelWords={t('stopWaiting')} />
          ) : (
            <div>
              <Button testId="copy-replace-confirm" look="danger" type="submit" isOff={!isConfirmed}>
                {t('copyReplaceConfirm')}
              </Button>
            </div>
          )}
        </form>
      )}
      {stage === 'useless' && (
        <div data-reason="unsteady-wallet">
          <Notice title={t('copyUselessTitle')}>{t('copyUseless')}</Notice>
        </div>
      )}
      {stage === 'saved' && <Notice tone="good">{t('copySavedHint')}</Notice>}
      <div class="row wrap">
        {stage === 'consent' && !call.isBusy && (
          <Button testId="copy-continue" look="primary" isOff={!isAgreed} onPress={agree}>
            {t('continueWord')}
          </Button>
        )}
        <Button testId="copy-back" look={isOver ? 'primary' : 'quiet'} onPress={leave}>
          {isOver ? t('continueWord') : stage === 'prove' ? t('copyLater') : t('copyNot')}
        </Button>
      </div>
    </div>
  );
}
