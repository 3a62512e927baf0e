// The sealed record of what nodes showed of inboxes: for each the state after the updates that were verified, and how it goes on from there.
// Promises: one byte string per set of logs; what does not fit is 'damaged', never a shorter log. Must not: hold a key or a signature.
import { VaultError } from '../../contract/errors';
import { bytesToHex, hexToBytes } from '../../protocol/base/bytes';
import { mostMembers } from '../../protocol/inbox/association';
import { isInstallation } from '../../protocol/inbox/identity-update';
import { isLowerCaseAddress } from '../../protocol/inbox/inbox-id';
import type { LogEnd } from '../../protocol/inbox/inbox-log';
import { mostUpdates } from '../../protocol/inbox/log-answer';
import type { Bytes } from '../store/encoding';
import { concat, createReader, lengthPrefixed, u32, u64, u8, type Reader } from '../store/encoding';

export const logRecord = { type: 'inbox-logs', id: 'logs', schema: 1 } as const;

/** Inboxes whose logs are kept; of more, the one that was read longest ago goes. It can be read again. */
export const mostLogs = 32;

/** What a node showed of an inbox. */
export interface KnownLog {
  /** 64 lower-case hex digits. */
  readonly inboxId: string;
  /** When it was asked, milliseconds since 1970. */
  readonly atMs: number;
  readonly nodeUrl: string;
  /** Updates that it showed, at least 1, and how many were verified, from the first on. */
  readonly listed: number;
  readonly checked: number;
  /** Why the next one was not; null when all were. */
  readonly end: LogEnd | null;
  /** SHA-256 over the digests of the texts of the verified updates, 64 hex digits: a later log begins the same. */
  readonly trail: string;
  /** After the verified updates: the recovery, empty when there is none, and each member with the one that added it. */
  readonly recovery: string;
  readonly members: ReadonlyMap<string, string | undefined>;
}

const ends: readonly (LogEnd | null)[] = [null, 'unverifiable', 'wrong'];

/**
 * Number of logs (4); of each: inbox id (32), asked at (8), listed (4), checked (4), how it ended (1), trail (32), number of members (4), of each
 * itself and who added it as texts (the second empty for nobody), then recovery (empty for none) and address of the node as texts.
 */
export function encodeLogs(logs: readonly KnownLog[]): Bytes {
  return concat(
    u32(logs.length),
    ...logs.flatMap(({ inboxId, atMs, nodeUrl, listed, checked, end, trail, recovery, members }) => [
      hexToBytes(inboxId),
      u64(atMs),
      u32(listed),
      u32(checked),
      u8(ends.indexOf(end)),
      hexToBytes(trail),
      u32(members.size),
      ...[...members].map(([member, addedBy = '']) => lengthPrefixed(member, addedBy)),
      lengthPrefixed(recovery, nodeUrl),
    ]),
  );
}

/** Throws VaultError('damaged'). */
export function decodeLogs(bytes: Uint8Array): KnownLog[] {
  const reader = createReader(bytes);
  const count = bounded(reader.u32(), mostLogs);
  const logs = Array.from({ length: count }, () => readLog(reader));
  reader.end();
  return logs;
}

function readLog(reader: Reader): KnownLog {
  const [inboxId, atMs] = [bytesToHex(reader.take(32)), reader.timeMs()];
  const listed = bounded(reader.u32(), mostUpdates);
  const checked = bounded(reader.u32(), listed);
  const end = ends[reader.u8()];
  const trail = bytesToHex(reader.take(32));
  const members = new Map<string, string | undefined>();
  const size = bounded(reader.u32(), mostMembers);
  for (let at = 0; at < size; at++) {
    const [member, addedBy] = [reader.text(), reader.text()];
    if (!isMember(member) || (addedBy !== '' && !isMember(addedBy))) throw new VaultError('damaged');
    members.set(member, addedBy === '' ? undefined : addedBy);
  }
  const [recovery, nodeUrl] = [reader.text(), reader.text()];
  const isEmpty = checked === 0;
  if (end === undefined || listed === 0 || isEmpty !== (recovery === '')) throw new VaultError('damaged');
  if ((end === null) !== (checked === listed) || (!isEmpty && !isLowerCaseAddress(recovery)))
    throw new VaultError('damaged');
  return { inboxId, atMs, nodeUrl, listed, checked, end, trail, recovery, members };
}

function bounded(count: number, most: number): number {
  if (count > most) throw new VaultError('damaged');
  return count;
}

const isMember = (text: string) => isInstallation(text) || isLowerCaseAddress(text);
