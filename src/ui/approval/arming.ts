// When an approve button may be pressed, and what counts as a press (R-C2). A state machine over plain events; pure.
// Promises: no approval before the window was focused, visible and painted, and all of the card seen, for 500 ms, nor within 1000 ms of a change,
// resize, move or refocus; none from synthetic events, key repeat, or a key or pointer that went down before.
// Must not: know the clock or the DOM. Every event brings its time in milliseconds from one monotonic clock.

/** Quiet time after focus, visibility and paint, in milliseconds. */
export const firstWaitMs = 500;
/** Quiet time after anything moved or changed, in milliseconds. */
export const changedWaitMs = 1000;

export interface Arming {
  focusedAtMs: number | undefined;
  visibleAtMs: number | undefined;
  /** When the request now shown reached the screen. */
  paintedAtMs: number | undefined;
  /** When the end of what is granted was first on the screen, of the request now shown. */
  seenAtMs: number | undefined;
  /** Last change, resize, move or refocus; undefined while there was none. */
  disturbedAtMs: number | undefined;
  /** Whether the window was ever focused, so that a second focus counts as a disturbance. */
  wasFocused: boolean;
  /** A press that began while armed. */
  press: { by: 'pointer'; pointerId: number } | { by: 'key'; key: string } | undefined;
}

export const notArmed: Arming = {
  focusedAtMs: undefined,
  visibleAtMs: undefined,
  paintedAtMs: undefined,
  seenAtMs: undefined,
  disturbedAtMs: undefined,
  wasFocused: false,
  press: undefined,
};

export type ArmingEvent =
  | { type: 'focus' | 'blur' | 'visible' | 'hidden' | 'painted' }
  /** The end of the card was on the screen. Once is enough, until it changes. */
  | { type: 'seen' }
  /** Another request, or more of the same one, is about to be drawn. Until `painted` and `seen` nothing is armed. */
  | { type: 'changed' }
  /** The window was resized or moved, or the page scrolled under a still pointer. */
  | { type: 'disturbed' }
  | { type: 'pointer-down' | 'pointer-up'; pointerId: number; isTrusted: boolean }
  | { type: 'pointer-cancel' }
  | { type: 'key-down'; key: string; repeat: boolean; isTrusted: boolean }
  | { type: 'key-up'; key: string; isTrusted: boolean }
  /** A click without pointer or key, as assistive technology makes it. */
  | { type: 'plain-click'; isTrusted: boolean };

/** The moment (same clock) from which a press may begin; undefined while something is missing. */
export function armsAtMs(state: Arming): number | undefined {
  const { focusedAtMs, visibleAtMs, paintedAtMs, seenAtMs, disturbedAtMs } = state;
  if (focusedAtMs === undefined || visibleAtMs === undefined) return undefined;
  if (paintedAtMs === undefined || seenAtMs === undefined) return undefined;
  const first = Math.max(focusedAtMs, visibleAtMs, paintedAtMs, seenAtMs) + firstWaitMs;
  return disturbedAtMs === undefined ? first : Math.max(first, disturbedAtMs + changedWaitMs);
}

export function isArmed(state: Arming, nowMs: number): boolean {
  const at = armsAtMs(state);
  return at !== undefined && nowMs >= at;
}

const pressKeys = new Set(['Enter', ' ']);

/** The state after `event`, and whether that event approves. */
export function arm(state: Arming, event: ArmingEvent, nowMs: number): { state: Arming; approves: boolean } {
  const become = (change: Partial<Arming>) => ({ state: { ...state, ...change }, approves: false });
  switch (event.type) {
    case 'focus':
      if (state.focusedAtMs !== undefined) return become({});
      return become({
        focusedAtMs: nowMs,
        wasFocused: true,
        press: undefined,
        ...(state.wasFocused ? { disturbedAtMs: nowMs } : {}),
      });
    case 'blur':
      return become({ focusedAtMs: undefined, press: undefined });
    case 'visible':
      return state.visibleAtMs === undefined ? become({ visibleAtMs: nowMs }) : become({});
    case 'hidden':
      return become({ visibleAtMs: undefined, press: undefined, disturbedAtMs: nowMs });
    case 'painted':
      return become({ paintedAtMs: nowMs });
    case 'seen':
      return state.seenAtMs === undefined ? become({ seenAtMs: nowMs, press: undefined }) : become({});
    case 'changed':
      return become({ paintedAtMs: undefined, seenAtMs: undefined, disturbedAtMs: nowMs, press: undefined });
    case 'disturbed':
      return become({ disturbedAtMs: nowMs, press: undefined });
    case 'pointer-down':
      return become({
        press: event.isTrusted && isArmed(state, nowMs) ? { by: 'pointer', pointerId: event.pointerId } : undefined,
      });
    case 'key-down':
      if (!pressKeys.has(event.key)) return become({});
      if (event.repeat) return become({});
      return become({ press: event.isTrusted && isArmed(state, nowMs) ? { by: 'key', key: event.key } : undefined });
    case 'pointer-cancel':
      return become({ press: undefined });
    case 'pointer-up': {
      const began = state.press?.by === 'pointer' && state.press.pointerId === event.pointerId;
      return { state: { ...state, press: undefined }, approves: began && event.isTrusted && isArmed(state, nowMs) };
    }
    case 'key-up': {
      const began = state.press?.by === 'key' && state.press.key === event.key;
      return { state: { ...state, press: undefined }, approves: began && event.isTrusted && isArmed(state, nowMs) };
    }
    case 'plain-click':
      return { state, approves: event.isTrusted && state.press === undefined && isArmed(state, nowMs) };
  }
}
