// The one alarm: what is due is done, and the alarm is set for whatever comes next.
// Promises: work that fails is tried again, and keeps no other work from its turn.
import browser from 'webextension-polyfill';

export const alarmName = 'deadline';
const tryAgainMs = 30_000;
/** Browsers round an alarm that is too near. */
const soonestMs = 1000;

/** Does what is due now; gives when it is due next, in milliseconds since 1970. */
type Due = () => Promise<number | undefined>;

export interface Schedule {
  /** Does what is due of everything but rotations, and sets the alarm. */
  next(): Promise<void>;
  /** The same with rotations first. */
  all(): Promise<void>;
}

/** `startRotations` stands apart from `dues`: it reads sealed records, and a card must not wait for that. */
export function createSchedule(options: { dues: readonly Due[]; startRotations: Due; nowMs: () => number }): Schedule {
  const { dues, startRotations, nowMs } = options;
  let nextRotationMs: number | undefined;

  async function next(): Promise<void> {
    let nextMs = Infinity;
    for (const due of dues) nextMs = Math.min(nextMs, (await due().catch(() => nowMs() + tryAgainMs)) ?? Infinity);
    // Read last: a rotation may have been planned while the others were asked.
    nextMs = Math.min(nextMs, nextRotationMs ?? Infinity);
    if (nextMs === Infinity) await browser.alarms.clear(alarmName);
    else await browser.alarms.create(alarmName, { when: Math.max(nextMs, nowMs() + soonestMs) });
  }

  async function all(): Promise<void> {
    nextRotationMs = await startRotations().catch(() => undefined);
    await next();
  }

  return { next, all };
}
