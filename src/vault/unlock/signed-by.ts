// Who signed a text: the one check that every signature from a wallet passes before anything is made of it.
// Promises: "another account" is told from "not a signature of an account", and a contract's blob from a garbled one (R-E2, R-E6); where the last byte
// is missing, it is found. A signature is read once. Must not: keep one. The caller wipes what it passes in and gets.
import { VaultError } from '../../contract/errors';
import { canonicalSignatureSecret, readSignedText, type WalletSignature } from '../../protocol/base/ethereum';
import type { Bytes } from '../store/encoding';
import { asBytes } from '../store/encoding';

/**
 * A copy of a signature that `account` made over `text`: 65 bytes as the wallet wrote them, or with the last byte that was missing. Throws 'wrong-account'
 * (detail: the account that signed) when it is another one's, and 'bad-signature' for blobs from which no signer can be told (detail `garbled` when it
 * has the length of an ordinary signature; R-E2).
 */
export function signedBy(account: string, text: string, signature: Uint8Array): Bytes {
  return partOf(account, text, signature, ({ written }) => written.slice());
}

/** The secret in a wallet's unlock signature: r and low s, 64 bytes. Throws as `signedBy`. */
export function unlockSecretOf(unlockText: string, signature: Uint8Array, account: string): Bytes {
  return partOf(account, unlockText, signature, ({ read }) => canonicalSignatureSecret(read));
}

function partOf(
  account: string,
  text: string,
  signature: Uint8Array,
  take: (read: WalletSignature) => Uint8Array,
): Bytes {
  const signed = readSigned(text, signature, account);
  if (!signed)
    throw new VaultError('bad-signature', signature.length === 64 || signature.length === 65 ? 'garbled' : undefined);
  try {
    if (signed.signer !== account) throw new VaultError('wrong-account', signed.signer);
    return asBytes(take(signed));
  } finally {
    signed.written.fill(0);
    signed.read.bytes.fill(0);
  }
}

function readSigned(...[text, signature, account]: Parameters<typeof readSignedText>): WalletSignature | undefined {
  try {
    return readSignedText(text, signature, account);
  } catch {
    return undefined;
  }
}
