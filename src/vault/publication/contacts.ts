// Which published contact counts for an account, told from public bytes alone: no safe is needed for it (protocol d).
// Promises: garbage and other people's bundles are skipped, never an error; the message itself is handed back for closer judging.
// Must not: open anything, or say whether a contact is ours. `publication.classifyContact` does, with the safe's keys.
import { bytesToHex } from '../../protocol/base/bytes';
import { currentContact } from '../../protocol/keys/contact-bundle';
import { contactTopic, privateStoreTopic } from '../../protocol/messages/topics';

/** One envelope of a topic; nanoseconds since 1970, as its sender says. */
export interface PublishedMessage {
  message: Uint8Array;
  timestampNs: bigint;
}

export interface CountingContact extends PublishedMessage {
  version: 1 | 2;
  identityKeyHex: string;
}

/** The newest contact that checks, of envelopes newest first; undefined when there is none. Throws ProtocolError for `account` only. */
export function countingContact(account: string, newestFirst: Iterable<PublishedMessage>): CountingContact | undefined {
  for (const { message, timestampNs } of newestFirst) {
    const contact = currentContact(account, [message]);
    if (!contact) continue;
    return {
      version: contact.version,
      identityKeyHex: bytesToHex(contact.bundle.identityKey.publicKey),
      message,
      timestampNs,
    };
  }
  return undefined;
}

/** The topics that only the account itself may write to (protocol c.3). Throws ProtocolError unless `account` is an address. */
export function ownTopics(account: string): { contact: string; copy: string } {
  return { contact: contactTopic(account), copy: privateStoreTopic(account) };
}
