// Messaging as one part: the lists of conversations, peers and preferences, and the keystore that works on them.
import type { KeyAccess } from '../keys/key-access';
import { createSealedLists, type SealedLists } from '../lists/sealed-list';
import type { Store } from '../store/store';
import type { UnlockedSafes } from '../store/unlocked-safes';
import { createConversations, type Conversations } from './conversations';
import { createKeystore } from './keystore';

export interface Messaging {
  readonly lists: SealedLists;
  readonly conversations: Conversations;
  readonly keystore: ReturnType<typeof createKeystore>;
}

export function createMessaging({
  store,
  open,
  access,
}: {
  store: Store;
  open: UnlockedSafes;
  access: KeyAccess;
}): Messaging {
  const { host, db } = store;
  const { unlockedIdentity, bundleAccess, documentPrekeys } = access;
  const lists = createSealedLists({ db, host, open });
  const conversations = createConversations({ db, host, open, lists });
  return {
    lists,
    conversations,
    keystore: createKeystore({ host, unlockedIdentity, bundleAccess, conversations, documentPrekeys }),
  };
}
