// The bytes that `vault_sign` signs, and how anyone verifies the answer offline (docs/protocol.md, "vault_sign").
// Promises that nothing signed here can pass for an XMTP message, key, token or wallet text, and that a verified result
// holds the whole chain: signature <- prekey <- identity key <- account, for the origin the caller named.
// Must stay free of secrets: the SDK imports this file, the vault adds the private key.
import { sha256 } from '@noble/hashes/sha2.js';
import { decodeSignedPublicKeyBundle, validateSignedPublicKeyBundle } from '../keys/bundles';
import { bytesToUtf8, concatBytes, equalBytes, utf8ToBytes } from '../base/bytes';
import { ProtocolError } from '../base/errors';
import { checksumAddress } from '../base/address';
import type { EcdsaSignature } from '../base/secp256k1';
import { toEcdsaSignature, verifyDigest } from '../base/secp256k1';

/**
 * First byte of every signed text. As a protobuf tag it has wire type 7, which does not exist, so no key (first byte 08 or
 * 1a), auth datum (0a), message header (08 or 12) or other XMTP structure can begin with it; wallet texts begin with "X",
 * their EIP-191 form with 19. It is not valid UTF-8 either.
 */
export const VAULT_SIGN_FIRST_BYTE = 0xff;
/** Second byte: the version of the encoding. */
export const VAULT_SIGN_VERSION = 1;
const DOMAIN_TAG = utf8ToBytes('prekey-vault/vault_sign');

/** What is signed. `account` is EIP-55, `issuedAtMs` milliseconds since 1970 as the vault's clock said. */
export interface VaultSignFields {
  readonly origin: string;
  readonly account: string;
  readonly purpose: string;
  readonly issuedAtMs: number;
  readonly payload: Uint8Array;
}

/** The answer of `vault_sign`, as a dapp gets it. */
export interface VaultSignature {
  readonly signature: { readonly bytes: Uint8Array; readonly recovery: number };
  readonly signed: VaultSignFields & { readonly version: number };
  /** Wire bytes of the account's SignedPublicKeyBundle. */
  readonly signedPublicKeyBundle: Uint8Array;
}

/** What a verified signature proves. The keys are 65-byte public keys. */
export interface VerifiedVaultSignature {
  readonly account: string;
  readonly identityKey: Uint8Array;
  readonly preKey: Uint8Array;
}

/**
 * The signed bytes: FF, 01, then each field as a 4-byte big-endian length and its bytes, in this order: the domain tag
 * "prekey-vault/vault_sign", origin (UTF-8), account (ASCII, EIP-55), purpose (UTF-8), time (8 bytes, big-endian), payload.
 * Throws 'bad-address' when the account is not in EIP-55 form, 'bad-number' for a time that is not a safe integer >= 0,
 * 'bad-encoding' for unpaired surrogates.
 */
export function encodeVaultSignPayload(fields: VaultSignFields): Uint8Array {
  if (checksumAddress(fields.account) !== fields.account) {
    throw new ProtocolError('bad-address', 'account is not in EIP-55 form');
  }
  const parts = [
    DOMAIN_TAG,
    utf8ToBytes(fields.origin),
    utf8ToBytes(fields.account),
    utf8ToBytes(fields.purpose),
    timeToBytes(fields.issuedAtMs),
    fields.payload,
  ];
  const prefix = Uint8Array.of(VAULT_SIGN_FIRST_BYTE, VAULT_SIGN_VERSION);
  return concatBytes(prefix, ...parts.flatMap((part) => [lengthToBytes(part.length), part]));
}

/**
 * The fields of signed bytes; the inverse of `encodeVaultSignPayload`, accepting exactly what it produces.
 * Throws 'unknown-version' for another beginning, 'bad-length', 'bad-encoding', 'bad-address' or 'bad-number'.
 */
export function decodeVaultSignPayload(bytes: Uint8Array): VaultSignFields {
  if (bytes[0] !== VAULT_SIGN_FIRST_BYTE || bytes[1] !== VAULT_SIGN_VERSION) {
    throw new ProtocolError('unknown-version', 'not the signed bytes of vault_sign, version 1');
  }
  let at = 2;
  const nextField = (): Uint8Array => {
    const length = numberFromBytes(take(bytes, at, 4));
    const field = take(bytes, at + 4, length);
    at += 4 + length;
    return field;
  };
  if (!equalBytes(nextField(), DOMAIN_TAG)) throw new ProtocolError('unknown-version', 'the domain tag is another one');
  const fields: VaultSignFields = {
    origin: bytesToUtf8(nextField()),
    account: bytesToUtf8(nextField()),
    purpose: bytesToUtf8(nextField()),
    issuedAtMs: numberFromBytes(nextField()),
    payload: nextField().slice(),
  };
  // Encoding again catches what is left: a time of another length, bytes behind the last field.
  if (!equalBytes(encodeVaultSignPayload(fields), bytes)) {
    throw new ProtocolError('bad-encoding', 'signed bytes are not in their one form');
  }
  return fields;
}

/** The digest the prekey signs: SHA-256 of the signed bytes. */
export function vaultSignDigest(bytes: Uint8Array): Uint8Array {
  return sha256(bytes);
}

/**
 * Verifies an answer of `vault_sign` without any network: the signature is by the prekey over exactly these fields, the
 * prekey by the identity key, the identity key by the account, and account and origin are the expected ones.
 * Does not judge the time or the purpose: compare `signed.issuedAtMs` and `signed.purpose` yourself.
 * Throws ProtocolError: 'wrong-origin', 'wrong-account', 'signature-invalid', 'prekey-signature-invalid', 'unknown-version',
 * or a reason that says which part is malformed.
 */
export function verifyVaultSignature(
  result: VaultSignature,
  expected: { readonly account: string; readonly origin: string },
): VerifiedVaultSignature {
  const { signature, signed } = result;
  if (signed.version !== VAULT_SIGN_VERSION)
    throw new ProtocolError('unknown-version', 'unknown version of vault_sign');
  if (signed.origin !== expected.origin) throw new ProtocolError('wrong-origin', 'signed for another origin');
  const account = checksumAddress(expected.account);
  if (signed.account !== account) throw new ProtocolError('wrong-account', 'signed for another account');
  const bundle = decodeSignedPublicKeyBundle(result.signedPublicKeyBundle);
  validateSignedPublicKeyBundle(bundle, { expectedAddress: account });
  const compact: EcdsaSignature = toEcdsaSignature(signature.bytes, signature.recovery);
  if (!verifyDigest(compact, vaultSignDigest(encodeVaultSignPayload(signed)), bundle.preKey.publicKey)) {
    throw new ProtocolError('signature-invalid', 'the prekey did not sign these fields');
  }
  return { account, identityKey: bundle.identityKey.publicKey, preKey: bundle.preKey.publicKey };
}

function timeToBytes(ms: number): Uint8Array {
  if (!Number.isSafeInteger(ms) || ms < 0)
    throw new ProtocolError('bad-number', 'time is not a whole number of milliseconds');
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(ms));
  return bytes;
}

function lengthToBytes(length: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, length);
  return bytes;
}

function numberFromBytes(bytes: Uint8Array): number {
  return bytes.reduce((value, byte) => value * 256 + byte, 0);
}

function take(bytes: Uint8Array, at: number, length: number): Uint8Array {
  if (at + length > bytes.length) throw new ProtocolError('bad-length', 'a field reaches past the end');
  return bytes.subarray(at, at + length);
}
