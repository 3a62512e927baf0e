// What a keyboard command does, pressed anywhere in the browser.
// Promises: locking needs no page of ours; a command that the browser names and we do not know does nothing.
// Must not: decide a request, unlock, or prompt a wallet (R-J6).
import type { CommandName } from '../../contract/choices';

export interface CommandActs {
  lock: () => Promise<unknown>;
  /** Brings up what waits for the person; nothing when nothing waits. */
  showWaiting: () => Promise<unknown>;
}

/** Carries out the command of that name. Rejects when what it does failed. */
export function createCommands({ lock, showWaiting }: CommandActs): (name: string) => Promise<void> {
  const acts: Record<CommandName, () => Promise<unknown>> = { 'lock-now': lock, 'open-waiting': showWaiting };
  return async (name) => {
    if (Object.hasOwn(acts, name)) await acts[name as CommandName]();
  };
}
