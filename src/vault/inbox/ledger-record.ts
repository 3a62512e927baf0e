// The sealed record of what was signed for inboxes of XMTP V3, and of what the person said about them.
// Promises: one byte string per ledger; what does not fit is 'damaged', never a shorter ledger.
// Must not: hold a key or a signature.
import { addressShapes, identityTextShapes, type IdentityTextShape } from '../../contract/choices';
import { VaultError } from '../../contract/errors';
import { nameLength, originLength } from '../../contract/limits';
import { bytesToHex, hexToBytes } from '../../protocol/base/bytes';
import { maxRevokedAtOnce } from '../../protocol/inbox/identity-text';
import { isId, isLowerCaseAddress } from '../../protocol/inbox/inbox-id';
import type { Bytes } from '../store/encoding';
import { concat, createReader, lengthPrefixed, u32, u64, u8, type Reader } from '../store/encoding';

export const ledgerRecord = { type: 'inbox-ledger', id: 'ledger', schema: 1 } as const;

/** Texts that one identity signs in its life. Each took a person's approval; an inbox has 256 updates. */
export const mostEntries = 1_024;
/** Inboxes that the person said something about. */
export const mostNotes = 256;

/** One text that was signed, the same text once. */
export interface LedgerEntry {
  /** When it was approved, milliseconds since 1970. */
  atMs: number;
  origin: string;
  /** Address of the key that signed: `0x` and 40 lower-case hex digits. */
  identifier: string;
  /** 64 lower-case hex digits. */
  inboxId: string;
  shape: IdentityTextShape;
  /** Installations in hex, or an address; of `create+grant` the installation. */
  values: readonly string[];
  /** SHA-256 of the text, 64 hex digits. */
  textDigest: string;
}

/** What the person said of an inbox. */
export interface InboxNote {
  inboxId: string;
  /** Empty for none. */
  name: string;
  /** Since when, and with which address, this identity was said to be its recovery; null when that was not said, or taken back. */
  recovery: { sinceMs: number; identifier: string } | null;
  /** What an app showed, and when; null when nothing was said. */
  said: { installations: number; updates: number; atMs: number } | null;
}

/** Entries in the order they were signed. */
export interface Ledger {
  readonly entries: readonly LedgerEntry[];
  readonly notes: readonly InboxNote[];
}

export const emptyLedger: Ledger = { entries: [], notes: [] };

/**
 * Number of entries (4); of each: time (8), identifier (20), inbox id (32), digest (32), shape (1), number of values (4), values and origin as texts. Then
 * the number of notes (4); of each: inbox id (32), recovery since (8, 0 for no) and with which address (20), said at (8, 0 for nothing), installations (4), updates (4), name.
 */
export function encodeLedger({ entries, notes }: Ledger): Bytes {
  return concat(
    u32(entries.length),
    ...entries.flatMap(({ atMs, origin, identifier, inboxId, shape, values, textDigest }) => [
      u64(atMs),
      hexToBytes(identifier.slice(2)),
      hexToBytes(inboxId),
      hexToBytes(textDigest),
      u8(identityTextShapes.indexOf(shape)),
      u32(values.length),
      lengthPrefixed(...values, origin),
    ]),
    u32(notes.length),
    ...notes.flatMap(({ inboxId, name, recovery, said }) => [
      hexToBytes(inboxId),
      u64(recovery?.sinceMs ?? 0),
      hexToBytes(recovery?.identifier.slice(2) ?? '00'.repeat(20)),
      u64(said?.atMs ?? 0),
      u32(said?.installations ?? 0),
      u32(said?.updates ?? 0),
      lengthPrefixed(name),
    ]),
  );
}

/** Throws VaultError('damaged'). */
export function decodeLedger(bytes: Uint8Array): Ledger {
  const reader = createReader(bytes);
  const entries = listOf(reader, mostEntries, readEntry);
  const notes = listOf(reader, mostNotes, readNote);
  reader.end();
  return { entries, notes };
}

function listOf<T>(reader: Reader, most: number, read: (reader: Reader) => T): T[] {
  const count = reader.u32();
  if (count > most) throw new VaultError('damaged');
  return Array.from({ length: count }, () => read(reader));
}

function readEntry(reader: Reader): LedgerEntry {
  const atMs = reader.timeMs();
  const [identifier, inboxId, textDigest] = [
    addressIn(reader),
    bytesToHex(reader.take(32)),
    bytesToHex(reader.take(32)),
  ];
  const shape = identityTextShapes[reader.u8()];
  if (!shape) throw new VaultError('damaged');
  const values = listOf(reader, maxRevokedAtOnce, () => reader.text());
  const origin = reader.text();
  const isAbout = addressShapes.some((one) => one === shape) ? isLowerCaseAddress : isId;
  const fits = shape === 'revoke' ? values.length > 0 : values.length === 1;
  if (!fits || !values.every(isAbout) || origin === '' || origin.length > originLength) throw new VaultError('damaged');
  return { atMs, identifier, inboxId, textDigest, shape, values, origin };
}

function readNote(reader: Reader): InboxNote {
  const inboxId = bytesToHex(reader.take(32));
  const [sinceMs, identifier, atMs] = [reader.timeMs(), addressIn(reader), reader.timeMs()];
  const [installations, updates, name] = [reader.u32(), reader.u32(), reader.text()];
  if (name.length > nameLength) throw new VaultError('damaged');
  return {
    inboxId,
    name,
    recovery: sinceMs === 0 ? null : { sinceMs, identifier },
    said: atMs === 0 ? null : { installations, updates, atMs },
  };
}

const addressIn = (reader: Reader): string => `0x${bytesToHex(reader.take(20))}`;
