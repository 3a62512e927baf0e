// How much a site usually uses of one capability, and how much is unusual. Pure.
// Promises: without enough days behind it nothing is unusual; one day, however full, does not change what is usual by itself.
// Must not: know a clock, or what is counted.
import { volume } from '../../../contract/limits';
import type { RememberedFor } from '../grant-record';

/** Items in the busiest stretch of a day, for each of the windows. */
export type Busiest = readonly [number, number];

export interface Day {
  /** Days since 1970, by UTC. */
  readonly day: number;
  readonly busiest: Busiest;
}

export const dayOf = (nowMs: number): number => Math.floor(nowMs / 86_400_000);

/** What is usual in a window on the days before this one; undefined when there are too few to tell. */
export function usualOf(days: readonly Day[], today: number, window: 0 | 1): number | undefined {
  const before = days.filter(({ day }) => day < today).map(({ busiest }) => busiest[window]);
  if (before.length < volume.leastDays) return undefined;
  return before.toSorted((a, b) => a - b)[Math.floor((before.length - 1) / 2)];
}

/** How many items may be used in a window before a person is asked; undefined: as many as it likes. */
export function allowed(usual: number | undefined, capability: RememberedFor, window: 0 | 1): number | undefined {
  return usual === undefined ? undefined : Math.max(volume.least[capability][window], volume.timesUsual * usual);
}

/** The smaller of what may be used in the two windows; Infinity where that is as many as it likes. */
export function mostUnasked(days: readonly Day[], capability: RememberedFor, today: number): number {
  return Math.min(
    ...([0, 1] as const).map((window) => allowed(usualOf(days, today, window), capability, window) ?? Infinity),
  );
}

/** The days with what was used by now on this one: those of before that are still remembered, and this one's fullest. */
export function withToday(days: readonly Day[], today: number, busiest: Busiest): Day[] {
  const known = days.find(({ day }) => day === today)?.busiest ?? [0, 0];
  const fullest: Busiest = [Math.max(known[0], busiest[0]), Math.max(known[1], busiest[1])];
  // A clock that was set ahead and back again leaves no days to come.
  return [...days.filter(({ day }) => day < today), { day: today, busiest: fullest }].slice(-volume.days);
}
