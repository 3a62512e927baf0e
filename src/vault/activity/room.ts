// Whose the lines of a log are, and which of them go when there are too many.
// Promises: what goes is of the site that has most, its oldest first; no site pushes out what the person did.
import { bytesToHex } from '../../protocol/base/bytes';
import { readStores, type Database } from '../store/database';
import { lengthPrefixed, type Bytes } from '../store/encoding';
import { labels } from '../store/labels';
import { macWith } from '../store/sealed-record';
import { surplus } from '../work/shares';
import type { Act } from './line';

/** How many entries of one identity are kept, at most half of them of the person's own acts. */
export const keptEntries = 10_000;
const keptOwn = keptEntries / 2;
const pageLength = 256;

/** Owner of the person's own acts, and of rows that do not say whose they are, which any site's newer ones may push out. */
const [person, unknown] = ['', 'unknown'];

/** Whose each line is, oldest first. */
export type Owners = Map<number, string>;

/** True for what a site asked for; false for the person's own acts, also about a site. */
export const isOfSite = ({ origin, method }: Act): boolean => origin !== null && /^(vault|xmtp)_/.test(method);

/** Whose act it is: nobody's name, but the same for all acts of a site under one root key. Empty: the person's own. */
export async function ownerOf(act: Act, rootKey: CryptoKey): Promise<Bytes> {
  return isOfSite(act)
    ? (await macWith(rootKey, labels.entryName, lengthPrefixed('activity', act.origin ?? ''))).slice(0, 8)
    : new Uint8Array(0);
}

/** The same as a key of a map; undefined: a row that does not say. */
export const ownerName = (by: Bytes | undefined): string => (by ? bytesToHex(by) : unknown);

/** Which lines go. What the person did counts apart; of the sites the one with most loses its oldest. */
export function surplusOf(owners: ReadonlyMap<number, string>): number[] {
  const own = [...owners].filter(([, owner]) => owner === person).map(([sequence]) => sequence);
  const tooManyOwn = own.slice(0, Math.max(0, own.length - keptOwn));
  const others = [...owners]
    .filter(([, owner]) => owner !== person)
    .map(([sequence, owner]): [string, string] => [String(sequence), owner]);
  return [...tooManyOwn, ...surplus(others, keptEntries - (own.length - tooManyOwn.length)).map(Number)];
}

/** Whose every line is, read a page at a time. */
export async function readOwners(db: Database, safeId: string): Promise<Owners> {
  const owners: Owners = new Map();
  for (let after = 0; ;) {
    const range = IDBKeyRange.bound([safeId, after], [safeId, []], true);
    const page = await readStores(db, ['activity'], (transaction) =>
      transaction.objectStore('activity').getAll(range, pageLength),
    );
    for (const { sequence, by } of page) owners.set(sequence, ownerName(by));
    if (page.length < pageLength) return owners;
    after = page.at(-1)?.sequence ?? after;
  }
}
