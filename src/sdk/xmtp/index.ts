// What a dapp imports as "@prekey-vault/sdk/xmtp": the vault as the keystore and publisher of an unmodified xmtp-js 13.
// Promises to need nothing but xmtp-js and the main entry, with which it shares its classes.
// Must not be imported by the main entry: only who uses xmtp-js needs it.
export { vaultApiClientFactory } from './api';
export type { VaultApiClientOptions } from './api';
export { vaultClientOptions, vaultKeystoreProvider, xmtpCapabilities } from './client';
export type { VaultClientOptions, VaultClientParts } from './client';
export { VaultKeystoreError } from './errors';
export type { KeystoreProgress, VaultKeystoreOptions } from './keystore';
export { publish } from './publish';
export type { OutgoingEnvelope } from './publish';
