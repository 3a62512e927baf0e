// An answer of `vault_sign` as it may arrive from anywhere: checked for shape, copied, and carried as JSON text.
// Promises that what it returns has exactly the fields of VaultSignature, in memory that nobody else holds.
// Must not judge: a well-shaped answer may still be forged. That is verify.ts.
import { base64ToBytes, bytesToBase64 } from '../protocol/base/bytes';
import type { VaultSignature } from './types';

/** Why an answer of `vault_sign` does not prove what was expected. */
export type VaultSignatureRefusal =
  /** not the shape of an answer, not version 1, or bytes that are not keys */
  | 'malformed'
  /** made for another account */
  | 'wrong-account'
  /** made for another site */
  | 'wrong-origin'
  | 'wrong-purpose'
  | 'wrong-payload'
  /** older than `maxAgeMs` */
  | 'too-old'
  /** dated more than a minute ahead of `nowMs` */
  | 'from-the-future'
  /** the account did not sign the identity key */
  | 'identity-key-invalid'
  /** the identity key did not sign the prekey */
  | 'prekey-invalid'
  /** the prekey did not sign these fields */
  | 'signature-invalid';

/** What `verifyVaultSignature` and `vaultSignatureFromJson` throw. `reason` is stable; the message is for logs. */
export class VaultSignatureError extends Error {
  readonly reason: VaultSignatureRefusal;

  constructor(reason: VaultSignatureRefusal, cause?: unknown) {
    super(`vault signature refused: ${reason}`, cause === undefined ? undefined : { cause });
    this.name = 'VaultSignatureError';
    this.reason = reason;
  }
}

/** A copy of `value` as VaultSignature. Throws VaultSignatureError 'malformed' when a field is absent or of another type. */
export function readVaultSignature(value: unknown): VaultSignature {
  const result = record(value);
  const signature = record(result['signature']);
  const signed = record(result['signed']);
  const { recovery } = signature;
  if (recovery !== 0 && recovery !== 1) throw new VaultSignatureError('malformed');
  if (signed['version'] !== 1) throw new VaultSignatureError('malformed');
  const issuedAtMs = signed['issuedAtMs'];
  if (!Number.isSafeInteger(issuedAtMs) || (issuedAtMs as number) < 0) throw new VaultSignatureError('malformed');
  return {
    signature: { bytes: bytes(signature['bytes']), recovery },
    signed: {
      version: 1,
      origin: text(signed['origin']),
      account: text(signed['account']),
      purpose: text(signed['purpose']),
      issuedAtMs: issuedAtMs as number,
      payload: bytes(signed['payload']),
    },
    signedPublicKeyBundle: bytes(result['signedPublicKeyBundle']),
  };
}

/** JSON text of an answer, for sending it to a server: same field names, bytes as base64. Throws VaultSignatureError 'malformed'. */
export function vaultSignatureToJson(result: VaultSignature): string {
  const { signature, signed, signedPublicKeyBundle } = readVaultSignature(result);
  return JSON.stringify({
    signature: { bytes: bytesToBase64(signature.bytes), recovery: signature.recovery },
    signed: { ...signed, payload: bytesToBase64(signed.payload) },
    signedPublicKeyBundle: bytesToBase64(signedPublicKeyBundle),
  });
}

/** The inverse of `vaultSignatureToJson`. Proves nothing yet: verify the result. Throws VaultSignatureError 'malformed'. */
export function vaultSignatureFromJson(json: string): VaultSignature {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch (cause) {
    throw new VaultSignatureError('malformed', cause);
  }
  const result = record(parsed);
  const signature = record(result['signature']);
  const signed = record(result['signed']);
  return readVaultSignature({
    signature: { ...signature, bytes: fromBase64(signature['bytes']) },
    signed: { ...signed, payload: fromBase64(signed['payload']) },
    signedPublicKeyBundle: fromBase64(result['signedPublicKeyBundle']),
  });
}

function record(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw new VaultSignatureError('malformed');
  return value as Record<string, unknown>;
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw new VaultSignatureError('malformed');
  return value;
}

function bytes(value: unknown): Uint8Array {
  // By tag and not by class: the array may come from another realm.
  if (Object.prototype.toString.call(value) !== '[object Uint8Array]') throw new VaultSignatureError('malformed');
  return Uint8Array.from(value as Uint8Array);
}

function fromBase64(value: unknown): Uint8Array {
  try {
    return base64ToBytes(text(value));
  } catch (cause) {
    throw new VaultSignatureError('malformed', cause);
  }
}
