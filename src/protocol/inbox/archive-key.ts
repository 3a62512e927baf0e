// Keys of message archives of XMTP V3: one for each inbox, derived from one secret (protocol l.4).
// Promises: the same secret and inbox give the same key for ever, on every device. Must not: draw or keep a secret.
import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '../base/bytes';
import { ProtocolError } from '../base/errors';
import { inboxIdBytes } from './inbox-id';

const secretLength = 32;
/** Changing it would close every archive that was ever made. */
const info = utf8ToBytes('prekey-vault/xmtp.v3.archive/v1');

/**
 * The 32 bytes that make and open the archives of an inbox: HKDF-SHA-256 of a secret of 32 bytes, the 32 bytes of the inbox id as salt. They are
 * a secret of their own, which the caller wipes. Throws 'bad-length' for the secret, 'bad-encoding' for the inbox id.
 */
export function archiveKeyOf(archiveSecret: Uint8Array, inboxId: string): Uint8Array {
  if (archiveSecret.length !== secretLength)
    throw new ProtocolError('bad-length', `archive secret has ${archiveSecret.length} bytes, not ${secretLength}`);
  return hkdf(sha256, archiveSecret, inboxIdBytes(inboxId), info, 32);
}
