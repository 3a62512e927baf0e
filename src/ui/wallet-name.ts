// A wallet's name for a list, without loading the wallet connection itself.
import type { WalletChoice } from '../contract/schemas';
import { knownWallets } from '../wallet/known-wallets';
import { t } from './text';

/** The wallet's name as a person knows it. */
export function walletName(wallet: WalletChoice): string {
  if (wallet.kind === 'manual') return t('walletManual');
  return knownWallets().find(({ id }) => id === wallet.extensionId)?.label ?? t('walletOther');
}
