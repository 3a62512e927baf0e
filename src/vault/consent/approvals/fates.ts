// What became of the latest requests that no longer wait, so that a card which vanishes from a window is not told as refused when it was answered.
// Promises: kept in storage.session, 100 at most, ids and a word; it only informs, a mistake here changes no decision.
// Must not: make the ending itself fail.
import type { RequestFate } from '../../../contract/pages/approvals';
import type { KeyValueArea } from '../../store/host';

/** How a record went away. */
export type Ending = Exclude<RequestFate, 'waiting' | 'unknown'>;

export interface Fates {
  /** Writes down how these records (by card id) end, before they go. Never rejects. */
  note(ids: readonly string[], ending: Ending): Promise<void>;
  /** How a record ended; undefined when that is not known any more. */
  of(id: string): Promise<Ending | undefined>;
}

const keptAtMost = 100;
const key = 'fates';

export function createFates({ session }: { session: KeyValueArea }): Fates {
  const read = async () => ((await session.get([key]))[key] ?? []) as [id: string, ending: Ending][];
  return {
    async note(ids, ending) {
      if (ids.length === 0) return;
      try {
        const before = (await read()).filter(([id]) => !ids.includes(id));
        await session.set({ [key]: [...before, ...ids.map((id) => [id, ending])].slice(-keptAtMost) });
      } catch {
        // A window then says that it does not know.
      }
    },
    async of(id) {
      return (await read().catch(() => [])).find(([one]) => one === id)?.[1];
    },
  };
}
