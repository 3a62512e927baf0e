// Many small asynchronous jobs, a bounded number of them at once.
// Promises: results in the order of the items; nothing of a later group is started when an earlier one has failed.
// Must not: be used for jobs that wait for a person or for each other.
import { KeystoreRefusal } from '../../contract/errors';
import { ProtocolError } from '../../protocol/base/errors';
import { countBatchItems } from '../../protocol/keystore/batch';
import type { TakeSlice } from './slices';

/** Jobs in flight at once: enough to keep WebCrypto busy, few enough to let other requests in between. */
const atOnce = 256;

/**
 * `job` of every item, at most 256 (or `size`) at a time. With `take` each group is a slice of its own. Rejects as the first job that fails.
 */
export async function inGroups<Item, Result>(
  items: readonly Item[],
  job: (item: Item, index: number) => Result | Promise<Result>,
  { take = (slice) => Promise.resolve(slice()), size = atOnce }: { take?: TakeSlice; size?: number } = {},
): Promise<Result[]> {
  const results: Result[] = [];
  for (let start = 0; start < items.length; start += size) {
    const group = items.slice(start, start + size);
    results.push(...(await take(() => Promise.all(group.map((item, index) => job(item, start + index))))));
  }
  return results;
}

/** How many items the bytes of a batch hold. Throws KeystoreRefusal(1) when they are none. */
export function itemsIn(bytes: Uint8Array): number {
  try {
    return countBatchItems(bytes);
  } catch (error) {
    if (error instanceof ProtocolError) throw new KeystoreRefusal(1);
    throw error;
  }
}
