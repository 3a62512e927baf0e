// One queue for each identity: what changes it over the network happens one after the other.
// Promises: two flows of one identity never interleave; those of different identities do not wait for each other; an act that must not
// wait for the network ends what is under way first.
// Must not: hold anything that waits for a person; it dies with the worker (P3).
import { VaultError } from '../../contract/errors';
import { createQueue, type Queue } from '../../vault/work/queue';

export interface SafeQueues {
  /** `task` ends with its signal. Throws VaultError('stopped') when that was given before its turn came. */
  run<T>(safeId: string, task: (signal: AbortSignal) => Promise<T>): Promise<T>;
  /** Gives the signal to what runs and waits for this identity; what is handed in from now on has its turn soon. */
  stop(safeId: string): void;
  /** True while anything runs or waits. */
  isBusy(): boolean;
}

export function createSafeQueues(): SafeQueues {
  const queues = new Map<string, Queue>();
  const open = new Map<AbortController, string>();
  return {
    run(safeId, task) {
      const queue = queues.get(safeId) ?? createQueue();
      queues.set(safeId, queue);
      const stopping = new AbortController();
      open.set(stopping, safeId);
      return queue(async () => {
        if (stopping.signal.aborted) throw new VaultError('stopped');
        return task(stopping.signal);
      }).finally(() => open.delete(stopping));
    },
    stop(safeId) {
      for (const [stopping, one] of open) if (one === safeId) stopping.abort();
    },
    isBusy: () => open.size > 0,
  };
}
