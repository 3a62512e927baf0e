// Tokens that let an account publish (protocol c.4): made by the identity key, judged as a node judges them.
// Promises tokens dated with the time the caller passes, which must be the vault's own clock, never a page's wish.
// Must not be handed to pages: a token may overwrite the account's key store and contact until it is an hour old.
import { keccak_256 } from '@noble/hashes/sha3.js';
import { bytesToBase64 } from '../base/bytes';
import { ProtocolError } from '../base/errors';
import { publicKeyFromWire, publicKeyToWire, signatureFromWire, signatureToWire } from './key-codec';
import type { PrivateKey } from './keys';
import { walletAddressOf } from './keys';
import * as wire from '../proto/gen/keys';
import { decodeStrictly } from '../proto/strict';
import { signDigest, verifyDigest } from '../base/secp256k1';

/** How long a node accepts a token, in nanoseconds: until it is older than this. */
export const TOKEN_LIFETIME_NS = 3_600_000_000_000n;

/** Wire bytes of AuthData: the account and when the token was made. */
export function encodeAuthData(walletAddress: string, createdNs: bigint): Uint8Array {
  if (createdNs < 0n || createdNs >= 2n ** 64n) throw new ProtocolError('bad-number', 'creation time is not a uint64');
  return wire.AuthData.encode({ walletAddr: walletAddress, createdNs }).finish();
}

/**
 * Wire bytes of a Token, signed by the identity key over Keccak-256 of the auth data (not SHA-256, c.4).
 * `createdNs` is nanoseconds since 1970. A caller that has recovered the account before may pass it. Throws 'not-signed' for
 * an identity key without its account's signature.
 */
export function createAuthToken(identityKey: PrivateKey, createdNs: bigint, walletAddress?: string): Uint8Array {
  const authDataBytes = encodeAuthData(walletAddress ?? walletAddressOf(identityKey.publicKey), createdNs);
  const signature = signDigest(keccak_256(authDataBytes), identityKey.privateKey);
  return wire.Token.encode({
    identityKey: publicKeyToWire(identityKey.publicKey),
    authDataBytes,
    authDataSignature: signatureToWire({ kind: 'ecdsaCompact', ...signature }),
  }).finish();
}

/** The value of the Authorization header. */
export function authorizationOf(token: Uint8Array): string {
  return `Bearer ${bytesToBase64(token)}`;
}

/**
 * The account a token speaks for, EIP-55, by the rules of a node at the time `nowNs`. Tokens dated in the future pass:
 * nodes have no upper bound. Throws a ProtocolError for everything a node refuses with code 16.
 */
export function verifyAuthToken(token: Uint8Array, nowNs: bigint): string {
  const message = decodeStrictly(wire.Token, 'Token', token);
  if (!message.identityKey?.signature) throw new ProtocolError('not-signed', 'token has no signed identity key');
  const identityKey = publicKeyFromWire(message.identityKey);
  const account = walletAddressOf(identityKey);
  if (!message.authDataSignature) throw new ProtocolError('missing-field', 'token has no signature');
  const signature = signatureFromWire(message.authDataSignature);
  const isSigned = verifyDigest(signature, keccak_256(message.authDataBytes), identityKey.publicKey);
  if (signature.kind !== 'ecdsaCompact' || !isSigned) {
    throw new ProtocolError('signature-invalid', 'auth data is not signed by the identity key');
  }
  const authData = decodeStrictly(wire.AuthData, 'AuthData', message.authDataBytes);
  if (authData.walletAddr !== account) throw new ProtocolError('wrong-account', 'auth data names another account');
  if (nowNs - authData.createdNs > TOKEN_LIFETIME_NS) throw new ProtocolError('bad-number', 'token expired');
  return account;
}
