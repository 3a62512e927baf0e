// What a dapp imports as "prekey-vault/sdk": find the provider, call it, catch its errors, check its signatures.
// Promises to be one file without dependencies once built; everything but the finder works in node as well.
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
  publish,
  publicKeyBundle,
  sign,
} from './calls';
export type { OutgoingEnvelope, PrekeyVaultEvents } from './calls';
export { vaultArchive, vaultXmtpSigner } from './inbox';
export type { ArchivingClient, VaultArchive, VaultXmtpSigner } from './inbox';
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
export { VaultSignatureError, vaultSignatureFromJson, vaultSignatureToJson } from './signature-shape';
export type { VaultSignatureRefusal } from './signature-shape';
export { verifyVaultSignature } from './verify';
export type { ExpectedVaultSignature, VerifiedKey, VerifiedVaultSignature } from './verify';
export type {
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
