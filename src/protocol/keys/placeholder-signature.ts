// What stands for a signature without being one: what the SDK's adapter answers to signDigest, so that an unmodified client goes on and the vault
// can sign when it sees the content (docs/provider-api.md).
// Promises that no real signature looks like one but by a chance of 2^-256, and that the digest can be read back from it.
// Must not be taken for a signature by anybody: no key made it.
import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes, equalBytes, utf8ToBytes } from '../base/bytes';
import { ProtocolError } from '../base/errors';
import type { KeySignature } from './keys';

const TAG = sha256(utf8ToBytes('prekey-vault/placeholder/v1'));

/** 64 bytes: the tag, then the 32-byte digest that a signature is wanted for; recovery 0. Throws 'bad-length'. */
export function placeholderSignature(digest32: Uint8Array): KeySignature {
  if (digest32.length !== 32) throw new ProtocolError('bad-length', `digest has ${digest32.length} bytes, not 32`);
  return { kind: 'ecdsaCompact', bytes: concatBytes(TAG, digest32), recovery: 0 };
}

/** The digest a placeholder stands for, or undefined when the signature is not a placeholder. */
export function placeholderDigest(signature: KeySignature): Uint8Array | undefined {
  const { kind, bytes, recovery } = signature;
  if (kind !== 'ecdsaCompact' || recovery !== 0 || bytes.length !== 64) return undefined;
  return equalBytes(bytes.subarray(0, 32), TAG) ? bytes.slice(32) : undefined;
}
