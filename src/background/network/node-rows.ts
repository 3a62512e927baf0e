// What stands on the account's own topics, told apart: what counts, what is ours, and what others have put above it.
// Promises: rows that nobody can use are passed over, however many, up to the bounds of a look; every one that is a contact or a sealed
// copy is judged by the vault.
// Must not: publish, or decide what is replaced.
import { canBeOutdated, lookThrough } from '../../network/account-topics';
import type { NodeClient } from '../../network/node-client';
import {
  countingContact,
  ownTopics,
  type CountingContact,
  type PublishedMessage,
} from '../../vault/publication/contacts';
import type { CopyClass } from '../../vault/publication/network-copy';
import type { Publication } from '../../vault/publication/publication';

/** What both topics have in common. */
export interface Rows {
  /** Rows of no use to anybody above what counts; all of them when nothing does. */
  above: number;
  /** Whether something can be published that is newer than all of it. */
  canBeTopped: boolean;
  /** The topic has more rows than one look goes through, and nothing that counts was among those. */
  isCut: boolean;
}

export interface ContactRows extends Rows {
  /** The contact that counts for whoever passes over the rest; undefined when there is none. */
  contact: CountingContact | undefined;
  /** When the newest row is dated, whatever it is; 0 without any. */
  newestNs: bigint;
}

export interface CopyRows extends Rows {
  /** Whose the first sealed copy is. Undefined when there is none. */
  top: Exclude<CopyClass, 'no-copy'> | undefined;
  /** The newest that holds exactly our keys, and the newest that holds some of them. */
  same: PublishedMessage | undefined;
  older: PublishedMessage | undefined;
}

/** The contact topic of an account, as far as its counting contact. Throws as the client does. */
export async function contactRows(client: NodeClient, account: string): Promise<ContactRows> {
  const rows: ContactRows = { contact: undefined, newestNs: 0n, above: 0, canBeTopped: true, isCut: false };
  const more = await lookThrough(client, { topic: ownTopics(account).contact, from: null }, async (page) => {
    for (const [at, row] of page.entries()) {
      if (!canBeOutdated(row.timestampNs)) rows.canBeTopped = false;
      if (row.timestampNs > rows.newestNs) rows.newestNs = row.timestampNs;
      rows.contact = countingContact(account, [row]);
      if (rows.contact) return at + 1;
      rows.above++;
    }
    return undefined;
  });
  rows.isCut = more !== null && rows.contact === undefined;
  return rows;
}

/** The key topic of an account, as far as a copy that is exactly ours. `signature`: what has to open it, else the remembered one. */
export async function copyRows(
  client: NodeClient,
  publication: Publication,
  safeId: string,
  account: string,
  signature?: Uint8Array,
): Promise<CopyRows> {
  const rows: CopyRows = {
    top: undefined,
    same: undefined,
    older: undefined,
    above: 0,
    canBeTopped: true,
    isCut: false,
  };
  const more = await lookThrough(client, { topic: ownTopics(account).copy, from: null }, async (page) => {
    const judged = await publication.classifyCopies(
      safeId,
      page.map(({ message }) => message),
      signature,
    );
    for (const [at, row] of page.entries()) {
      const judgement = judged[at];
      if (!canBeOutdated(row.timestampNs)) rows.canBeTopped = false;
      if (judgement === undefined || judgement === 'no-copy') {
        if (!rows.top) rows.above++;
        continue;
      }
      rows.top ??= judgement;
      if (judgement === 'older') rows.older ??= row;
      if (judgement !== 'same') continue;
      rows.same = row;
      return at + 1;
    }
    return undefined;
  });
  rows.isCut = more !== null && rows.same === undefined;
  return rows;
}

/** Whether ours has to be published (again): it is not whole there, or something stands above it that it can be put on. */
export function needsPlacing({ top, same, above, canBeTopped }: CopyRows): boolean {
  return same === undefined || (canBeTopped && (top !== 'same' || above > 0));
}
