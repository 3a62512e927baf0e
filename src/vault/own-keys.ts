// The public side of an identity's keys, for deciding who is who in a header without opening the bundle.
// Promises: every prekey the identity ever had is found, whichever is current; one that is only being announced is never current.
// Must not: hold a private key.
import type { SignedPublicKeyBundle } from '../protocol/bundles';
import type { PublicKey, SignedPublicKey } from '../protocol/keys';
import { isSameKey } from '../protocol/keys';

/** One prekey in both generations. */
export interface OwnPreKey {
  /** Its public point in hex: the name it has in pins and in the state of a rotation. */
  name: string;
  legacy: PublicKey;
  signed: SignedPublicKey;
}

export interface OwnKeys {
  account: string;
  identityKey: PublicKey;
  signedIdentityKey: SignedPublicKey;
  /** Newest first; at least one. */
  preKeys: readonly [OwnPreKey, ...OwnPreKey[]];
  /** The one that signs, is published, and is told to pages: the newest that is not `pending`. */
  current: OwnPreKey;
  /** The prekey of a rotation that is not finished: it opens what is sent to it, and signs nothing yet. */
  pending: OwnPreKey | undefined;
  /** The one that the account's contact on the network should show: `pending` once its announcement has begun, else `current`. */
  announced: OwnPreKey;
}

/** The unfinished rotation of an identity, as far as it says which prekey is which. */
export interface PendingPrekey {
  /** Name of the new prekey. */
  prekey: string;
  /** Its announcement to peers has begun or is done. */
  isAnnounced: boolean;
}

/** Our prekey that somebody named, or undefined. Equality is that of protocol a.6: a V2 key with another signature is another key. */
export function ownPreKey(own: OwnKeys, named: PublicKey | SignedPublicKey): OwnPreKey | undefined {
  return own.preKeys.find(({ legacy, signed }) => isSameKey('keyBytes' in named ? signed : legacy, named));
}

/** The same for a prekey that something is to be signed or sealed with: never the pending one. */
export function ownSigningPreKey(own: OwnKeys, named: PublicKey | SignedPublicKey): OwnPreKey | undefined {
  const found = ownPreKey(own, named);
  return found === own.pending ? undefined : found;
}

/**
 * The prekey that a connected page works with: the one its session began with (session-prekeys.ts), because xmtp-js embeds the
 * bundle it read at start (protocol j). The current one for a page without a pin, and for a pin that names none of ours.
 */
export function prekeyOfSession(own: OwnKeys, pinnedName: string | undefined): OwnPreKey {
  const pinned = pinnedName === undefined ? undefined : own.preKeys.find(({ name }) => name === pinnedName);
  return pinned && pinned !== own.pending ? pinned : own.current;
}

/** Our public V2 bundle with one of our prekeys. */
export function signedBundleWith(own: OwnKeys, preKey: OwnPreKey): SignedPublicKeyBundle {
  return { identityKey: own.signedIdentityKey, preKey: preKey.signed };
}

/** The latest time that dates know, in milliseconds since 1970. */
const latestMs = 8.64e15;

/** When a key was made, as it may be shown. Clients of the field write what their clocks say, or nanoseconds. */
export function madeAtMs({ createdMs }: Pick<PublicKey, 'createdMs'>): number {
  return Math.min(Number(createdMs), latestMs);
}
