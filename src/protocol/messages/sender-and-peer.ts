// Who is who in a header that names two key bundles: invitations (protocol e.3) and V1 messages (f.2).
// Promises a role decided by the identity key alone, so that headers made with an older prekey of ours keep their meaning (j).
// Must not believe a caller's word for the role, the peer or the prekey: all three are read from the header.
import type { PublicKeyBundle, SignedPublicKeyBundle } from '../keys/bundles';
import { equalBytes } from '../base/bytes';
import { ProtocolError } from '../base/errors';
import type { Role } from '../keys/shared-secret';

/** The two bundles of a header. */
export interface HeaderBundles<Bundle extends PublicKeyBundle | SignedPublicKeyBundle> {
  readonly sender: Bundle;
  readonly recipient: Bundle;
}

/** Our side of a header: the role, which of our prekeys takes part, and the other side. */
export interface Parties<Bundle extends PublicKeyBundle | SignedPublicKeyBundle> {
  readonly role: Role;
  readonly myPreKey: Bundle['preKey'];
  readonly peer: Bundle;
}

/**
 * Our side of a header, by the 65 bytes of our identity key. With ourselves on both sides we are the sender. `myPreKey` is
 * what the header claims; whether the prekey is ours shows when the secret is derived. Throws 'not-a-party'.
 */
export function partiesOf<Bundle extends PublicKeyBundle | SignedPublicKeyBundle>(
  header: HeaderBundles<Bundle>,
  myIdentityKey65: Uint8Array,
): Parties<Bundle> {
  const { sender, recipient } = header;
  if (equalBytes(sender.identityKey.publicKey, myIdentityKey65)) {
    return { role: 'sender', myPreKey: sender.preKey, peer: recipient };
  }
  if (equalBytes(recipient.identityKey.publicKey, myIdentityKey65)) {
    return { role: 'recipient', myPreKey: recipient.preKey, peer: sender };
  }
  throw new ProtocolError('not-a-party', 'neither sender nor recipient of the header is this identity');
}
