// What follows when an identity was unlocked, locked or forgotten: work for it ends or begins, and the approval window goes or comes.
// Promises: R-C10: the approval window closes at a lock. What fails keeps nothing else from going on.
// Must not: lock or unlock anything.
import type { Vault } from '../../vault/vault';

export interface UnlockWatch {
  /** What is unlocked as this worker starts, which is not news. */
  takeUp(): Promise<ReadonlySet<string>>;
  /** The vault's state may be another one. */
  stateChanged(): Promise<void>;
}

export function createUnlockWatch(options: {
  vault: Pick<Vault, 'state'>;
  queues: { stop(safeId: string): void };
  windows: { closeApproval(): Promise<void> };
  router: { unlocked(): Promise<void> };
  prompts: { present(): Promise<void> };
  /** The identity was unlocked; not waited for. */
  onUnlocked: (safeId: string) => void;
}): UnlockWatch {
  const { vault, queues, windows, router, prompts, onUnlocked } = options;
  let unlockedBefore = new Set<string>();
  // Two looks may be under way at once: what an earlier one saw is not news after what a later one saw.
  let [looks, lastSeen] = [0, 0];
  const unlockedNow = async () =>
    new Set((await vault.state()).identities.filter((one) => one.status === 'unlocked').map((one) => one.safeId));
  return {
    async takeUp() {
      unlockedBefore = await unlockedNow();
      return unlockedBefore;
    },
    async stateChanged() {
      const look = ++looks;
      const unlocked = await unlockedNow();
      if (look < lastSeen) return;
      lastSeen = look;
      const opened = [...unlocked].filter((safeId) => !unlockedBefore.has(safeId));
      const closed = [...unlockedBefore].filter((safeId) => !unlocked.has(safeId));
      unlockedBefore = unlocked;
      // Nothing is sent for an identity that was locked or forgotten meanwhile.
      for (const safeId of closed) queues.stop(safeId);
      // A window that cannot be closed or opened, and a request that cannot go on, keep nothing else from going on.
      if (closed.length > 0) await windows.closeApproval().catch(() => undefined);
      if (opened.length > 0) {
        // What waited for the unlock brings itself up, each when its frame has come again; nobody waits for a page that does not send it.
        void router.unlocked().catch(() => undefined);
        await prompts.present();
      }
      for (const safeId of opened) onUnlocked(safeId);
    },
  };
}
