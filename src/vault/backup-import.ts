// Putting a backup file into a draft: conversations first, the keys last.
// Promises: until the keys are sealed the draft is at its step and nothing of the file is in use; a repeated import leaves exactly the file's
// content, whatever an earlier one left behind. Must not: touch a finished identity.
import { VaultError } from '../contract/errors';
import type { FileSecret } from '../contract/flows';
import type { BackupContents } from './backup-contents';
import { withBackup } from './backup-contents';
import { step } from './checkpoint';
import type { Conversations } from './conversations';
import type { Database } from './database';
import { keysOfSafe, writeStrict } from './database';
import type { Bytes } from './encoding';
import { asBytes } from './encoding';
import type { VaultHost } from './host';
import { encodeRotation, isRotationDays, noRotation, rotationRecordKind } from './rotation-record';
import type { RecordKind } from './safe-change';
import type { Safes } from './safes';
import type { SealedLists } from './sealed-list';
import type { SettingsStore } from './settings';
import { defaultSettings } from './settings';

/** What is sealed in one write, after everything else is there. */
export interface ImportedKeys {
  bundleSecret: Bytes;
  name: string;
  /** Other records of the safe that the file brings. */
  records: { kind: RecordKind; plain: Bytes }[];
}

export interface BackupImport {
  /** Removes what imports have left in a draft's lists. Throws 'wrong-step' for a finished identity, 'storage-failed'. */
  clear(safeId: string): Promise<void>;
  /**
   * Fills the lists of an open draft from a file of its account, then has `commit` seal the keys. Throws as `withBackup`, 'unusable-copy'
   * with 'other-account', 'locked', 'storage-failed'.
   */
  restore(
    input: { safeId: string; account: string; file: Uint8Array; secret: FileSecret },
    commit: (keys: ImportedKeys) => Promise<void>,
  ): Promise<void>;
}

/** Entries that are sealed and written in one transaction. */
const entriesOfBatch = 1_000;

export function createBackupImport(options: {
  db: Database;
  host: VaultHost;
  safes: Safes;
  lists: SealedLists;
  conversations: Conversations;
  settings: SettingsStore;
}): BackupImport {
  const { db, host, safes, lists, conversations, settings } = options;

  async function clear(safeId: string): Promise<void> {
    if (safes.copyOf(safeId).header.state === 'complete') throw new VaultError('wrong-step');
    await lists.inTurn(safeId, () =>
      step(host, 'import.clear', () =>
        writeStrict(db, ['entries', 'segments'], async (transaction) => {
          for (const store of ['entries', 'segments'] as const) await transaction.objectStore(store).delete(keysOfSafe(safeId));
        }),
      ),
    );
  }

  async function fill(safeId: string, contents: BackupContents): Promise<void> {
    for (const batch of batches(contents.conversations)) {
      await conversations.add(safeId, batch.map(({ reference, topicSecret }) => ({ reference, topicSecret: asBytes(topicSecret) })));
    }
    for (const batch of batches(contents.v1Peers)) await conversations.addPeers(safeId, batch);
    for (const batch of batches(contents.preferences)) await conversations.addPreferences(safeId, batch);
  }

  /** In a browser that has no other identity and where nothing was chosen yet. It is convenience; the identity is there without it. */
  async function takeSettings({ settings: wanted }: BackupContents): Promise<void> {
    const { autoLockMinutes, theme } = settings.current();
    const isUntouched = autoLockMinutes === defaultSettings.autoLockMinutes && theme === defaultSettings.theme;
    if (!wanted || !isUntouched || safes.all().length > 1) return;
    // What is no setting is refused there.
    const next = { autoLockMinutes: wanted.autoLockMinutes, theme: wanted.theme } as Pick<ReturnType<typeof settings.current>, 'autoLockMinutes' | 'theme'>;
    await settings.set({ ...settings.current(), ...next }).catch(() => undefined);
  }

  return {
    clear,
    restore: ({ safeId, account, file, secret }, commit) =>
      withBackup(file, secret, async (contents) => {
        if (contents.account !== account) throw new VaultError('unusable-copy', 'other-account');
        await clear(safeId);
        await fill(safeId, contents);
        await commit({ bundleSecret: contents.bundleSecret, name: contents.name, records: recordsOf(contents) });
        await takeSettings(contents);
      }),
  };
}

function recordsOf({ settings }: BackupContents): ImportedKeys['records'] {
  const days = settings?.rotationDays;
  if (days === undefined || !isRotationDays(days)) return [];
  return [{ kind: rotationRecordKind, plain: encodeRotation({ ...noRotation, chosenDays: days }) }];
}

function* batches<T>(items: readonly T[]): Generator<T[]> {
  for (let at = 0; at < items.length; at += entriesOfBatch) yield items.slice(at, at + entriesOfBatch);
}
