// What messaging needs of private keys, in synchronous steps over the bytes of a bundle.
// Promises: P1: out come public keys, signatures, tokens, sealed bytes, and shared secrets that go straight into handles.
// Must not: await, store, or keep anything; sign a digest that a caller brings (R-B3). Callers wipe the secret bytes they get.
import { VaultError } from '../../contract/errors';
import { createAuthToken } from '../../protocol/keys/auth-token';
import type { PublicKeyBundle, SignedPublicKeyBundle } from '../../protocol/keys/bundles';
import type { KeySignature } from '../../protocol/keys/keys';
import type { Invitation, InvitationHeader, OpenedInvitation } from '../../protocol/messages/invitation';
import { createInvitation, sealInvitation } from '../../protocol/messages/invitation';
import type { ConsentProof, InvitationContext } from '../../protocol/messages/conversation';
import { ProtocolError } from '../../protocol/base/errors';
import { contentDigest } from '../../protocol/messages/message-v2';
import { privatePreferencesIdentifier, selfEncryptionSecret } from '../../protocol/messages/self-encryption';
import { sharedSecret } from '../../protocol/keys/shared-secret';
import { VAULT_SIGN_FIRST_BYTE } from '../../protocol/ours/vault-signature';
import type { Bytes } from '../store/encoding';
import { asBytes } from '../store/encoding';
import type { OwnKeys, OwnPrekey } from './own-keys';
import { signedBundleWith } from './own-keys';
import { signatureOf, withBundle } from './bundle';

/** One key agreement: with whom, and with which of our prekeys. */
export interface Agreement {
  peer: PublicKeyBundle | SignedPublicKeyBundle;
  preKey: OwnPrekey;
}

/**
 * The secret of protocol e.1 for each agreement, with us as the sender; `swapRole` gives the other. A peer whose prekey is not
 * signed by its identity key, or is not a valid key, gets the ProtocolError that says so.
 */
export function agree(bundleSecret: Uint8Array, agreements: readonly Agreement[]): (Bytes | ProtocolError)[] {
  return withBundle(bundleSecret, (mine) =>
    agreements.map(({ peer, preKey }) =>
      orProtocolError(() => asBytes(sharedSecret(mine, peer, preKey.legacy, 'sender'))),
    ),
  );
}

/** What an invitation is made of. `known`: a conversation that is used again instead of a derived one. */
export interface InvitationWanted {
  own: OwnKeys;
  preKey: OwnPrekey;
  recipient: SignedPublicKeyBundle;
  createdNs: bigint;
  context: InvitationContext | undefined;
  consentProof: ConsentProof | undefined;
  known: { invitation: Invitation; peerAddress: string } | undefined;
  salt32: Uint8Array;
  nonce12: Uint8Array;
}

/** The sealed invitation and what is in it; the key material inside is secret. Or the ProtocolError that says why not. */
export function invite(
  bundleSecret: Uint8Array,
  wanted: InvitationWanted,
): (OpenedInvitation & { sealed: Uint8Array }) | ProtocolError {
  const { own, preKey, recipient, createdNs, context, consentProof, known, salt32, nonce12 } = wanted;
  const sender = signedBundleWith(own, preKey);
  return withBundle(bundleSecret, (mine) =>
    orProtocolError(() => {
      if (!known)
        return createInvitation({ mine, sender, recipient, createdNs, context, consentProof, salt32, nonce12 });
      const header: InvitationHeader = { sender, recipient, createdNs: createdNs - (createdNs % 1_000_000n) };
      const secret = sharedSecret(mine, recipient, preKey.legacy, 'sender');
      const { invitation, peerAddress } = known;
      const sealed = sealInvitation({ invitation, header, secret, salt32, nonce12 });
      secret.fill(0);
      return { invitation, conversation: { topic: invitation.topic, peerAddress, createdNs }, sealed };
    }),
  );
}

/** V2 content behind the header it is sealed with. The caller has read both: a header begins as a protobuf does, and fields of `vault_sign` never do. */
export interface ContentToSign {
  headerBytes: Uint8Array;
  content: { readonly payload: Uint8Array };
  preKey: OwnPrekey;
}

/** A signature by one of our prekeys over each content and its header (protocol f.3). Throws 'invalid-input' for what cannot be a header. */
export function signContents(bundleSecret: Uint8Array, wanted: readonly ContentToSign[]): KeySignature[] {
  for (const { headerBytes } of wanted)
    if (headerBytes.length === 0 || headerBytes[0] === VAULT_SIGN_FIRST_BYTE) throw new VaultError('invalid-input');
  return withBundle(bundleSecret, (mine) =>
    wanted.map(({ headerBytes, content, preKey }) =>
      signatureOf(mine, contentDigest(headerBytes, content.payload), preKey),
    ),
  );
}

/** An auth token for the account, dated `createdNs` (protocol c.4). */
export function authToken(bundleSecret: Uint8Array, account: string, createdNs: bigint): Bytes {
  return withBundle(bundleSecret, ({ identityKey }) => asBytes(createAuthToken(identityKey, createdNs, account)));
}

/** The secret of self encryption (protocol g.8) and the name of the preferences topic that follows from the same key. */
export function selfSecrets(bundleSecret: Uint8Array): { selfSecret: Bytes; identifier: string } {
  return withBundle(bundleSecret, ({ identityKey }) => ({
    selfSecret: asBytes(selfEncryptionSecret(identityKey.privateKey)),
    identifier: privatePreferencesIdentifier(identityKey.privateKey),
  }));
}

/** A refusal of the protocol is an answer about this item; everything else is a fault. */
function orProtocolError<T>(act: () => T): T | ProtocolError {
  try {
    return act();
  } catch (error) {
    if (error instanceof ProtocolError) return error;
    throw error;
  }
}
