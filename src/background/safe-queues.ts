// One queue for each identity: what changes it over the network happens one after the other.
// Promises: two flows of one identity never interleave; those of different identities do not wait for each other.
// Must not: hold anything that waits for a person; it dies with the worker (P3).
import { createQueue, type Queue } from '../vault/queue';

export interface SafeQueues {
  run<T>(safeId: string, task: () => Promise<T>): Promise<T>;
  /** True while anything runs or waits. */
  isBusy(): boolean;
}

export function createSafeQueues(): SafeQueues {
  const queues = new Map<string, Queue>();
  let open = 0;
  return {
    run(safeId, task) {
      const queue = queues.get(safeId) ?? createQueue();
      queues.set(safeId, queue);
      open++;
      return queue(task).finally(() => open--);
    },
    isBusy: () => open > 0,
  };
}
