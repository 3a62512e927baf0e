// A card about one thing: its name, what it is for, and what belongs to it.
// Promises: what it is for stands before anything that can be pressed.
import type { ComponentChildren } from 'preact';

interface PanelProps {
  title: string;
  meaning?: string;
  /** What stands at the end of the title's line. */
  side?: ComponentChildren;
  children?: ComponentChildren;
}

export function Panel({ title, meaning, side, children }: PanelProps) {
  return (
    <section class="card">
      <div class="card-body stack">
        <div class="row apart start wrap with-side">
          <div class="grow stack tight">
            <h2>{title}</h2>
            {meaning !== undefined && <p class="soft">{meaning}</p>}
          </div>
          {side}
        </div>
        {children}
      </div>
    </section>
  );
}
