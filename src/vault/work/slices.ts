// Work with keys, cut into slices that origins take in turn: the one scheduler for whatever keeps the processor busy.
// Promises: of the slices that wait, each origin's first comes before any second of another; between slices, once some milliseconds are
// used up, everything else of the worker has its turn (our own pages, a lock, answers).
// Must not: be taken inside a slice, or for anything that waits for a person, a node or a disk that may hang.

/** About how long a slice of small steps goes on, in milliseconds. */
const sliceMs = 10;
/** Slices under way: a second one, because some wait for WebCrypto. */
const atOnce = 2;

/** Runs a slice when the turn of its origin comes, and settles as it does. */
export type TakeSlice = <T>(slice: () => T | Promise<T>) => Promise<T>;

export interface Slices {
  /** The turns of one origin; undefined for the extension itself, which is one of them. */
  of(origin: string | undefined): TakeSlice;
}

/** Lets the tasks that wait begin, which an awaited promise does not. */
function pause(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

export function createSlices(): Slices {
  /** What waits, by origin, in the order of their turns. */
  const waiting = new Map<string, (() => Promise<void>)[]>();
  let running = 0;
  let usedMs = 0;
  let isPausing = false;

  function next(): (() => Promise<void>) | undefined {
    for (const [origin, slices] of waiting) {
      const slice = slices.shift();
      // To the end of the line, or out of it.
      waiting.delete(origin);
      if (slices.length > 0) waiting.set(origin, slices);
      return slice;
    }
    return undefined;
  }

  function startNext(): void {
    while (!isPausing && running < atOnce && waiting.size > 0) {
      if (usedMs >= sliceMs) {
        isPausing = true;
        void pause().then(() => {
          isPausing = false;
          usedMs = 0;
          startNext();
        });
        return;
      }
      const slice = next();
      if (slice) void slice();
    }
  }

  return {
    of:
      (origin = '') =>
      (slice) =>
        new Promise((resolve, reject) => {
          const run = async () => {
            running++;
            const beganMs = performance.now();
            try {
              resolve(await slice());
            } catch (error) {
              reject(error as Error);
            } finally {
              usedMs += performance.now() - beganMs;
              running--;
              startNext();
            }
          };
          const slices = waiting.get(origin);
          if (slices) slices.push(run);
          else waiting.set(origin, [run]);
          startNext();
        }),
  };
}

/** `step` of every item, in as many slices as they need. Throws as the first step that fails. */
export async function inSlices<Item, Result>(
  take: TakeSlice,
  items: readonly Item[],
  step: (item: Item, index: number) => Result,
): Promise<Result[]> {
  const results: Result[] = [];
  while (results.length < items.length)
    await take(() => {
      const untilMs = performance.now() + sliceMs;
      do results.push(step(items[results.length] as Item, results.length));
      while (results.length < items.length && performance.now() < untilMs);
    });
  return results;
}
