// Adds a passkey as a way to open: the safe is opened once more, then the browser makes a passkey and asks it once.
// Promises: it says what a passkey is worth before one is made; one that was made and could not be asked is asked again, not made again; one that opens
// nothing in the end is given up. Must not: count it among the ways that have to stay.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { PasskeyRequest } from '../../../contract/pages/unlock';
import { shortAddress } from '../../format';
import { Failure } from '../../parts/failure';
import { Button } from '../../parts/form/button';
import { Progress } from '../../parts/progress';
import { askPasskey, giveUpPasskey, makePasskey } from '../../devices/passkeys';
import { inOrder } from '../../slot-model';
import { t } from '../../text';
import { ask } from '../../worker/calls';
import { useKeptSecrets } from '../kept-secrets';
import { OpenFirst } from '../open-first';
import { Task } from '../task';
import type { AccessTaskProps } from './task-props';

type Phase = { kind: 'idle'; error?: unknown } | { kind: 'asking'; abort: AbortController } | { kind: 'adding' };

export function PasskeyTask({ request, slots, onLeave, onDone }: AccessTaskProps) {
  const { safeId, account } = request;
  const secrets = useKeptSecrets();
  const [isOpened, setOpened] = useState(false);
  const [phase, setPhase] = useState<Phase>({ kind: 'idle' });
  /** Made, and no way to open yet. */
  const made = useRef<PasskeyRequest>(undefined);
  const running = useRef<AbortController>(undefined);
  useEffect(
    () => () => {
      running.current?.abort();
      if (made.current) void giveUpPasskey(made.current);
    },
    [],
  );

  if (!isOpened) {
    return (
      <OpenFirst
        testId="slot-passkey"
        why={t('openAgain')}
        step={{ at: 1, of: 2 }}
        kinds={inOrder(slots).map(({ type }) => type)}
        onOpened={() => setOpened(true)}
        {...{ request, secrets, onLeave }}
      />
    );
  }

  async function make(): Promise<void> {
    const [proof] = secrets.all();
    if (!proof) return;
    const abort = new AbortController();
    running.current = abort;
    setPhase({ kind: 'asking', abort });
    let prfSecret: Uint8Array | undefined;
    try {
      made.current ??= await makePasskey(t('passkeyName', shortAddress(account)), abort.signal);
      prfSecret = await askPasskey(made.current, abort.signal);
      setPhase({ kind: 'adding' });
      const passkey = made.current;
      // From here on it may be a way to open, whatever becomes of this page.
      made.current = undefined;
      await ask('slots_addPasskey', { safeId, proof, ...passkey, prfSecret });
      onDone('passkeyAddedTitle', 'passkeyAdded');
    } catch (error) {
      setPhase(abort.signal.aborted ? { kind: 'idle' } : { kind: 'idle', error });
    } finally {
      prfSecret?.fill(0);
    }
  }

  return (
    <Task
      testId="slot-passkey"
      title={t('passkeyMakeTitle')}
      body={
        <>
          <p>{t('passkeyMake')}</p>
          <p>{t('passkeyMakeWorth')}</p>
        </>
      }
      step={{ at: 2, of: 2 }}
      onLeave={phase.kind === 'adding' ? undefined : onLeave}
    >
      {phase.kind === 'asking' ? (
        <Progress sentence={t('passkeyMaking')} onCancel={() => phase.abort.abort()}>
          {t('passkeyMakingHint')}
        </Progress>
      ) : phase.kind === 'adding' ? (
        <Progress sentence={t('passkeyAdding')} />
      ) : (
        <div class="stack">
          {phase.error !== undefined && <Failure error={phase.error} />}
          <div>
            <Button testId="slot-passkey-make" look="primary" onPress={() => void make()}>
              {phase.error === undefined ? t('passkeyMakeButton') : t('tryAgain')}
            </Button>
          </div>
        </div>
      )}
    </Task>
  );
}
