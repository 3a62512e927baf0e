// The log of an inbox, read update by update: what the inbox is after those that hold (protocol l.5).
// Promises: the first update that is not verified ends the reading, and says why; nothing after it counts, and nothing before it is lost.
// Must not: take an update on anybody's word.
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '../base/bytes';
import { ProtocolError } from '../base/errors';
import { afterUpdate, type Association } from './association';
import { readIdentityUpdate } from './identity-update';

/**
 * Why the reading of a log ended early. `unverifiable`: an update of a kind that is not verified here; it may be sound. `wrong`: malformed, forged or
 * against the rules; an honest node has no such update.
 */
export type LogEnd = 'unverifiable' | 'wrong';

export interface LogReading {
  /** After the verified updates; undefined when there is none. */
  readonly association: Association | undefined;
  /** SHA-256 of the text of each verified update, 64 hex digits, oldest first. */
  readonly textDigests: readonly string[];
  /** Why the next update does not count; null when all were verified. */
  readonly end: LogEnd | null;
}

/** Of no updates. */
export const emptyReading: LogReading = { association: undefined, textDigests: [], end: null };

/** The reading with one more update, which came next in the log of this inbox. */
export function withUpdate(before: LogReading, inboxId: string, bytes: Uint8Array): LogReading {
  if (before.end !== null) return before;
  try {
    const update = readIdentityUpdate(bytes);
    if (update.inboxId !== inboxId) throw new ProtocolError('bad-identity-update', 'update is of another inbox');
    const association = afterUpdate(before.association, update);
    return { association, textDigests: [...before.textDigests, digestOf(update.text)], end: null };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return { ...before, end: error.reason === 'unverifiable-update' ? 'unverifiable' : 'wrong' };
  }
}

const digestOf = (text: string) => bytesToHex(sha256(utf8ToBytes(text)));
