// Whether a pointer is held down on the page, and waiting until it is not.
// Promises: a press that began on a button ends on it, because what is read meanwhile is drawn afterwards: a button that moved away between down and up gets no
// click at all. Nothing waits longer than `heldAtMostMs`. Must not: know what waits, or hold back what a press itself brings about.

export interface PressHost {
  /** Runs `run` after `ms`; returns the undo. */
  later(run: () => void, ms: number): () => void;
}

export interface Press {
  down(): void;
  /** Released, taken away by the browser, or the page is no longer looked at. */
  up(): void;
  /** The click, or the choice, that the press was. */
  clicked(): void;
  /** Resolves when no pointer is held; undefined when none is. */
  over(): Promise<void> | undefined;
}

/** A pointer that is held longer presses nothing: text is selected, or its end was never told. */
const heldAtMostMs = 2_000;
/** The click comes after the pointer is up, for a finger a little later. Not every press has one. */
const clickMs = 50;

export function createPress({ later }: PressHost): Press {
  let held: { promise: Promise<void>; end: () => void } | undefined;
  let endTimer = (): void => undefined;

  function end(): void {
    endTimer();
    held?.end();
    held = undefined;
  }

  function endsIn(ms: number): void {
    if (!held) return;
    endTimer();
    endTimer = later(end, ms);
  }

  return {
    down() {
      if (!held) {
        let release = (): void => undefined;
        const promise = new Promise<void>((resolve) => (release = resolve));
        held = { promise, end: () => release() };
      }
      endsIn(heldAtMostMs);
    },
    up: () => endsIn(clickMs),
    clicked: () => endsIn(0),
    over: () => held?.promise,
  };
}

/** The press on a page. */
export function watchPress(document: Document, host: PressHost): Press {
  const press = createPress(host);
  document.addEventListener('pointerdown', ({ button }) => button === 0 && press.down(), true);
  for (const ending of ['pointerup', 'pointercancel', 'visibilitychange'])
    document.addEventListener(ending, () => press.up(), true);
  // The list of a select has the pointer's end for itself, and tells what was chosen.
  for (const done of ['click', 'change']) document.addEventListener(done, () => press.clicked(), true);
  document.defaultView?.addEventListener('blur', () => press.up());
  return press;
}
