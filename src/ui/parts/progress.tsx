// Work that takes long enough to be waited for: what is going on, for how long, and a way to stop.
// Promises: the sentence is announced; the seconds are not, or a screen reader would talk without end.
import { useState } from 'preact/hooks';
import type { ComponentChildren } from 'preact';
import { elapsed } from '../format';
import { t } from '../text';
import { Button } from './button';
import { useNow } from './clock';

export function Progress({ sentence, onCancel, children }: { sentence: string; onCancel?: () => void; children?: ComponentChildren }) {
  const [startedAtMs] = useState(() => Date.now());
  const nowMs = useNow(1_000);
  return (
    <div class="card">
      <div class="card-body stack tight">
        <div class="row apart">
          <p class="notice-title" role="status">
            {sentence}
          </p>
          <span class="soft mono" aria-hidden="true">
            {elapsed(nowMs - startedAtMs)}
          </span>
        </div>
        <div class="progress" />
        {children && <div class="soft">{children}</div>}
        {onCancel && (
          <div>
            <Button testId="progress-cancel" compact onPress={onCancel}>
              {t('cancel')}
            </Button>
          </div>
        )}
      </div>
    </div>
  );
}
