// What a ledger says of an inbox: who this identity is in it, which of its keys signs there, what was granted, how full it is.
// Promises: pure; nothing is taken for known that was not signed or said here.
// Must not: decide whether a text is signed; inboxes.ts does.
import type { IdentityTextShape } from '../../contract/choices';
import { VaultError } from '../../contract/errors';
import type { InboxMeters, InboxStanding, InboxView } from '../../contract/pages/inbox';
import type { InboxNote, Ledger, LedgerEntry } from './ledger-record';
import { mostEntries, mostNotes } from './ledger-record';

/** What is known of an inbox; 'unknown' when nothing is. */
export function standingOf(ledger: Ledger, inboxId: string): Exclude<InboxStanding, 'new'> {
  const shapes = new Set(textsOf(ledger, inboxId).map(({ shape }) => shape));
  if (shapes.has('create+grant')) return 'made-here';
  if (shapes.has('link')) return 'linked-here';
  const note = noteOf(ledger, inboxId);
  return note && (note.name !== '' || note.recovery !== null) ? 'named-here' : 'unknown';
}

/**
 * The address of this identity that is the inbox's recovery; undefined when none is known to be. It made the inbox, or was handed it, or the
 * person said so since it was handed over.
 */
export function recoveryIn(ledger: Ledger, inboxId: string, own: readonly string[]): string | undefined {
  const texts = textsOf(ledger, inboxId);
  const handedOver = texts.findLast(({ shape }) => shape === 'recovery');
  const marked = noteOf(ledger, inboxId)?.recovery ?? null;
  if (marked && marked.sinceMs > (handedOver?.atMs ?? 0)) return marked.identifier;
  if (handedOver) return handedOver.values.find((address) => own.includes(address));
  return texts.find(({ shape }) => shape === 'create+grant')?.identifier;
}

/** The address of this identity that joined the inbox last and was not unlinked here since; undefined when none did. */
export function memberIn(ledger: Ledger, inboxId: string): string | undefined {
  const joined: string[] = [];
  for (const { shape, identifier, values } of textsOf(ledger, inboxId)) {
    if (shape === 'create+grant' || shape === 'link') joined.push(identifier);
    if (shape === 'unlink')
      for (const left of values) joined.splice(0, Infinity, ...joined.filter((one) => one !== left));
  }
  return joined.at(-1);
}

/** What this identity is in the inbox. */
export function roleIn(ledger: Ledger, inboxId: string, own: readonly string[]): InboxView['role'] {
  if (recoveryIn(ledger, inboxId, own) !== undefined) return 'recovery';
  const hasJoined = textsOf(ledger, inboxId).some(({ shape }) => shape === 'link' || shape === 'create+grant');
  return hasJoined ? 'member' : 'unknown';
}

/** What was granted here and not revoked since, oldest first. */
export function grantedIn(ledger: Ledger, inboxId: string): InboxView['granted'] {
  return grantedBy(textsOf(ledger, inboxId));
}

function grantedBy(texts: readonly LedgerEntry[]): InboxView['granted'] {
  const granted = new Map<string, InboxView['granted'][number]>();
  for (const { shape, values, origin, atMs } of texts)
    for (const installationId of values) {
      if (grants(shape)) granted.set(installationId, { installationId, origin, atMs });
      if (shape === 'revoke') granted.delete(installationId);
    }
  return [...granted.values()];
}

/** What is counted here, from what an app last showed if the person said it. */
export function metersOf(ledger: Ledger, inboxId: string): InboxMeters {
  const said = noteOf(ledger, inboxId)?.said ?? null;
  const texts = textsOf(ledger, inboxId);
  if (!said) return { installations: grantedBy(texts).length, updates: texts.length, isSaid: false, isRead: false };
  const since = texts.filter(({ atMs }) => atMs > said.atMs);
  const before = new Set(grantedBy(texts.filter((text) => !since.includes(text))).map((one) => one.installationId));
  const now = new Set(grantedIn(ledger, inboxId).map((one) => one.installationId));
  // Those that the person saw and this ledger knows may have been revoked here since; the others are only counted.
  const left = new Set(
    since.flatMap(({ shape, values }) => (shape === 'revoke' ? values : [])).filter((id) => !now.has(id)),
  );
  const joined = [...now].filter((id) => !before.has(id)).length;
  const installations = Math.max(0, said.installations + joined - left.size);
  return { installations, updates: said.updates + since.length, isSaid: true, isRead: false };
}

/** Every inbox that something was signed for or said of, in the order in which that began. */
export function inboxIdsOf({ entries, notes }: Ledger): string[] {
  return [...new Set([...entries, ...notes].map(({ inboxId }) => inboxId))];
}

export function textsOf({ entries }: Ledger, inboxId: string): LedgerEntry[] {
  return entries.filter((entry) => entry.inboxId === inboxId);
}

export function noteOf({ notes }: Ledger, inboxId: string): InboxNote | undefined {
  return notes.find((note) => note.inboxId === inboxId);
}

/** The ledger as it was before this text was in it: what the same text is judged by when it comes again. */
export function withoutText(ledger: Ledger, textDigest: string): Ledger {
  return { ...ledger, entries: ledger.entries.filter((entry) => entry.textDigest !== textDigest) };
}

/**
 * The ledger with one more text, or as it is when the text is in it. Of a full one the oldest line goes that only says which apps were let in or
 * revoked: who belongs to which inbox is never forgotten. Throws 'limit' when nothing can go.
 */
export function withText(ledger: Ledger, entry: LedgerEntry): Ledger {
  if (ledger.entries.some(({ textDigest }) => textDigest === entry.textDigest)) return ledger;
  const kept = [...ledger.entries];
  if (kept.length >= mostEntries) {
    const oldest = kept.findIndex(({ shape }) => shape === 'grant' || shape === 'revoke');
    if (oldest < 0) throw new VaultError('limit');
    kept.splice(oldest, 1);
  }
  return { ...ledger, entries: [...kept, entry] };
}

/** The ledger with another note of this inbox. Throws 'limit'. */
export function withNote(ledger: Ledger, inboxId: string, change: Partial<Omit<InboxNote, 'inboxId'>>): Ledger {
  const before = noteOf(ledger, inboxId) ?? { inboxId, name: '', recovery: null, said: null };
  const others = ledger.notes.filter((note) => note.inboxId !== inboxId);
  if (others.length >= mostNotes) throw new VaultError('limit');
  return { ...ledger, notes: [...others, { ...before, ...change }] };
}

/** Both in one, in their own order: each text once, and of two notes about an inbox the first ledger's. Throws 'limit'. */
export function merged(one: Ledger, other: Ledger): Ledger {
  const entries = new Map<string, LedgerEntry>();
  for (const entry of [...one.entries, ...other.entries])
    if (!entries.has(entry.textDigest)) entries.set(entry.textDigest, entry);
  const notes = new Map<string, InboxNote>();
  for (const note of [...one.notes, ...other.notes]) if (!notes.has(note.inboxId)) notes.set(note.inboxId, note);
  if (entries.size > mostEntries || notes.size > mostNotes) throw new VaultError('limit');
  return { entries: [...entries.values()], notes: [...notes.values()] };
}

/** Whether a text of this shape lets an app in. */
export const grants = (shape: IdentityTextShape): boolean => shape === 'grant' || shape === 'create+grant';
