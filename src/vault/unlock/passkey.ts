// What a passkey gives: the output of its PRF (the "prf" extension of WebAuthn), 32 bytes that only this credential makes of the slot's input.
// Promises: nothing else is taken for a secret. Must not: ask an authenticator; a page of ours does, with the person before it.
import { VaultError } from '../../contract/errors';
import type { Bytes } from '../store/encoding';

const prfLength = 32;

/** A copy of the secret as a slot takes it; the caller wipes both. Throws 'invalid-input' unless there are 32 bytes. */
export function passkeySecretOf(prfSecret: Uint8Array): Bytes {
  if (prfSecret.length !== prfLength) throw new VaultError('invalid-input');
  return new Uint8Array(prfSecret);
}
