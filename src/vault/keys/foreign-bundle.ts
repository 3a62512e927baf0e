// Private keys that come from outside: sealed copies of the network, and the bundle in a file.
// Promises: what comes out was checked in every way the protocol knows (a.7), also in those that clients of the field leave out.
// Must not: await, store, or keep anything. Callers wipe the secret bytes they pass in and get.
import { ageFileOf } from '../../contract/age-file';
import { VaultError } from '../../contract/errors';
import type { CopyDefect, FileDefect } from '../../contract/choices';
import type { FoundKeys } from '../../contract/pages/backup';
import type { PrivateKeyBundleV1 } from '../../protocol/keys/bundles';
import {
  decodePrivateKeyBundle,
  decodePrivateKeyBundleV1,
  encodePrivateKeyBundle,
  encodePrivateKeyBundleV1,
  validatePrivateKeyBundle,
} from '../../protocol/keys/bundles';
import { bytesToHex, equalBytes } from '../../protocol/base/bytes';
import { decodeEncryptedPrivateKeyBundle, openEncryptedPrivateKeyBundle } from '../../protocol/keys/encrypted-bundle';
import type { ProtocolErrorReason } from '../../protocol/base/errors';
import { ProtocolError } from '../../protocol/base/errors';
import { walletAddressOf } from '../../protocol/keys/keys';
import type { Bytes } from '../store/encoding';
import { asBytes } from '../store/encoding';
import { keyReadings } from './key-file';
import { mostPrekeys, wipeKeys, withBundle } from './bundle';

/**
 * The bundle (PrivateKeyBundleV1, as its record holds it) of the first of `envelopes` that opens with the signature and checks for this
 * account. Prekeys that only the others have are kept behind its own: they are signed by the same identity key, and history may need
 * them. `walletSignature` is genuine (checked before). Throws VaultError('unusable-copy') with the defect of the first.
 */
export function bundleOfCopies(envelopes: readonly Uint8Array[], walletSignature: Uint8Array, account: string): Bytes {
  const found: PrivateKeyBundleV1[] = [];
  let firstDefect: CopyDefect | undefined;
  try {
    for (const envelope of envelopes) {
      const bundle = openCopy(envelope, walletSignature);
      if (typeof bundle !== 'string') found.push(bundle);
      const defect = typeof bundle === 'string' ? bundle : defectOf(bundle, account);
      firstDefect ??= defect;
      if (defect !== undefined && typeof bundle !== 'string') wipeKeys(...keysOf(found.pop() as PrivateKeyBundleV1));
    }
    const [newest, ...older] = found;
    if (!newest) throw new VaultError('unusable-copy', firstDefect ?? 'not-a-bundle');
    return asBytes(encodePrivateKeyBundleV1(withPreKeysOf(newest, older)));
  } finally {
    for (const bundle of found) wipeKeys(...keysOf(bundle));
  }
}

/** A bundle that came in a file (PrivateKeyBundleV1, as its record holds it), the account that signed its identity key, and how it was written. */
export interface KeysOfFile {
  bundleSecret: Bytes;
  account: string;
  found: FoundKeys;
}

/**
 * The bundle in a file that is not encrypted, in any of the ways clients of the field wrote it (key-file.ts). Throws VaultError('bad-file')
 * (detail: FileDefect) for what is not such a bundle, and 'unusable-copy' (detail: CopyDefect): what is found is checked as what a network gives.
 */
export function bundleOfKeyFile(file: Uint8Array): KeysOfFile {
  if (ageFileOf(file)) throw new VaultError('bad-file', 'encrypted');
  let defect: FileDefect = 'not-keys';
  for (const { writing, bytesSecret } of keyReadings(file)) {
    try {
      const bundle = bundleOfBytes(bytesSecret);
      if (typeof bundle !== 'string')
        return { ...checkedBundle(bundle.bundle), found: { writing, isBare: bundle.isBare } };
      if (defect === 'not-keys') defect = bundle;
    } finally {
      if (writing !== 'bytes') bytesSecret.fill(0);
    }
  }
  throw new VaultError('bad-file', defect);
}

/** The bundle of a backup file of ours: the bytes of a versioned PrivateKeyBundle. Throws as `bundleOfKeyFile`. */
export function bundleOfBackup(versionedSecret: Uint8Array): Omit<KeysOfFile, 'found'> {
  const bundle = bundleOfBytes(versionedSecret);
  if (typeof bundle === 'string' || bundle.isBare) throw new VaultError('bad-file', 'not-keys');
  return checkedBundle(bundle.bundle);
}

function bundleOfBytes(bytesSecret: Uint8Array): { bundle: PrivateKeyBundleV1; isBare: boolean } | FileDefect {
  const versioned = orReason(() => decodePrivateKeyBundle(bytesSecret));
  if (typeof versioned !== 'string')
    return versioned.version === 1 ? { bundle: versioned.bundle, isBare: false } : 'second-format';
  const bundle = orReason(() => decodePrivateKeyBundleV1(bytesSecret));
  if (typeof bundle !== 'string') return { bundle, isBare: true };
  return typeof orReason(() => decodeEncryptedPrivateKeyBundle(bytesSecret)) === 'string'
    ? 'not-keys'
    : 'sealed-by-wallet';
}

function checkedBundle(bundle: PrivateKeyBundleV1): Omit<KeysOfFile, 'found'> {
  try {
    // A file of 32 MiB has room for so many that checking them would take minutes.
    if (bundle.preKeys.length > mostPrekeys) throw new VaultError('bad-file', 'too-many-keys');
    // Where no account can be told this is the reason, and the check below gives the same one.
    const account = orReason(() => walletAddressOf(bundle.identityKey.publicKey));
    const defect = defectOf(bundle, account);
    if (defect) throw new VaultError('unusable-copy', defect);
    return { bundleSecret: asBytes(encodePrivateKeyBundleV1(bundle)), account };
  } finally {
    wipeKeys(...keysOf(bundle));
  }
}

/**
 * The bytes of a versioned PrivateKeyBundle, byte for byte what the stock client would give out. Secret. `unannouncedHex`: the prekey (hex of
 * its point) of a rotation nobody outside knows of yet; it goes behind the current one, which readers take the first for. Throws 'damaged'.
 */
export function versionedBundleOf(bundleSecret: Uint8Array, unannouncedHex: string | undefined): Bytes {
  return withBundle(bundleSecret, ({ identityKey, preKeys: [newest, current, ...older] }) => {
    const isUnannounced = newest !== undefined && bytesToHex(newest.publicKey.publicKey) === unannouncedHex;
    const preKeys = [...(isUnannounced ? [current, newest] : [newest, current]), ...older].filter(
      (key) => key !== undefined,
    );
    return asBytes(encodePrivateKeyBundle({ version: 1, bundle: { identityKey, preKeys } }));
  });
}

function openCopy(envelope: Uint8Array, walletSignature: Uint8Array): PrivateKeyBundleV1 | CopyDefect {
  const opened = orReason(() => openEncryptedPrivateKeyBundle(envelope, walletSignature));
  if (typeof opened !== 'string') return opened.bundle;
  return opened === 'not-opened' ? 'does-not-open' : 'not-a-bundle';
}

function defectOf(bundle: PrivateKeyBundleV1, account: string): CopyDefect | undefined {
  const { identityKey, preKeys } = bundle;
  // Prekeys sign for pages, also blindly: a key that is both would let a page make tokens and prekeys.
  if (preKeys.some((one) => equalBytes(one.publicKey.publicKey, identityKey.publicKey.publicKey)))
    return 'keys-do-not-match';
  const reason = orReason(() => validatePrivateKeyBundle(bundle, { expectedAddress: account }));
  if (reason === undefined) return undefined;
  if (reason === 'no-prekey') return 'no-prekey';
  if (reason === 'wrong-account') return 'other-account';
  const isAboutPairs =
    reason === 'private-public-mismatch' || reason === 'bad-private-key' || reason === 'bad-public-key';
  return isAboutPairs ? 'keys-do-not-match' : 'bad-signatures';
}

function withPreKeysOf(newest: PrivateKeyBundleV1, older: readonly PrivateKeyBundleV1[]): PrivateKeyBundleV1 {
  const preKeys = [...newest.preKeys];
  for (const { identityKey, preKeys: more } of older) {
    if (!equalBytes(identityKey.publicKey.publicKey, newest.identityKey.publicKey.publicKey)) continue;
    for (const preKey of more) {
      if (!preKeys.some((one) => equalBytes(one.publicKey.publicKey, preKey.publicKey.publicKey))) preKeys.push(preKey);
    }
  }
  return { identityKey: newest.identityKey, preKeys };
}

function keysOf(bundle: PrivateKeyBundleV1): PrivateKeyBundleV1['preKeys'] {
  return [bundle.identityKey, ...bundle.preKeys];
}

function orReason<T>(job: () => T): T | ProtocolErrorReason {
  try {
    return job();
  } catch (error) {
    if (error instanceof ProtocolError) return error.reason;
    throw error;
  }
}
