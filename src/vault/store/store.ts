// What every part of the vault stands on: the host, the database, the person's settings, and who is told of changes.
import { openDatabase, type Database } from './database';
import { createFaces, type FaceStore } from './faces';
import type { VaultHost } from './host';
import { createOwnPhrase, type OwnPhraseStore } from './own-phrase';
import { createSettings, type SettingsStore } from './settings';

/** What changed and should be read again. */
export type VaultTopic = 'state' | 'grants' | 'approvals' | 'activity';

export interface Store {
  readonly host: VaultHost;
  readonly db: Database;
  readonly settings: SettingsStore;
  readonly faces: FaceStore;
  readonly ownPhrase: OwnPhraseStore;
  /** The address of the node that is set; null for none. */
  nodeUrl(): string | null;
  emit(topic: VaultTopic): void;
  /** Returns the function that ends the subscription. */
  onChange(listener: (topic: VaultTopic) => void): () => void;
}

export function createStore(host: VaultHost): Store {
  const db = openDatabase(host.databaseName, host.hasRoom);
  const settings = createSettings({ db, host });
  const listeners = new Set<(topic: VaultTopic) => void>();
  return {
    host,
    db,
    settings,
    faces: createFaces({ db, host }),
    ownPhrase: createOwnPhrase({ db, host }),
    nodeUrl: () => settings.current().environment?.url ?? null,
    emit(topic) {
      for (const listener of listeners) listener(topic);
    },
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
