// What Ethereum contributes: EIP-191 digests, EIP-55 addresses and the many shapes of a wallet's signature.
// Promises one canonical secret for all encodings of one signature, and typed refusals for blobs that are no ECDSA signature.
// Must not guess: recovery yields some address for almost any input, so callers compare it with the one they expect.
import { keccak_256 } from '@noble/hashes/sha3.js';
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from './bytes';
import { ProtocolError } from './errors';
import type { EcdsaSignature } from './secp256k1';
import { hasPublicKeyShape, hasScalarsInRange, recoverPublicKey, toEcdsaSignature, toLowS } from './secp256k1';

/** The 32-byte digest that `personal_sign` signs for this text (EIP-191, version 0x45). */
export function eip191Digest(text: string): Uint8Array {
  const message = utf8ToBytes(text);
  const prefix = utf8ToBytes(`\x19Ethereum Signed Message:\n${message.length}`);
  return keccak_256(concatBytes(prefix, message));
}

/** The EIP-55 address of a 65-byte public key. Throws 'bad-public-key' on any other shape. */
export function addressOf(publicKey65: Uint8Array): string {
  if (!hasPublicKeyShape(publicKey65)) throw new ProtocolError('bad-public-key', 'not an uncompressed public key');
  return withChecksum(bytesToHex(keccak_256(publicKey65.subarray(1)).subarray(12)));
}

/**
 * Whether this is `0x` and 40 hex digits. Text of one case is accepted; mixed case must be the EIP-55 checksum, so that a
 * mistyped digit is noticed.
 */
export function isAddress(text: string): boolean {
  if (!/^0x[0-9a-fA-F]{40}$/.test(text)) return false;
  const digits = text.slice(2);
  if (digits === digits.toLowerCase() || digits === digits.toUpperCase()) return true;
  return withChecksum(digits.toLowerCase()) === text;
}

/** The EIP-55 form of an address in any accepted case. Throws 'bad-address' where `isAddress` is false. */
export function checksumAddress(address: string): string {
  if (!isAddress(address)) throw new ProtocolError('bad-address', 'not an Ethereum address');
  return withChecksum(address.slice(2).toLowerCase());
}

/**
 * A wallet's signature as XMTP keeps it (protocol a.3): the 64 bytes r || s untouched, high s included, and the recovery
 * bit 1 - (v mod 2) after 0 and 1 were raised by 27. v is everything behind the first 64 bytes, with no range check,
 * because the field has none. Throws 'bad-signature' without v (64 bytes, EIP-2098) or with r or s out of range,
 * 'bad-encoding' for text that is not hex.
 */
export function normaliseWalletSignature(signature: string | Uint8Array): EcdsaSignature {
  const hex = typeof signature === 'string' ? signature.replace(/^0x/i, '') : bytesToHex(signature);
  if (!/^[0-9a-fA-F]*$/.test(hex)) throw new ProtocolError('bad-encoding', 'signature is not hex');
  const vDigits = hex.slice(128);
  if (vDigits.length === 0 || vDigits.length > 64) throw new ProtocolError('bad-signature', 'signature has no usable v');
  const bytes = hexToBytes(hex.slice(0, 128));
  if (!hasScalarsInRange(bytes)) throw new ProtocolError('bad-signature', 'r or s is out of range');
  const v = BigInt(`0x${vDigits}`);
  const isEven = (v === 0n || v === 1n ? v + 27n : v) % 2n === 0n;
  return toEcdsaSignature(bytes, isEven ? 1 : 0);
}

/**
 * r || s with low s, 64 bytes: the only part of a wallet signature that is the same whichever way the wallet writes it
 * (R-E2). This is key material: keep it in one `...Secret` variable and wipe it.
 *
 * Accepted: 65 bytes with v of 0, 1, 27, 28 or 35 and more (EIP-155 style), s low or high; 64 bytes read as EIP-2098
 * (top bit of s is the parity, the rest a low s), which equals plain r || s whenever that s is low.
 * Everything else throws 'bad-signature': other lengths (EIP-1271 and EIP-6492 blobs), v between 2 and 26 or 29 and 34,
 * r or s out of range, and a 64-byte form whose s is not low. A plain 64-byte r || s with high s cannot be told from
 * EIP-2098 and would give another secret; it never reaches this point, because `recoverWalletAddress` reads it the same
 * way and its address does not fit.
 */
export function canonicalSignatureSecret(signature: Uint8Array): Uint8Array {
  return toLowS(readWalletSignature(signature)).bytes.slice();
}

/**
 * The EIP-55 address of the account that signed `text` with `personal_sign`. Reads the same forms as
 * `canonicalSignatureSecret`: for 65 bytes v decides; 64 bytes are read as EIP-2098 and nothing else, so plain r || s of
 * a wallet that dropped v gives the right address only when its parity happens to be 0. Compare the result: a wrong
 * signature recovers to some other account, it does not throw. Throws 'bad-signature' on every other form.
 */
export function recoverWalletAddress(text: string, signature: Uint8Array): string {
  return addressOf(recoverPublicKey(readWalletSignature(signature), eip191Digest(text)));
}

function readWalletSignature(signature: Uint8Array): EcdsaSignature {
  if (signature.length === 65) return readWithV(signature);
  if (signature.length === 64) return readCompact(signature);
  throw new ProtocolError('bad-signature', `wallet signature has ${signature.length} bytes, not 64 or 65`);
}

function readWithV(signature: Uint8Array): EcdsaSignature {
  const v = signature[64] as number;
  const isKnown = v <= 1 || v === 27 || v === 28 || v >= 35;
  if (!isKnown) throw new ProtocolError('bad-signature', 'v of the wallet signature is none in use');
  const recovery = v <= 1 ? v : v <= 28 ? v - 27 : (v - 35) % 2;
  const bytes = signature.slice(0, 64);
  if (!hasScalarsInRange(bytes)) throw new ProtocolError('bad-signature', 'r or s is out of range');
  return toEcdsaSignature(bytes, recovery);
}

function readCompact(signature: Uint8Array): EcdsaSignature {
  const bytes = signature.slice();
  const recovery = (bytes[32] as number) >> 7;
  bytes[32] = (bytes[32] as number) & 0x7f;
  const compact = toEcdsaSignature(bytes, recovery);
  if (!hasScalarsInRange(bytes) || toLowS(compact) !== compact) {
    throw new ProtocolError('bad-signature', 'not an EIP-2098 signature');
  }
  return compact;
}

function withChecksum(digits: string): string {
  const hash = bytesToHex(keccak_256(utf8ToBytes(digits)));
  let address = '0x';
  for (let i = 0; i < 40; i++) {
    const digit = digits.charAt(i);
    address += Number.parseInt(hash.charAt(i), 16) >= 8 ? digit.toUpperCase() : digit;
  }
  return address;
}
