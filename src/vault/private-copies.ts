// Private keys that come from outside: sealed copies of the network, and the bundle in a file. The third of three files that open one.
// Promises: what comes out was checked in every way the protocol knows (a.7), also in those that clients of the field leave out.
// Must not: await, store, or keep anything. Callers wipe the secret bytes they pass in and get.
import { VaultError } from '../contract/errors';
import type { CopyDefect } from '../contract/flows';
import type { PrivateKeyBundleV1 } from '../protocol/bundles';
import { decodePrivateKeyBundle, encodePrivateKeyBundle, encodePrivateKeyBundleV1, validatePrivateKeyBundle } from '../protocol/bundles';
import { bytesToHex, equalBytes } from '../protocol/bytes';
import { openEncryptedPrivateKeyBundle } from '../protocol/encrypted-bundle';
import type { ProtocolErrorReason } from '../protocol/errors';
import { ProtocolError } from '../protocol/errors';
import { walletAddressOf } from '../protocol/keys';
import type { Bytes } from './encoding';
import { asBytes } from './encoding';
import { mostPreKeys, wipeKeys, withBundle } from './private-keys';

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

/**
 * The bundle in the bytes of a versioned PrivateKeyBundle, as the stock client gives them out, and the account that signed its identity key.
 * Throws VaultError('bad-file') for what is no such bundle (V2 included, or of more than `mostPreKeys`), and 'unusable-copy' (detail: CopyDefect).
 */
export function bundleOfFile(versionedSecret: Uint8Array): { bundleSecret: Bytes; account: string } {
  const versioned = orReason(() => decodePrivateKeyBundle(versionedSecret));
  if (typeof versioned === 'string' || versioned.version !== 1) throw new VaultError('bad-file');
  const { bundle } = versioned;
  try {
    // A file of 32 MiB has room for so many that checking them would take minutes.
    if (bundle.preKeys.length > mostPreKeys) throw new VaultError('bad-file');
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
    const preKeys = [...(isUnannounced ? [current, newest] : [newest, current]), ...older].filter((key) => key !== undefined);
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
  if (preKeys.some((one) => equalBytes(one.publicKey.publicKey, identityKey.publicKey.publicKey))) return 'keys-do-not-match';
  const reason = orReason(() => validatePrivateKeyBundle(bundle, { expectedAddress: account }));
  if (reason === undefined) return undefined;
  if (reason === 'no-prekey') return 'no-prekey';
  if (reason === 'wrong-account') return 'other-account';
  const isAboutPairs = reason === 'private-public-mismatch' || reason === 'bad-private-key' || reason === 'bad-public-key';
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
