// The heading of a step and the one sentence below it.
// Promises: the heading takes the focus when the step begins, so that keyboard and screen reader start there.
import type { ComponentChildren } from 'preact';

export function StepHead({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="stack tight">
      <h1 class="hero" tabIndex={-1}>
        {title}
      </h1>
      {children && <p class="lead soft">{children}</p>}
    </div>
  );
}
