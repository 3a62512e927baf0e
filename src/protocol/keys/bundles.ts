// Key bundles: one identity key with its prekeys, private and public, legacy and V2 (protocol a.5, a.6, a.7).
// Promises that the first prekey is the current one, that older ones are kept, and that signatures survive byte for byte.
// Must not be trusted after decoding alone: `validate...` makes the checks that clients in the field leave out.
import { ProtocolError } from '../base/errors';
import { checksumAddress } from '../base/address';
import {
  privateKeyFromWire,
  privateKeyToWire,
  publicKeyFromWire,
  publicKeyToWire,
  signedPrivateKeyFromWire,
  signedPrivateKeyToWire,
  signedPublicKeyFromWire,
  signedPublicKeyToWire,
} from './key-codec';
import type { PrivateKey, PublicKey, SignedPrivateKey, SignedPublicKey } from './keys';
import {
  isSameKey,
  legacyToV2PrivateKey,
  legacyToV2PublicKey,
  v2ToLegacyPrivateKey,
  v2ToLegacyPublicKey,
  verifyPreKey,
  walletAddressOf,
} from './keys';
import { equalBytes } from '../base/bytes';
import { decodeAsProtobuf } from '../proto/as-protobuf';
import { encodeSecret } from '../proto/encode-secret';
import * as wire from '../proto/gen/keys';
import { decodeStrictly, type MessageName } from '../proto/strict';
import { getPublicKey, isPublicKey } from '../base/secp256k1';

/** What an account publishes, legacy form. */
export interface PublicKeyBundle {
  readonly identityKey: PublicKey;
  readonly preKey: PublicKey;
}

/** What an account publishes, V2 form. */
export interface SignedPublicKeyBundle {
  readonly identityKey: SignedPublicKey;
  readonly preKey: SignedPublicKey;
}

/** All private keys of an account; `preKeys[0]` is current, older ones follow. */
export interface PrivateKeyBundleV1 {
  readonly identityKey: PrivateKey;
  readonly preKeys: readonly PrivateKey[];
}

/** The V2 form; it is only ever derived from V1 by conversion (a.1). */
export interface PrivateKeyBundleV2 {
  readonly identityKey: SignedPrivateKey;
  readonly preKeys: readonly SignedPrivateKey[];
}

/** Either form, told apart by its version. */
export type PrivateKeyBundle =
  | { readonly version: 1; readonly bundle: PrivateKeyBundleV1 }
  | { readonly version: 2; readonly bundle: PrivateKeyBundleV2 };

/**
 * The bundle with `preKey` as its new current prekey; every older one stays, untouched (a.6, j).
 * Throws 'prekey-signature-invalid' when the identity key did not sign it, 'private-public-mismatch' when its two halves do not belong together.
 */
export function addPreKey(bundle: PrivateKeyBundleV1, preKey: PrivateKey): PrivateKeyBundleV1 {
  checkKeyPair(preKey);
  checkPreKeySignature(preKey.publicKey, bundle.identityKey.publicKey);
  return { identityKey: bundle.identityKey, preKeys: [preKey, ...bundle.preKeys] };
}

/** The current prekey. Throws 'no-prekey'. */
export function currentPreKey<Key extends PrivateKey | SignedPrivateKey>(bundle: {
  readonly preKeys: readonly Key[];
}): Key {
  const [current] = bundle.preKeys;
  if (!current) throw new ProtocolError('no-prekey', 'bundle has no prekey');
  return current;
}

/** The legacy public bundle with the current prekey (a.5). Throws 'no-prekey'; 'not-legacy' for native V2 keys. */
export function publicBundleOf(bundle: PrivateKeyBundleV1 | PrivateKeyBundleV2): PublicKeyBundle {
  return { identityKey: legacyOf(bundle.identityKey.publicKey), preKey: legacyOf(currentOf(bundle).publicKey) };
}

/** The V2 public bundle with the current prekey (a.5). Throws 'no-prekey' or 'not-signed'. */
export function signedPublicBundleOf(bundle: PrivateKeyBundleV1 | PrivateKeyBundleV2): SignedPublicKeyBundle {
  return {
    identityKey: v2Of(bundle.identityKey.publicKey, 'wallet'),
    preKey: v2Of(currentOf(bundle).publicKey, 'identityKey'),
  };
}

/**
 * Our private prekey for a public prekey that somebody named, whatever its age, or undefined when it is not ours.
 * Equality is that of a.6: a V2 key with another signature is another key.
 */
export function findPreKey<Bundle extends PrivateKeyBundleV1 | PrivateKeyBundleV2>(
  bundle: Bundle,
  publicKey: PublicKey | SignedPublicKey,
): Bundle['preKeys'][number] | undefined {
  const keys: readonly (PrivateKey | SignedPrivateKey)[] = bundle.preKeys;
  return keys.find((key) => {
    const mine = 'keyBytes' in publicKey ? v2Of(key.publicKey, 'identityKey') : key.publicKey;
    return isSameKey(mine, publicKey);
  });
}

/** Whether two V2 bundles are the same keys with the same signatures (a.6). */
export function isSameBundle(a: SignedPublicKeyBundle, b: SignedPublicKeyBundle): boolean {
  return isSameKey(a.identityKey, b.identityKey) && isSameKey(a.preKey, b.preKey);
}

/** Legacy to V2 (a.5). Throws 'not-signed'. */
export function legacyToV2PublicKeyBundle(bundle: PublicKeyBundle): SignedPublicKeyBundle {
  return {
    identityKey: legacyToV2PublicKey(bundle.identityKey, 'wallet'),
    preKey: legacyToV2PublicKey(bundle.preKey, 'identityKey'),
  };
}

/** V2 to legacy (a.5). Throws 'not-legacy'. */
export function v2ToLegacyPublicKeyBundle(bundle: SignedPublicKeyBundle): PublicKeyBundle {
  return { identityKey: v2ToLegacyPublicKey(bundle.identityKey), preKey: v2ToLegacyPublicKey(bundle.preKey) };
}

/** Legacy to V2, order of prekeys kept (a.5). Throws 'not-signed'. */
export function legacyToV2PrivateKeyBundle(bundle: PrivateKeyBundleV1): PrivateKeyBundleV2 {
  return {
    identityKey: legacyToV2PrivateKey(bundle.identityKey, 'wallet'),
    preKeys: bundle.preKeys.map((key) => legacyToV2PrivateKey(key, 'identityKey')),
  };
}

/** V2 to legacy, order of prekeys kept (a.5). Throws 'not-legacy'. */
export function v2ToLegacyPrivateKeyBundle(bundle: PrivateKeyBundleV2): PrivateKeyBundleV1 {
  return {
    identityKey: v2ToLegacyPrivateKey(bundle.identityKey),
    preKeys: bundle.preKeys.map((key) => v2ToLegacyPrivateKey(key)),
  };
}

/**
 * Everything that must hold before a private bundle is used (a.7): at least one prekey, every point on the curve, every
 * private key fits its public one, every prekey signed by the identity key, and the identity key signed by
 * `expectedAddress`. Throws 'no-prekey', 'bad-private-key', 'bad-public-key', 'private-public-mismatch',
 * 'prekey-signature-invalid', 'not-signed', 'not-signed-by-wallet', 'bad-signature' or 'wrong-account'.
 */
export function validatePrivateKeyBundle(
  bundle: PrivateKeyBundleV1 | PrivateKeyBundleV2,
  expected: { readonly expectedAddress: string },
): void {
  currentOf(bundle);
  for (const key of [bundle.identityKey, ...bundle.preKeys]) checkKeyPair(key);
  for (const key of bundle.preKeys) checkPreKeySignature(key.publicKey, bundle.identityKey.publicKey);
  checkAccount(walletAddressOf(bundle.identityKey.publicKey), expected.expectedAddress);
}

/**
 * Checks prekey <- identity key <- account and that both points are on the curve; returns the account, EIP-55.
 * Throws as `validatePrivateKeyBundle`. Without `expectedAddress` the result is some account: compare it.
 */
export function validateSignedPublicKeyBundle(
  bundle: PublicKeyBundle | SignedPublicKeyBundle,
  expected: { readonly expectedAddress?: string } = {},
): string {
  for (const key of [bundle.identityKey, bundle.preKey]) {
    if (!isPublicKey(key.publicKey)) throw new ProtocolError('bad-public-key', 'public key is not on the curve');
  }
  checkPreKeySignature(bundle.preKey, bundle.identityKey);
  const address = walletAddressOf(bundle.identityKey);
  if (expected.expectedAddress !== undefined) checkAccount(address, expected.expectedAddress);
  return address;
}

/** Wire bytes of a legacy public bundle. */
export function encodePublicKeyBundle(bundle: PublicKeyBundle): Uint8Array {
  return wire.PublicKeyBundle.encode(publicKeyBundleToWire(bundle)).finish();
}

/** Reads a legacy public bundle. Throws 'malformed-protobuf', 'missing-field', 'bad-public-key' or 'bad-signature'. */
export function decodePublicKeyBundle(bytes: Uint8Array): PublicKeyBundle {
  return publicKeyBundleFromWire(decodeStrictly(wire.PublicKeyBundle, 'PublicKeyBundle', bytes));
}

/** Wire bytes of a V2 public bundle. */
export function encodeSignedPublicKeyBundle(bundle: SignedPublicKeyBundle): Uint8Array {
  return wire.SignedPublicKeyBundle.encode(signedPublicKeyBundleToWire(bundle)).finish();
}

/** Reads a V2 public bundle. Throws as `decodePublicKeyBundle`, and 'not-signed'. */
export function decodeSignedPublicKeyBundle(bytes: Uint8Array): SignedPublicKeyBundle {
  return signedPublicKeyBundleFromWire(decodeStrictly(wire.SignedPublicKeyBundle, 'SignedPublicKeyBundle', bytes));
}

/** Wire bytes of a bare PrivateKeyBundleV1. */
export function encodePrivateKeyBundleV1(bundle: PrivateKeyBundleV1): Uint8Array {
  return encodeSecret(wire.PrivateKeyBundleV1, privateKeyBundleV1ToWire(bundle));
}

/** Reads a bare PrivateKeyBundleV1. Throws as `decodePrivateKeyBundle`. */
export function decodePrivateKeyBundleV1(bytes: Uint8Array): PrivateKeyBundleV1 {
  return readPrivate(wire.PrivateKeyBundleV1, 'PrivateKeyBundleV1', bytes, privateKeyBundleV1FromWire);
}

/** Wire bytes of a bare PrivateKeyBundleV2. Never write one to the network: clients in the field would be locked out (b.5). */
export function encodePrivateKeyBundleV2(bundle: PrivateKeyBundleV2): Uint8Array {
  return encodeSecret(wire.PrivateKeyBundleV2, privateKeyBundleV2ToWire(bundle));
}

/** Reads a bare PrivateKeyBundleV2. Throws as `decodePrivateKeyBundle`, and 'not-signed'. */
export function decodePrivateKeyBundleV2(bytes: Uint8Array): PrivateKeyBundleV2 {
  return readPrivate(wire.PrivateKeyBundleV2, 'PrivateKeyBundleV2', bytes, privateKeyBundleV2FromWire);
}

/** Wire bytes of the versioned PrivateKeyBundle. */
export function encodePrivateKeyBundle(versioned: PrivateKeyBundle): Uint8Array {
  const message: wire.PrivateKeyBundle =
    versioned.version === 1
      ? { version: { $case: 'v1', value: privateKeyBundleV1ToWire(versioned.bundle) } }
      : { version: { $case: 'v2', value: privateKeyBundleV2ToWire(versioned.bundle) } };
  return encodeSecret(wire.PrivateKeyBundle, message);
}

/**
 * Reads the versioned PrivateKeyBundle; bare bundles are refused (b.6). Checks shapes only, see `validatePrivateKeyBundle`.
 * Throws 'malformed-protobuf', 'unknown-version', 'missing-field', 'bad-private-key', 'bad-public-key', 'bad-signature'.
 */
export function decodePrivateKeyBundle(bytes: Uint8Array): PrivateKeyBundle {
  return readPrivate(wire.PrivateKeyBundle, 'PrivateKeyBundle', bytes, ({ version }) => {
    if (version?.$case === 'v1') return { version: 1, bundle: privateKeyBundleV1FromWire(version.value) };
    if (version?.$case === 'v2') return { version: 2, bundle: privateKeyBundleV2FromWire(version.value) };
    throw new ProtocolError('unknown-version', 'unknown version of a private key bundle');
  });
}

/** Reads a private bundle, of whatever client wrote it, and wipes what was copied on the way. `read` must copy what it keeps. */
function readPrivate<Message, Bundle>(
  codec: { decode(bytes: Uint8Array): Message },
  name: MessageName,
  bytesSecret: Uint8Array,
  read: (message: Message) => Bundle,
): Bundle {
  const copies: Uint8Array[] = [];
  try {
    return read(decodeAsProtobuf(codec, name, bytesSecret, copies));
  } finally {
    for (const copy of copies) copy.fill(0);
  }
}

/** For the codecs of other messages only. */
export function publicKeyBundleToWire(bundle: PublicKeyBundle): wire.PublicKeyBundle {
  return { identityKey: publicKeyToWire(bundle.identityKey), preKey: publicKeyToWire(bundle.preKey) };
}

/** For the codecs of other messages only. */
export function publicKeyBundleFromWire(message: wire.PublicKeyBundle): PublicKeyBundle {
  const { identityKey, preKey } = presentKeys(message);
  return { identityKey: publicKeyFromWire(identityKey), preKey: publicKeyFromWire(preKey) };
}

/** For the codecs of other messages only. */
export function signedPublicKeyBundleToWire(bundle: SignedPublicKeyBundle): wire.SignedPublicKeyBundle {
  return { identityKey: signedPublicKeyToWire(bundle.identityKey), preKey: signedPublicKeyToWire(bundle.preKey) };
}

/** For the codecs of other messages only. */
export function signedPublicKeyBundleFromWire(message: wire.SignedPublicKeyBundle): SignedPublicKeyBundle {
  const { identityKey, preKey } = presentKeys(message);
  return { identityKey: signedPublicKeyFromWire(identityKey), preKey: signedPublicKeyFromWire(preKey) };
}

function presentKeys<Key>(message: { identityKey: Key | undefined; preKey: Key | undefined }) {
  const { identityKey, preKey } = message;
  if (!identityKey) throw new ProtocolError('missing-field', 'identity key is missing');
  if (!preKey) throw new ProtocolError('missing-field', 'prekey is missing');
  return { identityKey, preKey };
}

function privateKeyBundleV1ToWire(bundle: PrivateKeyBundleV1): wire.PrivateKeyBundleV1 {
  return { identityKey: privateKeyToWire(bundle.identityKey), preKeys: bundle.preKeys.map(privateKeyToWire) };
}

function privateKeyBundleV1FromWire(message: wire.PrivateKeyBundleV1): PrivateKeyBundleV1 {
  if (!message.identityKey) throw new ProtocolError('missing-field', 'identity key is missing');
  return { identityKey: privateKeyFromWire(message.identityKey), preKeys: message.preKeys.map(privateKeyFromWire) };
}

function privateKeyBundleV2ToWire(bundle: PrivateKeyBundleV2): wire.PrivateKeyBundleV2 {
  return {
    identityKey: signedPrivateKeyToWire(bundle.identityKey),
    preKeys: bundle.preKeys.map(signedPrivateKeyToWire),
  };
}

function privateKeyBundleV2FromWire(message: wire.PrivateKeyBundleV2): PrivateKeyBundleV2 {
  if (!message.identityKey) throw new ProtocolError('missing-field', 'identity key is missing');
  return {
    identityKey: signedPrivateKeyFromWire(message.identityKey),
    preKeys: message.preKeys.map(signedPrivateKeyFromWire),
  };
}

function currentOf(bundle: PrivateKeyBundleV1 | PrivateKeyBundleV2): PrivateKey | SignedPrivateKey {
  return currentPreKey<PrivateKey | SignedPrivateKey>(bundle);
}

function legacyOf(key: PublicKey | SignedPublicKey): PublicKey {
  return 'keyBytes' in key ? v2ToLegacyPublicKey(key) : key;
}

function v2Of(key: PublicKey | SignedPublicKey, signedBy: 'wallet' | 'identityKey'): SignedPublicKey {
  return 'keyBytes' in key ? key : legacyToV2PublicKey(key, signedBy);
}

function checkKeyPair(key: PrivateKey | SignedPrivateKey): void {
  if (!isPublicKey(key.publicKey.publicKey))
    throw new ProtocolError('bad-public-key', 'public key is not on the curve');
  if (!equalBytes(getPublicKey(key.privateKey), key.publicKey.publicKey)) {
    throw new ProtocolError('private-public-mismatch', 'private key does not belong to the public key beside it');
  }
}

function checkPreKeySignature(preKey: PublicKey | SignedPublicKey, identityKey: PublicKey | SignedPublicKey): void {
  if (!verifyPreKey(preKey, identityKey)) {
    throw new ProtocolError('prekey-signature-invalid', 'prekey is not signed by the identity key');
  }
}

function checkAccount(address: string, expectedAddress: string): void {
  if (address !== checksumAddress(expectedAddress)) {
    throw new ProtocolError('wrong-account', 'identity key is signed by another account');
  }
}
