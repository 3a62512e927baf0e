// Reads the conversations of an account from the network, one page after the other, and saves what is new.
// Promises: shows how much is read and for how long; stops at once, and what was read is kept; going on continues where it stopped
// while this is shown.
import { useEffect, useRef, useState } from 'preact/hooks';
import { Failure } from '../parts/failure';
import { Button } from '../parts/form/button';
import { LongWork } from '../parts/long-work';
import { Notice } from '../parts/notice';
import { plural, t } from '../text';
import { ask } from '../worker/calls';
import { afterPage, nothingRead, type Reading } from './history-model';

type Phase = { kind: 'idle' | 'running' | 'stopped' | 'done' } | { kind: 'failed'; error: unknown };

function counted({ seen, added }: Reading): string {
  return t('historyCount', plural('invitations', seen), plural('newConversations', added));
}

export function ReadHistory({
  safeId,
  nodeUrl,
  onDone,
}: {
  safeId: string;
  nodeUrl: string | undefined;
  onDone?: () => void;
}) {
  const [phase, setPhase] = useState<Phase>({ kind: 'idle' });
  const [reading, setReading] = useState(nothingRead);
  const turn = useRef(0);
  // Once it is left, it reads no further.
  useEffect(() => () => void (turn.current += 1), []);

  async function run(from: Reading): Promise<void> {
    const mine = ++turn.current;
    setPhase({ kind: 'running' });
    let now = from;
    try {
      while (!now.isAtEnd) {
        const page = await ask('network_readHistory', { safeId, node: nodeUrl, cursor: now.cursor });
        // A page that nobody waited for was saved all the same; going on reads it again and finds nothing new in it.
        if (mine !== turn.current) return;
        now = afterPage(now, page);
        setReading(now);
      }
      setPhase({ kind: 'done' });
      onDone?.();
    } catch (error) {
      if (mine === turn.current) setPhase({ kind: 'failed', error });
    }
  }
  const stop = () => {
    turn.current += 1;
    setPhase({ kind: 'stopped' });
  };

  return (
    <div
      class="stack tight"
      data-testid="history"
      data-phase={phase.kind}
      data-seen={reading.seen}
      data-added={reading.added}
    >
      {phase.kind === 'running' && <LongWork sentence={t('historyReading')} counted={counted(reading)} onStop={stop} />}
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
      {phase.kind === 'failed' && (
        <Failure error={phase.error}>{reading.seen > 0 && <p>{t('historyKept', counted(reading))}</p>}</Failure>
      )}
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
