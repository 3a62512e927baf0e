// The log of use without a card: counts per origin and method, written now and then instead of once a call.
// Promises: the first use of a given time is written at once, the rest at least once a minute while it goes on. A worker that dies takes at
// most a minute of counts with it. Must not: hold up a call, or know what was in it.
import type { Vault } from '../../../vault/vault';

const writtenEveryMs = 60_000;

export interface UsageLog {
  /** Notes one call. */
  count(safeId: string, origin: string, method: string): void;
}

export function createUsageLog({ vault, nowMs }: { vault: Vault; nowMs: () => number }): UsageLog {
  const counts = new Map<string, { calls: number; writtenAtMs: number }>();
  return {
    count(safeId, origin, method) {
      const key = JSON.stringify([safeId, origin, method]);
      const known = counts.get(key) ?? { calls: 0, writtenAtMs: -Infinity };
      known.calls++;
      const atMs = nowMs();
      if (atMs - known.writtenAtMs >= writtenEveryMs) {
        const purpose = known.calls === 1 ? '' : `${known.calls} calls`;
        void vault.activity
          .append(safeId, { atMs, origin, method, purpose, outcome: 'covered' })
          .catch(() => undefined);
        known.calls = 0;
        known.writtenAtMs = atMs;
      }
      counts.set(key, known);
    },
  };
}
