// A host for tests: areas that keep JSON only, as storage.session does, a clock set by hand, and a worker that can be killed.
// Promises: nothing but `area` and the database outlives a "worker"; a killed one never runs another line.
// Must not: be imported by anything but tests.
import type { KeyValueArea, VaultHost } from '../store/host';

/** A session or local area over JSON texts. `items` is what a restart keeps. */
export function createMemoryArea(
  items: Map<string, string> = new Map(),
): KeyValueArea & { items: Map<string, string> } {
  return {
    items,
    async get(keys) {
      const wanted = keys ?? [...items.keys()];
      return Object.fromEntries(
        wanted.filter((key) => items.has(key)).map((key) => [key, JSON.parse(items.get(key)!) as unknown]),
      );
    },
    async set(values) {
      for (const [key, value] of Object.entries(values)) items.set(key, JSON.stringify(value));
    },
    async remove(keys) {
      for (const key of keys) items.delete(key);
    },
  };
}

/** Time that only moves when told to. */
export interface TestClock {
  nowMs: number;
}

/** Milliseconds since 1970 at which tests begin. */
export const testStartMs = 1_700_000_000_000;

let databases = 0;

/** A host over the given areas. Without a name it gets a database of its own. */
export function createTestHost(options: {
  clock: TestClock;
  session?: KeyValueArea;
  mirror?: KeyValueArea;
  databaseName?: string;
  checkpoint?: (label: string) => Promise<void>;
}): VaultHost {
  databases++;
  return {
    nowMs: () => options.clock.nowMs,
    randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
    databaseName: options.databaseName ?? `test-${databases}`,
    logRestMs: 0,
    session: options.session ?? createMemoryArea(),
    mirror: options.mirror ?? createMemoryArea(),
    extensionOrigin: 'chrome-extension://abcdefghijklmnopabcdefghijklmnop',
    checkpoint: options.checkpoint,
  };
}

/** Thrown by `killAt` inside a worker that was stopped. */
export class Killed extends Error {}

/** A checkpoint that stops the worker the `nth` time it is reached with `label`. */
export function killAt(label: string, nth = 1): (reached: string) => Promise<void> {
  let left = nth;
  return async (reached) => {
    if (reached === label && --left === 0) throw new Killed(label);
  };
}
