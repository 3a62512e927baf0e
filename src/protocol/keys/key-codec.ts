// Wire form of single keys and their signatures (protocol 0.1, a.7).
// Promises copies: nothing returned shares memory with the bytes it was read from, so that callers can wipe either.
// Must not re-serialise the key bytes of a V2 key, and must not check more than shapes: meaning is for bundles.ts.
import { ProtocolError } from '../base/errors';
import type { KeySignature, PrivateKey, PublicKey, SignatureKind, SignedPrivateKey, SignedPublicKey } from './keys';
import * as wire from '../proto/gen/keys';
import { decodeStrictly } from '../proto/strict';
import { hasPublicKeyShape, PRIVATE_KEY_LENGTH, toEcdsaSignature } from '../base/secp256k1';

/** Wire bytes of a legacy public key. */
export function encodePublicKey(key: PublicKey): Uint8Array {
  return wire.PublicKey.encode(publicKeyToWire(key)).finish();
}

/** Reads a legacy public key. Throws 'malformed-protobuf', 'missing-field', 'bad-public-key' or 'bad-signature'. */
export function decodePublicKey(bytes: Uint8Array): PublicKey {
  return publicKeyFromWire(decodeStrictly(wire.PublicKey, 'PublicKey', bytes));
}

/** Wire bytes of a V2 public key. */
export function encodeSignedPublicKey(key: SignedPublicKey): Uint8Array {
  return wire.SignedPublicKey.encode(signedPublicKeyToWire(key)).finish();
}

/** Reads a V2 public key. Throws as `decodePublicKey`, and 'not-signed'. */
export function decodeSignedPublicKey(bytes: Uint8Array): SignedPublicKey {
  return signedPublicKeyFromWire(decodeStrictly(wire.SignedPublicKey, 'SignedPublicKey', bytes));
}

/** For the codecs of bundles only. */
export function publicKeyToWire(key: PublicKey): wire.PublicKey {
  return {
    timestamp: key.createdMs,
    signature: key.signature && signatureToWire(key.signature),
    secp256k1Uncompressed: { bytes: key.publicKey },
  };
}

/** For the codecs of bundles only. A wallet's kind becomes ecdsaCompact: some Flutter builds wrote it (a.4). */
export function publicKeyFromWire(message: wire.PublicKey): PublicKey {
  const publicKey = pointFromWire(message.secp256k1Uncompressed);
  if (!message.signature) return { createdMs: message.timestamp, publicKey };
  const signature: KeySignature = { ...signatureFromWire(message.signature), kind: 'ecdsaCompact' };
  return { createdMs: message.timestamp, publicKey, signature };
}

/** For the codecs of bundles only. */
export function signedPublicKeyToWire(key: SignedPublicKey): wire.SignedPublicKey {
  return { keyBytes: key.keyBytes, signature: signatureToWire(key.signature) };
}

/** For the codecs of bundles only. */
export function signedPublicKeyFromWire(message: wire.SignedPublicKey): SignedPublicKey {
  if (message.keyBytes.length === 0) throw new ProtocolError('missing-field', 'key bytes are missing');
  const unsigned = decodeStrictly(wire.UnsignedPublicKey, 'UnsignedPublicKey', message.keyBytes);
  if (!message.signature) throw new ProtocolError('not-signed', 'key is not signed');
  return {
    keyBytes: message.keyBytes.slice(),
    created: unsigned.createdNs,
    publicKey: pointFromWire(unsigned.secp256k1Uncompressed),
    signature: signatureFromWire(message.signature),
  };
}

/** For the codecs of bundles only. */
export function privateKeyToWire(key: PrivateKey): wire.PrivateKey {
  return { timestamp: key.createdMs, secp256k1: { bytes: key.privateKey }, publicKey: publicKeyToWire(key.publicKey) };
}

/** For the codecs of bundles only. */
export function privateKeyFromWire(message: wire.PrivateKey): PrivateKey {
  const privateKey = scalarFromWire(message.secp256k1);
  if (!message.publicKey) throw new ProtocolError('missing-field', 'public key is missing');
  return { createdMs: message.timestamp, privateKey, publicKey: publicKeyFromWire(message.publicKey) };
}

/** For the codecs of bundles only. */
export function signedPrivateKeyToWire(key: SignedPrivateKey): wire.SignedPrivateKey {
  return {
    createdNs: key.createdNs,
    secp256k1: { bytes: key.privateKey },
    publicKey: signedPublicKeyToWire(key.publicKey),
  };
}

/** For the codecs of bundles only. */
export function signedPrivateKeyFromWire(message: wire.SignedPrivateKey): SignedPrivateKey {
  const privateKey = scalarFromWire(message.secp256k1);
  if (!message.publicKey) throw new ProtocolError('missing-field', 'public key is missing');
  return { createdNs: message.createdNs, privateKey, publicKey: signedPublicKeyFromWire(message.publicKey) };
}

function scalarFromWire(message: wire.Secp256k1 | undefined): Uint8Array {
  if (!message) throw new ProtocolError('missing-field', 'private key is missing');
  if (message.bytes.length !== PRIVATE_KEY_LENGTH) {
    throw new ProtocolError('bad-private-key', `private key has ${message.bytes.length} bytes, not 32`);
  }
  return message.bytes.slice();
}

/** A signature message; ecdsa_compact wins over the other kind (0.1). */
export function signatureToWire(signature: KeySignature): wire.Signature {
  const compact = { bytes: signature.bytes, recovery: signature.recovery };
  return signature.kind === 'ecdsaCompact'
    ? { ecdsaCompact: compact, walletEcdsaCompact: undefined }
    : { ecdsaCompact: undefined, walletEcdsaCompact: compact };
}

/** Throws 'bad-signature' when the signature is absent, or of the wrong shape. */
export function signatureFromWire(message: wire.Signature): KeySignature {
  const kind: SignatureKind = message.ecdsaCompact ? 'ecdsaCompact' : 'walletEcdsaCompact';
  const compact = message.ecdsaCompact ?? message.walletEcdsaCompact;
  if (!compact) throw new ProtocolError('bad-signature', 'signature is empty');
  const { bytes, recovery } = toEcdsaSignature(compact.bytes.slice(), compact.recovery);
  return { kind, bytes, recovery };
}

function pointFromWire(message: wire.Secp256k1Uncompressed | undefined): Uint8Array {
  if (!message) throw new ProtocolError('missing-field', 'public key is missing');
  if (!hasPublicKeyShape(message.bytes)) throw new ProtocolError('bad-public-key', 'not an uncompressed public key');
  return message.bytes.slice();
}
