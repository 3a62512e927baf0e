// The brake on what is answered without asking: a site that uses far more than it usually does waits until the person says whether it may go on.
// Promises: every use counts, however small; a pause outlives the worker and ends by the person's word, or after an hour; nothing is refused by it.
// Must not: give or end a grant, or hold up what a person answered on a card.
import { VaultError } from '../../../contract/errors';
import { volume } from '../../../contract/limits';
import type { VolumeFacts } from '../../../contract/pages/approvals';
import { readSetting, writeRelaxed, type Database } from '../../store/database';
import type { VaultHost } from '../../store/host';
import { step } from '../../store/steps';
import { createQueue } from '../../work/queue';
import { rememberedFor, type RememberedFor } from '../grant-record';
import { allowed, dayOf, mostUnasked, usualOf, withToday, type Busiest, type Day } from './habit';

/** Whose use of what. */
export interface VolumeOf {
  safeId: string;
  origin: string;
  capability: RememberedFor;
}

export interface Volume {
  /** Reads what is stored, once; whoever counts a use waits for it. Throws 'storage-failed'. */
  load(): Promise<void>;
  /**
   * Counts a use of so many items that nobody is asked about. Null: it may go on. Otherwise it has to wait, and this is what the person is told.
   * `isLetThrough`: the person said of this very request that it may. Throws 'storage-failed'.
   */
  take(of: VolumeOf, items: number, isLetThrough?: boolean): Promise<VolumeFacts | null>;
  /** Ends a pause: for as much again, or from `atMs` on for a day. The same once more changes nothing for the worse. */
  lift(of: VolumeOf, lasts: 'once' | 'continue', atMs: number): Promise<void>;
  /** The identity is being forgotten. */
  forget(safeId: string): Promise<void>;
}

/** What storage.session keeps of one site and capability. Times in milliseconds since 1970. */
interface Now {
  /** Items by when they were used: of the last hour, those of the last ten seconds second by second, the others by the minute. */
  used: [atMs: number, items: number][];
  paused: (VolumeFacts & { atMs: number }) | null;
  liftedUntilMs: number | null;
}

interface Habit extends VolumeOf {
  days: Day[];
}

const sessionKey = 'volume';
const habitsKey = 'habits';
const [shortMs, longMs] = volume.windowsMs;
const keyOf = ({ safeId, origin, capability }: VolumeOf): string => `${safeId} ${capability} ${origin}`;
const fresh = (): Now => ({ used: [], paused: null, liftedUntilMs: null });

/**
 * How long counts may go unwritten while they grow: what a worker that dies forgets is less than this, and than a tenth of what somebody may use before a person
 * is asked. Who can use as much as it likes, because there is no "usually" yet, gains nothing by it.
 */
const unwrittenMs = 1_000;

export function createVolume({ db, host }: { db: Database; host: VaultHost }): Volume {
  const inTurn = createQueue();
  let loading: Promise<{ now: Map<string, Now>; habits: Map<string, Habit> }> | undefined;
  let written = { atMs: -Infinity, items: 0 };
  /** The busiest stretches as they are written down. */
  const writtenDays = new Map<string, Day>();

  async function read() {
    const [items, rows] = await Promise.all([host.session.get([sessionKey]), readSetting(db, habitsKey)]);
    const stored = items[sessionKey] as Record<string, Now> | undefined;
    const habits = habitsOf(rows, dayOf(host.nowMs()));
    return { now: new Map(Object.entries(stored ?? {})), habits: new Map(habits.map((one) => [keyOf(one), one])) };
  }

  async function load() {
    loading ??= read();
    try {
      return await loading;
    } catch {
      loading = undefined;
      throw new VaultError('storage-failed');
    }
  }

  /** Memory is what counts in this worker; what cannot be written is lost with it. */
  async function save(): Promise<void> {
    const { now } = await load();
    written = { atMs: host.nowMs(), items: 0 };
    await inTurn(() => host.session.set({ [sessionKey]: Object.fromEntries(now) })).catch(() => undefined);
  }

  async function saveHabits(): Promise<void> {
    const { habits } = await load();
    const lastDay = ({ days }: Habit) => days.at(-1)?.day ?? 0;
    for (const oldest of [...habits.values()].toSorted((a, b) => lastDay(a) - lastDay(b)).slice(0, -volume.most))
      habits.delete(keyOf(oldest));
    const rows = [...habits.values()];
    await inTurn(() =>
      step(host, 'volume.habits', () =>
        writeRelaxed(db, ['settings'], (transaction) => transaction.objectStore('settings').put(rows, habitsKey)),
      ),
    ).catch(() => undefined);
  }

  const sumOf = ({ used }: Now, nowMs: number, windowMs: number): number =>
    // What a clock that was set back seems to have used later was used now.
    used.reduce((sum, [atMs, items]) => (nowMs - atMs < windowMs ? sum + items : sum), 0);

  /** What the person is told, when so many more would be unusual. */
  function beyond(of: VolumeOf, now: Now, days: readonly Day[], items: number, nowMs: number): VolumeFacts | null {
    const { paused, liftedUntilMs } = now;
    if (liftedUntilMs !== null && nowMs < liftedUntilMs && nowMs >= liftedUntilMs - volume.continueMs) return null;
    if (paused && nowMs - paused.atMs < volume.pausedMs) return factsOf(paused);
    for (const window of [0, 1] as const) {
      const usual = usualOf(days, dayOf(nowMs), window);
      const most = allowed(usual, of.capability, window);
      const inMs = volume.windowsMs[window];
      const sum = sumOf(now, nowMs, inMs) + items;
      if (usual !== undefined && most !== undefined && sum > most)
        return { capability: of.capability, items: sum, inMs, usual };
    }
    return null;
  }

  return {
    load: () => load().then(() => undefined),
    async take(of, items, isLetThrough = false) {
      const { now: all, habits } = await load();
      const key = keyOf(of);
      const nowMs = host.nowMs();
      const now = all.get(key) ?? fresh();
      all.set(key, now);
      const days = habits.get(key)?.days ?? [];
      const facts = isLetThrough ? null : beyond(of, now, days, items, nowMs);
      if (facts) {
        const isNew = now.paused === null || nowMs - now.paused.atMs >= volume.pausedMs;
        if (isNew) now.paused = { ...facts, atMs: nowMs };
        if (isNew) await save();
        return facts;
      }
      now.used = noted(now.used, items, nowMs);
      const busiest: Busiest = [sumOf(now, nowMs, shortMs), sumOf(now, nowMs, longMs)];
      const today = dayOf(nowMs);
      habits.set(key, { ...of, days: withToday(days, today, busiest) });
      written.items += items;
      if (
        nowMs - written.atMs >= unwrittenMs ||
        nowMs < written.atMs ||
        written.items * 10 >= mostUnasked(days, of.capability, today)
      )
        void save();
      const before = writtenDays.get(key);
      // Written when it is twice what was written: a worker that dies forgets half of a day's fullest at the most.
      if (
        before?.day !== today ||
        busiest.some((count, window) => count >= 2 * (before.busiest[window as 0 | 1] || 0.5))
      ) {
        writtenDays.set(key, { day: today, busiest });
        void saveHabits();
      }
      return null;
    },
    async lift(of, lasts, atMs) {
      const now = (await load()).now.get(keyOf(of));
      if (!now) return;
      now.paused = null;
      if (lasts === 'once') now.used = [];
      else now.liftedUntilMs = atMs + volume.continueMs;
      await save();
    },
    async forget(safeId) {
      const { now, habits } = await load();
      for (const [key, one] of habits)
        if (one.safeId === safeId) {
          habits.delete(key);
          writtenDays.delete(key);
        }
      for (const key of now.keys()) if (key.startsWith(`${safeId} `)) now.delete(key);
      await Promise.all([save(), saveHabits()]);
    },
  };
}

const factsOf = ({ atMs: _atMs, ...facts }: VolumeFacts & { atMs: number }): VolumeFacts => facts;

/** The counts with one more: what is older than the windows goes, and what is older than the short one is taken together by the minute. */
function noted(used: Now['used'], items: number, nowMs: number): Now['used'] {
  const next: Now['used'] = [];
  const add = (atMs: number, count: number, stretchMs: number) => {
    const last = next.at(-1);
    if (last && Math.floor(last[0] / stretchMs) === Math.floor(atMs / stretchMs))
      next[next.length - 1] = [atMs, last[1] + count];
    else next.push([atMs, count]);
  };
  for (const [atMs, count] of used)
    if (nowMs - atMs < longMs) add(atMs, count, nowMs - atMs < shortMs ? 1_000 : 60_000);
  add(nowMs, items, 1_000);
  return next;
}

function isHabit(row: unknown): row is Habit {
  const { safeId, origin, capability, days } = (row ?? {}) as Partial<Habit>;
  const isDay = (one: unknown) => {
    const { day, busiest } = (one ?? {}) as Partial<Day>;
    return Number.isInteger(day) && Array.isArray(busiest) && busiest.length === 2 && busiest.every(Number.isFinite);
  };
  return (
    typeof safeId === 'string' &&
    typeof origin === 'string' &&
    rememberedFor.some((one) => one === capability) &&
    Array.isArray(days) &&
    days.length <= volume.days &&
    days.every(isDay)
  );
}

/** What is stored and not idle for too long. Nothing of it is a right, so that what is no habit is left out. */
function habitsOf(stored: unknown, today: number): Habit[] {
  if (!Array.isArray(stored)) return [];
  return stored.filter(isHabit).filter(({ days }) => (days.at(-1)?.day ?? 0) >= today - volume.idleDays);
}
