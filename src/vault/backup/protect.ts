// What may protect a file that leaves the vault sealed: a strong passphrase, or the recovery code of this very safe.
// Promises: the same rule for every such file. Must not: seal anything.
import { VaultError } from '../../contract/errors';
import type { FileSecret } from '../../contract/pages/backup';
import type { Safes } from '../safe/safes';
import { mustBeStrong } from '../unlock/passphrase';
import type { Slots } from '../unlock/slot-changes';
import { filePassphraseOf } from './contents';

/**
 * The passphrase of the file. Throws 'invalid-input' for a file without a secret, 'weak-passphrase', and as `Slots.prove` for a code that is not that
 * of the safe.
 */
export async function mayProtect(
  { safes, slots }: { safes: Pick<Safes, 'copyOf'>; slots: Pick<Slots, 'prove'> },
  safeId: string,
  secret: FileSecret,
): Promise<string> {
  if (secret.kind === 'none') throw new VaultError('invalid-input');
  // A mistyped code would make a file that nobody can open, found out when it is too late.
  if (secret.kind === 'recovery-code') await slots.prove({ safeId, proof: secret });
  else mustBeStrong(secret.passphrase, safes.copyOf(safeId).header.account);
  return filePassphraseOf(secret);
}
