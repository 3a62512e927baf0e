// Named steps: every await that changes a store or the session goes through `step`, so that a test can stop the worker at each.
// Promises: no effect and no cost in the store build, where `host.checkpoint` is undefined.
// Must not: be used inside a database transaction, where nothing foreign may be awaited.
import type { VaultHost } from './host';

/** Runs `operation` between the checkpoints `<label>:before` and `<label>:after`. Labels are stable and unique per place. */
export async function step<T>(
  host: Pick<VaultHost, 'checkpoint'>,
  label: string,
  operation: () => Promise<T>,
): Promise<T> {
  if (!host.checkpoint) return operation();
  await host.checkpoint(`${label}:before`);
  const result = await operation();
  await host.checkpoint(`${label}:after`);
  return result;
}
