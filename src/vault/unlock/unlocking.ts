// What is unlocked as one part: sessions, epochs of the root key, and changes of what is open. The ways to open a safe, which a start does not need,
// are unlock.ts and slot-changes.ts.
import { createSafeChanges, type SafeChanges } from '../safe/safe-change';
import type { Safes } from '../safe/safes';
import type { Store } from '../store/store';
import type { UnlockedSafes } from '../store/unlocked-safes';
import { createEpochs, type Epochs } from './epochs';
import { createSessions, type Sessions } from './session';

export interface Unlocking {
  readonly sessions: Sessions;
  readonly epochs: Epochs;
  /** What the other parts may ask about unlocked safes. */
  readonly open: UnlockedSafes;
  readonly changes: SafeChanges;
  /** Takes up the sessions that outlived the worker. They are read at once, and judged when the settings and then the safes are there. */
  restore(loaded: { settings: Promise<unknown>; safes: Promise<unknown> }): Promise<void>;
}

/** `onLocked` is told of each session that ended, after its key was dropped. */
export function createUnlocking(options: {
  store: Store;
  safes: Safes;
  onLocked: (safeId: string) => Promise<void>;
}): Unlocking {
  const { safes, onLocked } = options;
  const { host, db, settings } = options.store;
  const sessions = createSessions({ db, host, idleMinutes: () => settings.current().autoLockMinutes, onLocked });
  const epochs = createEpochs({ host, safes, sessions });
  const open: UnlockedSafes = {
    rootKey: sessions.rootKey,
    current: sessions.current,
    rootKeyOf: epochs.rootKeyOf,
    lockCount: sessions.lockCount,
    sessionId: sessions.sessionId,
    isUnlocked: sessions.isUnlocked,
    account: (safeId) => {
      const safe = safes.get(safeId);
      return safe?.kind === 'readable' ? safe.shown.account : undefined;
    },
  };

  const restore: Unlocking['restore'] = async (loaded) => {
    await sessions.restore(loaded);
    await Promise.all(sessions.unlockedSafeIds().map(checkUnlocked));
  };

  /** A session that outlived the worker can tell at once which copy is genuine. One without a genuine safe ends. */
  async function checkUnlocked(safeId: string): Promise<void> {
    const safe = safes.get(safeId);
    const root = await sessions.current(safeId).catch(() => undefined);
    if (!root) return;
    const candidates = safe?.kind === 'readable' ? safe.candidates : [];
    const [genuine] = await safes.genuineOf(safeId, root.rootKey);
    if (genuine) return safes.settle(safeId, genuine, root.rootKey);
    // Of another epoch: the worker died between the change of the root key and the session's. Its slots open it, and tell if it is damaged.
    if (safe?.kind === 'readable' && candidates.every(({ header }) => header.epoch === root.epoch))
      safes.markDamaged(safeId);
    await sessions.lock(safeId);
  }

  return {
    sessions,
    epochs,
    open,
    changes: createSafeChanges({ host, safes, sessions }),
    restore,
  };
}
