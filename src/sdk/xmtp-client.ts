// The options that make a Client of xmtp-js work on the vault.
// Promises that Client.create(null, ...) with them asks no wallet, and that no private key, conversation key or shared secret
// comes into the page; with `publishing: 'vault'` no token either.
// Must not publish, query or keep anything: the client does that as ever.
import type { ApiClient, KeystoreInterface, KeystoreProvider, NetworkOptions } from '@xmtp/xmtp-js';
import type { Capability, PrekeyVaultProvider } from './types';
import { vaultApiClients } from './xmtp-api';
import { createVaultKeystore, type VaultKeystoreOptions } from './xmtp-keystore';

/**
 * What to ask for with `connect` so that every part of a Client works: reading, writing, consent. A client that only reads does
 * with `identity` and `messages.read` when it is made with `skipContactPublishing`.
 */
export const xmtpCapabilities: readonly Capability[] = ['identity', 'messages.read', 'messages.write', 'preferences'];

/** One element for the option `keystoreProviders` of `Client.create`. The wallet may be null: it is never asked. */
export function vaultKeystoreProvider(provider: PrekeyVaultProvider, options: VaultKeystoreOptions = {}): KeystoreProvider<KeystoreInterface> {
  return { newKeystore: () => createVaultKeystore(provider, options) };
}

/** How a Client on the vault behaves. Everything may be left out. */
export interface VaultClientOptions extends VaultKeystoreOptions {
  /**
   * Who publishes. `token`: the page, with a token of the vault (default). `vault`: the vault, to the node that its owner set; the
   * page never holds a token, and publishing fails while no node is set. `vault-or-token`: as `vault`, and as `token` while none is set.
   */
  publishing?: 'token' | 'vault' | 'vault-or-token';
}

/** Options to spread into those of `Client.create`. */
export interface VaultClientParts {
  keystoreProviders: KeystoreProvider<KeystoreInterface>[];
  useSnaps: false;
  persistConversations: false;
  /** Only when the vault publishes. */
  apiClientFactory?: (network: NetworkOptions) => ApiClient;
}

/**
 * Options to spread into `Client.create(null, { ...vaultClientOptions(provider), env, apiUrl })`, for one Client. The vault
 * remembers conversations by itself. Connect first, with `xmtpCapabilities`.
 */
export function vaultClientOptions(provider: PrekeyVaultProvider, { publishing = 'token', ...options }: VaultClientOptions = {}): VaultClientParts {
  if (publishing === 'token') return { keystoreProviders: [vaultKeystoreProvider(provider, options)], useSnaps: false, persistConversations: false };
  let account = options.account;
  const newKeystore = async () => {
    const keystore = await createVaultKeystore(provider, options);
    account = await keystore.getAccountAddress();
    return keystore;
  };
  return {
    keystoreProviders: [{ newKeystore }],
    useSnaps: false,
    persistConversations: false,
    apiClientFactory: vaultApiClients(provider, { accountOf: () => account, orToken: publishing === 'vault-or-token' }),
  };
}
