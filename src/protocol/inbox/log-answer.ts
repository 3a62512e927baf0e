// A question for the log of an inbox, and a node's answer to it, as bytes (protocol l.5).
// Promises: an answer is about the inbox that was asked for and nothing else, and goes on where the question said; each update stays bytes.
// Must not: believe an update; inbox-log.ts reads them.
import { ProtocolError } from '../base/errors';
import { InboxLogsRequest, InboxLogsResponse } from '../proto/gen/identity';
import { decodeStrictly } from '../proto/strict';

/** How many updates an inbox has in its life. */
export const mostUpdates = 256;

export interface LoggedUpdate {
  /** Grows within a log; never 0. */
  readonly sequenceId: bigint;
  readonly update: Uint8Array;
}

/** Asks for what was stored after this sequence id; 0 for everything. */
export function encodeLogQuestion(inboxId: string, after: bigint): Uint8Array {
  return InboxLogsRequest.encode({ requests: [{ inboxId, sequenceId: after }] }).finish();
}

/**
 * The updates of an answer, oldest first. Throws 'malformed-protobuf', and 'bad-identity-update' for an answer of another inbox, of more updates
 * than there may be, or whose sequence ids do not grow from `after` on.
 */
export function decodeLogAnswer(bytes: Uint8Array, inboxId: string, after: bigint): LoggedUpdate[] {
  const { responses } = decodeStrictly(InboxLogsResponse, 'InboxLogsResponse', bytes);
  const [log] = responses;
  if (!log || responses.length !== 1 || log.inboxId !== inboxId) throw bad('answer is not about the inbox');
  if (log.updates.length > mostUpdates) throw bad('more updates than an inbox has');
  let last = after;
  for (const { sequenceId } of log.updates) {
    if (sequenceId <= last) throw bad('sequence ids do not grow');
    last = sequenceId;
  }
  return log.updates;
}

const bad = (message: string) => new ProtocolError('bad-identity-update', message);
