// What a dapp imports as "@prekey-vault/sdk/v3": the vault as signer and keeper of archive keys for clients of XMTP V3.
// Promises to need nothing but the main entry, and no package of XMTP.
export { vaultArchive, vaultXmtpSigner } from './inbox';
export type { ArchivingClient, VaultArchive, VaultXmtpSigner } from './inbox';
