// Room of one kind (bytes in memory, bytes of session records) shared between origins.
// Promises: never more than `total` in all, and for one owner never more than is left free beside it: alone it may have half of the
// room, next to one such owner a quarter, and so on, so that whoever comes later finds some.
// Must not: know what the room is used for.

/** True when an owner that holds `held` of all that is `used` may have `more` besides. */
export function fitsShare(total: number, { used, held, more }: { used: number; held: number; more: number }): boolean {
  return held + more <= total - used - more;
}

export interface Room {
  /** Takes `amount` for `owner`; false, and nothing is taken, when that is more than its share. */
  take(owner: string, amount: number): boolean;
  /** Gives back what was taken. */
  give(owner: string, amount: number): void;
  /** What is taken now, in all or by one owner. */
  used(owner?: string): number;
}

export function createRoom(total: number): Room {
  const held = new Map<string, number>();
  let used = 0;
  return {
    take(owner, amount) {
      const before = held.get(owner) ?? 0;
      if (!fitsShare(total, { used, held: before, more: amount })) return false;
      held.set(owner, before + amount);
      used += amount;
      return true;
    },
    give(owner, amount) {
      const left = (held.get(owner) ?? 0) - amount;
      if (left > 0) held.set(owner, left);
      else held.delete(owner);
      used -= amount;
    },
    used: (owner) => (owner === undefined ? used : (held.get(owner) ?? 0)),
  };
}

/**
 * Which entries to drop so that `most` are left: each time the oldest of the owner that has most, so that nobody's are pushed out by another's.
 * `entries`: key and owner, oldest first.
 */
export function surplus(entries: Iterable<readonly [key: string, owner: string]>, most: number): string[] {
  const byOwner = new Map<string, string[]>();
  let count = 0;
  for (const [key, owner] of entries) {
    const keys = byOwner.get(owner);
    if (keys) keys.push(key);
    else byOwner.set(owner, [key]);
    count++;
  }
  const dropped: string[] = [];
  for (; count > most; count--) {
    const [largest] = [...byOwner.values()].toSorted((a, b) => b.length - a.length);
    const oldest = largest?.shift();
    if (oldest === undefined) break;
    dropped.push(oldest);
  }
  return dropped;
}
