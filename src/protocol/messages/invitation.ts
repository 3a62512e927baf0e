// Invitations to V2 conversations: derived, sealed and opened by either side (protocol e.2, e.3).
// Promises the deterministic topic and key of every client since 9.1.0, and a peer taken from the other side of the header.
// Must not call a peer verified: an address is recovered from a wallet signature that nobody has checked against anything.
import { hkdf } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import type { PrivateKeyBundleV1, PrivateKeyBundleV2, SignedPublicKeyBundle } from '../keys/bundles';
import { signedPublicKeyBundleFromWire, signedPublicKeyBundleToWire } from '../keys/bundles';
import { bytesToHex, utf8ToBytes } from '../base/bytes';
import type { ConsentProof, ConversationReference, InvitationContext } from './conversation';
import { consentProofFromWire, consentProofToWire, contextFromWire, contextToWire } from './conversation';
import { ProtocolError } from '../base/errors';
import { checksumAddress } from '../base/address';
import { walletAddressOf } from '../keys/keys';
import { partiesOf } from './sender-and-peer';
import { encodeSecret } from '../proto/encode-secret';
import * as wire from '../proto/gen/conversations';
import { decodeStrictly } from '../proto/strict';
import type { Ciphertext } from '../keys/seal';
import { ciphertextFromWire, ciphertextToWire, openSealed, sealWith } from '../keys/seal';
import type { Role } from '../keys/shared-secret';
import { sharedSecret, swapRole } from '../keys/shared-secret';
import { conversationTopic, isConversationTopic, sortedAddresses } from './topics';

/** Byte length of a conversation's key material. */
export const KEY_MATERIAL_LENGTH = 32;
const KEY_SALT = utf8ToBytes('__XMTP__INVITATION__SALT__XMTP__');
const NS_PER_MS = 1_000_000n;

/** What an invitation says inside. `keyMaterial` encrypts every message of the conversation. */
export interface Invitation {
  readonly topic: string;
  readonly keyMaterial: Uint8Array;
  readonly context?: InvitationContext;
  readonly consentProof?: ConsentProof;
}

/** What an invitation says outside, for both parties to find their keys. */
export interface InvitationHeader {
  readonly sender: SignedPublicKeyBundle;
  readonly recipient: SignedPublicKeyBundle;
  readonly createdNs: bigint;
}

/** A parsed SealedInvitation; the literal header bytes are the associated data. */
export interface SealedInvitation {
  readonly headerBytes: Uint8Array;
  readonly header: InvitationHeader;
  readonly ciphertext: Ciphertext;
}

/** An invitation that was made or opened, and what the app learns of it. */
export interface OpenedInvitation {
  readonly invitation: Invitation;
  readonly conversation: ConversationReference;
}

/**
 * Makes the invitation of e.2. `sender` is our own public bundle with the prekey to use: the current prekey, or the one a
 * session began with. `createdNs` is kept in the conversation as given; the header carries it in whole milliseconds.
 * Throws 'prekey-signature-invalid', 'not-signed-by-wallet' or 'bad-public-key' for the recipient, 'no-matching-prekey' for
 * `sender`, 'bad-number' for the time.
 */
export function createInvitation(input: {
  mine: PrivateKeyBundleV1 | PrivateKeyBundleV2;
  sender: SignedPublicKeyBundle;
  recipient: SignedPublicKeyBundle;
  createdNs: bigint;
  context?: InvitationContext | undefined;
  consentProof?: ConsentProof | undefined;
  salt32: Uint8Array;
  nonce12: Uint8Array;
}): OpenedInvitation & { readonly sealed: Uint8Array } {
  const { sender, recipient, createdNs, context, consentProof } = input;
  const myAddress = walletAddressOf(sender.identityKey);
  const peerAddress = walletAddressOf(recipient.identityKey);
  const secret = sharedSecret(input.mine, recipient, sender.preKey, 'sender');
  const derived = deriveConversation(secret, myAddress, peerAddress, context?.conversationId ?? '');
  const invitation: Invitation = { ...derived, ...(context && { context }), ...(consentProof && { consentProof }) };
  const headerCreatedNs = createdNs - (createdNs % NS_PER_MS);
  const header = { sender, recipient, createdNs: headerCreatedNs };
  const sealed = sealInvitation({ invitation, header, secret, salt32: input.salt32, nonce12: input.nonce12 });
  secret.fill(0);
  return { invitation, conversation: conversationOf(invitation, peerAddress, createdNs), sealed };
}

/**
 * The topic and key that both parties derive alike, whoever invites (e.2, steps 2 to 5). `secretAsSender` is the secret of
 * e.1 with `myAddress` as the sender. The key does not depend on the conversation id: all conversations of the same two
 * pairs of keys share it. An absent id and an empty one mean the same here.
 */
export function deriveConversation(
  secretAsSender: Uint8Array,
  myAddress: string,
  peerAddress: string,
  conversationId: string,
): { topic: string; keyMaterial: Uint8Array } {
  const { role, topicMessage, keySalt, keyInfo } = derivationOf(myAddress, peerAddress, conversationId);
  const baseSecret = role === 'sender' ? secretAsSender.slice() : swapRole(secretAsSender);
  const topicId = bytesToHex(hmac(sha256, baseSecret, topicMessage));
  const keyMaterial = hkdf(sha256, baseSecret, keySalt, keyInfo, KEY_MATERIAL_LENGTH);
  baseSecret.fill(0);
  return { topic: conversationTopic(topicId), keyMaterial };
}

/** What goes into the derivation of e.2 besides the base secret, which is that of e.1 with us in `role`. */
export interface Derivation {
  readonly role: Role;
  /** The id in the topic is the HMAC-SHA-256 of this under the base secret, in hex. */
  readonly topicMessage: Uint8Array;
  /** The key material is 32 bytes of HKDF-SHA-256 over the base secret with this salt and info. */
  readonly keySalt: Uint8Array;
  readonly keyInfo: Uint8Array;
}

/** The derivation of e.2 for two accounts. An absent conversation id and an empty one are the same. */
export function derivationOf(myAddress: string, peerAddress: string, conversationId: string): Derivation {
  const [first, second] = sortedAddresses(myAddress, peerAddress);
  return {
    role: derivationRole(myAddress, peerAddress),
    topicMessage: utf8ToBytes(`${conversationId}${first},${second}`),
    keySalt: KEY_SALT,
    keyInfo: utf8ToBytes(`0|${first}|${second}`),
  };
}

/** The role we play in the derivation: the party whose address sorts first is the recipient, whoever invites (e.2). */
export function derivationRole(myAddress: string, peerAddress: string): Role {
  return checksumAddress(myAddress) < checksumAddress(peerAddress) ? 'recipient' : 'sender';
}

/** Wire bytes of a SealedInvitation (e.2, step 7). `secret` is that of e.1 with the header's sender as sender. */
export function sealInvitation(input: {
  invitation: Invitation;
  header: InvitationHeader;
  secret: Uint8Array;
  salt32: Uint8Array;
  nonce12: Uint8Array;
}): Uint8Array {
  const headerBytes = encodeInvitationHeader(input.header);
  const plainSecret = encodeInvitation(input.invitation);
  const ciphertext = sealWith(plainSecret, input.secret, headerBytes, input.salt32, input.nonce12);
  plainSecret.fill(0);
  const value = { headerBytes, ciphertext: ciphertextToWire(ciphertext) };
  return wire.SealedInvitation.encode({ version: { $case: 'v1', value } }).finish();
}

/**
 * Reads a SealedInvitation and its header, opens nothing. Throws 'malformed-protobuf', 'unknown-version', 'missing-field',
 * 'bad-length', and as `decodeSignedPublicKeyBundle` for the two bundles.
 */
export function decodeSealedInvitation(bytes: Uint8Array): SealedInvitation {
  const { version } = decodeStrictly(wire.SealedInvitation, 'SealedInvitation', bytes);
  if (!version) throw new ProtocolError('unknown-version', 'unknown version of a sealed invitation');
  const headerBytes = version.value.headerBytes.slice();
  if (headerBytes.length === 0) throw new ProtocolError('missing-field', 'header bytes are missing');
  const ciphertext = ciphertextFromWire(version.value.ciphertext);
  return { headerBytes, header: decodeInvitationHeader(headerBytes), ciphertext };
}

/** Refuses an invitation whose envelope and header carry different times: throws 'wrong-time' (e.3). */
export function checkInvitationTime(header: InvitationHeader, envelopeTimestampNs: bigint): void {
  if (header.createdNs !== envelopeTimestampNs) {
    throw new ProtocolError('wrong-time', 'envelope and header carry different times');
  }
}

/**
 * Opens an invitation that we sent or received, with whichever of our prekeys it names (e.3, j). The peer is the other side
 * of the header. Throws 'wrong-time', 'not-a-party', 'no-matching-prekey', 'prekey-signature-invalid', 'not-opened',
 * 'wrong-topic', 'not-signed-by-wallet' or 'bad-signature' for a peer without an address, and as `decodeInvitation`.
 */
export function openInvitation(
  mine: PrivateKeyBundleV1 | PrivateKeyBundleV2,
  sealed: SealedInvitation,
  envelopeTimestampNs: bigint,
): OpenedInvitation {
  checkInvitationTime(sealed.header, envelopeTimestampNs);
  const { role, myPreKey, peer } = partiesOf(sealed.header, mine.identityKey.publicKey.publicKey);
  const secret = sharedSecret(mine, peer, myPreKey, role);
  try {
    const invitation = openInvitationWith(sealed, secret);
    return {
      invitation,
      conversation: conversationOf(invitation, walletAddressOf(peer.identityKey), sealed.header.createdNs),
    };
  } finally {
    secret.fill(0);
  }
}

/** Opens with a secret of e.1 that the caller derived for this header. Throws 'not-opened' and as `decodeInvitation`. */
export function openInvitationWith(sealed: SealedInvitation, secret: Uint8Array): Invitation {
  const plainSecret = openSealed(sealed.ciphertext, secret, sealed.headerBytes);
  try {
    return decodeInvitation(plainSecret);
  } finally {
    plainSecret.fill(0);
  }
}

/** What the app learns of an invitation. */
export function conversationOf(invitation: Invitation, peerAddress: string, createdNs: bigint): ConversationReference {
  const { topic, context, consentProof } = invitation;
  return { topic, peerAddress, createdNs, ...(context && { context }), ...(consentProof && { consentProof }) };
}

/** Wire bytes of InvitationV1. They hold key material. */
export function encodeInvitation(invitation: Invitation): Uint8Array {
  return encodeSecret(wire.InvitationV1, {
    topic: invitation.topic,
    context: invitation.context && contextToWire(invitation.context),
    encryption: { $case: 'aes256GcmHkdfSha256', value: { keyMaterial: invitation.keyMaterial } },
    consentProof: invitation.consentProof && consentProofToWire(invitation.consentProof),
  });
}

/**
 * Reads InvitationV1. Any topic of V2 conversations is accepted, derived or random; another one is refused, which clients in
 * the field leave out: an answer would be published there, over whatever the topic is for (e.3).
 * Throws 'malformed-protobuf', 'missing-field', 'bad-length' for the key or 'wrong-topic'.
 */
export function decodeInvitation(bytes: Uint8Array): Invitation {
  const { topic, context, encryption, consentProof } = decodeStrictly(wire.InvitationV1, 'InvitationV1', bytes);
  if (topic === '') throw new ProtocolError('missing-field', 'topic is missing');
  if (!encryption) throw new ProtocolError('missing-field', 'key material is missing');
  const { keyMaterial } = encryption.value;
  if (keyMaterial.length !== KEY_MATERIAL_LENGTH) {
    throw new ProtocolError('bad-length', `key material has ${keyMaterial.length} bytes, not 32`);
  }
  if (!isConversationTopic(topic)) throw new ProtocolError('wrong-topic', 'not the topic of a V2 conversation');
  return {
    topic,
    keyMaterial: keyMaterial.slice(),
    ...(context && { context: contextFromWire(context) }),
    ...(consentProof && { consentProof: consentProofFromWire(consentProof) }),
  };
}

/** Wire bytes of SealedInvitationHeaderV1. Throws 'bad-number' unless the time is a uint64. */
export function encodeInvitationHeader(header: InvitationHeader): Uint8Array {
  if (header.createdNs < 0n || header.createdNs >= 2n ** 64n)
    throw new ProtocolError('bad-number', 'time is not a uint64');
  return wire.SealedInvitationHeaderV1.encode({
    sender: signedPublicKeyBundleToWire(header.sender),
    recipient: signedPublicKeyBundleToWire(header.recipient),
    createdNs: header.createdNs,
  }).finish();
}

/** Reads SealedInvitationHeaderV1. Throws 'malformed-protobuf', 'missing-field' and as `decodeSignedPublicKeyBundle`. */
export function decodeInvitationHeader(bytes: Uint8Array): InvitationHeader {
  const { sender, recipient, createdNs } = decodeStrictly(
    wire.SealedInvitationHeaderV1,
    'SealedInvitationHeaderV1',
    bytes,
  );
  if (!sender || !recipient) throw new ProtocolError('missing-field', 'sender or recipient is missing');
  return {
    sender: signedPublicKeyBundleFromWire(sender),
    recipient: signedPublicKeyBundleFromWire(recipient),
    createdNs,
  };
}
