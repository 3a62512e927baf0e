// Backups as one part: making and checking files, and taking one in.
import type { Belonging } from '../inbox/belonging';
import type { KeyAccess } from '../keys/key-access';
import type { People } from '../people/people';
import type { Messaging } from '../keystore/messaging';
import type { Safes } from '../safe/safes';
import type { Store } from '../store/store';
import type { Slots } from '../unlock/slot-changes';
import type { Unlocking } from '../unlock/unlocking';
import { createBackups, type Backups } from './backup';
import { createInboxParts } from './inbox-part';
import { createBackupImport, type BackupImport } from './import';

export interface BackingUp {
  readonly backup: Backups;
  readonly backupImport: BackupImport;
}

export function createBackingUp(options: {
  store: Store;
  safes: Safes;
  unlocking: Unlocking;
  slots: Slots;
  access: KeyAccess;
  belonging: Belonging;
  people: People;
  messaging: Messaging;
}): BackingUp {
  const { store, safes, unlocking, access, slots, belonging, people, messaging } = options;
  const { host, db, settings } = store;
  const { sessions, changes } = unlocking;
  const { lists, conversations } = messaging;
  return {
    backup: createBackups({
      host,
      safes,
      sessions,
      bundleAccess: access.bundleAccess,
      slots,
      conversations,
      settings,
      changes,
      people,
      inboxParts: createInboxParts(belonging),
    }),
    backupImport: createBackupImport({ db, host, safes, lists, conversations, settings }),
  };
}
