// What each call about archives does: mostly one call of the vault; lines of files are read here, and nodes asked.
// Promises: secrets that were given are wiped; what one identity gathers happens one after the other. Must not: decide anything the vault should decide.
import type { archiveMethods, ArchiveSource, ArchiveState } from '../../contract/pages/archive';
import { readLines } from '../../network/envelope-lines';
import type { Vault } from '../../vault/vault';
import { createArchiveFromNode, nodeSource } from '../network/archive-reading';
import type { SafeQueues } from '../network/identity-queues';
import type { NodeAccess } from '../network/node-access';
import { accountOf, logAct } from '../network/publishing';
import type { PageHandlers } from './calls';

export type ArchiveHandlers = Pick<PageHandlers, keyof typeof archiveMethods>;

const fileSource = (fileKey: string): string => `file ${fileKey}`;

export function createArchiveHandlers(options: {
  vault: Vault;
  node: NodeAccess;
  queues: SafeQueues;
  nowMs: () => number;
}): ArchiveHandlers {
  const { vault, node, queues, nowMs } = options;
  const fromNode = createArchiveFromNode({ vault, node });

  return {
    archive_state: async ({ safeId }) => viewOf(await vault.archive.state(safeId)),
    archive_readNode: async ({ safeId, node: at, fresh }) => {
      const account = await accountOf(vault, safeId);
      const step = await queues.run(safeId, (signal) =>
        fromNode.step({ safeId, account, isFresh: fresh }, { at, signal }),
      );
      if (step.isAtEnd) await logAct({ vault, nowMs }, safeId, 'network');
      return step;
    },
    archive_fileBegun: async ({ safeId, fileKey }) => {
      const known = (await vault.archive.state(safeId)).sources[fileSource(fileKey)];
      return known?.next ? Number(known.next) : 0;
    },
    archive_readLines: async ({ safeId, fileKey, at, lines, skipped, isLast }) => {
      const source = fileSource(fileKey);
      const known = (await vault.archive.state(safeId)).sources[source];
      const end = at + lines.length;
      // The same call again, after its answer was lost: it is counted.
      const isRepeated = at > 0 && known !== undefined && (known.next === null || Number(known.next) >= end);
      if (isRepeated) return { rows: 0, added: 0, badLines: 0, otherRows: 0 };
      const { envelopes, bad } = readLines(lines);
      const before = at === 0 ? undefined : known;
      const { added } = await vault.archive.add(safeId, {
        source,
        next: isLast ? null : String(end),
        rows: envelopes,
        badLines: bad + skipped,
        isFirst: at === 0,
      });
      const after = (await vault.archive.state(safeId)).sources[source];
      return {
        rows: envelopes.length,
        added,
        badLines: bad + skipped,
        otherRows: (after?.otherRows ?? 0) - (before?.otherRows ?? 0),
      };
    },
    archive_clear: async ({ safeId }) => {
      await vault.touch(safeId);
      await vault.archive.clear(safeId);
    },
    archive_write: async ({ safeId, proof, head, tail, secret }) => {
      try {
        await vault.touch(safeId);
        return await vault.archive.write({ safeId, proof, head, tail, secret });
      } finally {
        if (proof.kind === 'wallet') proof.signature.fill(0);
        else if (proof.kind === 'passkey') proof.prfSecret.fill(0);
      }
    },
    archive_piece: (params) => vault.archive.piece(params),
    archive_stop: async ({ safeId }) => vault.archive.stop(safeId),
    archive_open: (params) => vault.archive.open(params),
    archive_openPiece: (params) => vault.archive.openPiece(params),
  };
}

type Kept = Awaited<ReturnType<Vault['archive']['state']>>;

function viewOf({ rows, bytes, invitationsLeft, sources }: Kept): ArchiveState {
  const nodes: Record<string, ArchiveSource> = {};
  let [badLines, otherRows] = [0, 0];
  for (const [name, source] of Object.entries(sources)) {
    badLines += source.badLines;
    otherRows += source.otherRows;
    const { next, ...counts } = source;
    if (name.startsWith(nodeSource('')))
      nodes[name.slice(nodeSource('').length)] = { ...counts, isAtEnd: next === null };
  }
  return { rows, bytes, invitationsLeft, badLines, otherRows, nodes };
}
