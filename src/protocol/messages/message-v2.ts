// V2 messages: signed content inside, the conversation's key outside (protocol f.3).
// Promises that a signature covers the literal header bytes and the payload, that verification is as strict as the field's,
// and that fresh signatures carry the right recovery bit, from which other clients recover the key.
// Must not treat a valid sender as a participant: anybody who holds the key can write, signed with a key of his own.
import { sha256 } from '@noble/hashes/sha2.js';
import type { SignedPublicKeyBundle } from '../keys/bundles';
import { signedPublicKeyBundleFromWire, signedPublicKeyBundleToWire } from '../keys/bundles';
import { concatBytes, equalBytes } from '../base/bytes';
import { ProtocolError } from '../base/errors';
import { signatureFromWire, signatureToWire } from '../keys/key-codec';
import type { KeySignature } from '../keys/keys';
import { verifyPreKey, walletAddressOf } from '../keys/keys';
import { decodeMessage } from './message';
import * as wire from '../proto/gen/conversations';
import { decodeStrictly } from '../proto/strict';
import type { Ciphertext } from '../keys/seal';
import { openSealed, sealWith } from '../keys/seal';
import { getPublicKey, signDigest, verifyDigest } from '../base/secp256k1';

/** The header of a V2 message; its literal bytes are signed and are the associated data. */
export interface MessageHeaderV2 {
  readonly createdNs: bigint;
  readonly topic: string;
}

/** Content with its sender. The signature is absent until somebody signed. */
export interface SignedContent {
  readonly payload: Uint8Array;
  readonly sender: SignedPublicKeyBundle;
  readonly signature?: KeySignature;
}

/** Wire bytes of MessageHeaderV2. */
export function encodeMessageHeaderV2(header: MessageHeaderV2): Uint8Array {
  return wire.MessageHeaderV2.encode({ ...header }).finish();
}

/** Reads MessageHeaderV2. Throws 'malformed-protobuf'. */
export function decodeMessageHeaderV2(bytes: Uint8Array): MessageHeaderV2 {
  return decodeStrictly(wire.MessageHeaderV2, 'MessageHeaderV2', bytes);
}

/** Refuses a header that names another topic than the one its message is for: throws 'wrong-topic' or 'malformed-protobuf'. */
export function checkHeaderTopic(headerBytes: Uint8Array, contentTopic: string): MessageHeaderV2 {
  const header = decodeMessageHeaderV2(headerBytes);
  if (header.topic !== contentTopic) throw new ProtocolError('wrong-topic', 'the header names another topic');
  return header;
}

/** What the sender's prekey signs: SHA-256 of header bytes and payload (f.3, step 2). */
export function contentDigest(headerBytes: Uint8Array, payload: Uint8Array): Uint8Array {
  return sha256(concatBytes(headerBytes, payload));
}

/** Wire bytes of SignedContent. */
export function encodeSignedContent({ payload, sender, signature }: SignedContent): Uint8Array {
  return wire.SignedContent.encode({
    payload,
    sender: signedPublicKeyBundleToWire(sender),
    signature: signature && signatureToWire(signature),
  }).finish();
}

/**
 * Reads SignedContent with a complete sender; the signature may be absent. Checks shapes only.
 * Throws 'malformed-protobuf', 'missing-field', 'bad-signature' and as `decodeSignedPublicKeyBundle`.
 */
export function decodeSignedContent(bytes: Uint8Array): SignedContent {
  const { payload, sender, signature } = decodeStrictly(wire.SignedContent, 'SignedContent', bytes);
  if (!sender) throw new ProtocolError('missing-field', 'sender is missing');
  const content = { payload: payload.slice(), sender: signedPublicKeyBundleFromWire(sender) };
  return signature ? { ...content, signature: signatureFromWire(signature) } : content;
}

/**
 * Wire bytes of SignedContent signed by the sender's prekey (f.3, steps 2 to 4). `sender` is our own public bundle;
 * `preKeyPrivate` must be the private half of its prekey, else 'private-public-mismatch'.
 */
export function signContent(input: {
  headerBytes: Uint8Array;
  payload: Uint8Array;
  sender: SignedPublicKeyBundle;
  preKeyPrivate: Uint8Array;
}): Uint8Array {
  const { headerBytes, payload, sender, preKeyPrivate } = input;
  if (!equalBytes(getPublicKey(preKeyPrivate), sender.preKey.publicKey)) {
    throw new ProtocolError('private-public-mismatch', "not the private half of the sender's prekey");
  }
  const signed = signDigest(contentDigest(headerBytes, payload), preKeyPrivate);
  return encodeSignedContent({ payload, sender, signature: { kind: 'ecdsaCompact', ...signed } });
}

/** What is the same for every message of one sender; whoever reads many may remember it by the sender's bytes. */
export interface SenderChecks {
  isPreKeySigned(sender: SignedPublicKeyBundle): boolean;
  /** Throws as `walletAddressOf`. */
  accountOf(sender: SignedPublicKeyBundle): string;
}

const freshChecks: SenderChecks = {
  isPreKeySigned: ({ preKey, identityKey }) => verifyPreKey(preKey, identityKey),
  accountOf: ({ identityKey }) => walletAddressOf(identityKey),
};

/**
 * Verifies content against its literal header bytes; returns the account it speaks for, EIP-55. Prekey <- identity key and
 * signature <- prekey are checked, high s counts as invalid. The address is recovered: compare it before showing it as known.
 * Throws 'not-signed', 'prekey-signature-invalid', 'signature-invalid', 'not-signed-by-wallet' or 'bad-signature'.
 */
export function verifySignedContent(
  { payload, sender, signature }: SignedContent,
  headerBytes: Uint8Array,
  { isPreKeySigned, accountOf }: SenderChecks = freshChecks,
): string {
  if (!signature) throw new ProtocolError('not-signed', 'content is not signed');
  if (!isPreKeySigned(sender)) {
    throw new ProtocolError('prekey-signature-invalid', 'prekey is not signed by the identity key');
  }
  const isSigned = verifyDigest(signature, contentDigest(headerBytes, payload), sender.preKey.publicKey);
  if (signature.kind !== 'ecdsaCompact' || !isSigned) {
    throw new ProtocolError('signature-invalid', 'content is not signed by the prekey');
  }
  return accountOf(sender);
}

/** Seals with the conversation's key, header bytes as associated data. `salt32` and `nonce12` are fresh randomness. */
export function encryptV2(input: {
  keyMaterial: Uint8Array;
  headerBytes: Uint8Array;
  payload: Uint8Array;
  salt32: Uint8Array;
  nonce12: Uint8Array;
}): Ciphertext {
  return sealWith(input.payload, input.keyMaterial, input.headerBytes, input.salt32, input.nonce12);
}

/** Opens with the conversation's key. The result is SignedContent as somebody wrote it, not verified. Throws 'not-opened' or 'bad-length'. */
export function decryptV2(
  keyMaterial: Uint8Array,
  message: { readonly headerBytes: Uint8Array; readonly ciphertext: Ciphertext },
): Uint8Array {
  return openSealed(message.ciphertext, keyMaterial, message.headerBytes);
}

/**
 * Reads a published V2 message as a client does (f.3). Throws 'unknown-version', 'wrong-topic', 'not-opened', and as
 * `decodeMessage`, `decodeSignedContent` and `verifySignedContent`.
 */
export function readMessageV2(
  keyMaterial: Uint8Array,
  messageBytes: Uint8Array,
  contentTopic: string,
): { payload: Uint8Array; senderAddress: string; createdNs: bigint } {
  const message = decodeMessage(messageBytes);
  if (message.version !== 2) throw new ProtocolError('unknown-version', 'not a V2 message');
  const { createdNs } = checkHeaderTopic(message.headerBytes, contentTopic);
  const content = decodeSignedContent(decryptV2(keyMaterial, message));
  return { payload: content.payload, senderAddress: verifySignedContent(content, message.headerBytes), createdNs };
}
