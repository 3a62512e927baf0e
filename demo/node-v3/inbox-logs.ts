// The log of each inbox, and which inbox an address belongs to.
// Promises: only an update that every client can apply becomes part of a log, so that no update makes an inbox unreadable; at most 256 of them.
// Must not: change or drop what was stored.
import { ProtocolError } from '../../src/protocol/base/errors';
import { afterUpdate, type Association } from '../../src/protocol/inbox/association';
import { parseIdentityText } from '../../src/protocol/inbox/identity-text';
import { isInstallation, readIdentityUpdate } from '../../src/protocol/inbox/identity-update';
import { RpcError } from '../node/rpc-error';
import { associationMessages, encoded, type IdentityUpdate } from './messages';

const MOST_UPDATES = 256;

export interface LoggedUpdate {
  /** Grows over all inboxes. */
  readonly sequenceId: bigint;
  readonly serverTimestampNs: bigint;
  readonly update: IdentityUpdate;
}

interface Inbox {
  readonly log: LoggedUpdate[];
  state: Association;
}

export interface InboxLogs {
  /** Throws INVALID_ARGUMENT for what the rules forbid, UNKNOWN when the log is full, as the real node does. */
  publish(update: IdentityUpdate): void;
  /** What was stored after this sequence id, oldest first. */
  updatesOf(inboxId: string, afterSequenceId: bigint): LoggedUpdate[];
  /** The inbox that the address joined last, of those that it did not leave. */
  inboxOf(address: string): string | undefined;
}

export function createInboxLogs(nowNs: () => bigint): InboxLogs {
  const inboxes = new Map<string, Inbox>();
  /** The inboxes that an address is a member of, the last joined at the end. */
  const inboxesOf = new Map<string, string[]>();
  let lastSequenceId = 0n;

  const noteAddresses = (inboxId: string, before: Association | undefined, after: Association): void => {
    const addresses = new Set([...(before?.members.keys() ?? []), ...after.members.keys()]);
    for (const address of addresses) {
      if (isInstallation(address) || before?.members.has(address) === after.members.has(address)) continue;
      const others = (inboxesOf.get(address) ?? []).filter((one) => one !== inboxId);
      inboxesOf.set(address, after.members.has(address) ? [...others, inboxId] : others);
    }
  };

  return {
    publish(update) {
      const inbox = inboxes.get(update.inboxId);
      if (inbox && inbox.log.length >= MOST_UPDATES) throw new RpcError('Unknown', 'inbox log is full');
      const state = taken(inbox?.state, update);
      noteAddresses(update.inboxId, inbox?.state, state);
      const logged = { sequenceId: ++lastSequenceId, serverTimestampNs: nowNs(), update };
      inboxes.set(update.inboxId, { log: [...(inbox?.log ?? []), logged], state });
    },
    updatesOf: (inboxId, after) => inboxes.get(inboxId)?.log.filter(({ sequenceId }) => sequenceId > after) ?? [],
    inboxOf: (address) => inboxesOf.get(address.toLowerCase())?.at(-1),
  };
}

/** The inbox after an update of a shape that today's clients make. Throws INVALID_ARGUMENT, in the words of the real node where it has some. */
function taken(before: Association | undefined, update: IdentityUpdate): Association {
  try {
    const read = readIdentityUpdate(encoded(associationMessages.IdentityUpdate, update));
    parseIdentityText(read.text);
    return afterUpdate(before, read);
  } catch (error) {
    if (error instanceof ProtocolError) throw new RpcError('InvalidArgument', error.message);
    throw error;
  }
}
