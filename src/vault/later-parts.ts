// The parts of the vault that no signature for a site needs. The worker reads them in a second step, when something is first asked of one
// (docs/adr/0028).
// Promises: nothing here is touched by a start. Must not: be imported by anything that runs at a start.
import { createArchives, type Archives } from './archive/archiving';
import { createBackingUp } from './backup/backing-up';
import type { Backups } from './backup/backup';
import { createEnrolment, type Enrolment } from './enrolment/enrolment';
import { createIdentity, type Identity } from './identity';
import { createBelonging } from './inbox/belonging';
import type { Inboxes } from './inbox/inboxes';
import type { KeyExport } from './inbox/key-export';
import type { InboxLogs } from './inbox/logs';
import type { Activity } from './activity/activity';
import type { KeyAccess } from './keys/key-access';
import type { Keystore } from './keystore/keystore';
import { createMessaging } from './keystore/messaging';
import { createPeople, type People } from './people/people';
import type { History } from './publication/history';
import { createPublishing, type Publishing } from './publication/publishing';
import type { Rotation } from './publication/rotation';
import type { createRotationStates } from './publication/rotation-states';
import type { Safes } from './safe/safes';
import type { Store } from './store/store';
import { createSlotChanges, type Slots } from './unlock/slot-changes';
import { createUnlock, type Unlock } from './unlock/unlock';
import type { Unlocking } from './unlock/unlocking';

/** What is there from the start, and what these parts are made of. */
export interface CoreParts {
  store: Store;
  safes: Safes;
  unlocking: Unlocking;
  access: KeyAccess;
  rotationStates: ReturnType<typeof createRotationStates>;
  activity: Activity;
}

export interface LaterParts {
  readonly unlock: Unlock;
  readonly slots: Slots;
  readonly inboxes: Inboxes;
  readonly inboxLogs: InboxLogs;
  readonly keyExport: KeyExport;
  readonly people: People;
  readonly keystore: Keystore;
  readonly rotation: Rotation;
  readonly history: History;
  readonly publicationAt: Publishing['publicationAt'];
  readonly backup: Backups;
  readonly archive: Archives;
  readonly enrolment: Enrolment;
  readonly identity: Identity;
}

export function createLaterParts({ store, safes, unlocking, access, rotationStates, activity }: CoreParts): LaterParts {
  const { host } = store;
  const { sessions, epochs, open, changes } = unlocking;
  const slots = createSlotChanges({ host, safes, sessions, epochs });
  const people = createPeople({ nowMs: host.nowMs, changes, unlockedIdentity: access.unlockedIdentity });
  const messaging = createMessaging({ store, open, access });
  const belonging = createBelonging({ store, safes, unlocking, access, slots });
  const publishing = createPublishing({ store, safes, unlocking, access, messaging, states: rotationStates });
  const backingUp = createBackingUp({ store, safes, unlocking, access, slots, belonging, people, messaging });
  return {
    unlock: createUnlock({ safes, sessions }),
    slots,
    inboxes: belonging.inboxes,
    inboxLogs: belonging.logs,
    keyExport: belonging.keyExport,
    people,
    keystore: messaging.keystore,
    rotation: publishing.rotation,
    history: publishing.history,
    publicationAt: publishing.publicationAt,
    backup: backingUp.backup,
    archive: createArchives({ store, safes, open, slots, messaging, people, publishing }),
    enrolment: createEnrolment({
      host,
      safes,
      sessions,
      changes,
      backupImport: backingUp.backupImport,
      nodeUrl: store.nodeUrl,
    }),
    identity: createIdentity({ safes, sessions, keys: access.keys, lists: messaging.lists, activity }),
  };
}
