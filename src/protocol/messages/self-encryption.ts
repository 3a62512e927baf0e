// What an account encrypts for itself: consent preferences, and the name of their topic (protocol g.8).
// Promises bytes that every client of the same identity key can open.
// Must not be used for the vault's own records (R-D3): these keys follow from the identity key alone.
import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToBase64Url, utf8ToBytes } from '../base/bytes';
import { ProtocolError } from '../base/errors';
import { decodeAsProtobuf } from '../proto/as-protobuf';
import * as wire from '../proto/gen/conversations';
import type { Ciphertext } from '../keys/seal';
import { ciphertextFromWire, ciphertextToWire, openSealed, sealWith } from '../keys/seal';
import { getPublicKey } from '../base/secp256k1';

const TOPIC_SALT = utf8ToBytes('XMTP_PRIVATE_PREFERENCES_TOPIC');
const ENCRYPTION_SALT = utf8ToBytes('XMTP_PRIVATE_PREFERENCES_ENCRYPTION');
const NOTHING = new Uint8Array(0);

/** The identifier in the name of the preferences topic: base64url without padding. Throws 'bad-private-key'. */
export function privatePreferencesIdentifier(identityPrivateKey: Uint8Array): string {
  const topicSecret = hkdf(sha256, checkedPrivateKey(identityPrivateKey), TOPIC_SALT, NOTHING, 32);
  const identifier = bytesToBase64Url(sha256(topicSecret));
  topicSecret.fill(0);
  return identifier;
}

/** Wire bytes of PrivatePreferencesPayload over `plain`, which may be empty. Throws 'bad-private-key' or 'bad-length'. */
export function selfEncrypt(
  plain: Uint8Array,
  identityPrivateKey: Uint8Array,
  salt32: Uint8Array,
  nonce12: Uint8Array,
): Uint8Array {
  const keySecret = selfEncryptionSecret(identityPrivateKey);
  const sealed = sealWith(plain, keySecret, getPublicKey(identityPrivateKey), salt32, nonce12);
  keySecret.fill(0);
  return encodeSelfEncrypted(sealed);
}

/** Wire bytes of PrivatePreferencesPayload around what was sealed with `selfEncryptionSecret`. */
export function encodeSelfEncrypted(sealed: Ciphertext): Uint8Array {
  return wire.PrivatePreferencesPayload.encode({ version: { $case: 'v1', value: ciphertextToWire(sealed) } }).finish();
}

/** The plaintext. Throws 'malformed-protobuf', 'missing-field', 'bad-length' or 'not-opened'. */
export function selfDecrypt(bytes: Uint8Array, identityPrivateKey: Uint8Array): Uint8Array {
  const ciphertext = decodeSelfEncrypted(bytes);
  const keySecret = selfEncryptionSecret(identityPrivateKey);
  try {
    return openSealed(ciphertext, keySecret, getPublicKey(identityPrivateKey));
  } finally {
    keySecret.fill(0);
  }
}

/** What is sealed in a PrivatePreferencesPayload. Throws as `selfDecrypt` but for 'not-opened'. */
export function decodeSelfEncrypted(bytes: Uint8Array): Ciphertext {
  const { version } = decodeAsProtobuf(wire.PrivatePreferencesPayload, 'PrivatePreferencesPayload', bytes);
  if (!version) throw new ProtocolError('unknown-version', 'unknown version of a preferences payload');
  return ciphertextFromWire(version.value);
}

/** The secret of every self encryption: the associated data beside it is the identity's public key. Throws 'bad-private-key'. */
export function selfEncryptionSecret(identityPrivateKey: Uint8Array): Uint8Array {
  return hkdf(sha256, checkedPrivateKey(identityPrivateKey), ENCRYPTION_SALT, NOTHING, 32);
}

function checkedPrivateKey(identityPrivateKey: Uint8Array): Uint8Array {
  getPublicKey(identityPrivateKey);
  return identityPrivateKey;
}
