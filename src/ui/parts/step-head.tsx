// The heading of a step and the one sentence below it.
// Promises: the heading can take the focus; the page gives it to the heading of each step, so that keyboard and screen reader start there.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

interface StepHeadProps {
  title: string;
  /** Takes the focus by itself: for what comes after a press within the same step. */
  takesFocus?: boolean;
  children?: ComponentChildren;
}

export function StepHead({ title, takesFocus = false, children }: StepHeadProps) {
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (takesFocus) head.current?.focus();
  }, []);
  return (
    <div class="stack tight">
      <h1 class="hero" tabIndex={-1} ref={head}>
        {title}
      </h1>
      {children && <p class="lead soft">{children}</p>}
    </div>
  );
}
