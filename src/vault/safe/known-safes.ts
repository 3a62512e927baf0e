// Which safes the database has held keys of. It tells a database that lost rows, or was lost as a whole, from a database that never had them.
// Promises: what a stranger puts into the mirror for a safe that never was is not an identity, however many there are.
// Must not: be needed to open anything. A list that is lost costs nothing but this.
import { step } from '../store/steps';
import type { Database } from '../store/database';
import { readSetting, writeStrict } from '../store/database';
import type { VaultHost } from '../store/host';

const key = 'known-safes';

export interface KnownSafes {
  /** Reads the list. Undefined when the database has none: it is new, lost, or of before there was a list. Throws 'storage-failed'. */
  load(): Promise<ReadonlySet<string> | undefined>;
  /** Adds safes; does nothing for those that are on the list. Throws 'storage-failed'. */
  add(safeIds: Iterable<string>): Promise<void>;
  /** Throws 'storage-failed'. */
  remove(safeId: string): Promise<void>;
}

export function createKnownSafes({ db, host }: { db: Database; host: Pick<VaultHost, 'checkpoint'> }): KnownSafes {
  let known: Set<string> | undefined;

  async function put(next: Set<string>): Promise<void> {
    await step(host, 'known-safes.put', () =>
      writeStrict(db, ['settings'], (transaction) => transaction.objectStore('settings').put([...next], key)),
    );
    known = next;
  }

  return {
    async load() {
      const stored = await readSetting(db, key);
      known = Array.isArray(stored)
        ? new Set(stored.filter((one): one is string => typeof one === 'string'))
        : undefined;
      return known;
    },
    async add(safeIds) {
      const next = new Set([...(known ?? []), ...safeIds]);
      if (known?.size !== next.size) await put(next);
    },
    async remove(safeId) {
      if (known?.has(safeId)) await put(new Set([...known].filter((one) => one !== safeId)));
    },
  };
}
