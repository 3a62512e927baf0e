// What an inbox key signs: identity texts, and nothing else (protocol l.3, R-B3).
// Promises: the text is written here from its fields, so that no bytes of a caller are ever signed; one signature for each text.
// Must not: take a text, a digest or bytes; know whether the person approved.
import { concatBytes } from '../base/bytes';
import { eip191Digest } from '../base/ethereum';
import { signDigest } from '../base/secp256k1';
import { buildIdentityText, type IdentityText } from './identity-text';

/**
 * The signature that V3 takes of an address: 65 bytes, r || s || v over the text as `personal_sign` has it (EIP-191), RFC 6979, s low, v 27 or 28.
 * High s would be read as another address's. Throws 'bad-identity-text' for fields that no text has, 'bad-private-key'.
 */
export function signIdentityText(text: IdentityText, inboxKeySecret: Uint8Array): Uint8Array {
  const { bytes, recovery } = signDigest(eip191Digest(buildIdentityText(text)), inboxKeySecret);
  return concatBytes(bytes, Uint8Array.of(27 + recovery));
}
