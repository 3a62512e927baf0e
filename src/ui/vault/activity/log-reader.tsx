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

/** What was read of a log so far. `gone` changes when lines went, by age or for want of room. */
interface Known {
  entries: readonly ActivityEntry[];
  isWhole: boolean;
  gone: string;
}

/** What becomes known of the log, page by page, from what was read before on: a log that changes all the time is read to its end too. */
async function* pagesOf(safeId: string, known: Known): AsyncGenerator<Omit<Known, 'gone'>> {
  const newest = await ask('activity_list', { safeId, limit: pageLength });
  const joined = known.entries.length > 0 ? withNewest(known.entries, newest) : undefined;
  let entries = joined ?? newest;
  let isWhole = joined ? known.isWhole : newest.length < pageLength;
  yield { entries, isWhole };
  while (!isWhole) {
    const page = await ask('activity_list', { safeId, before: entries.at(-1)!.sequence, limit: pageLength });
    entries = [...entries, ...page];
    isWhole = page.length < pageLength;
    yield { entries, isWhole };
  }
}

export function LogReader({ safeId, onLog, onError }: LogReaderProps) {
  const { value: chain, error } = useVault('activity_chain', { safeId }, 'activity');
  const known = useRef<Known>({ entries: [], isWhole: false, gone: '' });
  useEffect(() => {
    if (error) onError(error);
  }, [error]);
  useEffect(() => {
    if (!chain) return;
    let isOver = false;
    const gone = `${chain.aged?.lines} ${chain.removed}`;
    // What went must not be shown any more.
    if (known.current.gone !== gone) known.current = { entries: [], isWhole: false, gone };
    const read = async () => {
      for await (const { entries, isWhole } of pagesOf(safeId, known.current)) {
        if (isOver) return;
        known.current = { entries, isWhole, gone };
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
