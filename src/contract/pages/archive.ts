// Calls about archives of messages: rows gathered from a node or from files, written into a page, and a sealed one read again.
// Promises: nothing readable leaves before the identity was opened anew, and only to our own page; work is cut into calls, each of which can be made again
// after a dead worker, or says `stale` where it has to begin anew. Must not: carry a key.
import * as v from 'valibot';
import type { ArchiveEnd } from '../archive-page';
import { pieceBytes } from '../choices';
import { slotSecret, safe, safeId } from '../schemas';
import { fileSecret } from './backup';
import { node } from './network';
import { row, type Row } from './pages';

const number = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER));
const piece = v.pipe(v.instance(Uint8Array), v.maxLength(pieceBytes));
const handle = v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/));
/** Names one file by what the browser says of it: the same file goes on where it was left. */
const fileKey = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
/** Text of our page around the blocks; its script and style are in it. */
const around = v.pipe(v.string(), v.maxLength(512 * 1024));

/** How far one source was read. */
export interface ArchiveSource {
  rows: number;
  badLines: number;
  otherRows: number;
  isAtEnd: boolean;
}

export interface ArchiveState {
  /** Rows that are kept: invitations and messages, sealed as they came. */
  rows: number;
  bytes: number;
  /** Invitations among them that did not open. */
  invitationsLeft: number;
  /** Lines of files that are no rows, and rows of topics that hold no messages of this account: of all sources. */
  badLines: number;
  otherRows: number;
  /** By the address of the node. */
  nodes: Record<string, ArchiveSource>;
}

/** One step of reading a node. */
export interface NodeStep {
  /** Which of the account's topics it is at: those of invitations, of first messages, or conversations. */
  at: 'invitations' | 'introductions' | 'conversations';
  seen: number;
  added: number;
  /** Conversations that were read to their end, and all of them; null before they are known. */
  topics: { done: number; all: number } | null;
  isAtEnd: boolean;
}

export interface FileStep {
  rows: number;
  added: number;
  badLines: number;
  otherRows: number;
}

export interface ArchiveWriting {
  writingId: string;
  rowsInAll: number;
}

export interface ArchivePiece {
  bytes: Uint8Array;
  rowsRead: number;
  rowsInAll: number;
  /** What the file has, with its last piece. */
  end: ArchiveEnd | null;
}

export const archiveMethods = {
  /** Asks no node. */
  archive_state: row<ArchiveState>()({ params: safe, pages: ['vault'] }),
  /** Reads what comes next from a node, `fresh` from the beginning. Call again until `isAtEnd`. `limit` when no more rows are kept. */
  archive_readNode: row<NodeStep>()({
    params: v.strictObject({ safeId, node, fresh: v.boolean() }),
    pages: ['vault'],
  }),
  /** Where reading this file goes on: the number of its bytes that were read. 0 for a file that is not known, or was read to its end. */
  archive_fileBegun: row<number>()({ params: v.strictObject({ safeId, fileKey }), pages: ['vault'] }),
  /**
   * Lines of a file, whole ones, each one envelope as a node's `query` returns it, or a whole answer of it. `at`: the number of the first byte of
   * `lines`, `skipped`: lines before that were too long to be any.
   */
  archive_readLines: row<FileStep>()({
    params: v.strictObject({ safeId, fileKey, at: number, lines: piece, skipped: number, isLast: v.boolean() }),
    pages: ['vault'],
  }),
  /** Forgets what was gathered. Conversations that came with it stay. */
  archive_clear: row<null>()({ params: safe, pages: ['vault'] }),
  /** Opens the identity anew with `proof`, and begins an archive. `secret` null: one that everybody can read. */
  archive_write: row<ArchiveWriting>()({
    params: v.strictObject({ safeId, proof: slotSecret, head: around, tail: around, secret: v.nullable(fileSecret) }),
    pages: ['vault'],
  }),
  /** Piece number `at`, one after the other. `stale` when the worker died since: then the writing begins anew, and nothing that was gathered is lost. */
  archive_piece: row<ArchivePiece>()({
    params: v.strictObject({ safeId, writingId: handle, at: number }),
    pages: ['vault'],
  }),
  archive_stop: row<null>()({ params: safe, pages: ['vault'] }),
  /** Begins to open a sealed archive, of anybody: its first bytes. `bad-file`, `wrong-passphrase` or `wrong-code`. */
  archive_open: row<{ readingId: string; bytes: Uint8Array }>()({
    params: v.strictObject({ secret: fileSecret, first: piece }),
    pages: ['vault'],
  }),
  /** What comes out with piece number `at`. `bad-file` when it is not whole, which the last one tells; `stale` as above. */
  archive_openPiece: row<Uint8Array>()({
    params: v.strictObject({ readingId: handle, at: number, bytes: piece, isLast: v.boolean() }),
    pages: ['vault'],
  }),
} as const satisfies Record<string, Row>;
