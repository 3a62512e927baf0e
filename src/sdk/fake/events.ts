// The events of a fake vault: what changed since somebody listens, told as the extension tells it.
// Promises that a listener hears of a change after whatever made it has returned, and that one which throws keeps nobody else from hearing.
import type { StateFrame } from '../../contract/dapp/frames';
import type { ErrorShape } from '../../contract/errors';

type Listener = (data: never) => void;

export interface FakeEvents {
  add(type: string, listener: Listener): void;
  remove(type: string, listener: Listener): void;
  /** Tells what is different from when it was looked at last. */
  look(): void;
  /** The extension is gone. */
  gone(error: ErrorShape): void;
}

export function createFakeEvents(state: () => StateFrame['params']): FakeEvents {
  const listeners: { type: string; listener: Listener }[] = [];
  let last: StateFrame['params'] | undefined;

  const tell = (type: string, data: unknown) => {
    for (const one of listeners)
      if (one.type === type)
        queueMicrotask(() => {
          if (listeners.includes(one)) one.listener(structuredClone(data) as never);
        });
  };

  function look(): void {
    if (listeners.length === 0) return;
    const [before, now] = [last, state()];
    last = now;
    if (!before) return;
    const isOther = (name: 'accounts' | 'permissions' | 'waiting') =>
      JSON.stringify(before[name]) !== JSON.stringify(now[name]);
    if (isOther('accounts')) tell('accountsChanged', now.accounts);
    if (isOther('permissions')) tell('permissionsChanged', now.permissions);
    if (isOther('waiting')) tell('waitingChanged', now.waiting);
    for (const [account, atMs] of Object.entries(now.rotatedAtMs))
      if ((before.rotatedAtMs[account] ?? atMs) !== atMs) tell('publicKeyBundleChanged', { account });
  }

  return {
    add(type, listener) {
      listeners.push({ type, listener });
      if (listeners.length === 1) last = state();
    },
    remove(type, listener) {
      const at = listeners.findIndex((one) => one.type === type && one.listener === listener);
      if (at >= 0) listeners.splice(at, 1);
      if (listeners.length === 0) last = undefined;
    },
    look,
    gone: (error) => tell('disconnect', error),
  };
}
