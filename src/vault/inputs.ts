// Arguments from our own pages that are stored: accounts, names, ways to reach a wallet.
// Promises: what passes has one form, a bounded length and a UTF-8 encoding; the rest is VaultError('invalid-input').
// Must not: replace the schemas of the gate. They come first; this is what the vault relies on itself.
import { VaultError } from '../contract/errors';
import type { WalletChoice } from '../contract/internal';
import { checksumAddress } from '../protocol/ethereum';

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
  return wallet.kind === 'manual' ? { kind: 'manual' } : { kind: 'extension', extensionId: mustBeText(wallet.extensionId, 200) };
}

/** Whether a person typed `word` (an account, or the id of a safe) or its last four characters, in any case of letters. */
export function isConfirmedBy(word: string, typed: string): boolean {
  const given = typed.trim().toLowerCase();
  return given === word.toLowerCase() || given === word.slice(-4).toLowerCase();
}
