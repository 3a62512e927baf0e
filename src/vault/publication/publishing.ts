// What the vault knows of the network as one part: rotation, history, and for each node what was published there.
import type { KeyAccess } from '../keys/key-access';
import type { Messaging } from '../keystore/messaging';
import type { Safes } from '../safe/safes';
import type { Store } from '../store/store';
import type { Unlocking } from '../unlock/unlocking';
import { createHistory, type History } from './history';
import { createNetworkCopies, createNetworkRecords } from './network-copy';
import { createPublication, type Publication } from './publication';
import { createRotation, type Rotation } from './rotation';
import type { createRotationStates } from './rotation-states';

export interface Publishing {
  readonly rotation: Rotation;
  readonly history: History;
  /** What is known of one node, whichever is set by now; without an address, of the node that is set. */
  publicationAt(nodeUrl?: string): Publication;
}

export function createPublishing(options: {
  store: Store;
  safes: Safes;
  unlocking: Unlocking;
  access: KeyAccess;
  messaging: Messaging;
  states: ReturnType<typeof createRotationStates>;
}): Publishing {
  const { store, safes, unlocking, access, messaging, states } = options;
  const { host, db, nodeUrl } = store;
  const { changes, sessions } = unlocking;
  const { unlockedIdentity, bundleAccess } = access;
  const recordsAt = (at?: string) =>
    createNetworkRecords({ changes, safes, nodeUrl: at === undefined ? nodeUrl : () => at });
  return {
    rotation: createRotation({
      host,
      safes,
      unlockedSafeIds: sessions.unlockedSafeIds,
      changes,
      states,
      networks: recordsAt(),
      unlockedIdentity,
      bundleAccess,
    }),
    history: createHistory({ db, host, keystore: messaging.keystore }),
    publicationAt(at) {
      const records = recordsAt(at);
      const copies = createNetworkCopies({ host, records, rotations: states, unlockedIdentity, bundleAccess });
      return createPublication({ host, records, copies, changes, unlockedIdentity, bundleAccess });
    },
  };
}
