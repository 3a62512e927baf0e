// A map that forgets once it holds more than it may: of whoever put most into it, what was used longest ago.
// Promises: never more than `limit` entries; reading counts as use; nobody's entries are pushed out by somebody who has fewer.
// Must not: be the only place of anything.

export interface BoundedMap<Value> {
  get(key: string): Value | undefined;
  /** `owner`: who put it there, an origin; a key that is there already changes hands. */
  set(key: string, value: Value, owner?: string): void;
  forget(key: string): void;
  clear(): void;
  readonly size: number;
}

/** Empty; `limit` is at least 1. */
export function createBoundedMap<Value>(limit: number): BoundedMap<Value> {
  const owners = new Map<string, string>();
  // A Map keeps the order of insertion, so the first key of an owner is the one used longest ago.
  const byOwner = new Map<string, Map<string, Value>>();

  function remove(key: string, owner: string): void {
    const entries = byOwner.get(owner);
    entries?.delete(key);
    if (entries?.size === 0) byOwner.delete(owner);
    owners.delete(key);
  }

  function insert(key: string, value: Value, owner: string): void {
    const entries = byOwner.get(owner) ?? new Map<string, Value>();
    entries.set(key, value);
    byOwner.set(owner, entries);
    owners.set(key, owner);
  }

  function dropOne(): void {
    let largest: [owner: string, entries: Map<string, Value>] | undefined;
    for (const one of byOwner) if (!largest || one[1].size > largest[1].size) largest = one;
    if (largest) for (const oldest of largest[1].keys()) return remove(oldest, largest[0]);
  }

  return {
    get(key) {
      const owner = owners.get(key);
      if (owner === undefined) return undefined;
      const value = byOwner.get(owner)?.get(key);
      if (value === undefined) return undefined;
      byOwner.get(owner)?.delete(key);
      byOwner.get(owner)?.set(key, value);
      return value;
    },
    set(key, value, owner = '') {
      const before = owners.get(key);
      if (before !== undefined) remove(key, before);
      insert(key, value, owner);
      if (owners.size > limit) dropOne();
    },
    forget(key) {
      const owner = owners.get(key);
      if (owner !== undefined) remove(key, owner);
    },
    clear() {
      owners.clear();
      byOwner.clear();
    },
    get size() {
      return owners.size;
    },
  };
}
