// Acts that wait to be written, as the lines they become.
// Promises: every act has a line; acts of one site that are alike and wait together share one, so that a flood is a line for each moment.
// Must not: join what the person did, or touch the store.
import type { Bytes } from '../store/encoding';
import type { VaultHost } from '../store/host';
import { sealRecord } from '../store/sealed-record';
import type { RootKey } from '../store/unlocked-safes';
import { encodeLine, linkOf, type Act } from './line';
import { isOfSite, ownerOf } from './room';
import { placeOfLine, type StoredRow } from './state';

/** An act, the key that seals it, and whoever waits for its number. */
export interface Waiting extends RootKey {
  act: Act;
  account: string;
  done: (sequence: number) => void;
  failed: (error: unknown) => void;
}

/** A line that is to be written. */
export interface Joined extends RootKey {
  act: Act;
  waiting: Waiting[];
}

/** The lines of a batch, in the order of their first acts. */
export function joined(batch: readonly Waiting[]): Joined[] {
  const lines = new Map<unknown, Joined>();
  for (const one of batch) {
    const { act, rootKey, epoch } = one;
    const { origin, method, purpose, outcome } = act;
    const name = isOfSite(act) ? JSON.stringify([epoch, origin, method, purpose, outcome]) : one;
    const line = lines.get(name);
    if (line) line.waiting.push(one);
    else lines.set(name, { act, rootKey, epoch, waiting: [one] });
  }
  return [...lines.values()];
}

/** The rows of these lines from number `first` on, each holding the link of the one before it; `link` is that of the line before them. */
export async function sealLines(
  where: { safeId: string; account: string },
  { lines, first, link }: { lines: readonly Joined[]; first: number; link: Bytes },
  randomBytes: VaultHost['randomBytes'],
): Promise<{ rows: (StoredRow & { by: Bytes })[]; link: Bytes }> {
  const owned = await Promise.all(
    lines.map(async (line, at) => ({ ...line, sequence: first + at, by: await ownerOf(line.act, line.rootKey) })),
  );
  let previous = link;
  const linked: ((typeof owned)[number] & { plain: Bytes })[] = [];
  for (const line of owned) {
    const plain = encodeLine(line.act, line.waiting.length, previous);
    previous = await linkOf(line.sequence, line.by, plain);
    linked.push({ ...line, plain });
  }
  // The links are of plaintexts, so that sealing, which is the work, is done for all at once.
  const rows = await Promise.all(
    linked.map(async ({ sequence, by, plain, rootKey, epoch }) => {
      const place = { ...placeOfLine(where, sequence), epoch };
      return { safeId: where.safeId, sequence, by, bytes: await sealRecord(rootKey, place, plain, randomBytes) };
    }),
  );
  return { rows, link: previous };
}

/** The newest of the keys that came with acts. */
export const newestRoot = (lines: readonly Joined[]): Joined =>
  lines.reduce((one, other) => (other.epoch > one.epoch ? other : one));
