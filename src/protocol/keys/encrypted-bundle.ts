// The network copy of the private keys: PrivateKeyBundle sealed under a wallet signature (protocol b).
// Promises to read all four forms (envelope and plaintext, each versioned or bare) under both ways of writing v, and to
// write only the newest one, and only under a signature that really is the account's.
// Must never write a V2 private bundle (b.5), and must not be used for the local safe: its secret can be phished.
import type { PrivateKeyBundleV1 } from './bundles';
import { decodePrivateKeyBundle, decodePrivateKeyBundleV1, encodePrivateKeyBundle } from './bundles';
import { ProtocolError } from '../base/errors';
import { checksumAddress } from '../base/address';
import { recoverWalletAddress } from '../base/ethereum';
import { decodeAsProtobuf } from '../proto/as-protobuf';
import * as wire from '../proto/gen/keys';
import type { Ciphertext } from './seal';
import { ciphertextFromWire, ciphertextToWire, openSealed, sealWith } from './seal';
import { enableIdentityText } from './wallet-text';

/** Byte length of the walletPreKey. */
export const WALLET_PRE_KEY_LENGTH = 32;

/** A parsed envelope. `isVersioned` is false for the bare form of very old clients. */
export interface EncryptedPrivateKeyBundle {
  readonly walletPreKey: Uint8Array;
  readonly ciphertext: Ciphertext;
  readonly isVersioned: boolean;
}

/** An opened envelope. `needsUpdate`: one of its layers was un-versioned, so that a client would publish it anew (b.3). */
export interface OpenedPrivateKeyBundle {
  readonly bundle: PrivateKeyBundleV1;
  readonly needsUpdate: boolean;
}

/**
 * Seals `bundle` for the private-store topic (b.2). `walletSignature` are the raw bytes the wallet returned for
 * `enableIdentityText(walletPreKey)`, and the secret. Throws 'wrong-account' unless `account` really signed that text:
 * otherwise nobody could open the result. `walletPreKey`, `salt32` and `nonce12` are fresh randomness of the caller.
 */
export function sealEncryptedPrivateKeyBundle(input: {
  bundle: PrivateKeyBundleV1;
  account: string;
  walletPreKey: Uint8Array;
  walletSignature: Uint8Array;
  salt32: Uint8Array;
  nonce12: Uint8Array;
}): Uint8Array {
  checkWalletPreKey(input.walletPreKey);
  const signer = recoverWalletAddress(enableIdentityText(input.walletPreKey), input.walletSignature);
  if (signer !== checksumAddress(input.account)) {
    throw new ProtocolError('wrong-account', 'the sealing signature is not by this account');
  }
  const plainSecret = encodePrivateKeyBundle({ version: 1, bundle: input.bundle });
  const ciphertext = sealWith(plainSecret, input.walletSignature, undefined, input.salt32, input.nonce12);
  plainSecret.fill(0);
  return encodeEncryptedPrivateKeyBundle({ walletPreKey: input.walletPreKey, ciphertext });
}

/**
 * Opens an envelope with the wallet's signature of `enableIdentityText(walletPreKey)`, raw bytes of any length. With 65
 * bytes the other way of writing v (0/1 or 27/28) is tried as well (b.3). The result is decoded, not validated: an
 * envelope does not bind the bundle to the wallet, so call `validatePrivateKeyBundle` with the account.
 * Throws 'not-opened' for a wrong signature, 'unknown-version' for a V2 bundle inside, and as `decode...`.
 */
export function openEncryptedPrivateKeyBundle(
  envelope: Uint8Array | EncryptedPrivateKeyBundle,
  walletSignature: Uint8Array,
): OpenedPrivateKeyBundle {
  const parsed = envelope instanceof Uint8Array ? decodeEncryptedPrivateKeyBundle(envelope) : envelope;
  const plainSecret = openWithEitherV(parsed.ciphertext, walletSignature);
  try {
    const { bundle, isVersioned } = decodePlaintext(plainSecret);
    return { bundle, needsUpdate: !isVersioned || !parsed.isVersioned };
  } finally {
    plainSecret.fill(0);
  }
}

/**
 * Parses an envelope by the strict rule of b.4: it is versioned if and only if field 1 is a well-formed message with a
 * 32-byte walletPreKey and a ciphertext; otherwise it is read as bare. Throws 'malformed-protobuf', 'missing-field' or
 * 'bad-length'.
 */
export function decodeEncryptedPrivateKeyBundle(bytes: Uint8Array): EncryptedPrivateKeyBundle {
  const versioned = decodeOrReason(() =>
    decodeAsProtobuf(wire.EncryptedPrivateKeyBundle, 'EncryptedPrivateKeyBundle', bytes),
  );
  const version = versioned instanceof ProtocolError ? undefined : versioned.version;
  const isVersioned = version?.value.walletPreKey.length === WALLET_PRE_KEY_LENGTH && version.value.ciphertext?.union;
  if (isVersioned) return { ...fromWire(version.value), isVersioned: true };
  const bare = decodeAsProtobuf(wire.EncryptedPrivateKeyBundleV1, 'EncryptedPrivateKeyBundleV1', bytes);
  return { ...fromWire(bare), isVersioned: false };
}

/** Wire bytes of the versioned envelope. */
export function encodeEncryptedPrivateKeyBundle(
  envelope: Pick<EncryptedPrivateKeyBundle, 'walletPreKey' | 'ciphertext'>,
): Uint8Array {
  const value = { walletPreKey: envelope.walletPreKey, ciphertext: ciphertextToWire(envelope.ciphertext) };
  return wire.EncryptedPrivateKeyBundle.encode({ version: { $case: 'v1', value } }).finish();
}

function fromWire(message: wire.EncryptedPrivateKeyBundleV1): Omit<EncryptedPrivateKeyBundle, 'isVersioned'> {
  checkWalletPreKey(message.walletPreKey);
  return { walletPreKey: message.walletPreKey.slice(), ciphertext: ciphertextFromWire(message.ciphertext) };
}

function openWithEitherV(ciphertext: Ciphertext, signatureSecret: Uint8Array): Uint8Array {
  try {
    return openSealed(ciphertext, signatureSecret);
  } catch (error) {
    if (signatureSecret.length !== 65 || !(error instanceof ProtocolError) || error.reason !== 'not-opened')
      throw error;
  }
  const otherSecret = signatureSecret.slice();
  const v = otherSecret[64] as number;
  otherSecret[64] = v < 27 ? v + 27 : v - 27;
  try {
    return openSealed(ciphertext, otherSecret);
  } finally {
    otherSecret.fill(0);
  }
}

function decodePlaintext(plain: Uint8Array): { bundle: PrivateKeyBundleV1; isVersioned: boolean } {
  const versioned = decodeOrReason(() => decodePrivateKeyBundle(plain));
  if (versioned instanceof ProtocolError) {
    const bare = decodeOrReason(() => decodePrivateKeyBundleV1(plain));
    if (bare instanceof ProtocolError) throw versioned;
    return { bundle: bare, isVersioned: false };
  }
  if (versioned.version !== 1) throw new ProtocolError('unknown-version', 'a V2 private bundle is not accepted here');
  return { bundle: versioned.bundle, isVersioned: true };
}

function decodeOrReason<Value>(decode: () => Value): Value | ProtocolError {
  try {
    return decode();
  } catch (error) {
    if (error instanceof ProtocolError) return error;
    throw error;
  }
}

function checkWalletPreKey(walletPreKey: Uint8Array): void {
  if (walletPreKey.length !== WALLET_PRE_KEY_LENGTH) {
    throw new ProtocolError('bad-length', `walletPreKey has ${walletPreKey.length} bytes, not 32`);
  }
}
