// Writing an archive, piece after piece, and opening a sealed one again: what the page does beside what it shows.
// Promises: a worker that died means the file is begun anew, which is told; what was gathered is not read again. Pieces go out of memory as they come.
// Must not: keep a piece once it is in the file.
import { blocksIn, type ArchiveEnd } from '../../../contract/archive-page';
import { ageFileOf } from '../../../contract/age-file';
import { pieceBytes } from '../../../contract/choices';
import type { FileSecret } from '../../../contract/pages/backup';
import { archiveOf, type Archive } from '../../reader/archive-model';
import type { GivenSecret } from '../../signing/secret-form';
import { ask } from '../../worker/calls';
import { VaultCallError } from '../../worker/channel';
import { aroundArchive } from './page-file';

export interface Progress {
  rowsRead: number;
  rowsInAll: number;
  /** How often the worker died, and the file was begun anew. */
  beginnings: number;
}

/** A worker that dies more often does not come to the end of it. */
const mostBeginnings = 5;
const bytesOfPart = 8 * 1024 * 1024;

/** The file and what it has; undefined when `isStopped`. Throws what the calls throw. */
export async function writeArchive(
  wanted: { safeId: string; proof: GivenSecret; secret: FileSecret | null },
  onProgress: (progress: Progress) => void,
  isStopped: () => boolean,
): Promise<{ file: Blob; end: ArchiveEnd } | undefined> {
  const { safeId } = wanted;
  const around = await aroundArchive();
  for (let beginnings = 0; ; beginnings++) {
    try {
      const { writingId, rowsInAll } = await ask('archive_write', { ...wanted, ...around });
      onProgress({ rowsRead: 0, rowsInAll, beginnings });
      const parts: Blob[] = [];
      let loose: Uint8Array<ArrayBuffer>[] = [];
      let looseBytes = 0;
      const pack = () => {
        parts.push(new Blob(loose));
        [loose, looseBytes] = [[], 0];
      };
      for (let at = 0; ; at++) {
        if (isStopped()) {
          await ask('archive_stop', { safeId });
          return undefined;
        }
        const { bytes, rowsRead, rowsInAll: all, end } = await ask('archive_piece', { safeId, writingId, at });
        loose.push(Uint8Array.from(bytes));
        looseBytes += bytes.length;
        if (looseBytes >= bytesOfPart || end) pack();
        onProgress({ rowsRead, rowsInAll: all, beginnings });
        if (!end) continue;
        await ask('archive_stop', { safeId });
        return { file: new Blob(parts, { type: wanted.secret ? 'application/octet-stream' : 'text/html' }), end };
      }
    } catch (error) {
      if (!(error instanceof VaultCallError) || error.reason !== 'stale' || beginnings + 1 >= mostBeginnings)
        throw error;
    }
  }
}

/** How much of a sealed file is given with its secret: more than its header has. */
const firstBytes = 64 * 1024;

export async function isSealed(file: Blob): Promise<boolean> {
  return ageFileOf(new Uint8Array(await file.slice(0, 1024).arrayBuffer())) !== undefined;
}

/** The archive in a file; undefined for a page that is none of ours. Throws what the calls throw, 'stale' when the worker died. */
export async function readArchive(
  file: Blob,
  secret: FileSecret | null,
  isStopped: () => boolean,
): Promise<Archive | undefined> {
  const text = secret ? await unsealed(file, secret, isStopped) : await file.text();
  const blocks = text === undefined ? undefined : blocksIn(text);
  return blocks && archiveOf(blocks);
}

async function unsealed(file: Blob, secret: FileSecret, isStopped: () => boolean): Promise<string | undefined> {
  const decoder = new TextDecoder();
  const bytesFrom = async (from: number, to: number) => new Uint8Array(await file.slice(from, to).arrayBuffer());
  const begun = await ask('archive_open', { secret, first: await bytesFrom(0, firstBytes) });
  const texts = [decoder.decode(begun.bytes, { stream: true })];
  let from = firstBytes;
  for (let at = 0; ; at++) {
    if (isStopped()) return undefined;
    const bytes = await bytesFrom(from, from + pieceBytes);
    from += bytes.length;
    const isLast = from >= file.size;
    const out = await ask('archive_openPiece', { readingId: begun.readingId, at, bytes, isLast });
    texts.push(decoder.decode(out, { stream: !isLast }));
    if (isLast) return texts.join('');
  }
}
