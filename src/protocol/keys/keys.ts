// Single keys in their two generations: legacy (V1, milliseconds) and signed (V2) ones (protocol a.1, a.2, a.4, a.6).
// Promises signatures and equality exactly as the field has them. Conversions share bytes with their input: wipe once.
// Must never re-sign or re-serialise an existing V2 key: `keyBytes` and the signature are part of what a key is.
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, equalBytes } from '../base/bytes';
import { ProtocolError } from '../base/errors';
import { addressOf, eip191Digest } from '../base/ethereum';
import { UnsignedPublicKey as UnsignedPublicKeyMessage } from '../proto/gen/keys';
import type { EcdsaSignature } from '../base/secp256k1';
import { getPublicKey, recoverPublicKey, signDigest, toEcdsaSignature, verifyDigest } from '../base/secp256k1';
import { createIdentityText } from './wallet-text';

/** Whose way of signing: a key over SHA-256, or a wallet over an EIP-191 text. */
export type SignatureKind = 'ecdsaCompact' | 'walletEcdsaCompact';

/** A signature as a key carries it. */
export interface KeySignature extends EcdsaSignature {
  readonly kind: SignatureKind;
}

/** A legacy public key. The signature is absent until somebody signed; its kind is always ecdsaCompact once read. */
export interface PublicKey {
  readonly createdMs: bigint;
  readonly publicKey: Uint8Array;
  readonly signature?: KeySignature;
}

/**
 * A V2 public key. `keyBytes` are the literal bytes that are signed; `created` and `publicKey` are read from them.
 * `created` is in nanoseconds, or in milliseconds when the key came from a legacy one, see `isFromLegacy` (a.1).
 */
export interface SignedPublicKey {
  readonly keyBytes: Uint8Array;
  readonly created: bigint;
  readonly publicKey: Uint8Array;
  readonly signature: KeySignature;
}

/** A legacy key pair. */
export interface PrivateKey {
  readonly createdMs: bigint;
  readonly privateKey: Uint8Array;
  readonly publicKey: PublicKey;
}

/** A V2 key pair. `createdNs` really is nanoseconds, also for converted keys (a.1). */
export interface SignedPrivateKey {
  readonly createdNs: bigint;
  readonly privateKey: Uint8Array;
  readonly publicKey: SignedPublicKey;
}

const FIRST_NANOSECOND_STAMP = 10n ** 18n;
const NS_PER_MS = 1_000_000n;

/** K(key): the bytes that are hashed and signed for a key (a.2). A stamp of zero is omitted. */
export function unsignedKeyBytes(created: bigint, publicKey65: Uint8Array): Uint8Array {
  if (created < 0n || created >= 2n ** 64n) throw new ProtocolError('bad-number', 'creation time is not a uint64');
  return UnsignedPublicKeyMessage.encode({
    createdNs: created,
    secp256k1Uncompressed: { bytes: publicKey65 },
  }).finish();
}

/** Whether a V2 key was converted from a legacy one, so that its stamp counts milliseconds (a.1). */
export function isFromLegacy(key: SignedPublicKey): boolean {
  return key.created < FIRST_NANOSECOND_STAMP;
}

/** When the key was made, in milliseconds since 1970, whichever unit its stamp has. */
export function createdMsOf(key: SignedPublicKey): bigint {
  return isFromLegacy(key) ? key.created : key.created / NS_PER_MS;
}

/** What the signature of a key covers: K(key), or the literal key bytes of a V2 key (a.2). */
export function signedBytesOf(key: PublicKey | SignedPublicKey): Uint8Array {
  return 'keyBytes' in key ? key.keyBytes : unsignedKeyBytes(key.createdMs, key.publicKey);
}

/**
 * A fresh identity key pair, not yet signed by its account. `createdMs` counts milliseconds since 1970.
 * Throws 'bad-private-key' or 'bad-number' (zero or below, or too large to be converted to nanoseconds).
 */
export function createIdentityKey(input: { privateKey: Uint8Array; createdMs: bigint }): PrivateKey {
  return unsignedKeyPair(input.privateKey, input.createdMs);
}

/** The text the account has to sign for this identity key. */
export function createIdentityTextOf(identity: PrivateKey | PublicKey): string {
  const publicKey = 'privateKey' in identity ? identity.publicKey : identity;
  return createIdentityText(signedBytesOf(publicKey));
}

/** The same key pair with the account's signature attached; an existing one is replaced. Does not check who signed. */
export function signIdentityKey(identity: PrivateKey, walletSignature: EcdsaSignature): PrivateKey {
  const { bytes, recovery } = toEcdsaSignature(walletSignature.bytes, walletSignature.recovery);
  const signature: KeySignature = { kind: 'ecdsaCompact', bytes: bytes.slice(), recovery };
  return { ...identity, publicKey: { ...identity.publicKey, signature } };
}

/** A fresh prekey pair signed by the identity key over SHA-256(K(prekey)) (a.2). Throws 'bad-private-key' or 'bad-number'. */
export function createPreKey(input: {
  privateKey: Uint8Array;
  createdMs: bigint;
  identityPrivateKey: Uint8Array;
}): PrivateKey {
  const unsigned = unsignedKeyPair(input.privateKey, input.createdMs);
  const signed = signDigest(sha256(signedBytesOf(unsigned.publicKey)), input.identityPrivateKey);
  return { ...unsigned, publicKey: { ...unsigned.publicKey, signature: { kind: 'ecdsaCompact', ...signed } } };
}

/** Whether `preKey` carries a valid signature by `identityKey` (a.7): kind ecdsaCompact, low s, over SHA-256 of its bytes. */
export function verifyPreKey(preKey: PublicKey | SignedPublicKey, identityKey: PublicKey | SignedPublicKey): boolean {
  if (!preKey.signature || preKey.signature.kind !== 'ecdsaCompact') return false;
  return verifyDigest(preKey.signature, sha256(signedBytesOf(preKey)), identityKey.publicKey);
}

/**
 * The account that signed this identity key, EIP-55 (a.4). Almost any signature yields some address: compare it.
 * Throws 'not-signed', 'not-signed-by-wallet' (a V2 key with a key's signature) or 'bad-signature'.
 */
export function walletAddressOf(identityKey: PublicKey | SignedPublicKey): string {
  const { signature } = identityKey;
  if (!signature) throw new ProtocolError('not-signed', 'identity key is not signed');
  if ('keyBytes' in identityKey && signature.kind !== 'walletEcdsaCompact') {
    throw new ProtocolError('not-signed-by-wallet', 'identity key was not signed by a wallet');
  }
  return addressOf(recoverPublicKey(signature, eip191Digest(createIdentityText(signedBytesOf(identityKey)))));
}

/** Equality of a.6: legacy keys by their points; V2 keys by point, and kind, bytes and recovery bit of the signature. */
export function isSameKey(a: PublicKey | SignedPublicKey, b: PublicKey | SignedPublicKey): boolean {
  if (!equalBytes(a.publicKey, b.publicKey)) return false;
  if (!('keyBytes' in a) || !('keyBytes' in b)) return true;
  const [mine, theirs] = [a.signature, b.signature];
  return mine.kind === theirs.kind && mine.recovery === theirs.recovery && equalBytes(mine.bytes, theirs.bytes);
}

/** Legacy to V2 (a.5). `signedBy` says whose signature it is: an account's on an identity key, a key's on a prekey. Throws 'not-signed'. */
export function legacyToV2PublicKey(key: PublicKey, signedBy: 'wallet' | 'identityKey'): SignedPublicKey {
  if (!key.signature) throw new ProtocolError('not-signed', 'key is not signed');
  const kind = signedBy === 'wallet' ? 'walletEcdsaCompact' : key.signature.kind;
  return {
    keyBytes: signedBytesOf(key),
    created: key.createdMs,
    publicKey: key.publicKey,
    signature: { ...key.signature, kind },
  };
}

/** V2 to legacy (a.5). Throws 'not-legacy' for a key stamped in nanoseconds. */
export function v2ToLegacyPublicKey(key: SignedPublicKey): PublicKey {
  if (!isFromLegacy(key)) throw new ProtocolError('not-legacy', 'key cannot be converted to a legacy key');
  return { createdMs: key.created, publicKey: key.publicKey, signature: { ...key.signature, kind: 'ecdsaCompact' } };
}

/** Legacy to V2 key pair: nanoseconds outside, the same bytes inside (a.5). Throws 'not-signed'. */
export function legacyToV2PrivateKey(key: PrivateKey, signedBy: 'wallet' | 'identityKey'): SignedPrivateKey {
  return {
    createdNs: BigInt.asUintN(64, key.createdMs * NS_PER_MS),
    privateKey: key.privateKey,
    publicKey: legacyToV2PublicKey(key.publicKey, signedBy),
  };
}

/** V2 to legacy key pair (a.5). Throws 'not-legacy'. */
export function v2ToLegacyPrivateKey(key: SignedPrivateKey): PrivateKey {
  return {
    createdMs: key.createdNs / NS_PER_MS,
    privateKey: key.privateKey,
    publicKey: v2ToLegacyPublicKey(key.publicKey),
  };
}

/** A short name for a key in lists and logs: the first and last digits of its X coordinate. Public keys only. */
export function publicKeyFingerprint(publicKey65: Uint8Array): string {
  const hex = bytesToHex(publicKey65.subarray(1, 33));
  return `${hex.slice(0, 8)}…${hex.slice(-8)}`;
}

function unsignedKeyPair(privateKey: Uint8Array, createdMs: bigint): PrivateKey {
  if (createdMs <= 0n || createdMs * NS_PER_MS >= 2n ** 63n) {
    throw new ProtocolError('bad-number', 'creation time in milliseconds is out of range');
  }
  const publicKey = { createdMs, publicKey: getPublicKey(privateKey) };
  return { createdMs, privateKey: privateKey.slice(), publicKey };
}
