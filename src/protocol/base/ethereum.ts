// What Ethereum contributes: EIP-191 digests, addresses of keys and the many shapes of a wallet's signature.
// Promises one canonical secret for all encodings of one signature, and typed refusals for blobs that are not an ECDSA signature.
// Must not guess: recovery yields some address for almost any input, so callers compare it with the one they expect.
import { keccak_256 } from '@noble/hashes/sha3.js';
import { checksumAddress } from './address';
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from './bytes';
import { ProtocolError } from './errors';
import type { EcdsaSignature } from './secp256k1';
import { hasPublicKeyShape, hasScalarsInRange, isLowS, recoverPublicKey, toEcdsaSignature, toLowS } from './secp256k1';

/** The 32-byte digest that `personal_sign` signs for this text (EIP-191, version 0x45). */
export function eip191Digest(text: string): Uint8Array {
  const message = utf8ToBytes(text);
  const prefix = utf8ToBytes(`\x19Ethereum Signed Message:\n${message.length}`);
  return keccak_256(concatBytes(prefix, message));
}

/** The EIP-55 address of a 65-byte public key. Throws 'bad-public-key' on any other shape. */
export function addressOf(publicKey65: Uint8Array): string {
  if (!hasPublicKeyShape(publicKey65)) throw new ProtocolError('bad-public-key', 'not an uncompressed public key');
  return checksumAddress(`0x${bytesToHex(keccak_256(publicKey65.subarray(1)).subarray(12))}`);
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
  if (vDigits.length === 0 || vDigits.length > 64)
    throw new ProtocolError('bad-signature', 'signature has no usable v');
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
 * A plain 64-byte r || s with high s cannot be told from EIP-2098 and would give another secret; it never reaches this point,
 * because the address of its signer does not fit.
 */
export function canonicalSignatureSecret(read: EcdsaSignature): Uint8Array {
  const low = toLowS(read);
  const secret = low.bytes.slice();
  low.bytes.fill(0);
  return secret;
}

/**
 * What a wallet's signature says, in a copy, which the caller wipes; wiped where it is refused.
 *
 * Accepted: 65 bytes with v of 0, 1, 27, 28 or 35 and more (EIP-155 style), s low or high; 64 bytes read as EIP-2098
 * (top bit of s is the parity, the rest a low s), which equals plain r || s whenever that s is low.
 * Everything else throws 'bad-signature': other lengths (EIP-1271 and EIP-6492 blobs), v between 2 and 26 or 29 and 34,
 * r or s out of range, and a 64-byte form whose s is not low.
 */
export function readWalletSignature(signature: Uint8Array): EcdsaSignature {
  if (signature.length === 65) return readWithV(signature);
  if (signature.length === 64) return readCompact(signature);
  throw new ProtocolError('bad-signature', `wallet signature has ${signature.length} bytes, not 64 or 65`);
}

/**
 * The EIP-55 address of the account that signed `text` with `personal_sign`, by `readWalletSignature`, which throws: so plain r || s of
 * a wallet that dropped v gives the right address only when its parity happens to be 0. Compare the result: a wrong
 * signature recovers to some other account, it does not throw.
 */
export function recoverWalletAddress(text: string, signature: Uint8Array): string {
  const read = readWalletSignature(signature);
  try {
    return signerOf(text, read);
  } finally {
    read.bytes.fill(0);
  }
}

/** A wallet's signature over a text, read once. The caller wipes both arrays. */
export interface WalletSignature {
  /** As the wallet wrote it: a copy. 65 bytes, also where it left out the last one, if that one was found. */
  written: Uint8Array;
  /** What it says: r, s as written and the recovery bit. */
  read: EcdsaSignature;
  /** EIP-55 address of the account whose signature it is. */
  signer: string;
}

/**
 * Reads a signature over `text` that should be `account`'s. 64 bytes are read as EIP-2098, else as plain r || s with either v, whichever `account`
 * signed; where none fits, and for every other length, it is what `readWalletSignature` says, which throws. Compare the signer.
 */
export function readSignedText(text: string, signature: Uint8Array, account: string): WalletSignature {
  if (signature.length === 64)
    for (const written of withLastByte(signature)) {
      const found = tryToRead(text, written);
      if (found?.signer === account) return found;
      found?.read.bytes.fill(0);
      written.fill(0);
    }
  return readAsWritten(text, new Uint8Array(signature));
}

/** Every 65 bytes that 64 may stand for, each made when it is asked for. */
function* withLastByte(signature: Uint8Array): Generator<Uint8Array> {
  const compact = concatBytes(signature, Uint8Array.of(27 + ((signature[32] as number) >> 7)));
  compact[32] = (compact[32] as number) & 0x7f;
  yield compact;
  yield concatBytes(signature, Uint8Array.of(27));
  yield concatBytes(signature, Uint8Array.of(28));
}

function tryToRead(text: string, written: Uint8Array): WalletSignature | undefined {
  try {
    return readAsWritten(text, written);
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}

/** Takes the bytes; wipes them, and what it made of them, where it throws. */
function readAsWritten(text: string, written: Uint8Array): WalletSignature {
  let read: EcdsaSignature | undefined;
  try {
    read = readWalletSignature(written);
    return { written, read, signer: signerOf(text, read) };
  } catch (error) {
    written.fill(0);
    read?.bytes.fill(0);
    throw error;
  }
}

const signerOf = (text: string, read: EcdsaSignature): string => addressOf(recoverPublicKey(read, eip191Digest(text)));

function readWithV(signature: Uint8Array): EcdsaSignature {
  const v = signature[64] as number;
  const isKnown = v <= 1 || v === 27 || v === 28 || v >= 35;
  if (!isKnown) throw new ProtocolError('bad-signature', 'v of the wallet signature is none in use');
  const recovery = v <= 1 ? v : v <= 28 ? v - 27 : (v - 35) % 2;
  if (!hasScalarsInRange(signature.subarray(0, 64))) throw new ProtocolError('bad-signature', 'r or s is out of range');
  return toEcdsaSignature(new Uint8Array(signature.subarray(0, 64)), recovery);
}

function readCompact(signature: Uint8Array): EcdsaSignature {
  // `slice` of a Buffer is no copy.
  const bytes = new Uint8Array(signature);
  const recovery = (bytes[32] as number) >> 7;
  bytes[32] = (bytes[32] as number) & 0x7f;
  const compact = toEcdsaSignature(bytes, recovery);
  if (!hasScalarsInRange(bytes) || !isLowS(compact)) {
    bytes.fill(0);
    throw new ProtocolError('bad-signature', 'not an EIP-2098 signature');
  }
  return compact;
}
