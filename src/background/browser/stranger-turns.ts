// How often sites that were given nothing may bring up a window of ours unasked. Raising one counts as opening it.
// Promises: one in a minute for an origin, and each further one doubles its wait, up to an hour; three in a minute and twelve in an hour
// for all of them, so that a thousand names get no more than one. A request that follows a click in its page has turns of its own, six in a
// minute and thirty in an hour for all such sites, because the click is the word of a relay. Kept in storage.session, so that no restart or reload
// begins anew.
// Must not: count a site with a grant, or end a request: what gets no turn waits on the badge.
import type { KeyValueArea } from '../../vault/store/host';

export interface StrangerTurns {
  /**
   * Takes a turn for this request's origin; false when it has none now. A request that is sent again (`isAgain`) because a worker died
   * keeps the turn it took. `isClicked`: it follows a click in its page. Rejects when the turn cannot be written down; then it is not taken.
   */
  take(request: { origin: string; id: string; isAgain: boolean; isClicked: boolean }): Promise<boolean>;
  /** A person lets the origin open windows again: its next request gets a turn whatever was before. */
  allow(origin: string): Promise<void>;
  /** Forgets the latest turns of origins that are not strangers any more: what a person gave something to was not a storm. */
  forget(isKnown: (origin: string) => Promise<boolean>): Promise<void>;
}

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
/** Turns of all strangers together. */
export const turnsInAll = { minute: 3, hour: 12 } as const;
/** The same of requests that follow a click. */
export const clickedTurns = { minute: 6, hour: 30 } as const;
/** After so long without a turn an origin's wait begins anew. */
const forgottenAfterMs = 6 * hourMs;
/** Origins a person allowed that have not asked since; the latest are kept. */
const allowedAtMost = 100;
const key = 'strangers';

interface Turns {
  /** The latest turn of each origin, in milliseconds since 1970, how many in a row it had, and the request that took it. */
  origins: Record<string, { atMs: number; times: number; id: string }>;
  /** All turns of the last hour. */
  atMs: number[];
  /** The same of those that followed a click. */
  clickedAtMs: number[];
  allowed: string[];
}

/** How long an origin waits after its turns so far, in milliseconds. */
const waitMs = (times: number) => Math.min(minuteMs * 2 ** (times - 1), hourMs);

export function createStrangerTurns({ session, nowMs }: { session: KeyValueArea; nowMs: () => number }): StrangerTurns {
  /** What still counts at `now`. A clock that was set back makes no wait longer than it was. */
  async function read(now: number): Promise<Turns> {
    const stored = ((await session.get([key]))[key] ?? {}) as Partial<Turns>;
    const { origins = {}, atMs = [], clickedAtMs = [], allowed = [] } = stored;
    const ofLastHour = (times: number[]) => times.map((one) => Math.min(one, now)).filter((one) => now - one < hourMs);
    const counting = Object.entries(origins)
      .map(([origin, turn]) => [origin, { ...turn, atMs: Math.min(turn.atMs, now) }] as const)
      .filter(([, turn]) => now - turn.atMs < forgottenAfterMs);
    return {
      origins: Object.fromEntries(counting),
      atMs: ofLastHour(atMs),
      clickedAtMs: ofLastHour(clickedAtMs),
      allowed,
    };
  }

  const write = (turns: Turns) => session.set({ [key]: turns });

  return {
    async take({ origin, id, isAgain, isClicked }) {
      const now = nowMs();
      const turns = await read(now);
      const { origins, atMs, clickedAtMs, allowed } = turns;
      const hasRoomIn = (times: number[], most: { minute: number; hour: number }) =>
        times.filter((one) => now - one < minuteMs).length < most.minute && times.length < most.hour;
      if (isClicked && hasRoomIn(clickedAtMs, clickedTurns)) {
        await write({ ...turns, clickedAtMs: [...clickedAtMs, now] });
        return true;
      }
      const before = origins[origin];
      if (isAgain && before?.id === id) return true;
      const isAllowed = allowed.includes(origin);
      const mayAgain = before === undefined || now - before.atMs >= waitMs(before.times);
      if (!isAllowed && !(mayAgain && hasRoomIn(atMs, turnsInAll))) return false;
      const times = isAllowed ? 1 : (before?.times ?? 0) + 1;
      await write({
        ...turns,
        origins: { ...origins, [origin]: { atMs: now, times, id } },
        atMs: [...atMs, now],
        allowed: allowed.filter((one) => one !== origin),
      });
      return true;
    },
    async allow(origin) {
      const turns = await read(nowMs());
      await write({
        ...turns,
        allowed: [...turns.allowed.filter((one) => one !== origin), origin].slice(-allowedAtMost),
      });
    },
    async forget(isKnown) {
      const turns = await read(nowMs());
      const { atMs } = turns;
      const origins = { ...turns.origins };
      for (const [origin, turn] of Object.entries(turns.origins)) {
        if (!(await isKnown(origin))) continue;
        delete origins[origin];
        if (atMs.includes(turn.atMs)) atMs.splice(atMs.indexOf(turn.atMs), 1);
      }
      if (Object.keys(origins).length < Object.keys(turns.origins).length) await write({ ...turns, origins, atMs });
    },
  };
}
