// Work made of many parts: what is going on, how much is done so far, for how long, and a way to stop.
// Promises: the sentence is announced, the running numbers are not.
import { useState } from 'preact/hooks';
import type { ComponentChildren } from 'preact';
import { elapsed } from '../format';
import { t } from '../text';
import { Button } from './form/button';
import { useNow } from './clock';

interface LongWorkProps {
  sentence: string;
  /** What is done so far: "120 invitations read, 35 conversations new". */
  counted: string;
  onStop: () => void;
  children?: ComponentChildren;
}

export function LongWork({ sentence, counted, onStop, children }: LongWorkProps) {
  const [startedAtMs] = useState(() => Date.now());
  const nowMs = useNow(1_000);
  return (
    <div class="card" data-testid="long-work">
      <div class="card-body stack tight">
        <div class="row apart">
          <p class="notice-title" role="status">
            {sentence}
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
          <Button testId="long-work-stop" compact onPress={onStop}>
            {t('stop')}
          </Button>
        </div>
      </div>
    </div>
  );
}
