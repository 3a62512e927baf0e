// The calls our pages make, typed: one channel per page, and hooks that read again when the worker says that something changed.
// Promises: `ask` gives the result of the call's row in contract/pages; what is read while a pointer is held down is drawn when it is released. Must not: keep results
// beyond the component that asked.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import browser from 'webextension-polyfill';
import type { PageMethodName, PageParams, PageResult } from '../../contract/pages/methods';
import type { VaultState } from '../../contract/pages/identity';
import { useAwaited } from './at-once';
import { createChannel, VaultCallError, type Topic } from './channel';
import { watchPress } from './press';

/** Bytes over any buffer: the schema's type is narrower than what it accepts. */
export type AnyBytes<T> = T extends Uint8Array ? Uint8Array : T extends object ? { [K in keyof T]: AnyBytes<T[K]> } : T;
export type Params<M extends PageMethodName> = AnyBytes<PageParams<M>>;
export type Result<M extends PageMethodName> = PageResult<M>;

const later = (run: () => void, ms: number) => {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
};
const channel = createChannel({
  connect: () => browser.runtime.connect({ name: 'page' }),
  later,
  isWatched: () => document.visibilityState === 'visible',
});
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') channel.wake();
});

const press = watchPress(document, { later });

/** Calls the worker. Throws VaultCallError. */
export async function ask<M extends PageMethodName>(method: M, params?: Params<M>): Promise<Result<M>> {
  return (await channel.call(method, params)) as Result<M>;
}

/** A value read from the worker: undefined until the first answer, then kept while it is read again. */
export interface Reading<T> {
  value: T | undefined;
  error: VaultCallError | undefined;
  /** Reads now; resolves when the answer is in `value`. */
  refresh(): Promise<void>;
}

/** Reads a method now, whenever its params change, and whenever one of `topics` changed. `null` params: not yet. */
export function useVault<M extends PageMethodName>(
  method: M,
  params: Params<M> | null,
  ...watched: Topic[]
): Reading<Result<M>> {
  const [state, setState] = useState<{ value: Result<M> | undefined; error: VaultCallError | undefined }>({
    value: undefined,
    error: undefined,
  });
  const turn = useRef(0);
  useAwaited(params === null || state.value !== undefined || state.error !== undefined);
  const paramsKey = JSON.stringify(params);
  const topicsKey = watched.join();
  const refresh = useCallback(async () => {
    const mine = ++turn.current;
    const given = JSON.parse(paramsKey) as Params<M> | null;
    if (given === null) return setState({ value: undefined, error: undefined });
    const read = await ask(method, given).then(
      (value) => ({ value, error: undefined }),
      (error: unknown) => ({ value: undefined, error: asCallError(error) }),
    );
    await press.over();
    if (mine === turn.current) setState(read);
  }, [method, paramsKey]);
  useEffect(() => {
    const topics = topicsKey.split(',');
    void refresh();
    const undo = channel.onChanged((topic) => {
      if (topics.includes(topic)) void refresh();
    });
    return () => {
      turn.current += 1;
      undo();
    };
  }, [refresh, topicsKey]);
  return { ...state, refresh };
}

/** The vault's state, always up to date. */
export function useVaultState(): Reading<VaultState> {
  return useVault('state_get', {}, 'state', 'approvals');
}

/** Anything thrown, as a VaultCallError; anything else was unexpected and becomes `internal`. */
export function asCallError(error: unknown): VaultCallError {
  return error instanceof VaultCallError ? error : new VaultCallError('internal');
}
