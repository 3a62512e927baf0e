// How a whole keystore call is refused, in the terms that xmtp-js uses: a number from the keystore's own list.
// Promises that everything else stays the PrekeyVaultError it is.
import { PrekeyVaultError } from '../errors';

/** A keystore call that the vault refused as a whole. `cause` is the PrekeyVaultError it came as. */
export class VaultKeystoreError extends Error {
  /** 0 unspecified, 1 invalid input, 2 no matching prekey. */
  readonly code: 0 | 1 | 2 | 3;

  constructor(code: 0 | 1 | 2 | 3, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'VaultKeystoreError';
    this.code = code;
  }
}

/** The keystore's refusal inside a PrekeyVaultError; anything else as it is. */
export function toKeystoreError(thrown: unknown): unknown {
  if (!(thrown instanceof PrekeyVaultError) || thrown.keystoreCode === undefined) return thrown;
  return new VaultKeystoreError(thrown.keystoreCode, `The keystore refused the call (${thrown.keystoreCode}).`, thrown);
}
