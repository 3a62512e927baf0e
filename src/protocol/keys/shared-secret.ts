// The three-part Diffie-Hellman secret of invitations and V1 messages (protocol e.1), an X3DH without one-time keys.
// Promises 195 bytes, and that the peer's prekey is signed by the peer's identity key before any arithmetic is done.
// Must not be taken as proof of an account: the peer's wallet signature is not looked at here (a.7).
import type { PrivateKeyBundleV1, PrivateKeyBundleV2, PublicKeyBundle, SignedPublicKeyBundle } from './bundles';
import { findPreKey } from './bundles';
import { concatBytes } from '../base/bytes';
import { ProtocolError } from '../base/errors';
import type { PublicKey, SignedPublicKey } from './keys';
import { verifyPreKey } from './keys';
import { ecdh65, hasScalarsInRange, isPublicKey } from '../base/secp256k1';

/** Which side we are on: swapping it swaps the first two parts, so the two directions have different secrets. */
export type Role = 'sender' | 'recipient';

/**
 * DH(I_S, P_R) || DH(P_S, I_R) || DH(P_S, P_R), 65 bytes each, from either side (e.1). `myPreKey` names which of our
 * prekeys takes part. Throws 'prekey-signature-invalid' for the peer, 'no-matching-prekey' for us, 'bad-public-key'.
 */
export function sharedSecret(
  mine: PrivateKeyBundleV1 | PrivateKeyBundleV2,
  peer: PublicKeyBundle | SignedPublicKeyBundle,
  myPreKey: PublicKey | SignedPublicKey,
  role: Role,
): Uint8Array {
  if (!verifyPreKey(peer.preKey, peer.identityKey)) {
    throw new ProtocolError('prekey-signature-invalid', "the peer's prekey is not signed by its identity key");
  }
  const preKey = findPreKey(mine, myPreKey);
  if (!preKey) throw new ProtocolError('no-matching-prekey', 'none of our prekeys is the one named');
  return sharedSecretOfKeys({
    identityPrivateKey: mine.identityKey.privateKey,
    preKeyPrivateKey: preKey.privateKey,
    peerIdentityPublicKey: peer.identityKey.publicKey,
    peerPreKeyPublicKey: peer.preKey.publicKey,
    role,
  });
}

/**
 * Why there can be no secret with this peer, as far as its bytes tell before any multiplication on the curve: points that are not valid, and a
 * prekey without a signature of the right shape. Undefined when only `sharedSecret` can tell.
 */
export function peerDefect({
  identityKey,
  preKey,
}: PublicKeyBundle | SignedPublicKeyBundle): ProtocolError | undefined {
  const { signature } = preKey;
  if (
    !signature ||
    signature.kind !== 'ecdsaCompact' ||
    signature.bytes.length !== 64 ||
    !hasScalarsInRange(signature.bytes)
  ) {
    return new ProtocolError('prekey-signature-invalid', "the peer's prekey is not signed by its identity key");
  }
  if (!isPublicKey(identityKey.publicKey) || !isPublicKey(preKey.publicKey))
    return new ProtocolError('bad-public-key', 'public key is not on the curve');
  return undefined;
}

/** The bare arithmetic of e.1, for keys that were checked before. Throws 'bad-private-key' or 'bad-public-key'. */
export function sharedSecretOfKeys(keys: {
  identityPrivateKey: Uint8Array;
  preKeyPrivateKey: Uint8Array;
  peerIdentityPublicKey: Uint8Array;
  peerPreKeyPublicKey: Uint8Array;
  role: Role;
}): Uint8Array {
  const identityWithPreKey = ecdh65(keys.identityPrivateKey, keys.peerPreKeyPublicKey);
  const preKeyWithIdentity = ecdh65(keys.preKeyPrivateKey, keys.peerIdentityPublicKey);
  const preKeyWithPreKey = ecdh65(keys.preKeyPrivateKey, keys.peerPreKeyPublicKey);
  return keys.role === 'sender'
    ? concatBytes(identityWithPreKey, preKeyWithIdentity, preKeyWithPreKey)
    : concatBytes(preKeyWithIdentity, identityWithPreKey, preKeyWithPreKey);
}

/** The same secret with the two parties in each other's role: its first two parts change places. */
export function swapRole(secret195: Uint8Array): Uint8Array {
  const [first, second, third] = [secret195.subarray(0, 65), secret195.subarray(65, 130), secret195.subarray(130)];
  return concatBytes(second, first, third);
}
