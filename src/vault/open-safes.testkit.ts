// Unlocked safes for tests of the rooms beside them: real root keys, locked and unlocked by hand.
// Must not: be imported by anything but tests.
import { VaultError } from '../contract/errors';
import type { OpenSafes } from './open-safes';
import { importRootKey } from './records';

interface TestSafe {
  rootKey: CryptoKey;
  account: string;
  sessionId: string | undefined;
  generation: number;
}

export interface TestSafes extends OpenSafes {
  /** A safe with a root key of its own, unlocked. */
  add(safeId: string, account: string): Promise<void>;
  unlock(safeId: string): void;
  /** Locks; `onLocked` runs before it settles, as in the session. */
  lock(safeId: string): Promise<void>;
  onLocked: (safeId: string) => Promise<unknown>;
  /** Locks this safe when it is next asked for its root key or session, as a deadline does. */
  lockWhenAsked: string | undefined;
}

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
      const rootKey = await importRootKey(crypto.getRandomValues(new Uint8Array(32)));
      safes.set(safeId, { rootKey, account, sessionId: undefined, generation: 0 });
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
      safe.generation++;
      await open.onLocked(safeId);
    },
    async rootKey(safeId) {
      const safe = await unlocked(safeId);
      if (!safe) throw new VaultError('locked');
      return safe.rootKey;
    },
    generation: (safeId) => safes.get(safeId)?.generation ?? 0,
    sessionId: async (safeId) => (await unlocked(safeId))?.sessionId,
    isUnlocked: async (safeId) => (await unlocked(safeId)) !== undefined,
    account: (safeId) => safes.get(safeId)?.account,
    epoch: () => 1,
  };
  return open;
}
