// The public side of an identity's keys, for deciding who is who in a header without opening the bundle.
// Promises: every prekey the identity ever had is found, whichever is current.
// Must not: hold a private key.
import type { SignedPublicKeyBundle } from '../protocol/bundles';
import type { PublicKey, SignedPublicKey } from '../protocol/keys';
import { isSameKey } from '../protocol/keys';

/** One prekey in both generations; `at` is its place in the bundle, 0 is current. */
export interface OwnPreKey {
  at: number;
  legacy: PublicKey;
  signed: SignedPublicKey;
}

export interface OwnKeys {
  account: string;
  identityKey: PublicKey;
  signedIdentityKey: SignedPublicKey;
  /** Newest first; at least one. */
  preKeys: readonly [OwnPreKey, ...OwnPreKey[]];
}

/** Our prekey that somebody named, or undefined. Equality is that of protocol a.6: a V2 key with another signature is another key. */
export function ownPreKey(own: OwnKeys, named: PublicKey | SignedPublicKey): OwnPreKey | undefined {
  return own.preKeys.find(({ legacy, signed }) => isSameKey('keyBytes' in named ? signed : legacy, named));
}

/**
 * The prekey that a connected page works with: xmtp-js embeds the bundle it read at start (protocol j). For now the current
 * one, because nothing rotates yet; rotation pins the others by `documentKey`.
 */
export function prekeyOfSession(own: OwnKeys, _documentKey: string): OwnPreKey {
  return own.preKeys[0];
}

/** Our public V2 bundle with one of our prekeys. */
export function signedBundleWith(own: OwnKeys, preKey: OwnPreKey): SignedPublicKeyBundle {
  return { identityKey: own.signedIdentityKey, preKey: preKey.signed };
}
