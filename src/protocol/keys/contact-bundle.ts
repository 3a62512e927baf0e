// What an account publishes so that others can write to it, and which of several such envelopes counts (protocol d).
// Promises to read all three forms: versioned V1, versioned V2 and the bare bundle of very old clients.
// Must not take an envelope's word for whose it is: only the recovered wallet signature says so.
import type { PublicKeyBundle, SignedPublicKeyBundle } from './bundles';
import {
  decodePublicKeyBundle,
  publicKeyBundleFromWire,
  publicKeyBundleToWire,
  signedPublicKeyBundleFromWire,
  signedPublicKeyBundleToWire,
  validateSignedPublicKeyBundle,
} from './bundles';
import { ProtocolError } from '../base/errors';
import * as wire from '../proto/gen/keys';
import { decodeStrictly, isWellFormed } from '../proto/strict';

/** A published bundle: version 1 makes peers open a V1 conversation, version 2 a V2 one. */
export type ContactBundle =
  | { readonly version: 1; readonly bundle: PublicKeyBundle }
  | { readonly version: 2; readonly bundle: SignedPublicKeyBundle };

/** Wire bytes of a ContactBundle. Bare bundles are never written. */
export function encodeContactBundle(contact: ContactBundle): Uint8Array {
  const message: wire.ContactBundle =
    contact.version === 1
      ? { version: { $case: 'v1', value: { keyBundle: publicKeyBundleToWire(contact.bundle) } } }
      : { version: { $case: 'v2', value: { keyBundle: signedPublicKeyBundleToWire(contact.bundle) } } };
  return wire.ContactBundle.encode(message).finish();
}

/**
 * Reads a ContactBundle, or a bare legacy PublicKeyBundle. The form is decided by content: bytes that are not a well-formed
 * ContactBundle with a key bundle in it are read as bare. Checks shapes only.
 * Throws as `decodePublicKeyBundle` and `decodeSignedPublicKeyBundle`.
 */
export function decodeContactBundle(bytes: Uint8Array): ContactBundle {
  if (isWellFormed('ContactBundle', bytes)) {
    const { version } = decodeStrictly(wire.ContactBundle, 'ContactBundle', bytes);
    if (version?.$case === 'v1' && version.value.keyBundle) {
      return { version: 1, bundle: publicKeyBundleFromWire(version.value.keyBundle) };
    }
    if (version?.$case === 'v2' && version.value.keyBundle) {
      return { version: 2, bundle: signedPublicKeyBundleFromWire(version.value.keyBundle) };
    }
  }
  return { version: 1, bundle: decodePublicKeyBundle(bytes) };
}

/**
 * The contact that counts for `address`: the newest envelope that decodes, whose identity key is signed by that account
 * and whose prekey is signed by that identity key. Undefined when there is none. Clients in the field do not check the
 * prekey and stop at undecodable envelopes; here both are skipped. Throws 'bad-address' for `address` only.
 */
export function currentContact(address: string, messagesNewestFirst: Iterable<Uint8Array>): ContactBundle | undefined {
  for (const message of messagesNewestFirst) {
    const contact = contactOf(message, address);
    if (contact) return contact;
  }
  return undefined;
}

function contactOf(message: Uint8Array, address: string): ContactBundle | undefined {
  try {
    const contact = decodeContactBundle(message);
    validateSignedPublicKeyBundle(contact.bundle, { expectedAddress: address });
    return contact;
  } catch (error) {
    if (error instanceof ProtocolError && error.reason !== 'bad-address') return undefined;
    throw error;
  }
}
