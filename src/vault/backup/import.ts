// Putting a backup file into a draft: conversations first, the keys last.
// Promises: until the keys are sealed the draft is at its step and nothing of the file is in use; a repeated import leaves exactly the file's
// content, whatever an earlier one left behind. Must not: touch a finished identity.
import { VaultError } from '../../contract/errors';
import type { BackupContents } from './contents';
import { withBackup } from './contents';
import { recordsOfInboxes } from './inbox-part';
import { step } from '../store/steps';
import type { Conversations } from '../keystore/conversations';
import type { Database } from '../store/database';
import { keysOfSafe, writeStrict } from '../store/database';
import type { Bytes } from '../store/encoding';
import { asBytes } from '../store/encoding';
import type { VaultHost } from '../store/host';
import { roomKeysOfSafe } from '../lists/room';
import { encodePeople, peopleRecord } from '../people/people-record';
import { encodeRotation, isRotationDays, noRotation, rotationRecordKind } from '../publication/rotation-record';
import type { RecordKind } from '../safe/key-record';
import type { Safes } from '../safe/safes';
import type { SealedLists } from '../lists/sealed-list';
import type { SettingsStore } from '../store/settings';
import { defaultSettings } from '../store/settings';
import type { FileSecret } from '../../contract/pages/backup';

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
    await lists.emptied(safeId, () =>
      step(host, 'import.clear', () =>
        writeStrict(db, ['entries', 'segments', 'settings'], async (transaction) => {
          await transaction.objectStore('settings').delete(roomKeysOfSafe(safeId));
          for (const store of ['entries', 'segments'] as const)
            await transaction.objectStore(store).delete(keysOfSafe(safeId));
        }),
      ),
    );
  }

  async function fill(safeId: string, contents: BackupContents): Promise<void> {
    for (const batch of batches(contents.conversations)) {
      // The file does not say who began them: were they all the person's own, none could ever go.
      const invited = batch.map(({ reference, topicSecret }) => ({
        reference,
        topicSecret: asBytes(topicSecret),
        isStrange: true,
      }));
      await asFarAsRoom(conversations.add(safeId, invited));
    }
    for (const batch of batches(contents.v1Peers)) await asFarAsRoom(conversations.addPeers(safeId, batch));
    for (const batch of batches(contents.preferences)) await asFarAsRoom(conversations.addPreferences(safeId, batch));
  }

  /** In a browser that has no other identity and where nothing was chosen yet. It is convenience; the identity is there without it. */
  async function takeSettings({ settings: wanted }: BackupContents): Promise<void> {
    const { autoLockMinutes, theme } = settings.current();
    const isUntouched = autoLockMinutes === defaultSettings.autoLockMinutes && theme === defaultSettings.theme;
    if (!wanted || !isUntouched || safes.all().length > 1) return;
    // A value that is not a valid setting is refused there.
    const next = { autoLockMinutes: wanted.autoLockMinutes, theme: wanted.theme } as Pick<
      ReturnType<typeof settings.current>,
      'autoLockMinutes' | 'theme'
    >;
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

/** What a list has no room for is left out: the keys matter more. */
async function asFarAsRoom(adding: Promise<unknown>): Promise<void> {
  try {
    await adding;
  } catch (error) {
    if (!(error instanceof VaultError) || error.reason !== 'limit') throw error;
  }
}

function recordsOf({ settings, inboxes, people }: BackupContents): ImportedKeys['records'] {
  const records: ImportedKeys['records'] = inboxes ? recordsOfInboxes(inboxes) : [];
  if (people && people.length > 0) records.push({ kind: peopleRecord, plain: encodePeople(people) });
  const days = settings?.rotationDays;
  if (days === undefined || !isRotationDays(days)) return records;
  return [...records, { kind: rotationRecordKind, plain: encodeRotation({ ...noRotation, chosenDays: days }) }];
}

function* batches<T>(items: readonly T[]): Generator<T[]> {
  for (let at = 0; at < items.length; at += entriesOfBatch) yield items.slice(at, at + entriesOfBatch);
}
