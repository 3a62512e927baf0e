// Unlocked safes for tests of the rooms beside them: real root keys, locked and unlocked by hand.
// Must not: be imported by anything but tests.
import { VaultError } from '../../contract/errors';
import type { UnlockedSafes } from '../store/unlocked-safes';
import { importRootKey } from '../store/sealed-record';

interface TestSafe {
  /** One root key for each epoch, the present one last. */
  rootKeys: CryptoKey[];
  account: string;
  sessionId: string | undefined;
  lockCount: number;
}

export interface TestSafes extends UnlockedSafes {
  /** A safe with a root key of its own, unlocked. */
  add(safeId: string, account: string): Promise<void>;
  unlock(safeId: string): void;
  /** Another root key, as after a slot was removed. */
  nextEpoch(safeId: string): Promise<void>;
  /** Locks; `onLocked` runs before it settles, as in the session. */
  lock(safeId: string): Promise<void>;
  onLocked: (safeId: string) => Promise<unknown>;
  /** Locks this safe when it is next asked for its root key or session, as a deadline does. */
  lockWhenAsked: string | undefined;
}

const freshRootKey = () => importRootKey(crypto.getRandomValues(new Uint8Array(32)));

/** No safe yet. */
export function createTestSafes(): TestSafes {
  const safes = new Map<string, TestSafe>();
  let sessions = 0;
  const unlocked = async (safeId: string): Promise<TestSafe | undefined> => {
    if (open.lockWhenAsked === safeId) {
      open.lockWhenAsked = undefined;
      await open.lock(safeId);
    }
    const safe = safes.get(safeId);
    return safe?.sessionId === undefined ? undefined : safe;
  };
  const open: TestSafes = {
    lockWhenAsked: undefined,
    onLocked: async () => undefined,
    async add(safeId, account) {
      safes.set(safeId, { rootKeys: [await freshRootKey()], account, sessionId: undefined, lockCount: 0 });
      open.unlock(safeId);
    },
    unlock(safeId) {
      const safe = safes.get(safeId);
      if (safe) safe.sessionId = (++sessions).toString(16).padStart(32, '0');
    },
    async lock(safeId) {
      const safe = safes.get(safeId);
      if (!safe) return;
      safe.sessionId = undefined;
      safe.lockCount++;
      await open.onLocked(safeId);
    },
    async rootKey(safeId) {
      const safe = await unlocked(safeId);
      if (!safe) throw new VaultError('locked');
      return safe.rootKeys.at(-1) as CryptoKey;
    },
    async current(safeId) {
      const safe = await unlocked(safeId);
      if (!safe) throw new VaultError('locked');
      return { rootKey: safe.rootKeys.at(-1) as CryptoKey, epoch: safe.rootKeys.length };
    },
    async rootKeyOf(safeId, epoch) {
      await open.rootKey(safeId);
      const rootKey = safes.get(safeId)?.rootKeys[epoch - 1];
      if (!rootKey) throw new VaultError('damaged');
      return rootKey;
    },
    async nextEpoch(safeId) {
      safes.get(safeId)?.rootKeys.push(await freshRootKey());
    },
    lockCount: (safeId) => safes.get(safeId)?.lockCount ?? 0,
    sessionId: async (safeId) => (await unlocked(safeId))?.sessionId,
    isUnlocked: async (safeId) => (await unlocked(safeId)) !== undefined,
    account: (safeId) => safes.get(safeId)?.account,
  };
  return open;
}
