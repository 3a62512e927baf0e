// Feeds the arming machine with what happens to the window and to the approve button (R-C2).
// Promises: `approve` runs at most once per press, only for a press the machine lets through; `isArmed` is for drawing only, the press is
// judged anew when it happens. Must not: be given events made by scripts; the machine drops them.
import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { arm, armsAtMs, isArmed, notArmed, type ArmingEvent } from './arming';

/** Browsers tell nobody when a window moves, so its place is looked at this often, and at every press. */
const moveCheckMs = 100;

interface ApproveButton {
  /** For drawing: a press beginning now would count. */
  isArmed: boolean;
  /** Whether the end of what is granted was on the screen; undefined until the browser has said so. */
  isSeen: boolean | undefined;
  /** To spread on the button element. */
  handlers: {
    onPointerDown(event: PointerEvent): void;
    onPointerUp(event: PointerEvent): void;
    onPointerLeave(): void;
    onPointerCancel(): void;
    onKeyDown(event: KeyboardEvent): void;
    onKeyUp(event: KeyboardEvent): void;
    onClick(event: MouseEvent): void;
  };
}

/** Whether this window has shown a request before. Each request has a machine of its own, so the machine cannot know. */
let hasShownRequest = false;

/** `shownKey` names what is on screen; when it changes, everything starts over. `end` stands after the last of what is granted. */
export function useArming(shownKey: string, end: RefObject<HTMLElement | null>, approve: () => void): ApproveButton {
  const machine = useRef(notArmed);
  const [armed, setArmed] = useState(false);
  const [sight, setSight] = useState({ key: '', isSeen: false });
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const approveNow = useRef(approve);
  approveNow.current = approve;
  const place = useRef('');

  function feed(event: ArmingEvent): void {
    const { state, approves } = arm(machine.current, event, performance.now());
    machine.current = state;
    clearTimeout(timer.current);
    const nowMs = performance.now();
    const atMs = armsAtMs(state);
    setArmed(isArmed(state, nowMs));
    if (atMs !== undefined && atMs > nowMs)
      timer.current = setTimeout(() => setArmed(isArmed(machine.current, performance.now())), atMs - nowMs + 1);
    if (approves) approveNow.current();
  }

  /** A press asks where the window stands and how large it is: its events come later than the change itself, or, for a move, never. */
  function checkPlace(): void {
    const now = [window.screenX, window.screenY, window.innerWidth, window.innerHeight].join();
    if (now === place.current) return;
    const isFirst = place.current === '';
    place.current = now;
    if (!isFirst) feed({ type: 'disturbed' });
  }

  useEffect(() => {
    const focus = () => feed({ type: 'focus' });
    const blur = () => feed({ type: 'blur' });
    const visibility = () => feed({ type: document.visibilityState === 'visible' ? 'visible' : 'hidden' });
    checkPlace();
    if (document.visibilityState === 'visible') feed({ type: 'visible' });
    if (document.hasFocus()) focus();
    window.addEventListener('focus', focus);
    window.addEventListener('blur', blur);
    window.addEventListener('resize', checkPlace);
    document.addEventListener('visibilitychange', visibility);
    const moves = setInterval(checkPlace, moveCheckMs);
    return () => {
      window.removeEventListener('focus', focus);
      window.removeEventListener('blur', blur);
      window.removeEventListener('resize', checkPlace);
      document.removeEventListener('visibilitychange', visibility);
      clearInterval(moves);
      clearTimeout(timer.current);
    };
  }, []);

  useLayoutEffect(() => {
    // The next request comes up where a finger has just pressed: it waits as long as after any other change.
    if (hasShownRequest) feed({ type: 'changed' });
    hasShownRequest = true;
    // The first frame callback runs before the paint that holds this card, the second after it.
    let frame = requestAnimationFrame(() => {
      frame = requestAnimationFrame(() => feed({ type: 'painted' }));
    });
    // Against the window, less what the boxes around it cut off: out of sight below a fold is not seen.
    const observer = new IntersectionObserver((entries) => {
      const isSeen = entries.some(({ isIntersecting }) => isIntersecting);
      setSight({ key: shownKey, isSeen });
      if (!isSeen) return;
      observer.disconnect();
      feed({ type: 'seen' });
    });
    if (end.current) observer.observe(end.current);
    return () => {
      cancelAnimationFrame(frame);
      observer.disconnect();
    };
  }, [shownKey]);

  return {
    isArmed: armed,
    isSeen: sight.key === shownKey ? sight.isSeen : undefined,
    handlers: {
      onPointerDown(event) {
        checkPlace();
        if (event.button === 0) feed({ type: 'pointer-down', pointerId: event.pointerId, isTrusted: event.isTrusted });
      },
      onPointerUp(event) {
        checkPlace();
        // Touch captures its pointer: "up" arrives here even when the finger has left the button.
        const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
        const isInside =
          event.clientX >= box.left &&
          event.clientX <= box.right &&
          event.clientY >= box.top &&
          event.clientY <= box.bottom;
        feed(
          isInside
            ? { type: 'pointer-up', pointerId: event.pointerId, isTrusted: event.isTrusted }
            : { type: 'pointer-cancel' },
        );
      },
      onPointerLeave: () => feed({ type: 'pointer-cancel' }),
      onPointerCancel: () => feed({ type: 'pointer-cancel' }),
      onKeyDown(event) {
        checkPlace();
        if (event.key === 'Enter' || event.key === ' ') event.preventDefault();
        feed({ type: 'key-down', key: event.key, repeat: event.repeat, isTrusted: event.isTrusted });
      },
      onKeyUp(event) {
        checkPlace();
        if (event.key === 'Enter' || event.key === ' ') event.preventDefault();
        feed({ type: 'key-up', key: event.key, isTrusted: event.isTrusted });
      },
      onClick(event) {
        // Pointers and keys were judged above; what is left has no pointer and no detail: assistive technology.
        if (event.detail === 0) feed({ type: 'plain-click', isTrusted: event.isTrusted });
      },
    },
  };
}
