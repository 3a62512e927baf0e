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

/** A place in a line: `mine` settles when everybody before has left; `leave` lets the next go on. */
export interface Turn {
  readonly mine: Promise<void>;
  leave(): void;
}

/**
 * Lines by name. `enter` takes the place at once, in the order of the calls, whatever is awaited before `mine`. Whoever leaves early
 * is passed over: the next waits for those in front all the same. A line that is empty is forgotten.
 */
export function createTurns(): { enter(line: string): Turn } {
  const ends = new Map<string, Promise<void>>();
  return {
    enter(line) {
      const before = ends.get(line) ?? Promise.resolve();
      let leave = () => undefined as void;
      const left = new Promise<void>((resolve) => (leave = resolve));
      const end = before.then(() => left);
      ends.set(line, end);
      void end.then(() => ends.get(line) === end && ends.delete(line));
      return { mine: before, leave };
    },
  };
}
