// Moves a card within the window: on by what was on the screen, or back to its beginning.
// Promises: nothing is skipped: a line or two stay from before. Must not: be called by anything but a press of the person's, or a change of the card.

/** What is kept of the screen before, so that a reader finds the place. */
const keptPart = 0.15;

/** The box around `inside` that scrolls now: the middle of the card, or all of it in a small window. */
function scrolled(inside: HTMLElement | null): HTMLElement | undefined {
  for (let box = inside?.parentElement; box; box = box.parentElement)
    if (box.scrollHeight > box.clientHeight && /auto|scroll/.test(getComputedStyle(box).overflowY)) return box;
  return undefined;
}

export function pageOn(inside: HTMLElement | null): void {
  const box = scrolled(inside);
  box?.scrollBy({ top: box.clientHeight * (1 - keptPart) });
}

export function toTheTop(inside: HTMLElement | null): void {
  scrolled(inside)?.scrollTo({ top: 0 });
}
