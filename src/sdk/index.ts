// What a dapp imports as "@prekey-vault/sdk": find the provider, call it, catch its errors, carry its signatures to a server.
// Promises to be one small file without dependencies once built; everything but the finder works in node as well.
// Must not export anything that could hold a private key.
export { findPrekeyVault } from './discovery';
export {
  accounts,
  callKeystore,
  capabilities,
  connect,
  disconnect,
  on,
  permissions,
  publicKeyBundle,
  sign,
} from './calls';
export type { ConnectOptions, PrekeyVaultEvents, SignOptions } from './calls';
export {
  isAlreadyPending,
  isDisconnected,
  isInvalidParams,
  isLimitExceeded,
  isRejected,
  isUnauthorized,
  isUnsupported,
  PrekeyVaultError,
  toPrekeyVaultError,
} from './errors';
export type {
  PrekeyVaultErrorCode,
  PrekeyVaultIdentityTextDefect,
  PrekeyVaultNetworkTrouble,
  PrekeyVaultRejectedReason,
} from './errors';
export { VaultSignatureError } from './signature-error';
export type { VaultSignatureRefusal } from './signature-error';
export { vaultSignatureFromJson, vaultSignatureToJson } from './signature-json';
export type {
  AccountOptions,
  Capabilities,
  Capability,
  Duration,
  Grant,
  KeystoreMethodName,
  PrekeyVaultProvider,
  ProviderInfo,
  PublicKeyBundle,
  RequestArguments,
  Scope,
  ScopedCapability,
  SignedFields,
  VaultSignature,
} from './types';
