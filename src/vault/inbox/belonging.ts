// The inboxes of an identity as one part: its keys there and the way one leaves, the secrets of their archives, what is remembered of both, and
// what nodes showed.
import type { KeyAccess } from '../keys/key-access';
import type { Safes } from '../safe/safes';
import type { Store } from '../store/store';
import { createInboxKeys, type InboxKeys } from '../keys/inbox-keys';
import type { Slots } from '../unlock/slot-changes';
import type { Unlocking } from '../unlock/unlocking';
import { createArchiveSecrets, type ArchiveSecrets } from './archive-secrets';
import { createInboxes, type Inboxes } from './inboxes';
import { createKeyExport, type KeyExport } from './key-export';
import { createInboxLogs, type InboxLogs } from './logs';

export interface Belonging {
  readonly inboxKeys: InboxKeys;
  readonly archives: ArchiveSecrets;
  readonly inboxes: Inboxes;
  readonly logs: InboxLogs;
  readonly keyExport: KeyExport;
}

export function createBelonging({
  store,
  safes,
  unlocking,
  access,
  slots,
}: {
  store: Store;
  safes: Safes;
  unlocking: Unlocking;
  access: KeyAccess;
  slots: Slots;
}): Belonging {
  const { host } = store;
  const { changes, sessions } = unlocking;
  const { unlockedIdentity } = access;
  const inboxKeys = createInboxKeys({ randomBytes: host.randomBytes, changes, unlockedIdentity });
  const archives = createArchiveSecrets({ randomBytes: host.randomBytes, changes, unlockedIdentity });
  const logs = createInboxLogs({ changes, unlockedIdentity });
  return {
    inboxKeys,
    archives,
    logs,
    inboxes: createInboxes({ host, changes, keys: inboxKeys, archives, logs, unlockedIdentity }),
    keyExport: createKeyExport({ host, safes, sessions, slots, keys: inboxKeys }),
  };
}
