// Seal and Open (protocol 0): HKDF-SHA-256 with a fresh salt, then AES-256-GCM. The only encryption of the XMTP formats.
// Promises that lengths are checked before anything is decrypted and that a wrong secret, aad or byte gives 'not-opened'.
// Must not seal the vault's own records: their keys and associated data live in src/vault (R-D3).
import { gcm } from '@noble/ciphers/aes.js';
import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { ProtocolError } from '../base/errors';
import * as wire from '../proto/gen/keys';
import { decodeStrictly } from '../proto/strict';

/** What Seal produces; on the wire, a Ciphertext message with its one kind, aes256_gcm_hkdf_sha256. */
export interface Ciphertext {
  readonly hkdfSalt: Uint8Array;
  readonly gcmNonce: Uint8Array;
  readonly payload: Uint8Array;
}

/** Byte length of the salt. */
export const SALT_LENGTH = 32;
/** Byte length of the nonce. */
export const NONCE_LENGTH = 12;
const TAG_LENGTH = 16;
const NOTHING = new Uint8Array(0);

/**
 * Seals `plain` under a secret of any length. `salt32` and `nonce12` are the caller's fresh randomness, never reused.
 * `aad` may be empty; that is the same as none. Throws 'bad-length' for salt or nonce.
 */
export function sealWith(
  plain: Uint8Array,
  secret: Uint8Array,
  aad: Uint8Array | undefined,
  salt32: Uint8Array,
  nonce12: Uint8Array,
): Ciphertext {
  checkLengths({ hkdfSalt: salt32, gcmNonce: nonce12 });
  const keySecret = deriveKey(secret, salt32);
  const payload = gcm(keySecret, nonce12, aad ?? NOTHING).encrypt(plain);
  keySecret.fill(0);
  return { hkdfSalt: salt32.slice(), gcmNonce: nonce12.slice(), payload };
}

/** The plaintext. Throws 'bad-length' for a salt, nonce or payload no Seal can have made, 'not-opened' for everything else. */
export function openSealed(ciphertext: Ciphertext, secret: Uint8Array, aad?: Uint8Array): Uint8Array {
  checkCiphertext(ciphertext);
  const keySecret = deriveKey(secret, ciphertext.hkdfSalt);
  try {
    return gcm(keySecret, ciphertext.gcmNonce, aad ?? NOTHING).decrypt(ciphertext.payload);
  } catch {
    throw new ProtocolError('not-opened', 'sealed bytes do not open with this secret');
  } finally {
    keySecret.fill(0);
  }
}

/** Checks salt, nonce and payload lengths; throws 'bad-length' (protocol 0, Open). */
export function checkCiphertext(ciphertext: Ciphertext): void {
  checkLengths(ciphertext);
  if (ciphertext.payload.length < TAG_LENGTH) {
    throw new ProtocolError('bad-length', `sealed payload has ${ciphertext.payload.length} bytes, fewer than its tag`);
  }
}

/** Wire bytes of a Ciphertext message. */
export function encodeCiphertext(ciphertext: Ciphertext): Uint8Array {
  return wire.Ciphertext.encode(ciphertextToWire(ciphertext)).finish();
}

/** Reads a Ciphertext message. Throws 'malformed-protobuf', 'missing-field' or 'bad-length'. */
export function decodeCiphertext(bytes: Uint8Array): Ciphertext {
  return ciphertextFromWire(decodeStrictly(wire.Ciphertext, 'Ciphertext', bytes));
}

/** For the codecs of other messages only. */
export function ciphertextToWire(ciphertext: Ciphertext): wire.Ciphertext {
  return { union: { $case: 'aes256GcmHkdfSha256', value: ciphertext } };
}

/** For the codecs of other messages only. Checks lengths. */
export function ciphertextFromWire(message: wire.Ciphertext | undefined): Ciphertext {
  const { hkdfSalt, gcmNonce, payload } = ciphertextInWire(message);
  return { hkdfSalt: hkdfSalt.slice(), gcmNonce: gcmNonce.slice(), payload: payload.slice() };
}

/** The same without copies, for batches: its parts are the decoded bytes themselves. */
export function ciphertextInWire(message: wire.Ciphertext | undefined): Ciphertext {
  if (!message?.union) throw new ProtocolError('missing-field', 'ciphertext is missing');
  checkCiphertext(message.union.value);
  return message.union.value;
}

function deriveKey(secret: Uint8Array, salt: Uint8Array): Uint8Array {
  return hkdf(sha256, secret, salt, NOTHING, 32);
}

function checkLengths(parts: { hkdfSalt: Uint8Array; gcmNonce: Uint8Array }): void {
  if (parts.hkdfSalt.length !== SALT_LENGTH) {
    throw new ProtocolError('bad-length', `salt has ${parts.hkdfSalt.length} bytes, not 32`);
  }
  if (parts.gcmNonce.length !== NONCE_LENGTH) {
    throw new ProtocolError('bad-length', `nonce has ${parts.gcmNonce.length} bytes, not 12`);
  }
}
