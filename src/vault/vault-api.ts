// The vault as the worker sees it: its rooms and what each of them may be asked.
// Promises: types only; every change is made alone, after the one before it.
// Must not: say how. The rooms' own files do; vault.ts composes them.
import type { IdentityDetails, IdentitySummary, Settings, VaultState } from '../contract/internal';
import type { Activity } from './activity';
import type { Approvals } from './approvals';
import type { Backups } from './backup';
import type { Enrolment } from './enrolment';
import type { Grants } from './grants';
import type { History } from './history';
import type { Identity } from './identity';
import type { Keys } from './keys';
import type { Keystore } from './keystore';
import type { Publication } from './publication';
import type { Retrieval } from './retrieval';
import type { Rotation } from './rotation';
import type { Slots } from './slot-changes';
import type { Unlock } from './unlock';

/** What changed and should be read again. */
export type VaultTopic = 'state' | 'grants' | 'approvals' | 'activity';

/** Every method that reads or writes throws VaultError('storage-failed') while a store cannot be opened; the next call tries again. */
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
  readonly retrieval: Retrieval;
  readonly unlock: Unlock;
  /** As in Slots; what changes something answers the details as they are then. */
  readonly slots: Pick<Slots, 'check' | 'prove' | 'newCode'> & {
    [Change in 'addPassphrase' | 'addWallet' | 'replaceCode' | 'remove']: (input: Parameters<Slots[Change]>[0]) => Promise<IdentityDetails>;
  };
  /** Locks one identity, or everything there is. Takes effect before it returns. */
  lock(safeId?: string): Promise<void>;
  /** Locks what is due. Returns when the next one is, in milliseconds since 1970. */
  lockDue(): Promise<number | undefined>;
  /** An act of a person: idle time begins anew. */
  touch(safeId?: string): Promise<void>;
  readonly identity: Identity;
  readonly keys: Pick<Keys, 'publicBundles' | 'sign'>;
  readonly keystore: Keystore;
  readonly rotation: Rotation;
  readonly history: History;
  readonly publication: Publication;
  /** The document is gone for good: the prekey it worked with is no longer remembered. */
  documentGone(documentKey: string): Promise<void>;
  readonly backup: Backups;
  readonly settings: { get(): Promise<Settings>; set(settings: Settings): Promise<void> };
  readonly grants: Grants;
  readonly approvals: Approvals;
  readonly activity: Activity;
}
