// Work that takes long enough to be waited for: what is going on, for how long, and a way to stop.
// Promises: the sentence is announced; the seconds are not, or a screen reader would talk without end.
import { useState } from 'preact/hooks';
import type { ComponentChildren } from 'preact';
import { elapsed } from '../format';
import { t } from '../text';
import { Button } from './form/button';
import { useNow } from './clock';

interface ProgressProps {
  sentence: string;
  onCancel?: (() => void) | undefined;
  /** For what cannot be taken back, only no longer waited for. */
  cancelWords?: string | undefined;
  children?: ComponentChildren;
}

export function Progress({ sentence, onCancel, cancelWords, children }: ProgressProps) {
  const [startedAtMs] = useState(() => Date.now());
  const nowMs = useNow(1_000);
  return (
    <div class="card">
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
        {children && <div class="soft">{children}</div>}
        {onCancel && (
          <div>
            <Button testId="progress-cancel" compact onPress={onCancel}>
              {cancelWords ?? t('cancel')}
            </Button>
          </div>
        )}
      </div>
    </div>
  );
}
