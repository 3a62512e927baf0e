// Several readings drawn as one: until what is below has read all that it reads at first, none of it is seen, so that nothing moves under a pointer
// that is about to press.
// Promises: nothing waits longer than `atMostMs`, and what was seen once stays seen; it keeps its place meanwhile. Must not: be around what takes the focus when
// it is drawn, which nothing hidden can.
import { createContext, type ComponentChildren } from 'preact';
import { useContext, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';

interface Readings {
  isSeen: boolean;
  /** One more is to be waited for; returns what ends it. */
  begin(): () => void;
}

const nothingAwaited: Readings = { isSeen: true, begin: () => () => undefined };
const ReadingsContext = createContext<Readings>(nothingAwaited);

/** Longer than reading takes, short enough to be no wait. */
const atMostMs = 600;

/** Around the component that reads; `useSeen` below it says when it is to be seen. */
export function AtOnce({ children }: { children: ComponentChildren }) {
  const [isSeen, setSeen] = useState(false);
  const open = useRef(0);
  const readings = useMemo<Readings>(
    () => ({
      isSeen,
      begin() {
        open.current += 1;
        return () => {
          open.current -= 1;
          // What this one lets be drawn may read something itself: that has begun by then.
          queueMicrotask(() => open.current === 0 && setSeen(true));
        };
      },
    }),
    [isSeen],
  );
  useLayoutEffect(() => {
    if (open.current === 0) setSeen(true);
    const timer = setTimeout(() => setSeen(true), atMostMs);
    return () => clearTimeout(timer);
  }, []);
  return <ReadingsContext.Provider value={readings}>{children}</ReadingsContext.Provider>;
}

/** Waits for something with the rest; once it is there it is not waited for again. */
export function useAwaited(isThere: boolean): void {
  const { isSeen, begin } = useContext(ReadingsContext);
  const isOpen = !isSeen && !isThere;
  useLayoutEffect(() => (isOpen ? begin() : undefined), [isOpen]);
}

export function useSeen(): boolean {
  return useContext(ReadingsContext).isSeen;
}
