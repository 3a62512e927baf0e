// Every call of the vault waits for the same start, and what changes something runs alone.
// Promises: a start that failed is tried again by the next call. Must not: know what a call does.
import { VaultError } from '../../contract/errors';
import { createQueue } from './queue';

export interface Turns {
  /** Starts, unless that is done. Never rejects: `isStarted` tells. */
  ready(): Promise<void>;
  isStarted(): boolean;
  /** A call that only reads. When the start fails it throws 'newer-format' if that was why, else 'storage-failed'. */
  reading<Input extends unknown[], T>(call: (...input: Input) => Promise<T>): (...input: Input) => Promise<T>;
  /** A call that changes something: alone, and told to the listeners, also when it failed half-way. Throws as `reading`. */
  changing<Input extends unknown[], T>(call: (...input: Input) => Promise<T>): (...input: Input) => Promise<T>;
}

export function createTurns({ start, onChange }: { start: () => Promise<void>; onChange: () => void }): Turns {
  const inTurn = createQueue();
  let isStarted = false;
  let starting: Promise<void> | undefined;
  let isOfNewer = false;

  async function ready(): Promise<void> {
    if (isStarted) return;
    starting ??= start()
      .then(() => void (isStarted = true))
      .finally(() => (starting = undefined));
    await starting.catch((error: unknown) => {
      isOfNewer = error instanceof VaultError && error.reason === 'newer-format';
    });
  }

  async function mustBeReady(): Promise<void> {
    await ready();
    if (!isStarted) throw new VaultError(isOfNewer ? 'newer-format' : 'storage-failed');
  }

  return {
    ready,
    isStarted: () => isStarted,
    reading:
      (call) =>
      async (...input) => {
        await mustBeReady();
        return call(...input);
      },
    changing:
      (call) =>
      async (...input) => {
        await mustBeReady();
        return inTurn(() => call(...input).finally(onChange));
      },
  };
}
