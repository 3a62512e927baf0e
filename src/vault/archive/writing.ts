// Writing an archive: from the rows that were gathered to a page that everybody can read, or the same page sealed under a passphrase.
// Promises: nothing is written before the identity was opened anew; it comes out in pieces, of which few are in memory, each asked for by the page that
// wanted it and to be had once more; a lock ends it. Everything that was gathered is a message in it, or counted.
// Must not: be asked by a site. What comes out of here may be read by whoever has it.
import { VaultError } from '../../contract/errors';
import { blockOf, type ArchiveEnd, type ArchivePart } from '../../contract/archive-page';
import type { ArchivePiece, ArchiveWriting as Begun } from '../../contract/pages/archive';
import type { FileSecret } from '../../contract/pages/backup';
import type { SlotSecret } from '../../contract/schemas';
import { bytesToHex, utf8ToBytes } from '../../protocol/base/bytes';
import { mayProtect } from '../backup/protect';
import { sealPieces, type FilePieces } from '../backup/file';
import type { Conversations } from '../keystore/conversations';
import type { Keystore } from '../keystore/keystore';
import type { People } from '../people/people';
import type { Safes } from '../safe/safes';
import { asBytes, type Bytes } from '../store/encoding';
import type { VaultHost } from '../store/host';
import type { UnlockedSafes } from '../store/unlocked-safes';
import type { Slots } from '../unlock/slot-changes';
import { createQueue } from '../work/queue';
import { createSlices } from '../work/slices';
import { createOpening, rowsOfStep, type Opening } from './opening';
import type { ArchiveRows, GatheredRow } from './rows';

export interface WritingWanted {
  safeId: string;
  proof: SlotSecret;
  /** What stands before and after what is written here (contract/archive-page). */
  head: string;
  tail: string;
  /** Null: for everybody to read. */
  secret: FileSecret | null;
}

export interface ArchiveWriting {
  /** Ends another that was under way. Throws as `Slots.prove`, and as `mayProtect`. */
  begin(wanted: WritingWanted): Promise<Begun>;
  /** The piece number `at`, from 0 on: the next, or the last one again. Throws 'stale' for any other, and when the worker died since; 'locked'. */
  piece(input: { safeId: string; writingId: string; at: number }): Promise<ArchivePiece>;
  stop(safeId: string): Promise<void>;
  /** What memory holds of safes that were locked since goes. */
  dropLocked(): void;
}

/** Bytes of attachments that one file has; the rest is listed without them. */
export const attachmentBytes = 200 * 1024 * 1024;

interface Session {
  writingId: string;
  lockCount: number;
  opening: Opening;
  pieces: FilePieces | null;
  /** Rows of a record that was read and not yet opened. */
  waiting: readonly GatheredRow[];
  from: number;
  rowsRead: number;
  end: ArchiveEnd;
  attachments: number;
  wanted: Pick<WritingWanted, 'head' | 'tail'>;
  last: { at: number; piece: ArchivePiece } | undefined;
}

export function createArchiveWriting(options: {
  host: VaultHost;
  safes: Pick<Safes, 'copyOf'>;
  open: UnlockedSafes;
  slots: Pick<Slots, 'prove'>;
  rows: ArchiveRows;
  keystore: Pick<Keystore, 'run'>;
  conversations: Pick<Conversations, 'find'>;
  people: Pick<People, 'named'>;
}): ArchiveWriting {
  const { host, safes, open, slots, rows, keystore, conversations, people } = options;
  const sessions = new Map<string, Session>();
  const inTurn = createQueue();
  const take = createSlices().of(undefined);

  /** The text that comes next, and whether it is the last. */
  async function nextText(safeId: string, session: Session): Promise<{ text: string; isEnd: boolean }> {
    if (session.waiting.length === 0) {
      const batch = await rows.read(safeId, session.from);
      if (!batch) return { text: blockOf('end', finished(session)) + session.wanted.tail, isEnd: true };
      session.from = batch.last + 1;
      session.rowsRead += batch.last - batch.first + 1;
      if (batch.rows === undefined) {
        session.end.damaged += batch.count;
        return { text: '', isEnd: false };
      }
      session.waiting = batch.rows;
    }
    const now = session.waiting
      .slice(0, rowsOfStep)
      .filter(({ contentTopic }) => !contentTopic.startsWith('/xmtp/0/invite-'));
    session.waiting = session.waiting.slice(rowsOfStep);
    const { part, repeated } = await session.opening.open(now);
    session.end.repeated += repeated;
    count(session, part);
    return { text: blockOf('part', part), isEnd: false };
  }

  async function next(safeId: string, session: Session, isFirst: boolean): Promise<ArchivePiece> {
    const { text, isEnd } = isFirst ? { text: session.wanted.head, isEnd: false } : await nextText(safeId, session);
    // A stranger's half of a surrogate pair is an escape by now, so that this never fails.
    const plain = asBytes(utf8ToBytes(text));
    const { pieces } = session;
    const bytes = pieces ? await pieces.push(plain) : plain;
    const rest = pieces && isEnd ? await pieces.end() : undefined;
    const { rows: rowsInAll } = await rows.state(safeId);
    mustBeOpen(safeId, session);
    return {
      bytes: rest ? joined(bytes, rest) : bytes,
      rowsRead: session.rowsRead,
      rowsInAll,
      end: isEnd ? finished(session) : null,
    };
  }

  function mustBeOpen(safeId: string, session: Session): void {
    if (open.lockCount(safeId) === session.lockCount) return;
    sessions.delete(safeId);
    throw new VaultError('locked');
  }

  return {
    async begin({ safeId, proof, head, tail, secret }) {
      await slots.prove({ safeId, proof });
      const passphrase = secret && (await mayProtect({ safes, slots }, safeId, secret));
      const lockCount = open.lockCount(safeId);
      const { account } = safes.copyOf(safeId).header;
      const state = await rows.state(safeId);
      const pieces = passphrase === null ? null : await sealPieces(passphrase, host.randomBytes, host.fileWorkFactor);
      const sum = (count: 'badLines' | 'otherRows') =>
        Object.values(state.sources).reduce((total, source) => total + source[count], 0);
      const session: Session = {
        writingId: bytesToHex(host.randomBytes(16)),
        lockCount,
        opening: createOpening({ safeId, account, keystore, conversations, people, take, nowMs: host.nowMs }),
        pieces,
        waiting: [],
        from: 1,
        rowsRead: 0,
        end: {
          messages: 0,
          conversations: 0,
          repeated: 0,
          unreadable: state.invitationsLeft > 0 ? { invitation: state.invitationsLeft } : {},
          attachmentsLeft: 0,
          damaged: 0,
          badLines: sum('badLines'),
          otherRows: sum('otherRows'),
        },
        attachments: 0,
        wanted: { head: head + blockOf('head', { format: 1, account, madeAtMs: host.nowMs() }), tail },
        last: undefined,
      };
      mustBeOpen(safeId, session);
      sessions.set(safeId, session);
      return { writingId: session.writingId, rowsInAll: state.rows };
    },
    piece: ({ safeId, writingId, at }) =>
      inTurn(async () => {
        const session = sessions.get(safeId);
        if (session?.writingId !== writingId) throw new VaultError('stale');
        mustBeOpen(safeId, session);
        // Deadline and clock, before any key in memory is used.
        await open.rootKey(safeId);
        const { last } = session;
        if (last?.at === at) return last.piece;
        if (at !== (last ? last.at + 1 : 0) || last?.piece.end) throw new VaultError('stale');
        const piece = await next(safeId, session, at === 0);
        session.last = { at, piece };
        return piece;
      }),
    async stop(safeId) {
      sessions.delete(safeId);
    },
    dropLocked() {
      for (const [safeId, { lockCount }] of sessions) if (open.lockCount(safeId) !== lockCount) sessions.delete(safeId);
    },
  };
}

/** Counts what a part has, and takes the bytes of attachments out of it that are too many. */
function count(session: Session, part: ArchivePart): void {
  const { end } = session;
  for (const item of part.items) {
    if ('unreadable' in item) {
      end.unreadable[item.unreadable] = (end.unreadable[item.unreadable] ?? 0) + 1;
      continue;
    }
    end.messages++;
    if (item.content.kind !== 'attachment') continue;
    session.attachments += item.content.bytes;
    if (session.attachments <= attachmentBytes) continue;
    session.attachments -= item.content.bytes;
    end.attachmentsLeft++;
    item.content = { ...item.content, data: null };
  }
}

const finished = (session: Session): ArchiveEnd => ({ ...session.end, conversations: session.opening.conversations() });

function joined(one: Bytes, other: Bytes): Bytes {
  const whole = new Uint8Array(one.length + other.length);
  whole.set(one);
  whole.set(other, one.length);
  return whole;
}
