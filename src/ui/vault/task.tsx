// One thing to do, in place of the list it was begun from: what it is, what it means, the step at hand, and the way out.
// Promises: the heading has the focus when the task or its step begins, so that a screen reader begins there; leaving changes nothing.
import type { ComponentChildren, Ref } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Button } from '../parts/form/button';
import { t } from '../text';

interface TaskProps {
  testId: string;
  title: string;
  /** What this step is about. */
  body?: ComponentChildren;
  /** "Step 1 of 3"; absent for a task of one step. */
  step?: { at: number; of: number };
  /** Leaves the task; absent once there is nothing to leave. */
  onLeave?: (() => void) | undefined;
  children?: ComponentChildren;
}

/**
 * The list a task was begun from takes the focus back when the task is over, so that keyboard and screen reader go on there. Put the
 * ref on its outermost element, with tabIndex -1.
 */
export function useFocusAfter(isWorking: boolean): Ref<HTMLDivElement> {
  const list = useRef<HTMLDivElement>(null);
  const wasWorking = useRef(false);
  useEffect(() => {
    if (wasWorking.current && !isWorking) list.current?.focus();
    wasWorking.current = isWorking;
  }, [isWorking]);
  return list;
}

export function Task({ testId, title, body, step, onLeave, children }: TaskProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // A field that wants the focus of this step has it already.
    const hasField = document.activeElement instanceof HTMLInputElement;
    if (!hasField) heading.current?.focus();
  }, [title, step?.at]);
  return (
    <section class="card task" data-testid={testId} data-step={step?.at}>
      <div class="card-body stack">
        <div class="row apart start">
          <div class="grow stack tight">
            {step && <p class="small soft">{t('stepOf', step.at, step.of)}</p>}
            <h2 ref={heading} tabIndex={-1}>
              {title}
            </h2>
          </div>
          {onLeave && (
            <Button testId="task-leave" look="quiet" onPress={onLeave}>
              {t('cancel')}
            </Button>
          )}
        </div>
        {body !== undefined && <div class="soft stack tight">{body}</div>}
        {children}
      </div>
    </section>
  );
}
