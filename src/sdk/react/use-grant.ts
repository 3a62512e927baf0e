// What this site may do, for a component: read when it is mounted, and kept as the person changes it.
// Promises that nobody is asked but by `connect`, and that the vault's events are the last word.
import { useCallback, useEffect, useState } from 'react';
import { accounts, connect, disconnect, on, permissions, type ConnectOptions } from '../calls';
import { isUnauthorized, toPrekeyVaultError, type PrekeyVaultError } from '../errors';
import type { Grant, PrekeyVaultProvider } from '../types';
import { found, useAsking, type Asking } from './use-asking';

export interface UseGrant extends Asking {
  /**
   * `none`: not connected, or locked, which a site cannot tell apart: `connect` asks for what is needed. `reading`: not known yet; when it could not be
   * read, `error` says why.
   */
  status: 'reading' | 'none' | 'granted';
  /** The newest grant; set while the status is `granted`. */
  grant: Grant | undefined;
  /** Of each account that this site was given one, the newest first. */
  grants: readonly Grant[];
  /** Asks the person, unless it was given already. Call it when somebody presses a button. Resolves to the grant, or to undefined: then `error` says why. */
  connect(ask: ConnectOptions): Promise<Grant | undefined>;
  /** Gives back the grant of one account, or all. */
  disconnect(account?: string): Promise<void>;
}

/** Null: not read yet. */
type Grants = readonly Grant[] | null;

/** The grants of this site. `vault` may be undefined: then they are being read. */
export function useGrant(vault: PrekeyVaultProvider | undefined): UseGrant {
  const [grants, setGrants] = useState<Grants>(null);
  const [unread, setUnread] = useState<PrekeyVaultError>();
  const [asking, ask] = useAsking();

  useEffect(() => {
    if (vault === undefined) {
      setGrants(null);
      return undefined;
    }
    let isHeard = false;
    setUnread(undefined);
    /** What the vault tells is newer than what was asked before. */
    const hear = (told: Grants) => {
      isHeard = true;
      setUnread(undefined);
      setGrants(told);
    };
    const stops = [
      on(vault, 'permissionsChanged', hear),
      on(vault, 'accountsChanged', (list) => {
        if (list.length === 0) hear([]);
      }),
      on(vault, 'disconnect', () => hear([])),
    ];
    read(vault).then(
      (known) => isHeard || setGrants(known),
      (thrown: unknown) => isHeard || setUnread(toPrekeyVaultError(thrown)),
    );
    return () => {
      isHeard = true;
      for (const stop of stops) stop();
    };
  }, [vault]);

  return {
    isAsking: asking.isAsking,
    error: asking.error ?? unread,
    status: grants === null ? 'reading' : grants.length === 0 ? 'none' : 'granted',
    grant: grants?.[0],
    grants: grants ?? [],
    connect: useCallback(
      async (wanted) => {
        const given = await ask(() => connect(found(vault), wanted));
        if (given) setGrants((known) => [given, ...(known ?? []).filter((one) => one.account !== given.account)]);
        return given;
      },
      [vault, ask],
    ),
    disconnect: useCallback(
      async (account) => {
        const options = account === undefined ? {} : { account };
        const isDone = await ask(() => disconnect(found(vault), options).then(() => true));
        if (isDone)
          setGrants((known) => (account === undefined ? [] : (known ?? []).filter((one) => one.account !== account)));
      },
      [vault, ask],
    ),
  };
}

/** The grants of this site. Throws what else than "no grant" is in the way: what cannot be read is not nothing. */
async function read(vault: PrekeyVaultProvider): Promise<readonly Grant[]> {
  if ((await accounts(vault)).length === 0) return [];
  try {
    return await permissions(vault);
  } catch (thrown) {
    // Taken back in between.
    if (isUnauthorized(thrown)) return [];
    throw thrown;
  }
}
