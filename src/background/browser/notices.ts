// Notifications of the browser that a site waits for the person, where they switched that on.
// Promises: one for a burst of a site, a few in a minute for all; it names the origin and nothing else; it goes when nothing of the site waits any more; none
// while our own window is in front, or without the browser's permission. What is counted lies in storage.session, so that no restart begins anew.
// Must not: be given a request of a site that is held back, muted or blocked, or decide one: a click opens what waits.
import type { KeyValueArea } from '../../vault/store/host';

/** What is used of browser.notifications, which is there only while its permission is given. */
export interface NotificationsApi {
  create(id: string, options: { type: 'basic'; title: string; message: string; iconUrl: string }): Promise<unknown>;
  clear(id: string): Promise<unknown>;
}

export interface Notices {
  /** A request of the origin waits. Never rejects. */
  waits(origin: string): void;
  /** What waits has changed. Never rejects. */
  changed(): Promise<void>;
  /** The person pressed a notification of ours. Rejects when the browser shows nothing. */
  pressed(id: string): Promise<void>;
}

/** As long as a window of ours may take until it is in front; who answers sooner needs no notification. */
const looksAfterMs = 1_500;
/** Between two notifications of one origin, and for how long those of all are counted. */
const minuteMs = 60_000;
const mostInMinute = 3;
const key = 'notices';
const idOf = (origin: string) => `waits ${origin}`;
/** Longer names lose their beginning: the end of a host says whose it is. */
const longestName = 60;

/** When each origin was named last (milliseconds since 1970), and whether that notification is still there. */
type Known = Record<string, { atMs: number; isThere: boolean }>;

export function createNotices(options: {
  /** Undefined without the permission. */
  api: () => NotificationsApi | undefined;
  session: KeyValueArea;
  nowMs: () => number;
  later: (run: () => void, ms: number) => void;
  /** `name` is an origin. */
  words: (name: string) => { title: string; message: string };
  iconUrl: string;
  /** The origins of which something waits that may bring up a window. */
  waiting: () => Promise<ReadonlySet<string>>;
  isInFront: () => Promise<boolean>;
  show: (origin: string) => Promise<void>;
}): Notices {
  const { api, session, nowMs, later, words, iconUrl, waiting, isInFront, show } = options;
  let queue: Promise<unknown> = Promise.resolve();
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const result = queue.then(work);
    queue = result.catch(() => undefined);
    return result;
  };
  /** Origins that are looked at soon anyway. */
  const soon = new Set<string>();

  const read = async (): Promise<Known> => ((await session.get([key]))[key] as Known | undefined) ?? {};

  async function tell(origin: string): Promise<void> {
    const known = await read();
    const recent = Object.values(known).filter(({ atMs }) => nowMs() - atMs < minuteMs);
    const own = known[origin];
    const isOver = own === undefined || (!own.isThere && nowMs() - own.atMs >= minuteMs);
    if (!isOver || recent.length >= mostInMinute) return;
    const notifications = api();
    if (!notifications || !(await waiting()).has(origin) || (await isInFront())) return;
    await session.set({ [key]: { ...known, [origin]: { atMs: nowMs(), isThere: true } } satisfies Known });
    const name = origin.length > longestName ? `…${origin.slice(-longestName)}` : origin;
    await notifications.create(idOf(origin), { type: 'basic', ...words(name), iconUrl });
  }

  async function tidy(): Promise<void> {
    const known = await read();
    if (Object.keys(known).length === 0) return;
    const still = await waiting();
    const kept: Known = {};
    for (const [origin, { atMs, isThere }] of Object.entries(known)) {
      const stays = isThere && still.has(origin);
      if (isThere && !stays) await api()?.clear(idOf(origin));
      if (stays || nowMs() - atMs < minuteMs) kept[origin] = { atMs, isThere: stays };
    }
    await session.set({ [key]: kept });
  }

  return {
    waits(origin) {
      if (soon.has(origin) || !api()) return;
      soon.add(origin);
      later(() => {
        soon.delete(origin);
        void inTurn(() => tell(origin)).catch(() => undefined);
      }, looksAfterMs);
    },
    changed: () => inTurn(tidy).catch(() => undefined),
    async pressed(id) {
      const origin = Object.keys(await read()).find((one) => idOf(one) === id);
      await api()
        ?.clear(id)
        .catch(() => undefined);
      if (origin !== undefined) await show(origin);
    },
  };
}
