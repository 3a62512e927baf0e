// A page with the wallet face in it, and a vault behind it. The face is the real one; window and the vault's provider are stand-ins.
// Must not: be imported by anything but tests.
import { afterEach, beforeEach, vi } from 'vitest';

export const identifier = `0x${'ab'.repeat(20)}`;
export const account = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266';
/** EIP-1193, as the page has it. */
export interface Wallet {
  request(args: { method: string; params?: unknown }): Promise<unknown>;
  on(type: string, listener: (data: unknown) => void): Wallet;
  removeListener(type: string, listener: (data: unknown) => void): Wallet;
}

type Params = { account?: string; capabilities?: string[] };
type Grant = { account: string; capabilities: string[]; grantedAtMs: number };
export type TestVault = ReturnType<typeof testVault>;

/** An error as the provider throws it. */
export const refusal = (code: number, data?: object) => Object.assign(new Error(`refused ${code}`), { code, data });

/** What the vault is to one site: `grants` of unlocked identities; `isLocked` hides them. */
function testVault() {
  const listeners = new Map<string, Set<(data: unknown) => void>>();
  const vault = {
    grants: [] as Grant[],
    isLocked: false,
    /** Thrown by the method of that name. */
    refuses: {} as Record<string, Error>,
    asked: [] as { method: string; params?: unknown }[],
    identifiers: { [account]: identifier } as Record<string, string>,
    methods: () => vault.asked.map(({ method }) => method),
    listeners: () => [...listeners.values()].reduce((sum, set) => sum + set.size, 0),
    say(type: string, data?: unknown) {
      for (const listener of listeners.get(type) ?? []) listener(data);
    },
    provider: {
      on: (type: string, listener: (data: unknown) => void) =>
        void listeners.set(type, (listeners.get(type) ?? new Set()).add(listener)),
      removeListener: (type: string, listener: (data: unknown) => void) => void listeners.get(type)?.delete(listener),
      request: (args: { method: string; params?: Params }) => {
        vault.asked.push(structuredClone({ ...args }));
        const refused = vault.refuses[args.method];
        return refused ? Promise.reject(refused) : Promise.resolve(answer(args.method, args.params));
      },
    },
  };
  const held = () => (vault.isLocked ? [] : vault.grants);
  function answer(method: string, params: Params | undefined): unknown {
    switch (method) {
      case 'vault_accounts':
        return held().map((grant) => grant.account);
      case 'vault_getPermissions':
        if (vault.grants.length === 0) throw refusal(4100);
        return held();
      case 'vault_connect':
        vault.isLocked = false;
        vault.grants.push({ account, capabilities: params?.capabilities ?? [], grantedAtMs: 1 });
        return vault.grants.at(-1);
      case 'xmtp_v3_getIdentifier':
        if (vault.grants.length === 0) throw refusal(4100);
        vault.isLocked = false;
        return { identifier: vault.identifiers[params?.account ?? account], identifierKind: 0 };
      case 'xmtp_v3_signIdentityText':
        return Uint8Array.from({ length: 65 }, (_, at) => at);
      default:
        throw refusal(4200);
    }
  }
  return vault;
}

export interface FacePage {
  window: EventTarget & { ethereum?: unknown };
  vault: TestVault;
  /** What the face announced, in order. */
  announced: { info: Record<string, string>; provider: Wallet }[];
  /** Lays the script into the page. */
  lay(): Promise<Wallet>;
}

/** A page for each test of a file. `run` runs the script anew. */
export function useFace(run: () => Promise<unknown>): FacePage {
  const shared = {
    async lay() {
      await run();
      return shared.announced[0]?.provider;
    },
  } as FacePage;
  beforeEach(() => {
    vi.resetModules();
    const page = new EventTarget();
    const vault = testVault();
    Object.assign(shared, { window: page, vault, announced: [] });
    const origin = 'https://app.example';
    Object.assign(page, { origin, location: { origin, port: '' }, Promise, CustomEvent, Error, crypto, document: {} });
    vi.stubGlobal('window', page);
    vi.stubGlobal('__STANDS_IN__', false);
    vi.stubGlobal(
      'MutationObserver',
      class {
        observe(): void {}
      },
    );
    const announce = () =>
      page.dispatchEvent(new CustomEvent('prekeyvault:announceProvider', { detail: { provider: vault.provider } }));
    page.addEventListener('prekeyvault:requestProvider', announce);
    page.addEventListener(
      'eip6963:announceProvider',
      (event) => void shared.announced.push((event as CustomEvent<(typeof shared.announced)[number]>).detail),
    );
  });
  afterEach(() => vi.unstubAllGlobals());
  return shared;
}

export const hex = (text: string) => `0x${Buffer.from(text).toString('hex')}`;
