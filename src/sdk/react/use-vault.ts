// The vault of this browser, for a component.
// Promises that the first answer is the same on a server and in a page ("looking"), and that no listener stays behind.
import { useEffect, useState } from 'react';
import { on } from '../calls';
import { findPrekeyVault } from '../discovery';
import type { PrekeyVaultProvider } from '../types';

/** `absent`: none is installed. `gone`: it was removed, turned off or updated; the page has to be loaded anew. */
export type VaultStatus = 'looking' | 'absent' | 'found' | 'gone';

export interface UseVault {
  status: VaultStatus;
  /** Set while the status is `found`. */
  vault: PrekeyVaultProvider | undefined;
}

const looking: UseVault = { status: 'looking', vault: undefined };

/** Looks for an installed vault once, for `timeoutMs` milliseconds (1000). Asks the person nothing. */
export function useVault({ timeoutMs = 1000 }: { timeoutMs?: number } = {}): UseVault {
  const [state, setState] = useState(looking);
  useEffect(() => {
    let isOver = false;
    let stop = () => {};
    void findPrekeyVault({ timeoutMs }).then((vault) => {
      if (isOver) return;
      if (vault === undefined) return setState({ status: 'absent', vault });
      stop = on(vault, 'disconnect', () => setState({ status: 'gone', vault: undefined }));
      setState({ status: 'found', vault });
    });
    return () => {
      isOver = true;
      stop();
    };
  }, [timeoutMs]);
  return state;
}
