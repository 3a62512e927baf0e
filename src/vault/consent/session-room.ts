// storage.session within a bound of our own: the browser gives 10 MiB, and beyond them it could refuse what keeps an identity unlocked.
// Promises: every item is counted as JSON before it is written; a write that would go beyond the bound is refused and changes nothing.
// Must not: know what the items are. What sites can make grow has its own, smaller bound where it is written.
import { VaultError } from '../../contract/errors';
import { utf8ToBytes } from '../../protocol/base/bytes';
import type { KeyValueArea } from '../store/host';

/** What an item takes, in bytes. */
function itemBytes(key: string, value: unknown): number {
  // A value that JSON does not have takes nothing.
  return utf8ToBytes(key + (JSON.stringify(value) ?? '')).length;
}

/** The same area, which throws VaultError('limit') for a `set` beyond `total` bytes in all. It must be the only writer. */
export function withinBytes(area: KeyValueArea, total: number): KeyValueArea {
  let counting: Promise<Map<string, number>> | undefined;

  function countOf(items: Record<string, unknown>): Map<string, number> {
    return new Map(Object.entries(items).map(([key, value]) => [key, itemBytes(key, value)]));
  }

  async function sizes(): Promise<Map<string, number>> {
    counting ??= area.get(null).then(countOf);
    try {
      return await counting;
    } catch (error) {
      counting = undefined;
      throw error;
    }
  }

  /** What was counted is counted anew when a write did not end well: then only the store knows. */
  async function changing(change: () => Promise<void>): Promise<void> {
    try {
      await change();
    } catch (error) {
      counting = undefined;
      throw error;
    }
  }

  return {
    get: (keys) => area.get(keys),
    async set(items) {
      const held = await sizes();
      const next = countOf(items);
      const sum = [...new Map([...held, ...next]).values()].reduce((all, one) => all + one, 0);
      if (sum > total) throw new VaultError('limit');
      for (const [key, bytes] of next) held.set(key, bytes);
      await changing(() => area.set(items));
    },
    async remove(keys) {
      const held = await sizes();
      await changing(() => area.remove(keys));
      for (const key of keys) held.delete(key);
    },
  };
}
