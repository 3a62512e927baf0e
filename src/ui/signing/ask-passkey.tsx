// Asks the person's passkey for its secret and hands it on.
// Promises: the browser's dialog appears only after a press here; it can be cancelled and tried again; the bytes are wiped when they were handed over.
// Must not: keep a secret.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { PasskeyRequest } from '../../contract/pages/unlock';
import { DeviceError } from '../devices/device-error';
import { Failure } from '../parts/failure';
import { Button } from '../parts/form/button';
import { Progress } from '../parts/progress';
import { t } from '../text';
import { askPasskey } from '../devices/passkeys';

type Phase =
  | { kind: 'idle' }
  | { kind: 'asking'; abort: AbortController }
  | { kind: 'checking' }
  | { kind: 'failed'; error: unknown };

interface AskPasskeyProps {
  /** Null: this browser can ask none. */
  request: PasskeyRequest | null;
  submit: string;
  /** Takes the 32 bytes. What it throws is shown. They are wiped when it settles: whoever keeps them longer makes a copy. */
  onSecret: (prfSecret: Uint8Array) => Promise<void>;
}

export function AskPasskey({ request, submit, onSecret }: AskPasskeyProps) {
  const [phase, setPhase] = useState<Phase>({ kind: 'idle' });
  const running = useRef<AbortController>(undefined);
  useEffect(() => () => running.current?.abort(), []);

  async function run(asked: PasskeyRequest): Promise<void> {
    const abort = new AbortController();
    running.current = abort;
    setPhase({ kind: 'asking', abort });
    let prfSecret: Uint8Array | undefined;
    try {
      prfSecret = await askPasskey(asked, abort.signal);
      setPhase({ kind: 'checking' });
      await onSecret(prfSecret);
      setPhase({ kind: 'idle' });
    } catch (error) {
      setPhase(abort.signal.aborted ? { kind: 'idle' } : { kind: 'failed', error });
    } finally {
      prfSecret?.fill(0);
    }
  }

  if (!request) return <Failure error={new DeviceError('passkey-unsupported')} />;
  if (phase.kind === 'asking')
    return (
      <Progress sentence={t('passkeyWaiting')} onCancel={() => phase.abort.abort()}>
        {t('passkeyWaitingHint')}
      </Progress>
    );
  if (phase.kind === 'checking') return <Progress sentence={t('openingSafe')} />;
  return (
    <div class="stack">
      <p class="soft">{t('passkeyAskBody')}</p>
      {phase.kind === 'failed' && <Failure error={phase.error} />}
      <div>
        <Button testId="passkey-ask" look="primary" onPress={() => void run(request)}>
          {phase.kind === 'failed' ? t('tryAgain') : submit}
        </Button>
      </div>
    </div>
  );
}
