// What an app made with React imports as "@prekey-vault/sdk/react": the vault, what this site may do, and having something signed, as hooks.
// Promises to need React 18 or 19 and the other entries of this package. Must not render anything.
export { useVault } from './use-vault';
export type { UseVault, VaultStatus } from './use-vault';
export { useGrant } from './use-grant';
export type { UseGrant } from './use-grant';
export { useVaultSigner } from './use-signer';
export type { UseVaultSigner } from './use-signer';
export type { Asking } from './use-asking';
