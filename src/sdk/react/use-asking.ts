// One question to the vault at a time, as a component shows it: that it is being asked, and what went wrong.
// Promises that nothing is set after the component has gone, and that an older question never speaks over a newer one.
import { useCallback, useEffect, useRef, useState } from 'react';
import { PrekeyVaultError, toPrekeyVaultError } from '../errors';
import type { PrekeyVaultProvider } from '../types';

export interface Asking {
  /** Something was asked, and the person, or the vault, has not answered yet. */
  isAsking: boolean;
  /** Why the last question ended without an answer; undefined while one is asked, and after one that was answered. */
  error: PrekeyVaultError | undefined;
}

/** Asks by `act`; resolves to its answer, or to undefined when it failed. Does not reject. */
export type Ask = <T>(act: () => Promise<T>) => Promise<T | undefined>;

export function useAsking(): readonly [Asking, Ask] {
  const [asking, setAsking] = useState<Asking>({ isAsking: false, error: undefined });
  const last = useRef(0);
  useEffect(() => () => void last.current++, []);
  const ask = useCallback(async <T>(act: () => Promise<T>): Promise<T | undefined> => {
    const mine = ++last.current;
    const end = (error?: PrekeyVaultError) => {
      if (mine === last.current) setAsking({ isAsking: false, error });
    };
    setAsking({ isAsking: true, error: undefined });
    try {
      const answer = await act();
      end();
      return answer;
    } catch (thrown) {
      end(toPrekeyVaultError(thrown));
      return undefined;
    }
  }, []);
  return [asking, ask];
}

/** The vault, once there is one. Throws -32603 before. */
export function found(vault: PrekeyVaultProvider | undefined): PrekeyVaultProvider {
  if (vault === undefined) throw new PrekeyVaultError(-32603, 'There is no vault: see the status of useVault.');
  return vault;
}
