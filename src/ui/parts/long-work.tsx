// Work made of many parts: what is going on, how much is done so far, for how long, and a way to stop.
// Promises: the sentence is announced, the running numbers are not; after Stop the part that runs is finished, and that is said.
import { useState } from 'preact/hooks';
import type { ComponentChildren } from 'preact';
import { elapsed } from '../format';
import { t } from '../text';
import { Button } from './button';
import { useNow } from './clock';

interface LongWorkProps {
  sentence: string;
  /** What is done so far: "120 invitations read, 35 conversations new". */
  counted: string;
  onStop: () => void;
  /** Stop was pressed; the part that runs is still awaited. */
  isStopping: boolean;
  children?: ComponentChildren;
}

export function LongWork({ sentence, counted, onStop, isStopping, children }: LongWorkProps) {
  const [startedAtMs] = useState(() => Date.now());
  const nowMs = useNow(1_000);
  return (
    <div class="card" data-testid="long-work">
      <div class="card-body stack tight">
        <div class="row apart">
          <p class="notice-title" role="status">
            {isStopping ? t('longWorkStopping') : sentence}
          </p>
          <span class="soft mono whole-line" aria-hidden="true">
            {elapsed(nowMs - startedAtMs)}
          </span>
        </div>
        <div class="progress" />
        <p class="soft" data-testid="long-work-count">
          {counted}
        </p>
        {children}
        <div>
          <Button testId="long-work-stop" compact isOff={isStopping} onPress={onStop}>
            {t('stop')}
          </Button>
        </div>
      </div>
    </div>
  );
}
