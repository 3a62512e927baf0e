// An answer of `vault_sign` as JSON text, from the page that asked to the server that checks.
// Promises that what comes out of the text is what went into it, or nothing.
// Must not judge: a well-shaped answer may still be forged. That is verify/verify.ts.
import { base64ToBytes, bytesToBase64 } from '../protocol/base/bytes';
import { VaultSignatureError } from './signature-error';
import { readVaultSignature, record, text } from './signature-shape';
import type { VaultSignature } from './types';

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

function fromBase64(value: unknown): Uint8Array {
  try {
    return base64ToBytes(text(value));
  } catch (cause) {
    throw new VaultSignatureError('malformed', cause);
  }
}
