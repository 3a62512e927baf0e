// What the page knows and does: the provider, the grants of this site, the last answer, the log.
// Promises that every call ends in a new state or in words, and that the vault's events are the last word on grants.
// Must use nothing but the sdk.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import {
  accounts,
  connect,
  disconnect,
  findPrekeyVault,
  isUnauthorized,
  on,
  permissions,
  publicKeyBundle,
  sign,
  type Capability,
  type Duration,
  type Grant,
  type PrekeyVaultProvider,
  type PublicKeyBundle,
  type VaultSignature,
} from '../../src/sdk/index';
import { shortAddress, troubleOf, type Trouble } from './words';

/** One line of the log. */
export interface LogEntry {
  id: number;
  atMs: number;
  /** `event`: the vault told us; `call`: we asked. */
  kind: 'event' | 'call';
  name: string;
  detail: string;
}

/** Which request the person is deciding, if any. */
export type Waiting = 'connect' | 'sign' | 'bundle' | 'revoke' | undefined;

export interface Session {
  /** Undefined until a vault was found. */
  provider: PrekeyVaultProvider | undefined;
  search: 'looking' | 'absent' | 'found' | 'gone';
  accounts: string[];
  grants: Grant[];
  waiting: Waiting;
  trouble: Trouble | undefined;
  answer: VaultSignature | undefined;
  bundle: PublicKeyBundle | undefined;
  /** Accounts that have a newer prekey than the one this page works with. */
  renewed: string[];
  log: LogEntry[];
  /** Asks for a grant. Returns what was given, or undefined when it failed; why is in `trouble` then. */
  connect(ask: { capabilities: Capability[]; duration: Duration }): Promise<Grant | undefined>;
  sign(request: { payload: string; purpose: string; account: string | undefined }): void;
  readBundle(account: string): void;
  revoke(account: string): void;
  /** The page begins anew with the keys of this account. */
  takeRenewed(account: string): void;
  dismissTrouble(): void;
}

const logLength = 50;

/** The one session of the page. */
export function useSession(): Session {
  const [provider, setProvider] = useState<PrekeyVaultProvider>();
  const [search, setSearch] = useState<Session['search']>('looking');
  const [accountList, setAccountList] = useState<string[]>([]);
  const [grants, setGrants] = useState<Grant[]>([]);
  const [waiting, setWaiting] = useState<Waiting>();
  const [trouble, setTrouble] = useState<Trouble>();
  const [answer, setAnswer] = useState<VaultSignature>();
  const [bundle, setBundle] = useState<PublicKeyBundle>();
  const [renewed, setRenewed] = useState<string[]>([]);
  const [log, setLog] = useState<LogEntry[]>([]);
  const lastId = useRef(0);

  const note = useCallback((kind: LogEntry['kind'], name: string, detail: string) => {
    const entry = { id: ++lastId.current, atMs: Date.now(), kind, name, detail };
    setLog((entries) => [entry, ...entries].slice(0, logLength));
  }, []);

  useEffect(() => {
    void findPrekeyVault().then((found) => {
      setProvider(() => found);
      setSearch(found === undefined ? 'absent' : 'found');
    });
  }, []);

  useEffect(() => {
    if (provider === undefined) return undefined;
    const show = (list: string[], current: Grant[]) => {
      setAccountList(list);
      setGrants(current);
    };
    const undo = [
      on(provider, 'accountsChanged', (list) => {
        note('event', 'accountsChanged', list.join(' ') || 'none');
        setAccountList(list);
        if (list.length === 0) setGrants([]);
      }),
      on(provider, 'permissionsChanged', (current) => {
        note('event', 'permissionsChanged', current.map(grantText).join('; ') || 'none');
        setGrants(current);
      }),
      on(provider, 'publicKeyBundleChanged', ({ account }) => {
        note('event', 'publicKeyBundleChanged', shortAddress(account));
        setRenewed((list) => [...new Set([...list, account])]);
      }),
      on(provider, 'disconnect', (error) => {
        note('event', 'disconnect', String(error.code));
        show([], []);
        setSearch('gone');
      }),
    ];
    void readGrants(provider).then(
      ([list, current]) => show(list, current),
      (thrown: unknown) => setTrouble(troubleOf(thrown)),
    );
    return () => undo.forEach((stop) => stop());
  }, [provider, note]);

  /** Runs one request: shows that it waits, logs how it ended, and puts trouble into words. */
  const ask = useCallback(
    async (which: Waiting, method: string, run: (provider: PrekeyVaultProvider) => Promise<string>) => {
      if (provider === undefined) return;
      setWaiting(which);
      setTrouble(undefined);
      try {
        note('call', method, await run(provider));
      } catch (thrown) {
        const words = troubleOf(thrown);
        note('call', method, words.code);
        setTrouble(words);
      } finally {
        setWaiting(undefined);
      }
    },
    [provider, note],
  );

  const takeRenewed = (account: string) => setRenewed((list) => list.filter((one) => one !== account));
  const refresh = async (from: PrekeyVaultProvider) => {
    const [list, current] = await readGrants(from);
    setAccountList(list);
    setGrants(current);
  };

  return {
    provider,
    search,
    accounts: accountList,
    grants,
    waiting,
    trouble,
    answer,
    bundle,
    renewed,
    log,
    connect: async (request) => {
      let granted: Grant | undefined;
      await ask('connect', 'vault_connect', async (from) => {
        granted = await connect(from, request);
        await refresh(from);
        return `granted ${granted.capabilities.join(', ')}`;
      });
      return granted;
    },
    sign: ({ payload, purpose, account }) =>
      void ask('sign', 'vault_sign', async (from) => {
        setAnswer(await sign(from, { payload, purpose, ...(account === undefined ? {} : { account }) }));
        return 'signed';
      }),
    readBundle: (account) =>
      void ask('bundle', 'vault_getPublicKeyBundle', async (from) => {
        const read = await publicKeyBundle(from, { account });
        setBundle(read);
        takeRenewed(account);
        return `${read.signedPublicKeyBundle.length} bytes`;
      }),
    revoke: (account) =>
      void ask('revoke', 'vault_disconnect', async (from) => {
        await disconnect(from, { account });
        await refresh(from);
        setBundle(undefined);
        return 'given back';
      }),
    takeRenewed,
    dismissTrouble: () => setTrouble(undefined),
  };
}

function grantText({ account, capabilities }: Grant): string {
  return `${shortAddress(account)}: ${capabilities.join(', ')}`;
}

async function readGrants(provider: PrekeyVaultProvider): Promise<[string[], Grant[]]> {
  const list = await accounts(provider);
  if (list.length === 0) return [[], []];
  try {
    return [list, await permissions(provider)];
  } catch (thrown) {
    // Revoked between the two calls.
    if (isUnauthorized(thrown)) return [[], []];
    throw thrown;
  }
}
