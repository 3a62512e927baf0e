// Names of the topics everything is published under (protocol c.1).
// Promises EIP-55 addresses in every name, and the two parties of a V1 conversation sorted by that mixed-case text.
// Must not build V2 topics from anything but a given id: an invitation carries its whole topic, which is opaque.
import { checksumAddress } from '../base/address';

/** `/xmtp/0/<name>/proto`. */
export function topicOf(name: string): string {
  return `/xmtp/0/${name}/proto`;
}

/** Where an account's public bundles are published. Throws 'bad-address', as every function here that takes an address. */
export function contactTopic(address: string): string {
  return topicOf(`contact-${checksumAddress(address)}`);
}

/** Where an account's encrypted private bundle is kept. */
export function privateStoreTopic(address: string, key = 'key_bundle'): string {
  return topicOf(`privatestore-${checksumAddress(address)}/${key}`);
}

/** Where V2 invitations arrive, our own sent ones included. */
export function inviteTopic(address: string): string {
  return topicOf(`invite-${checksumAddress(address)}`);
}

/** Where the first message of a V1 conversation arrives. */
export function introTopic(address: string): string {
  return topicOf(`intro-${checksumAddress(address)}`);
}

/** The V1 conversation of two accounts; the order of the arguments does not matter. */
export function directMessageTopic(one: string, other: string): string {
  return topicOf(`dm-${sortedAddresses(one, other).join('-')}`);
}

/** The V1 topic that nodes relay and do not store. */
export function ephemeralDirectMessageTopic(one: string, other: string): string {
  return topicOf(`dmE-${sortedAddresses(one, other).join('-')}`);
}

/** The V2 conversation with this id. */
export function conversationTopic(id: string): string {
  return topicOf(`m-${id}`);
}

/** The V2 topic that nodes relay and do not store. */
export function ephemeralConversationTopic(id: string): string {
  return topicOf(`mE-${id}`);
}

/** Where consent preferences are kept; see `privatePreferencesIdentifier`. */
export function privatePreferencesTopic(identifier: string): string {
  return topicOf(`userpreferences-${identifier}`);
}

/** Both addresses in EIP-55 form, ascending by code unit of the mixed-case text (protocol 0). */
export function sortedAddresses(one: string, other: string): [string, string] {
  const [a, b] = [checksumAddress(one), checksumAddress(other)];
  return a <= b ? [a, b] : [b, a];
}

/**
 * Whether a topic is one that clients take seriously: between the first `0/` and the last `/proto` there is at least one
 * character, and all are 0x21 to 0x7F. Invitations and peers with another topic are garbage (c.1).
 */
export function isValidTopic(topic: string): boolean {
  const start = topic.indexOf('0/') + 2;
  const end = topic.lastIndexOf('/proto');
  if (start === 1 || end < start) return false;
  return /^[\x21-\x7f]+$/.test(topic.slice(start, end));
}

/** Whether a topic has the form of a V2 conversation's, derived or random: `/xmtp/0/m-<id>/proto`, of harmless characters (c.1). */
export function isConversationTopic(topic: string): boolean {
  return /^\/xmtp\/0\/m-[\x21-\x2e\x30-\x7f]+\/proto$/.test(topic);
}
