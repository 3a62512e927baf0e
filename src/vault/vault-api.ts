// The vault as the worker sees it: its rooms and what each of them may be asked.
// Promises: types only; every change is made alone, after the one before it.
// Must not: say how. The rooms' own files do; vault.ts composes them, vault-calls.ts says which answers what.
import type { IdentityDetails, IdentitySummary, VaultState } from '../contract/pages/identity';
import type { Settings } from '../contract/pages/settings';
import type { Activity } from './activity/activity';
import type { Approvals } from './consent/approvals/approvals';
import type { Archives } from './archive/archiving';
import type { Backups } from './backup/backup';
import type { Enrolment } from './enrolment/enrolment';
import type { Grants } from './consent/grants';
import type { Volume } from './consent/volume/volume';
import type { QuietSites } from './store/quiet';
import type { History } from './publication/history';
import type { Identity } from './identity';
import type { Inboxes } from './inbox/inboxes';
import type { ShownLog } from './inbox/logs';
import type { KeyExport } from './inbox/key-export';
import type { Person } from '../contract/pages/people';
import type { InboxList } from '../contract/pages/inbox';
import type { Keys } from './keys/signing';
import type { Keystore } from './keystore/keystore';
import type { People } from './people/people';
import type { Publication } from './publication/publication';
import type { Rotation } from './publication/rotation';
import type { Slots } from './unlock/slot-changes';
import type { FaceStore } from './store/faces';
import type { OwnPhraseStore } from './store/own-phrase';
import type { VaultTopic } from './store/store';
import type { Unlock } from './unlock/unlock';

/** Every method that reads or writes throws VaultError('storage-failed') while a store cannot be opened, 'newer-format' while a later version's is there; the next call tries again. */
export interface Vault {
  /** Opens the stores, repairs copies, takes up sessions. Never rejects: what failed is told by `state` and by every call. */
  ready(): Promise<void>;
  /** The browser has started: nothing stays unlocked, whatever a crash has left behind. */
  browserStarted(): Promise<void>;
  /** Returns the function that ends the subscription. */
  onChange(listener: (topic: VaultTopic) => void): () => void;
  /** Never rejects. `damaged` when a store cannot be read; never `empty` then (R-H4). */
  state(): Promise<VaultState>;
  readonly enrolment: Omit<Enrolment, 'finish'> & {
    /** As in Enrolment; the identity that was made. */
    finish(input: Parameters<Enrolment['finish']>[0]): Promise<IdentitySummary>;
  };
  readonly unlock: Unlock;
  /** As in Slots; what changes something answers the details as they are then. */
  readonly slots: Pick<Slots, 'check' | 'prove' | 'newCode'> & {
    [Change in 'addPassphrase' | 'addPasskey' | 'addWallet' | 'replaceCode' | 'remove']: (
      input: Parameters<Slots[Change]>[0],
    ) => Promise<IdentityDetails>;
  };
  /** Locks one identity, or everything there is. Takes effect before it returns. */
  lock(safeId?: string): Promise<void>;
  /** Locks what is due. Returns when the next one is, in milliseconds since 1970. */
  lockDue(): Promise<number | undefined>;
  /** An act of a person: idle time begins anew. */
  touch(safeId?: string): Promise<void>;
  readonly identity: Identity;
  readonly keys: Pick<Keys, 'publicBundles' | 'sign'>;
  /** As in Inboxes; what the person changes answers the list as it is then. */
  readonly inboxes: Pick<Inboxes, 'identifier' | 'describe' | 'sign' | 'describeArchive' | 'archiveKey' | 'list'> & {
    name(input: { safeId: string; inboxId: string; name: string }): Promise<InboxList>;
    markRecovery(input: { safeId: string; inboxId: string; isRecovery: boolean }): Promise<InboxList>;
    correct(input: { safeId: string; inboxId: string; installations: number; updates: number }): Promise<InboxList>;
    /** As in InboxLogs: verified, and kept where it goes on from what was read before. */
    readLog(log: ShownLog): Promise<InboxList>;
    forgetLog(input: { safeId: string; inboxId: string }): Promise<InboxList>;
    newKey(input: { safeId: string }): Promise<InboxList>;
    newArchiveKey(input: { safeId: string }): Promise<InboxList>;
    /** As in KeyExport. */
    exportKey: KeyExport['exportKey'];
  };
  /** As in People. */
  readonly people: Pick<People, 'named' | 'name'> & { list(input: { safeId: string }): Promise<Person[]> };
  readonly keystore: Keystore;
  readonly rotation: Rotation;
  readonly history: History;
  /** Of the node that is set when the call is carried out. */
  readonly publication: Publication;
  /** Of this node, whichever is set by then: for a flow that began with it. */
  publicationAt(nodeUrl: string): Publication;
  /** The document is gone for good: the prekey it worked with is no longer remembered. */
  documentGone(documentKey: string): Promise<void>;
  readonly backup: Backups;
  /** As in its file. */
  readonly archive: Archives;
  readonly settings: { get(): Promise<Settings>; set(change: Partial<Settings>): Promise<void> };
  /** Where the person switched the wallet face on. What is laid into pages is not the vault's. */
  readonly faces: FaceStore;
  /** By which the person knows our approval and unlock pages. */
  readonly ownPhrase: OwnPhraseStore;
  readonly grants: Grants;
  /** Sites that a person muted or blocked. */
  readonly quiet: Omit<QuietSites, 'load'>;
  readonly volume: Omit<Volume, 'forget'>;
  readonly approvals: Approvals;
  readonly activity: Activity;
}
