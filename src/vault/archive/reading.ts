// Reading a sealed archive again: the page comes in pieces, and goes back as text in pieces.
// Promises: a passphrase is tried before anything else is asked for; each piece was checked, and the last one says that nothing is missing; one file at a
// time, and of it no more than a piece is kept. Must not: need an identity, or keep what was read.
import { VaultError } from '../../contract/errors';
import type { FileSecret } from '../../contract/pages/backup';
import { bytesToHex } from '../../protocol/base/bytes';
import { openPieces, type FilePieces } from '../backup/file';
import { filePassphraseOf } from '../backup/contents';
import { asBytes, type Bytes } from '../store/encoding';
import type { VaultHost } from '../store/host';
import { createQueue } from '../work/queue';

export interface ArchiveReading {
  /** `first`: the first bytes of the file, its header at least. Throws 'bad-file', 'wrong-passphrase' or 'wrong-code' by the kind of secret. */
  begin(input: { secret: FileSecret; first: Uint8Array }): Promise<{ readingId: string; bytes: Uint8Array }>;
  /** What comes out with piece number `at`, from 0 on. Throws 'bad-file', and 'stale' when the worker died since: then it begins anew. */
  piece(input: { readingId: string; at: number; bytes: Uint8Array; isLast: boolean }): Promise<Uint8Array>;
}

export function createArchiveReading(host: Pick<VaultHost, 'randomBytes'>): ArchiveReading {
  let session: { readingId: string; pieces: FilePieces; last: { at: number; out: Bytes } | undefined } | undefined;
  const inTurn = createQueue();

  return {
    begin: ({ secret, first }) =>
      inTurn(async () => {
        session = undefined;
        if (secret.kind === 'none') throw new VaultError('bad-file', 'encrypted');
        const opened = await openPieces(asBytes(first), filePassphraseOf(secret));
        if (!opened) throw new VaultError(secret.kind === 'passphrase' ? 'wrong-passphrase' : 'wrong-code');
        session = { readingId: bytesToHex(host.randomBytes(16)), pieces: opened.pieces, last: undefined };
        return { readingId: session.readingId, bytes: opened.out };
      }),
    piece: ({ readingId, at, bytes, isLast }) =>
      inTurn(async () => {
        if (session?.readingId !== readingId) throw new VaultError('stale');
        const { pieces, last } = session;
        if (last?.at === at) return last.out;
        if (at !== (last ? last.at + 1 : 0)) throw new VaultError('stale');
        try {
          const out = await pieces.push(asBytes(bytes));
          const rest = isLast ? await pieces.end() : new Uint8Array(0);
          const whole = new Uint8Array(out.length + rest.length);
          whole.set(out);
          whole.set(rest, out.length);
          session.last = { at, out: whole };
          return whole;
        } catch (error) {
          session = undefined;
          throw error;
        }
      }),
  };
}
