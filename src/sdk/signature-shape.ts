// An answer of `vault_sign` as it may arrive from anywhere: checked for shape and copied.
// Promises that what it returns has exactly the fields of VaultSignature, in memory that nobody else holds.
// Must not judge: a well-shaped answer may still be forged. That is verify/verify.ts.
import { VaultSignatureError } from './signature-error';
import type { VaultSignature } from './types';

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

/** An object, to read fields of. */
export function record(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw new VaultSignatureError('malformed');
  return value as Record<string, unknown>;
}

/** A text. */
export function text(value: unknown): string {
  if (typeof value !== 'string') throw new VaultSignatureError('malformed');
  return value;
}

function bytes(value: unknown): Uint8Array {
  // By tag and not by class: the array may come from another realm.
  if (Object.prototype.toString.call(value) !== '[object Uint8Array]') throw new VaultSignatureError('malformed');
  return Uint8Array.from(value as Uint8Array);
}
