// From a signature as text, the wallet's answer or a person's paste, to its bytes.
// Promises 64 or 65 bytes exactly as written: which forms of v and s are fine is for whoever recovers the address.
// Must not keep the text or put any of it into an error (R-E5).
import { WalletError } from './wallet-error';

/**
 * The bytes of a signature that a person pasted: hex with or without 0x, broken over lines or in quotes, or the JSON that
 * signing tools export, with the hex in `sig` or `signature`.
 * Throws WalletError 'bad-signature' unless that gives 64 bytes (EIP-2098) or 65 (r, s, v); so EIP-1271 and EIP-6492 blobs
 * are refused here.
 */
export function signatureFromText(pasted: string): Uint8Array {
  const trimmed = pasted.trim();
  const hex = trimmed.startsWith('{') ? hexOfExport(trimmed) : trimmed;
  return signatureFromHex(hex.replace(/[\s"']/g, ''));
}

/** The bytes of a wallet's answer to personal_sign. Throws WalletError 'bad-signature' as `signatureFromText` does. */
export function signatureFromAnswer(answer: unknown): Uint8Array {
  if (typeof answer !== 'string') throw badSignature();
  return signatureFromHex(answer);
}

function signatureFromHex(hex: string): Uint8Array {
  const digits = hex.replace(/^0x/i, '');
  if (!/^(?:[0-9a-f]{128}|[0-9a-f]{130})$/i.test(digits)) throw badSignature();
  const bytes = new Uint8Array(digits.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

function hexOfExport(json: string): string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    throw badSignature();
  }
  const { sig, signature } = parsed as { sig?: unknown; signature?: unknown };
  const hex = sig ?? signature;
  if (typeof hex !== 'string') throw badSignature();
  return hex;
}

function badSignature(): WalletError {
  return new WalletError('bad-signature', 'this is not a signature of 64 or 65 bytes');
}
