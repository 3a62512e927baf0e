// The logs of several identities as one list, for pages that draw from them.
// Promises: an identity that locks takes its lines along.
import type { ComponentChild } from 'preact';
import { useCallback, useMemo, useState } from 'preact/hooks';
import type { IdentitySummary } from '../../../contract/pages/identity';
import { logLines, merged, type LogLine } from './bursts';
import { LogReader, type ReadLog } from './log-reader';

export interface Logs {
  /** Draw these: they read, and show nothing. */
  readers: ComponentChild;
  /** By identity, as far as they were read. */
  read: readonly ReadLog[];
  /** All lines, newest first. */
  lines: readonly LogLine[];
  /** Every log was read to its end. */
  isWhole: boolean;
  error: unknown;
  retry: () => void;
}

export function useLogs(identities: readonly IdentitySummary[]): Logs {
  const [logs, setLogs] = useState<ReadonlyMap<string, ReadLog>>(new Map());
  const [error, setError] = useState<unknown>();
  const [tries, setTries] = useState(0);
  const onLog = useCallback((log: ReadLog) => {
    setError(undefined);
    setLogs((known) => new Map(known).set(log.safeId, log));
  }, []);
  const read = identities.flatMap(({ safeId }) => logs.get(safeId) ?? []);
  const lines = useMemo(
    () =>
      merged(
        read.map(({ safeId, entries, chain: { since } }) =>
          logLines(safeId, entries, since === null || since === 'lost' ? Infinity : since.sequence),
        ),
      ),
    // Each reading is a new object.
    read,
  );
  return {
    readers: identities.map(({ safeId }) => (
      <LogReader key={`${safeId} ${tries}`} safeId={safeId} onLog={onLog} onError={setError} />
    )),
    read,
    lines,
    isWhole: read.length === identities.length && read.every((log) => log.isWhole),
    error,
    retry: () => setTries(tries + 1),
  };
}
