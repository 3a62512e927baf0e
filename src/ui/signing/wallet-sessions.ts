// The open wallet connections of this page, one per wallet extension, so that three signatures need one connection.
// Promises: a session that failed to connect or to sign is dropped, and the next ask starts fresh. Must not: outlive the page.
import { connectWallet, type WalletSession } from '../../wallet/wallet-session';
import { WalletError } from '../../wallet/wallet-error';

const sessions = new Map<string, WalletSession>();

function drop(extensionId: string): void {
  sessions.get(extensionId)?.close();
  sessions.delete(extensionId);
}

/** Connects (again) and gives the accounts the wallet allows. Throws as `connectWallet` does. */
export async function walletAccounts(
  extensionId: string,
  options: { chooseAccounts: boolean; signal: AbortSignal },
): Promise<string[]> {
  drop(extensionId);
  const session = await connectWallet({ extensionId, ...options });
  sessions.set(extensionId, session);
  return session.accounts;
}

/**
 * The account's signature under `text`. Connects first where needed. Throws WalletError; 'unauthorized-account' when the wallet
 * does not offer the account, before anything is shown to sign. The caller wipes the bytes.
 */
export async function walletSignature(
  extensionId: string,
  account: string,
  text: string,
  options: { chooseAccounts: boolean; signal: AbortSignal },
): Promise<Uint8Array> {
  const open = options.chooseAccounts ? undefined : sessions.get(extensionId);
  const accounts = open?.accounts ?? (await walletAccounts(extensionId, options));
  const session = sessions.get(extensionId);
  if (!session || !accounts.some((offered) => offered.toLowerCase() === account.toLowerCase())) {
    drop(extensionId);
    throw new WalletError('unauthorized-account', 'the wallet does not offer this account');
  }
  try {
    return await session.signText(account, text, { signal: options.signal });
  } catch (error) {
    drop(extensionId);
    throw error;
  }
}
