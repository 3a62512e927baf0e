// The options that make a Client of xmtp-js work on the vault.
// Promises that Client.create(null, ...) with them asks no wallet, and that no private key, conversation key or shared secret
// comes into the page.
// Must not publish, query or keep anything: the client does that as ever.
import type { KeystoreInterface, KeystoreProvider } from '@xmtp/xmtp-js';
import type { Capability, PrekeyVaultProvider } from './types';
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

/**
 * Options to spread into `Client.create(null, { ...vaultClientOptions(provider), env, apiUrl })`. The vault remembers
 * conversations by itself. Connect first, with `xmtpCapabilities`.
 */
export function vaultClientOptions(
  provider: PrekeyVaultProvider,
  options: VaultKeystoreOptions = {},
): { keystoreProviders: KeystoreProvider<KeystoreInterface>[]; useSnaps: false; persistConversations: false } {
  return { keystoreProviders: [vaultKeystoreProvider(provider, options)], useSnaps: false, persistConversations: false };
}
