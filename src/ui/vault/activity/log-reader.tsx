// Reads the whole log of an identity, newest first, a page at a time, and again what is new.
// Promises: what was read is shown while the rest comes; a log that changes meanwhile is never shown with a line twice.
// Must not: draw anything.
import { useEffect, useRef } from 'preact/hooks';
import type { ActivityChain, ActivityEntry } from '../../../contract/pages/identity';
import { ask, useVault } from '../../worker/calls';
import { withNewest } from './bursts';

const pageLength = 200;

/** A log as far as it was read. */
export interface ReadLog {
  safeId: string;
  entries: readonly ActivityEntry[];
  chain: ActivityChain;
  /** All of it was read. */
  isWhole: boolean;
}

export interface LogReaderProps {
  safeId: string;
  onLog: (log: ReadLog) => void;
  onError: (error: unknown) => void;
}

/** What becomes known of the log, page by page. `known`: what was read before. */
async function* pagesOf(safeId: string, known: readonly ActivityEntry[]): AsyncGenerator<[ActivityEntry[], boolean]> {
  const newest = await ask('activity_list', { safeId, limit: pageLength });
  const joined = known.length > 0 ? withNewest(known, newest) : undefined;
  if (joined) return yield [joined, true];
  let entries = newest;
  let last = newest;
  while (last.length === pageLength) {
    yield [entries, false];
    last = await ask('activity_list', { safeId, before: last.at(-1)!.sequence, limit: pageLength });
    entries = [...entries, ...last];
  }
  yield [entries, true];
}

export function LogReader({ safeId, onLog, onError }: LogReaderProps) {
  const { value: chain, error } = useVault('activity_chain', { safeId }, 'activity');
  const whole = useRef<readonly ActivityEntry[]>([]);
  useEffect(() => {
    if (error) onError(error);
  }, [error]);
  useEffect(() => {
    if (!chain) return;
    let isOver = false;
    const read = async () => {
      for await (const [entries, isWhole] of pagesOf(safeId, whole.current)) {
        if (isOver) return;
        // Fewer lines than there were: some went by age, and nothing that was read before is to go by.
        if (isWhole) whole.current = entries.length === chain.lines ? entries : [];
        onLog({ safeId, entries, chain, isWhole });
      }
    };
    read().catch((thrown: unknown) => {
      if (!isOver) onError(thrown);
    });
    return () => {
      isOver = true;
    };
  }, [safeId, chain]);
  return null;
}
