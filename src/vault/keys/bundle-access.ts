// The one way to the bytes of a private key bundle: opened for one synchronous step, wiped after it.
// Promises: the lock deadline is checked before the bundle is opened and the lock count after the last await (R-F3, R-F5).
// Must not: hand the bytes to anything that waits, or keep them between two steps (R-D6).
import { openKeyRecord } from '../safe/key-record';
import { VaultError } from '../../contract/errors';
import type { Safes } from '../safe/safes';
import type { Sessions } from '../unlock/session';

/**
 * Lends the bundle of a finished identity to `use`, with its account. Throws 'locked', 'not-found', 'damaged', 'newer-format',
 * 'wrong-step' for a draft, and what `use` throws.
 */
export type BundleAccess = <T>(safeId: string, use: (bundleSecret: Uint8Array, account: string) => T) => Promise<T>;

export function createBundleAccess({ safes, sessions }: { safes: Safes; sessions: Sessions }): BundleAccess {
  return async (safeId, use) => {
    if (safes.copyOf(safeId).header.state !== 'complete') throw new VaultError('wrong-step');
    const begun = sessions.lockCount(safeId);
    const rootKey = await sessions.rootKey(safeId);
    // Read after the key, in one go with it: while the root key changes, asking for it waits.
    const copy = safes.copyOf(safeId);
    const bundleSecret = await openKeyRecord(copy, rootKey);
    try {
      if (sessions.lockCount(safeId) !== begun) throw new VaultError('locked');
      return use(bundleSecret, copy.header.account);
    } finally {
      bundleSecret.fill(0);
    }
  };
}
