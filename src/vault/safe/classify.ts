// Which copy of a safe may be the right one, judged without a key from what the two stores hold.
// Promises: what carries no MAC of the safe's root never shadows, changes or deletes a copy that has slots, whichever store it is in; a
// deletion counts only where the database says so; what is shown comes from the database wherever that has a copy (R-H2, R-H4).
// Must not: write anything, or believe the mirror, which in Firefox a compromised page process can write at any time.
import { equalBytes } from '../../protocol/base/bytes';
import type { ReadCopy, Replica, StoredCopy } from './replica';
import { isSameCopy } from './replica';
import type { Header } from './header';
import { isUnlockTextOf } from './unlock-text';

/**
 * A safe as the stores show it. `damaged` and `newer` are shown, never written over.
 * `candidates`: the copies that may be the right one, the database's first; more than one only until a root key tells which is genuine.
 * `shown`: what is said of the safe, and sent to a wallet, before that. `database`: the whole copy the database has.
 * `isSettled`: no key is needed to make both stores alike.
 */
export type Safe =
  | {
      kind: 'readable';
      safeId: string;
      candidates: [Replica, ...Replica[]];
      shown: Header;
      database: Replica | undefined;
      isSettled: boolean;
    }
  | { kind: 'damaged'; safeId: string; account: string | null }
  /** `isInDatabase`: only then it may not be forgotten. */
  | { kind: 'newer'; safeId: string; account: string | null; isInDatabase: boolean };

export interface Classification {
  /** Undefined when there is no such safe. */
  safe: Safe | undefined;
  /** The database says that it was forgotten, and some of it may still be there. */
  isForgotten?: boolean;
  /** A copy that a store lacks and may be given without a key. */
  mend?: { store: 'database' | 'mirror'; copy: Replica };
  /** The mirror holds what the vault did not write for this safe. */
  isForeign?: boolean;
}

/** `isKnown`: the database remembers that it held keys of this safe. `extensionOrigin`: ours. */
export function classifySafe(
  safeId: string,
  database: ReadCopy,
  mirror: ReadCopy,
  { isKnown, extensionOrigin }: { isKnown: boolean; extensionOrigin: string },
): Classification {
  if (database.kind === 'newer')
    return { safe: { kind: 'newer', safeId, account: database.account, isInDatabase: true } };
  const slotted = mirror.kind === 'intact' && hasSlots(mirror.copy.header) ? mirror.copy : undefined;
  if (database.kind === 'intact') {
    const { copy } = database;
    if (copy.header.state === 'forgetting') return { safe: undefined, isForgotten: true };
    return hasSlots(copy.header)
      ? besideKeys(safeId, copy, mirror, slotted)
      : besideDraft(safeId, copy, mirror, slotted);
  }
  const standing = slotted && standsFor(database, slotted, extensionOrigin);
  if (standing) return standing;
  if (database.kind === 'bad')
    return { safe: { kind: 'damaged', safeId, account: database.account }, isForeign: slotted !== undefined };
  return onlyMirror(safeId, mirror, isKnown);
}

/** The database has keys: it serves, and the mirror is believed only where a MAC will say so. */
function besideKeys(safeId: string, copy: Replica, mirror: ReadCopy, slotted: Replica | undefined): Classification {
  const safe = readable(safeId, [copy], { database: copy });
  if (!slotted)
    return {
      safe,
      mend: { store: 'mirror', copy },
      isForeign: mirror.kind !== 'absent' && !isEarlierDraft(mirror, copy.header),
    };
  if (isSameCopy(copy, slotted)) return { safe };
  // Written before the root key changed: nothing that was removed since may open the safe through it.
  const isOfPastEpoch = slotted.header.epoch < copy.header.epoch;
  const candidates: [Replica, ...Replica[]] = isOfPastEpoch ? [copy] : [copy, slotted];
  return { safe: { ...safe, candidates, isSettled: false }, isForeign: !isSameSafe(copy.header, slotted.header) };
}

/** The database has a draft without keys. Keys that only the mirror speaks of are not written over, and open with the draft's own text. */
function besideDraft(safeId: string, copy: Replica, mirror: ReadCopy, slotted: Replica | undefined): Classification {
  if (slotted && isSameSafe(copy.header, slotted.header)) {
    return {
      safe: readable(safeId, [slotted], {
        shown: shownAs(slotted.header, copy.header),
        database: copy,
        isSettled: false,
      }),
    };
  }
  if (slotted) return { safe: readable(safeId, [copy], { database: copy, isSettled: false }), isForeign: true };
  const safe = readable(safeId, [copy], { database: copy });
  if (mirror.kind === 'intact' && isSameCopy(copy, mirror.copy)) return { safe };
  return {
    safe,
    mend: { store: 'mirror', copy },
    isForeign: mirror.kind !== 'absent' && !isEarlierDraft(mirror, copy.header),
  };
}

/** The mirror's keys, in place of a copy that the database lost; undefined when they cannot be what it was a copy of. */
function standsFor(
  database: ReadCopy & { kind: 'absent' | 'bad' },
  slotted: Replica,
  extensionOrigin: string,
): Classification | undefined {
  const { safeId, state } = slotted.header;
  const known = database.kind === 'bad' ? database.header : undefined;
  const isOfAccount =
    database.kind === 'absent' || database.account === null || database.account === slotted.header.account;
  const fits = known
    ? isSameSafe(known, slotted.header)
    : isOfAccount && isUnlockTextOf(slotted.header, extensionOrigin);
  if (!fits) return undefined;
  // A finished identity is never shown as a draft, which a wallet that signs unsteadily deletes.
  if (known && hasSlots(known) && known.state !== state) return undefined;
  if (database.kind === 'bad' && !known && state !== 'complete' && !isHeaderOf(database.left, slotted))
    return undefined;
  const shown = known ? shownAs(slotted.header, known) : slotted.header;
  const loses = database.kind === 'bad' && !isWholly(database.left, slotted);
  if (loses) return { safe: readable(safeId, [slotted], { shown, database: undefined, isSettled: false }) };
  return {
    safe: readable(safeId, [slotted], { database: undefined, isSettled: false }),
    mend: { store: 'database', copy: slotted },
  };
}

/** The database has nothing of it. A draft or a deletion without a MAC means nothing then. */
function onlyMirror(safeId: string, mirror: ReadCopy, isKnown: boolean): Classification {
  if (mirror.kind === 'absent') return { safe: undefined };
  if (mirror.kind === 'newer') return { safe: { kind: 'newer', safeId, account: mirror.account, isInDatabase: false } };
  if (mirror.kind === 'bad') return { safe: { kind: 'damaged', safeId, account: mirror.account } };
  const { header } = mirror.copy;
  if (hasSlots(header)) return { safe: { kind: 'damaged', safeId, account: header.account } };
  return { safe: isKnown ? { kind: 'damaged', safeId, account: null } : undefined };
}

function readable(
  safeId: string,
  candidates: [Replica, ...Replica[]],
  {
    shown = candidates[0].header,
    database,
    isSettled = true,
  }: { shown?: Header; database: Replica | undefined; isSettled?: boolean },
): Extract<Safe, { kind: 'readable' }> {
  return { kind: 'readable', safeId, candidates, shown, database, isSettled };
}

export function hasSlots({ slots }: Pick<Header, 'slots'>): boolean {
  return slots.length > 0;
}

/** What stays the same through the whole life of a safe. */
function isSameSafe(a: Header, b: Header): boolean {
  return (
    a.account === b.account &&
    a.unlockText === b.unlockText &&
    a.createdAtMs === b.createdAtMs &&
    a.extensionOrigin === b.extensionOrigin
  );
}

/** How far the mirror says the safe is, with everything else as the database says it. */
function shownAs(mirrored: Header, { name, wallet, plan }: Header): Header {
  const { plan: _plan, ...header } = mirrored;
  return { ...header, name, wallet, ...(plan && { plan }) };
}

/** What a write that was cut off before it reached the mirror leaves there. */
function isEarlierDraft(mirror: ReadCopy, header: Header): boolean {
  return mirror.kind === 'intact' && mirror.copy.header.state === 'draft' && isSameSafe(mirror.copy.header, header);
}

/**
 * Whether nothing that is left of a damaged copy is lost by putting this one in its place. Its checksum, or all before its checksum, is the
 * same: then it was this one. Or only records are left, and they are the same.
 */
function isWholly(left: StoredCopy, copy: Replica): boolean {
  if (left.headerBytes.length > 0) return isHeaderOf(left, copy);
  return left.records.every((record) =>
    copy.records.some(
      ({ type, id, bytes }) => type === record.type && id === record.id && equalBytes(bytes, record.bytes),
    ),
  );
}

/** Whether the damaged header was this header: all before its checksum, or the checksum, is the same. */
function isHeaderOf(left: StoredCopy, copy: Replica): boolean {
  const [was, is] = [left.headerBytes, copy.headerBytes];
  return (
    was.length > 0 && (equalBytes(was.slice(-32), is.slice(-32)) || equalBytes(was.slice(0, -32), is.slice(0, -32)))
  );
}
