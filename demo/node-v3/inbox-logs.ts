// The log of each inbox, and which inbox an address belongs to.
// Promises: only an update that every client can apply becomes part of a log, so that no update makes an inbox unreadable; at most 256 of them.
// Must not: change or drop what was stored.
import { RpcError } from '../node/rpc-error';
import { afterUpdate, type Association } from './association';
import { isInstallation, readIdentityUpdate } from './identity-update';
import type { IdentityUpdate } from './messages';

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
      const state = afterUpdate(inbox?.state, readIdentityUpdate(update));
      noteAddresses(update.inboxId, inbox?.state, state);
      const logged = { sequenceId: ++lastSequenceId, serverTimestampNs: nowNs(), update };
      inboxes.set(update.inboxId, { log: [...(inbox?.log ?? []), logged], state });
    },
    updatesOf: (inboxId, after) => inboxes.get(inboxId)?.log.filter(({ sequenceId }) => sequenceId > after) ?? [],
    inboxOf: (address) => inboxesOf.get(address.toLowerCase())?.at(-1),
  };
}
