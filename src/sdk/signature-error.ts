// Why an answer of `vault_sign` does not prove what it should: one class for who reads, carries and verifies it.
// Must not judge: that is verify/verify.ts.

/** Why an answer of `vault_sign` does not prove what was expected. */
export type VaultSignatureRefusal =
  /** not the shape of an answer, not version 1, or bytes that are not keys */
  | 'malformed'
  /** made for another account */
  | 'wrong-account'
  /** made for another site */
  | 'wrong-origin'
  | 'wrong-purpose'
  | 'wrong-payload'
  /** older than `maxAgeMs` */
  | 'too-old'
  /** dated more than a minute ahead of `nowMs` */
  | 'from-the-future'
  /** the account did not sign the identity key */
  | 'identity-key-invalid'
  /** the identity key did not sign the prekey */
  | 'prekey-invalid'
  /** the prekey did not sign these fields */
  | 'signature-invalid';

/** What `verifyVaultSignature` and `vaultSignatureFromJson` throw. `reason` is stable; the message is for logs. */
export class VaultSignatureError extends Error {
  readonly reason: VaultSignatureRefusal;

  constructor(reason: VaultSignatureRefusal, cause?: unknown) {
    super(`vault signature refused: ${reason}`, cause === undefined ? undefined : { cause });
    this.name = 'VaultSignatureError';
    this.reason = reason;
  }
}
