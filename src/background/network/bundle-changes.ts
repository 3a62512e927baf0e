// Whose prekey was replaced since the browser started, so that connected pages can be told, also by a later worker.
// Promises: a page that was not connected at the moment learns of it when it connects again. Must not: hold a key.
import type { KeyValueArea } from '../../vault/store/host';

export interface BundleChanges {
  note(account: string): Promise<void>;
  /** By account: milliseconds since 1970. */
  all(): Promise<Record<string, number>>;
}

const key = 'bundle-changes';

export function createBundleChanges(options: { session: KeyValueArea; nowMs: () => number }): BundleChanges {
  const { session, nowMs } = options;
  const all = async () => ((await session.get([key]))[key] ?? {}) as Record<string, number>;
  return {
    all,
    // Two in one millisecond are two: the number only has to differ.
    async note(account) {
      const known = await all();
      await session.set({ [key]: { ...known, [account]: Math.max(nowMs(), (known[account] ?? 0) + 1) } });
    },
  };
}
