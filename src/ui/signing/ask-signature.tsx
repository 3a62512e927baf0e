// Asks the person's wallet for one signature, by extension or by hand, and hands the bytes on.
// Promises: a prompt appears only after a press on our own button (R-C9). One press may be for a series whose number the button says: then the
// next prompt follows the answer before, as long as the page is seen and nothing was refused. It can be cancelled and tried again; the
// bytes are wiped when they were handed over (R-E5). Must not: show or store a signature.
import { useEffect, useRef, useState } from 'preact/hooks';
import { WalletError } from '../../wallet/wallet-error';
import { Failure } from '../parts/failure';
import { Button } from '../parts/form/button';
import { Notice } from '../parts/notice';
import { Progress } from '../parts/progress';
import { t } from '../text';
import { walletName } from '../wallet-name';
import { CarryText } from './carry/carry-text';
import { useAbsentWallets } from './use-absent-wallets';
import { walletSignature } from './wallet-sessions';
import { type AskSignatureProps, CheckingSignature } from './ask-props';

type Phase =
  | { kind: 'idle'; isStopped?: boolean }
  | { kind: 'asking'; abort: AbortController }
  | { kind: 'checking' }
  | { kind: 'failed'; error: unknown };

/** After a press on Cancel: a wallet keeps what it was asked, and shows the next request behind it. */
export function StoppedNote({ wallet }: { wallet: string }) {
  return <Notice testId="wallet-stopped">{t('walletStopped', wallet)}</Notice>;
}

export function AskSignature(props: AskSignatureProps) {
  return props.wallet.kind === 'manual' ? (
    <CarryText key={props.text} {...props} />
  ) : (
    <AskExtension key={props.text} {...props} extensionId={props.wallet.extensionId} />
  );
}

function AskExtension({
  wallet,
  extensionId,
  account,
  text,
  onSignature,
  checking,
  series,
}: AskSignatureProps & { extensionId: string }) {
  const [phase, setPhase] = useState<Phase>({ kind: 'idle' });
  const isMounted = useRef(true);
  const running = useRef<AbortController>(undefined);
  useEffect(() => {
    isMounted.current = true;
    if (series?.isRunning && !document.hidden) void run();
    return () => {
      isMounted.current = false;
      running.current?.abort();
    };
  }, []);
  const label = walletName(wallet);
  const isAbsent = useAbsentWallets([extensionId]).has(extensionId);
  const turn = useRef(0);
  /** The vault still gets its answer; only nobody waits for it here. */
  const leave = () => {
    turn.current += 1;
    setPhase({ kind: 'idle' });
  };

  async function run(): Promise<void> {
    const chooseAccounts =
      phase.kind === 'failed' && phase.error instanceof WalletError && phase.error.reason === 'unauthorized-account';
    const abort = new AbortController();
    running.current = abort;
    const mine = ++turn.current;
    const isCurrent = () => isMounted.current && mine === turn.current;
    setPhase({ kind: 'asking', abort });
    series?.onRunning(true);
    let signature: Uint8Array | undefined;
    try {
      signature = await walletSignature(extensionId, account, text, { chooseAccounts, signal: abort.signal });
      setPhase({ kind: 'checking' });
      await onSignature(signature);
      if (isCurrent()) setPhase({ kind: 'idle' });
    } catch (error) {
      series?.onRunning(false);
      if (isCurrent()) setPhase(abort.signal.aborted ? { kind: 'idle', isStopped: true } : { kind: 'failed', error });
    } finally {
      signature?.fill(0);
    }
  }

  if (phase.kind === 'asking') {
    return (
      <Progress sentence={t('walletWaiting', label)} onCancel={() => phase.abort.abort()}>
        {t('walletWaitingHint')}
      </Progress>
    );
  }
  if (phase.kind === 'checking') return <CheckingSignature checking={checking} onLeave={leave} />;
  return (
    <div class="stack">
      {phase.kind === 'failed' && <Failure error={phase.error} />}
      {phase.kind === 'idle' && isAbsent && (
        <Failure error={new WalletError('absent', 'no wallet answers under this id')} />
      )}
      {phase.kind === 'idle' && phase.isStopped && <StoppedNote wallet={label} />}
      <div>
        <Button testId="wallet-sign" look="primary" onPress={() => void run()}>
          {phase.kind === 'failed'
            ? t('tryAgain')
            : series && series.left > 1
              ? t('signSeries', series.left, label)
              : t('signIn', label)}
        </Button>
      </div>
    </div>
  );
}
