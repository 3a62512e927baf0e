// The present as a hook, for elapsed times and countdowns.
// Promises: ticks only while mounted. Must not: decide anything; deadlines are checked by the worker.
import { useEffect, useState } from 'preact/hooks';

/** Milliseconds since 1970, renewed every `everyMs`. */
export function useNow(everyMs: number): number {
  const [nowMs, setNowMs] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return nowMs;
}
