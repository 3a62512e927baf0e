// What a server, or a page, imports as "@prekey-vault/sdk/verify": whether an answer of `vault_sign` proves what it should.
// Promises to need nothing but the main entry, with which it shares its classes; works in node and in browsers, without network.
// Must not be imported by the main entry: the curve is ten times as large as all of that.
export { verifyVaultSignature } from './verify';
export type { ExpectedVaultSignature, VerifiedKey, VerifiedVaultSignature } from './verify';
export { VaultSignatureError } from '../signature-error';
export type { VaultSignatureRefusal } from '../signature-error';
export { vaultSignatureFromJson } from '../signature-json';
