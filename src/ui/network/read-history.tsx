// Reads the conversations of an account from the network, one page after the other, and saves what is new.
// Promises: shows how much is read and for how long; stops after the page that runs; going on continues where it stopped while this is shown.
import { useEffect, useRef, useState } from 'preact/hooks';
import { Failure } from '../failure';
import { Button } from '../parts/button';
import { LongWork } from '../parts/long-work';
import { Notice } from '../parts/notice';
import { plural, t } from '../text';
import { ask } from '../vault-calls';
import { afterPage, nothingRead, type Reading } from './history-model';

type Phase = { kind: 'idle' } | { kind: 'running'; isStopping: boolean } | { kind: 'stopped' } | { kind: 'done' } | { kind: 'failed'; error: unknown };

function counted({ seen, added }: Reading): string {
  return t('historyCount', plural('invitationsOne', 'invitationsOther', seen), plural('newConversationsOne', 'newConversationsOther', added));
}

export function ReadHistory({ safeId, onDone }: { safeId: string; onDone?: () => void }) {
  const [phase, setPhase] = useState<Phase>({ kind: 'idle' });
  const [reading, setReading] = useState(nothingRead);
  const isStopping = useRef(false);
  // A page of ours that is left reads no further.
  useEffect(() => () => void (isStopping.current = true), []);

  async function run(from: Reading): Promise<void> {
    isStopping.current = false;
    setPhase({ kind: 'running', isStopping: false });
    let now = from;
    try {
      while (!now.isAtEnd && !isStopping.current) {
        now = afterPage(now, await ask('network_readHistory', { safeId, cursor: now.cursor }));
        setReading(now);
      }
      setPhase({ kind: now.isAtEnd ? 'done' : 'stopped' });
      if (now.isAtEnd) onDone?.();
    } catch (error) {
      setPhase({ kind: 'failed', error });
    }
  }
  const stop = () => {
    isStopping.current = true;
    setPhase({ kind: 'running', isStopping: true });
  };

  return (
    <div class="stack tight" data-testid="history" data-phase={phase.kind} data-seen={reading.seen} data-added={reading.added}>
      {phase.kind === 'running' && <LongWork sentence={t('historyReading')} counted={counted(reading)} isStopping={phase.isStopping} onStop={stop} />}
      {phase.kind === 'done' && (
        <Notice tone="good" title={t('historyDone')}>
          {counted(reading)}
        </Notice>
      )}
      {phase.kind === 'stopped' && (
        <Notice title={t('historyStopped')}>
          {counted(reading)} {t('historyStoppedBody')}
        </Notice>
      )}
      {phase.kind === 'failed' && <Failure error={phase.error}>{reading.seen > 0 && <p>{t('historyKept', counted(reading))}</p>}</Failure>}
      {phase.kind !== 'running' && phase.kind !== 'done' && (
        <div>
          <Button testId="history-read" onPress={() => void run(reading)}>
            {phase.kind === 'idle' ? t('historyRead') : t('goOn')}
          </Button>
        </div>
      )}
    </div>
  );
}
