// What rotation and the network copy need of private keys, in synchronous steps over the bytes of a bundle.
// Promises: P1: out come bundle bytes for `sealRecord`, bytes sealed under the wallet's signature, and comparisons.
// Must not: await, store, or keep anything. Callers wipe the secret bytes they get.
import type { PrivateKeyBundleV1 } from '../../protocol/keys/bundles';
import { addPreKey, encodePrivateKeyBundleV1 } from '../../protocol/keys/bundles';
import { bytesToHex, equalBytes } from '../../protocol/base/bytes';
import { openEncryptedPrivateKeyBundle, sealEncryptedPrivateKeyBundle } from '../../protocol/keys/encrypted-bundle';
import { ProtocolError } from '../../protocol/base/errors';
import type { PrivateKey } from '../../protocol/keys/keys';
import { createPreKey } from '../../protocol/keys/keys';
import { generatePrivateKey } from '../../protocol/base/secp256k1';
import type { Bytes } from '../store/encoding';
import { asBytes } from '../store/encoding';
import { wipeKeys, withBundle } from './bundle';

/** The bundle with a new prekey before all others, and the name of that prekey. Every other byte of a key stays (protocol a.6). Secret. */
export function withNewPrekey(
  bundleSecret: Uint8Array,
  random32: Uint8Array,
  createdMs: bigint,
): { nextSecret: Bytes; prekey: string } {
  return withBundle(bundleSecret, (bundle) => {
    const newPrivate = generatePrivateKey(random32);
    const preKey = createPreKey({
      privateKey: newPrivate,
      createdMs,
      identityPrivateKey: bundle.identityKey.privateKey,
    });
    newPrivate.fill(0);
    const nextSecret = asBytes(encodePrivateKeyBundleV1(addPreKey(bundle, preKey)));
    wipeKeys(preKey);
    return { nextSecret, prekey: nameOf(preKey) };
  });
}

/** The bundle without one prekey, which was never told to anybody. Throws 'damaged' when it is the only one. Secret. */
export function withoutPrekey(bundleSecret: Uint8Array, prekey: string): Bytes {
  return withBundle(bundleSecret, ({ identityKey, preKeys }) => {
    const rest = preKeys.filter((key) => nameOf(key) !== prekey);
    if (rest.length === 0) throw new ProtocolError('no-prekey', 'the last prekey stays');
    return asBytes(encodePrivateKeyBundleV1({ identityKey, preKeys: rest }));
  });
}

/** How a bundle is sealed for the network. `signatureSecret`: raw, and really the account's signature of the text of `walletPreKey`. */
export interface CopySeal {
  walletPreKey: Uint8Array;
  signatureSecret: Uint8Array;
  salt32: Uint8Array;
  nonce12: Uint8Array;
}

/** The envelope for the private-store topic (protocol b.2). Throws 'damaged'. */
export function sealCopyOf(bundleSecret: Uint8Array, account: string, seal: CopySeal): Uint8Array {
  const { walletPreKey, signatureSecret: walletSignature, salt32, nonce12 } = seal;
  return withBundle(bundleSecret, (bundle) =>
    sealEncryptedPrivateKeyBundle({ bundle, account, walletPreKey, walletSignature, salt32, nonce12 }),
  );
}

/** `same`: exactly our keys; `older`: ours, but not all; `other`: any key that is not ours. */
export type CopyMatch = 'same' | 'older' | 'other' | 'does-not-open';

/** Opens an envelope and compares it with the bundle. Bytes of every kind are an answer. */
export function compareCopy(bundleSecret: Uint8Array, envelope: Uint8Array, signatureSecret: Uint8Array): CopyMatch {
  return withBundle(bundleSecret, (bundle) => {
    const found = openedOf(envelope, signatureSecret);
    if (!found) return 'does-not-open';
    try {
      return match(bundle, found);
    } finally {
      wipeKeys(found.identityKey, ...found.preKeys);
    }
  });
}

function openedOf(envelope: Uint8Array, signatureSecret: Uint8Array): PrivateKeyBundleV1 | undefined {
  try {
    return openEncryptedPrivateKeyBundle(envelope, signatureSecret).bundle;
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}

function match(ours: PrivateKeyBundleV1, found: PrivateKeyBundleV1): CopyMatch {
  const foundOfOurs = ours.preKeys.filter((key) => found.preKeys.some((one) => isSamePair(key, one)));
  const isStrange = found.preKeys.some((one) => !ours.preKeys.some((key) => isSamePair(key, one)));
  if (!isSamePair(ours.identityKey, found.identityKey) || isStrange || found.preKeys.length === 0) return 'other';
  const [first, foundFirst] = [ours.preKeys[0], found.preKeys[0]];
  const isWhole = foundOfOurs.length === ours.preKeys.length && first && foundFirst && isSamePair(first, foundFirst);
  return isWhole ? 'same' : 'older';
}

/** The same private key with the same public one, signed with the same bytes. */
function isSamePair(a: PrivateKey, b: PrivateKey): boolean {
  const [mine, theirs] = [a.publicKey.signature, b.publicKey.signature];
  const isSameSignature = mine && theirs && mine.recovery === theirs.recovery && equalBytes(mine.bytes, theirs.bytes);
  return (
    Boolean(isSameSignature) &&
    equalBytes(a.privateKey, b.privateKey) &&
    equalBytes(a.publicKey.publicKey, b.publicKey.publicKey)
  );
}

function nameOf({ publicKey }: PrivateKey): string {
  return bytesToHex(publicKey.publicKey);
}
