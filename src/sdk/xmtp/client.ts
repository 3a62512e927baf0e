// The options that make a Client of xmtp-js work on the vault.
// Promises that Client.create(null, ...) with them asks no wallet, and that no private key, conversation key or shared secret
// comes into the page, and no token unless `publishing` asks for tokens.
// Must not publish, query or keep anything: the client does that as ever.
import type { ApiClient, KeystoreInterface, KeystoreProvider, NetworkOptions } from '@xmtp/xmtp-js';
import type { Capability, PrekeyVaultProvider } from '../types';
import { vaultApiClients } from './api';
import { mustBeKnown, type OptionNames } from '../options';
import { createVaultKeystore, keystoreOptions, type VaultKeystoreOptions } from './keystore';

/**
 * What to ask for with `connect` so that every part of a Client works: reading, writing, consent. A client that only reads does
 * with `identity` and `messages.read` when it is made with `skipContactPublishing`. Tokens are not among them: see `publishing`.
 */
export const xmtpCapabilities: readonly Capability[] = ['identity', 'messages.read', 'messages.write', 'preferences'];

/** One element for the option `keystoreProviders` of `Client.create`. The wallet may be null: it is never asked. Throws TypeError for an option that does not exist. */
export function vaultKeystoreProvider(
  provider: PrekeyVaultProvider,
  options: VaultKeystoreOptions = {},
): KeystoreProvider<KeystoreInterface> {
  mustBeKnown('vaultKeystoreProvider', options, keystoreOptions);
  return { newKeystore: () => createVaultKeystore(provider, options) };
}

/** How a Client on the vault behaves. Everything may be left out. */
export interface VaultClientOptions extends VaultKeystoreOptions {
  /**
   * Who publishes. `vault` (default): the vault, to the node that its owner set; the page never holds a token, and publishing fails while
   * no node is set. `token`: the page, with tokens of the vault. `vault-or-token`: as `vault`, and as `token` while none is set. With tokens
   * ask for the capability `network.token` as well: a token can publish anything on every topic of the account, and the person is asked
   * for each.
   */
  publishing?: 'token' | 'vault' | 'vault-or-token';
}

const clientOptions: OptionNames<VaultClientOptions> = { ...keystoreOptions, publishing: true };
const publishers: readonly VaultClientOptions['publishing'][] = ['vault', 'token', 'vault-or-token'];

/** Options to spread into those of `Client.create`. */
export interface VaultClientParts {
  keystoreProviders: KeystoreProvider<KeystoreInterface>[];
  useSnaps: false;
  persistConversations: false;
  /** Not with `publishing: 'token'`. */
  apiClientFactory?: (network: NetworkOptions) => ApiClient;
}

/**
 * Options to spread into `Client.create(null, { ...vaultClientOptions(provider), env, apiUrl })`, for one Client. The vault
 * remembers conversations by itself. Connect first, with `xmtpCapabilities`. Throws TypeError for an option that does not exist.
 */
export function vaultClientOptions(provider: PrekeyVaultProvider, given: VaultClientOptions = {}): VaultClientParts {
  mustBeKnown('vaultClientOptions', given, clientOptions);
  const { publishing = 'vault', ...options } = given;
  if (!publishers.includes(publishing))
    throw new TypeError('vaultClientOptions: publishing is not "vault", "token" or "vault-or-token"');
  if (publishing === 'token')
    return {
      keystoreProviders: [vaultKeystoreProvider(provider, options)],
      useSnaps: false,
      persistConversations: false,
    };
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
