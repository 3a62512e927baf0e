// The private keys as one part: the one way to a bundle, what is kept of an unlocked identity, and who is served by which prekey.
import { preferSoonFirstUse } from '../../protocol/base/secp256k1';
import type { Safes } from '../safe/safes';
import type { Store } from '../store/store';
import type { Unlocking } from '../unlock/unlocking';
import { createBundleAccess, type BundleAccess } from './bundle-access';
import { createDocumentPrekeys, type DocumentPrekeys } from './document-prekeys';
import { createKeystoreMemories, type KeystoreMemories } from './identity-memory';
import type { PendingPrekey } from './own-keys';
import { createKeys, type Keys } from './signing';
import { createUnlockedIdentity, type UnlockedIdentity } from './unlocked-identity';

// A worker is started for a request, and often for one only.
preferSoonFirstUse();

export interface KeyAccess {
  readonly bundleAccess: BundleAccess;
  readonly memories: KeystoreMemories;
  readonly documentPrekeys: DocumentPrekeys;
  readonly unlockedIdentity: UnlockedIdentity;
  readonly keys: Keys;
}

export function createKeyAccess(options: {
  store: Store;
  safes: Safes;
  unlocking: Unlocking;
  /** The prekey that a rotation under way is about to announce. */
  pendingPrekey: (safeId: string) => Promise<PendingPrekey | undefined>;
}): KeyAccess {
  const { store, safes, unlocking, pendingPrekey } = options;
  const bundleAccess = createBundleAccess({ safes, sessions: unlocking.sessions });
  const memories = createKeystoreMemories();
  const documentPrekeys = createDocumentPrekeys({ host: store.host });
  const unlockedIdentity = createUnlockedIdentity({
    safes,
    open: unlocking.open,
    bundleAccess,
    memories,
    pendingPrekey,
  });
  return {
    bundleAccess,
    memories,
    documentPrekeys,
    unlockedIdentity,
    keys: createKeys({ unlockedIdentity, bundleAccess, documentPrekeys }),
  };
}
