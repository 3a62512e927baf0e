// What is done or told once for an identity between two starts of the browser.
// Promises: it is written down before it is done, so that a worker that dies in between does not do it again.
// Must not: be used for what has to happen.
import type { KeyValueArea } from '../../vault/store/host';

/** Says whether this is the first time. `key` names what is done. */
export async function isFirstTime(session: KeyValueArea, key: string, safeId: string): Promise<boolean> {
  const known = ((await session.get([key]))[key] ?? []) as string[];
  if (known.includes(safeId)) return false;
  await session.set({ [key]: [...known, safeId] });
  return true;
}
