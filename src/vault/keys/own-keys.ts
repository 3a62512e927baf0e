// The public side of an identity's keys, for deciding who is who in a header without opening the bundle.
// Promises: every prekey the identity ever had is found, whichever is current; one that is only being announced is never current.
// Must not: hold a private key.
import { latestMs } from '../../protocol/base/dates';
import type { SignedPublicKeyBundle } from '../../protocol/keys/bundles';
import type { PublicKey, SignedPublicKey } from '../../protocol/keys/keys';
import { isSameKey } from '../../protocol/keys/keys';

/** One prekey in both generations. */
export interface OwnPrekey {
  /** Its public point in hex: the name it has where documents are bound to it, and in the state of a rotation. */
  name: string;
  legacy: PublicKey;
  signed: SignedPublicKey;
}

export interface OwnKeys {
  account: string;
  identityKey: PublicKey;
  signedIdentityKey: SignedPublicKey;
  /** Newest first; at least one prekey. */
  prekeys: readonly [OwnPrekey, ...OwnPrekey[]];
  /** The prekey that signs, is published, and is told to pages: the newest that is not `pending`. */
  current: OwnPrekey;
  /** The prekey of a rotation that is not finished: it opens what is sent to it, and signs nothing yet. */
  pending: OwnPrekey | undefined;
  /** The prekey that the account's contact on the network should show: `pending` once its announcement has begun, else `current`. */
  announced: OwnPrekey;
}

/** The unfinished rotation of an identity, as far as it says which prekey is which. */
export interface PendingPrekey {
  /** Name of the new prekey. */
  prekey: string;
  /** Its announcement to peers has begun or is done. */
  isAnnounced: boolean;
}

/** Our prekey that somebody named, or undefined. Equality is that of protocol a.6: a V2 key with another signature is another key. */
export function ownPreKey(own: OwnKeys, named: PublicKey | SignedPublicKey): OwnPrekey | undefined {
  return own.prekeys.find(({ legacy, signed }) => isSameKey('keyBytes' in named ? signed : legacy, named));
}

/** The same for a prekey that something is to be signed or sealed with: never the pending prekey. */
export function ownSigningPreKey(own: OwnKeys, named: PublicKey | SignedPublicKey): OwnPrekey | undefined {
  const found = ownPreKey(own, named);
  return found === own.pending ? undefined : found;
}

/**
 * The prekey that a connected page works with: the one its session began with (document-prekeys.ts), because xmtp-js embeds the
 * bundle it read at start (protocol j). The current one for a page that is bound to none, or to a prekey that is not ours.
 */
export function prekeyOfDocument(own: OwnKeys, boundName: string | undefined): OwnPrekey {
  const bound = boundName === undefined ? undefined : own.prekeys.find(({ name }) => name === boundName);
  return bound && bound !== own.pending ? bound : own.current;
}

/** Our public V2 bundle with one of our prekeys. */
export function signedBundleWith(own: OwnKeys, preKey: OwnPrekey): SignedPublicKeyBundle {
  return { identityKey: own.signedIdentityKey, preKey: preKey.signed };
}

/** When a key was made, as it may be shown. Clients of the field write what their clocks say, or nanoseconds. */
export function madeAtMs({ createdMs }: Pick<PublicKey, 'createdMs'>): number {
  return Math.min(Number(createdMs), latestMs);
}
