// One task after the other: the order in which a store is changed.
// Promises: a task starts when the one before it has ended, whether that one succeeded or failed.
// Must not: be used for anything that waits for a person; it lives in worker memory and dies with it (P3).

/** Runs `task` when its turn comes and settles as the task does. */
export type Queue = <T>(task: () => Promise<T>) => Promise<T>;

/** A new queue. Tasks run in the order in which they were handed in. */
export function createQueue(): Queue {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const result = last.then(task);
    last = result.catch(() => undefined);
    return result;
  };
}
