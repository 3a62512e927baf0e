// One queue for each identity: what changes it over the network happens one after the other.
// Promises: two flows of one identity never interleave; those of different identities do not wait for each other; what concerns them
// all happens between them.
// Must not: hold anything that waits for a person; it dies with the worker (P3).
import { createQueue, type Queue } from '../vault/queue';

export interface SafeQueues {
  run<T>(safeId: string, task: () => Promise<T>): Promise<T>;
  /** Runs when everything that was begun before has ended; what comes later waits for it. */
  alone<T>(task: () => Promise<T>): Promise<T>;
  /** True while anything runs or waits. */
  isBusy(): boolean;
}

export function createSafeQueues(): SafeQueues {
  const queues = new Map<string, Queue>();
  let open = 0;
  /** What runs alone, and has to end before anything that came after it. */
  let barrier: Promise<unknown> = Promise.resolve();
  const done = async () => undefined;
  return {
    run(safeId, task) {
      const queue = queues.get(safeId) ?? createQueue();
      queues.set(safeId, queue);
      const before = barrier;
      open++;
      return queue(() => before.then(task)).finally(() => open--);
    },
    alone(task) {
      const ended = Promise.all([barrier, ...[...queues.values()].map((queue) => queue(done))]);
      const result = ended.then(task);
      barrier = result.catch(() => undefined);
      return result;
    },
    isBusy: () => open > 0,
  };
}
