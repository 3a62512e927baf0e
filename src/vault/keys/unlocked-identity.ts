// What every use of an identity begins and ends with: it is finished, it is open, and it still is when the answer leaves.
// Promises: deadline and clock are checked before any key is used, also those in memory; the lock count after (R-F3, R-F5).
// Must not: hold anything itself; what is remembered lies in identity-memory.ts and goes with the lock.
import { VaultError } from '../../contract/errors';
import type { BundleAccess } from './bundle-access';
import type { KeystoreMemories, KeystoreMemory } from './identity-memory';
import type { UnlockedSafes } from '../store/unlocked-safes';
import type { OwnKeys, PendingPrekey } from './own-keys';
import { ownKeysOf } from './bundle';
import type { Safes } from '../safe/safes';

/** A finished identity that was open a moment ago. */
export interface OpenedIdentity {
  readonly safeId: string;
  readonly account: string;
  readonly memory: KeystoreMemory;
  /** Our public keys; read from the bundle once, then remembered. Throws 'damaged' and what opening throws. */
  ownKeys(): Promise<OwnKeys>;
  /** Throws 'locked' when the identity was locked since; called after the last await, before an answer leaves. */
  mustStillBeOpen(): void;
}

/** Throws 'locked', 'not-found', 'damaged', 'newer-format', or 'wrong-step' for a draft. */
export type UnlockedIdentity = (safeId: string) => Promise<OpenedIdentity>;

/** `pendingPrekey`: the unfinished rotation, read from the safe as it is now. */
export function createUnlockedIdentity(options: {
  safes: Pick<Safes, 'copyOf'>;
  open: Pick<UnlockedSafes, 'lockCount' | 'rootKey'>;
  bundleAccess: BundleAccess;
  memories: KeystoreMemories;
  pendingPrekey: (safeId: string) => Promise<PendingPrekey | undefined>;
}): UnlockedIdentity {
  const { safes, open, bundleAccess, memories, pendingPrekey } = options;

  async function readOwnKeys(safeId: string): Promise<OwnKeys> {
    for (;;) {
      const { counter } = safes.copyOf(safeId).header;
      const unfinished = await pendingPrekey(safeId);
      const own = await bundleAccess(safeId, (bundleSecret, account) => ownKeysOf(bundleSecret, account, unfinished));
      // Both were read from one state of the safe, or are read again: a prekey must never pass for current by a race.
      if (safes.copyOf(safeId).header.counter === counter) return own;
    }
  }

  return async (safeId) => {
    if (safes.copyOf(safeId).header.state !== 'complete') throw new VaultError('wrong-step');
    const begun = open.lockCount(safeId);
    const mustStillBeOpen = (): void => {
      if (open.lockCount(safeId) !== begun) throw new VaultError('locked');
    };
    // Asked for its checks only: deadline and clock come before any key, also those in memory (R-F5).
    await open.rootKey(safeId);
    // Nothing is awaited from here to the memory: that of a session that has ended is never taken up again.
    mustStillBeOpen();
    const { account, counter } = safes.copyOf(safeId).header;
    const memory = memories.of(safeId, begun, counter);
    const ownKeys = async (): Promise<OwnKeys> => (memory.own ??= await readOwnKeys(safeId));
    return { safeId, account, memory, ownKeys, mustStillBeOpen };
  };
}
