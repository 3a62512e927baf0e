// What the rooms of the vault may ask about unlocked safes. Types only; session.ts answers.
// Promises: a root key is a handle that cannot be exported, and is only given after the lock deadline and the clock were checked.
// Must not: be kept. Ask again for every operation, and compare `lockCount` after the last await (R-F3).

/** The root key that seals now, and its epoch. The two always belong together. */
export interface RootKey {
  rootKey: CryptoKey;
  /** From 1; grows when a slot is removed or replaced. Bound into every record, which says it in clear. */
  epoch: number;
}

/** The unlocked side of the safes, drafts included. */
export interface UnlockedSafes {
  /** The HKDF handle of the root key. Throws VaultError('locked'); locks first when the deadline has passed (R-F5). */
  rootKey(safeId: string): Promise<CryptoKey>;
  /** The same with its epoch: what seals new rows. Throws as `rootKey`. */
  current(safeId: string): Promise<RootKey>;
  /**
   * The root key of one epoch: what opens older rows of lists and logs, which stay under the key they were sealed with. Kept for this unlock
   * only. Throws 'damaged' for an epoch the safe never had, else as `rootKey`.
   */
  rootKeyOf(safeId: string, epoch: number): Promise<CryptoKey>;
  /** Grows at every lock of this safe within the life of this worker. Compare before and after awaiting; never store it. */
  lockCount(safeId: string): number;
  /**
   * 32 hex digits, new at every unlock, the same across restarts of the worker; undefined while locked.
   * What lasts "until locked" is bound to it: a session that has ended never comes back.
   */
  sessionId(safeId: string): Promise<string | undefined>;
  /** Whether the safe is unlocked now; checks deadline and clock as `rootKey` does. */
  isUnlocked(safeId: string): Promise<boolean>;
  /** The EIP-55 account of a safe; undefined when there is no such safe or its header cannot be read. */
  account(safeId: string): string | undefined;
}
