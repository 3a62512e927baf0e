// A map that forgets what was used longest ago once it holds more than it may.
// Promises: never more than `limit` entries; reading counts as use.
// Must not: be the only place of anything.

export interface BoundedMap<Value> {
  get(key: string): Value | undefined;
  set(key: string, value: Value): void;
  clear(): void;
  readonly size: number;
}

/** Empty; `limit` is at least 1. */
export function createBoundedMap<Value>(limit: number): BoundedMap<Value> {
  // A Map keeps the order of insertion, so its first key is the one used longest ago.
  const entries = new Map<string, Value>();
  return {
    get(key) {
      const value = entries.get(key);
      if (value === undefined) return undefined;
      entries.delete(key);
      entries.set(key, value);
      return value;
    },
    set(key, value) {
      entries.delete(key);
      entries.set(key, value);
      if (entries.size > limit) for (const oldest of entries.keys()) return void entries.delete(oldest);
    },
    clear: () => entries.clear(),
    get size() {
      return entries.size;
    },
  };
}
