// V1 messages: between two key bundles named in the header, authenticated by their shared secret only (protocol f.2).
// Promises that role, peer and prekey are read from the header, so that messages to and from older prekeys open (j).
// Must not be taken as proof of authorship: whoever can read a V1 message could have written it.
import type { PrivateKeyBundleV1, PrivateKeyBundleV2, PublicKeyBundle } from '../keys/bundles';
import { encodePublicKeyBundle, publicKeyBundleFromWire, publicKeyBundleToWire } from '../keys/bundles';
import { bytesToLatin1, equalBytes } from '../base/bytes';
import { ProtocolError } from '../base/errors';
import { walletAddressOf } from '../keys/keys';
import { decodeMessage } from './message';
import type { HeaderBundles, Parties } from './sender-and-peer';
import { partiesOf } from './sender-and-peer';
import * as wire from '../proto/gen/conversations';
import { eachRepeated } from '../proto/as-protobuf';
import { decodeStrictly, isWellFormed } from '../proto/strict';
import type { Ciphertext } from '../keys/seal';
import { openSealed, sealWith } from '../keys/seal';
import { sharedSecret } from '../keys/shared-secret';
import { directMessageTopic } from './topics';

/** The header of a V1 message; its literal bytes are the associated data. */
export interface MessageHeaderV1 {
  readonly sender: PublicKeyBundle;
  readonly recipient: PublicKeyBundle;
  readonly timestampMs: bigint;
}

/** What a caller says about a V1 message besides its bytes. */
export interface ClaimV1 {
  readonly isSender: boolean;
  readonly peerKeys: PublicKeyBundle;
}

/** Wire bytes of MessageHeaderV1. */
export function encodeMessageHeaderV1({ sender, recipient, timestampMs }: MessageHeaderV1): Uint8Array {
  return wire.MessageHeaderV1.encode({
    sender: publicKeyBundleToWire(sender),
    recipient: publicKeyBundleToWire(recipient),
    timestamp: timestampMs,
  }).finish();
}

/** Reads MessageHeaderV1. Throws 'malformed-protobuf', 'missing-field' and as `decodePublicKeyBundle`. */
export function decodeMessageHeaderV1(bytes: Uint8Array): MessageHeaderV1 {
  const { sender, recipient, timestamp } = decodeStrictly(wire.MessageHeaderV1, 'MessageHeaderV1', bytes);
  if (!sender || !recipient) throw new ProtocolError('missing-field', 'sender or recipient is missing');
  return {
    sender: publicKeyBundleFromWire(sender),
    recipient: publicKeyBundleFromWire(recipient),
    timestampMs: timestamp,
  };
}

/** Longer than two bundles are, with some room: what is longer is decoded each time. */
const rememberedBytes = 1_024;

/**
 * Reads the bundles of many headers, of which most name the same two: these are decoded once, and the same object comes back. Throws as
 * `decodeMessageHeaderV1`, of which each header is held to the same rules.
 */
export function createBundlesReader(): (headerBytes: Uint8Array) => HeaderBundles<PublicKeyBundle> {
  const known = new Map<string, HeaderBundles<PublicKeyBundle>>();
  return (bytes) => {
    const end = bytes.length;
    if (end > rememberedBytes || !isWellFormed('MessageHeaderV1', bytes)) return decodeMessageHeaderV1(bytes);
    // What is well-formed has each of them once at the most. With their lengths, or two pairs could have one name.
    let name = '';
    for (const field of [1, 2])
      eachRepeated(bytes, field, (start, stop) => {
        name += `${field} ${stop - start} ${bytesToLatin1(bytes.subarray(start, stop))}`;
      });
    const before = known.get(name);
    if (before) return before;
    const { sender, recipient } = decodeMessageHeaderV1(bytes);
    const bundles = { sender, recipient };
    known.set(name, bundles);
    return bundles;
  };
}

/**
 * Our side of a V1 message, and a check of the caller's claim. Clients name one side of the header as the peer, the recipient
 * when they take themselves for the sender and the sender otherwise; after a rotation they take themselves for the wrong one,
 * which does not matter here. A claim that fits neither is refused.
 * Throws 'contradicts-header', 'not-a-party' and as `decodeMessageHeaderV1`.
 */
export function partiesOfV1(
  headerBytes: Uint8Array,
  myIdentityKey65: Uint8Array,
  claim?: ClaimV1,
): Parties<PublicKeyBundle> {
  const header = decodeMessageHeaderV1(headerBytes);
  if (claim) {
    const named = encodePublicKeyBundle(claim.isSender ? header.recipient : header.sender);
    if (!equalBytes(named, encodePublicKeyBundle(claim.peerKeys))) {
      throw new ProtocolError('contradicts-header', 'the peer keys are not those of the header');
    }
  }
  return partiesOf(header, myIdentityKey65);
}

/** Opens a V1 message. Throws as `partiesOfV1` and `sharedSecret`, and 'not-opened'. */
export function decryptV1(
  mine: PrivateKeyBundleV1 | PrivateKeyBundleV2,
  message: { readonly headerBytes: Uint8Array; readonly ciphertext: Ciphertext },
  claim?: ClaimV1,
): Uint8Array {
  const { role, myPreKey, peer } = partiesOfV1(message.headerBytes, mine.identityKey.publicKey.publicKey, claim);
  const secret = sharedSecret(mine, peer, myPreKey, role);
  try {
    return openSealed(message.ciphertext, secret, message.headerBytes);
  } finally {
    secret.fill(0);
  }
}

/**
 * Seals a V1 message with the prekey its header names as the sender's, which must be ours, for the recipient it names.
 * `salt32` and `nonce12` are fresh randomness. Throws 'not-a-party' when the header names another sender, and as
 * `decodeMessageHeaderV1` and `sharedSecret`.
 */
export function encryptV1(input: {
  mine: PrivateKeyBundleV1 | PrivateKeyBundleV2;
  headerBytes: Uint8Array;
  payload: Uint8Array;
  salt32: Uint8Array;
  nonce12: Uint8Array;
}): Ciphertext {
  const { role, myPreKey, peer } = partiesOfV1(input.headerBytes, input.mine.identityKey.publicKey.publicKey);
  if (role !== 'sender') throw new ProtocolError('not-a-party', 'the header names another sender');
  const secret = sharedSecret(input.mine, peer, myPreKey, 'sender');
  const ciphertext = sealWith(input.payload, secret, input.headerBytes, input.salt32, input.nonce12);
  secret.fill(0);
  return ciphertext;
}

/**
 * Reads a published V1 message as a client does: both addresses from the header's wallet signatures must form `contentTopic`.
 * Throws 'unknown-version', 'wrong-topic', 'not-signed' or 'bad-signature' for an account, and as `decryptV1` and `decodeMessage`.
 */
export function readMessageV1(
  mine: PrivateKeyBundleV1 | PrivateKeyBundleV2,
  messageBytes: Uint8Array,
  contentTopic: string,
): { payload: Uint8Array; senderAddress: string; recipientAddress: string; timestampMs: bigint } {
  const message = decodeMessage(messageBytes);
  if (message.version !== 1) throw new ProtocolError('unknown-version', 'not a V1 message');
  const { sender, recipient, timestampMs } = decodeMessageHeaderV1(message.headerBytes);
  const [senderAddress, recipientAddress] = [
    walletAddressOf(sender.identityKey),
    walletAddressOf(recipient.identityKey),
  ];
  if (directMessageTopic(senderAddress, recipientAddress) !== contentTopic) {
    throw new ProtocolError('wrong-topic', 'sender and recipient do not form this topic');
  }
  return { payload: decryptV1(mine, message), senderAddress, recipientAddress, timestampMs };
}
