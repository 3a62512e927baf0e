// Updates of the extension: a new version waits while a person is deciding, or keys are being changed, but not for long (R-G5).
// Promises: nothing that is open is cut off within ten minutes; after them what waits is rejected and the new version starts.
// Must not: keep the worker alive. A worker that rests is updated by the browser itself.
import type { KeyValueArea } from '../../vault/store/host';

export interface Updates {
  /** The browser has a new version ready. */
  available(): Promise<void>;
  /** Starts the new version when it may. Returns when to look again, in milliseconds since 1970; undefined when there is nothing to do. */
  check(): Promise<number | undefined>;
}

const key = 'update-since';
const patienceMs = 600_000;
const lookAgainMs = 30_000;

export function createUpdates(options: {
  session: KeyValueArea;
  nowMs: () => number;
  /** An approval waits, or something is being published or rotated. */
  isBusy: () => Promise<boolean>;
  rejectAll: () => Promise<void>;
  reload: () => void;
}): Updates {
  const { session, nowMs, isBusy, rejectAll, reload } = options;

  async function check(): Promise<number | undefined> {
    const sinceMs = (await session.get([key]))[key] as number | undefined;
    if (sinceMs === undefined) return undefined;
    const endMs = sinceMs + patienceMs;
    if (nowMs() < endMs && (await isBusy())) return Math.min(nowMs() + lookAgainMs, endMs);
    await session.remove([key]);
    await rejectAll();
    reload();
    return undefined;
  }

  return {
    check,
    async available() {
      if ((await session.get([key]))[key] === undefined) await session.set({ [key]: nowMs() });
      await check();
    },
  };
}
