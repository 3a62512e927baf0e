// Arguments from our own pages that are stored: accounts, names, ways to reach a wallet.
// Promises: what passes has one form, a bounded length and a UTF-8 encoding; the rest is VaultError('invalid-input').
// Must not: replace the schemas of the gate. They come first; this is what the vault relies on itself.
import { VaultError } from '../../contract/errors';
import type { WalletChoice } from '../../contract/schemas';
import { checksumAddress } from '../../protocol/base/address';

/** The text itself, of at most `max` UTF-16 code units and without unpaired surrogates. */
export function mustBeText(text: string, max: number): string {
  if (text.length > max || /\p{Surrogate}/u.test(text)) throw new VaultError('invalid-input');
  return text;
}

/** The EIP-55 form of an address. */
export function mustBeAccount(account: string): string {
  try {
    return checksumAddress(account);
  } catch {
    throw new VaultError('invalid-input');
  }
}

/** A copy with the known fields only. */
export function mustBeWallet(wallet: WalletChoice): WalletChoice {
  return wallet.kind === 'manual'
    ? { kind: 'manual' }
    : { kind: 'extension', extensionId: mustBeText(wallet.extensionId, 200) };
}
