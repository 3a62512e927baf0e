// The wallet face: to apps that know wallets only, the vault looks like one that signs for XMTP and can do nothing else. It is on sites where the
// person switched it on (background/browser/faces), and reaches the vault through the provider of inpage.iife.ts, as any page does.
// Promises: four methods, all others 4200; asks a person only in eth_requestAccounts and personal_sign; takes what it needs from the platform before
// the page can change it; works on when the page calls document.open(); window.ethereum is touched only where the person said so.
// Must not: hold a secret, decide anything, or be trusted. It translates, and what the vault refuses stays refused.
import type { GrantView } from '../contract/dapp/methods';
import type { ErrorShape } from '../contract/errors';
import { addressOf, hexOf, textOf } from './face-words';
import {
  addListener,
  bare,
  callListeners,
  detailOf,
  emit,
  errorOf,
  fixed,
  listen,
  removeListener,
  type Listener,
} from './own-world';

interface Vault {
  request(args: { method: string; params?: object }): Promise<unknown>;
  on(type: string, listener: Listener): unknown;
  removeListener(type: string, listener: Listener): unknown;
}

(() => {
  const page = window;
  const { origin, location, Promise: PagePromise } = page;
  if (origin === 'null' || origin !== location.origin) return;
  // A match pattern has no port in Firefox: what was switched on for the usual port is laid into the others too.
  if (__BROWSER__ === 'firefox' && location.port !== '') return;

  const { defineProperty, freeze, hasOwn } = Object;
  const { isArray } = Array;
  const capability = 'xmtp.v3';
  const chainId = '0x1';
  const errors = {
    notAsked: { code: -32600, message: 'The request is not a valid request object.' },
    unfit: { code: -32602, message: 'The parameters do not fit this method.' },
    notYours: { code: 4100, message: 'This site may not use that account. Ask with eth_requestAccounts first.' },
    unsupported: {
      code: 4200,
      message: 'Prekey Vault is a wallet for XMTP only. It signs texts about XMTP inboxes, and does nothing else.',
    },
    unreachable: { code: 4900, message: 'Prekey Vault is not reachable. Reload the page.' },
  } satisfies Record<string, ErrorShape>;

  // The provider announces itself before the page's first script, whichever of the two scripts is first.
  let vault: Vault | undefined;
  listen(page, 'prekeyvault:announceProvider', (event) => {
    try {
      vault ??= (detailOf(event) as { provider: Vault }).provider;
    } catch {
      // Made by the page.
    }
  });
  emit(page, 'prekeyvault:requestProvider', undefined);

  /** The account that the page was told last; '' for none, undefined before it heard of any. */
  let told: string | undefined;
  let isGone = false;
  let changes = 0;

  /** A promise that nobody but us can take up: `await` finds the constructor it looks for on the promise itself. */
  const own = <T>(promise: Promise<T>): Promise<T> =>
    defineProperty(promise, 'constructor', bare({ value: PagePromise }));

  const ask = async <T>(method: string, params?: object): Promise<T> => {
    if (!vault) throw errorOf(errors.unreachable);
    const answer = (await own(vault.request(bare(params ? { method, params: bare(params) } : { method })))) as T;
    if (isGone) {
      isGone = false;
      callListeners('connect', bare({ chainId }));
    }
    return answer;
  };
  const identifierOf = async (account: string): Promise<string> =>
    (await own(ask<{ identifier: string }>('xmtp_v3_getIdentifier', { account }))).identifier;

  /** The newest grant of this site that is good for XMTP and not locked. Nobody is asked for anything. */
  const held = async (): Promise<GrantView | undefined> => {
    // Answered to everyone. Without an account there is nothing to read.
    if (!(await own(ask<string[]>('vault_accounts'))).length) return undefined;
    const grants = await own(ask<GrantView[]>('vault_getPermissions'));
    let newest: GrantView | undefined;
    for (let at = 0; at < grants.length; at++) {
      const grant = grants[at]!;
      let isGood = false;
      for (let n = 0; n < grant.capabilities.length; n++) if (grant.capabilities[n] === capability) isGood = true;
      if (isGood && !(newest && newest.grantedAtMs > grant.grantedAtMs)) newest = grant;
    }
    return newest;
  };
  const accountsOf = async (grant: GrantView | undefined): Promise<string[]> =>
    grant ? [await own(identifierOf(grant.account))] : [];

  const accounts = async (): Promise<string[]> => {
    try {
      return await own(accountsOf(await own(held())));
    } catch (error) {
      // It ended meanwhile.
      if ((error as ErrorShape).code === errors.notYours.code) return [];
      throw error;
    }
  };
  const connect = async (): Promise<string[]> => {
    const known = await own(accounts());
    return known.length
      ? known
      : await own(
          accountsOf(
            await own(ask<GrantView>('vault_connect', { capabilities: [capability], duration: 'until-revoked' })),
          ),
        );
  };

  const sign = async (params: unknown): Promise<string> => {
    if (!isArray(params)) throw errorOf(errors.unfit);
    // Most say the text first, and some the account.
    const isTurned = addressOf(params[1]) === undefined;
    const address = addressOf(params[isTurned ? 0 : 1]);
    const text = textOf(params[isTurned ? 1 : 0]);
    if (address === undefined || text === undefined) throw errorOf(errors.unfit);
    if (text === null) throw errorOf(errors.unsupported);
    let grant = await own(held());
    if (!grant) {
      // Locked: waits for the person to unlock. Not connected: 4100.
      await own(ask('xmtp_v3_getIdentifier'));
      grant = await own(held());
    }
    if (!grant || (await own(identifierOf(grant.account))) !== address) throw errorOf(errors.notYours);
    try {
      return hexOf(await own(ask<Uint8Array>('xmtp_v3_signIdentityText', { text, account: grant.account })));
    } catch (error) {
      const { code, data } = error as { code: number; data?: { field?: string; identityText?: string } };
      const isOther =
        code === errors.unfit.code && data?.field === 'text' && (data.identityText ?? 'unreadable') === 'unreadable';
      throw isOther ? errorOf(errors.unsupported) : error;
    }
  };

  const tell = (list: string[]): string[] => {
    told = list[0] ?? '';
    return list;
  };
  const answer = async (method: unknown, params: unknown): Promise<unknown> => {
    switch (method) {
      case 'eth_chainId':
        return chainId;
      case 'eth_accounts':
        return tell(await own(accounts()));
      case 'eth_requestAccounts':
        return tell(await own(connect()));
      case 'personal_sign':
        return await own(sign(params));
      default:
        throw errorOf(typeof method === 'string' ? errors.unsupported : errors.notAsked);
    }
  };

  /** Somebody connected, disconnected, locked or unlocked: the page hears of it where it means another account. */
  const changed = async (): Promise<void> => {
    const mine = ++changes;
    try {
      const list = await own(accounts());
      if (mine !== changes || told === (list[0] ?? '')) return;
      callListeners('accountsChanged', tell(list));
    } catch {
      // Out of reach: `left` says so.
    }
  };
  const left = () => {
    isGone = true;
    told = undefined;
    callListeners('disconnect', errorOf(errors.unreachable));
  };
  /** The provider is listened to only while the page listens to us. */
  const follow = (how: 'on' | 'removeListener') => {
    vault?.[how]('permissionsChanged', changed);
    vault?.[how]('disconnect', left);
  };

  const provider = fixed({
    request: async (args: { method?: unknown; params?: unknown }) => {
      let method: unknown;
      let params: unknown;
      try {
        // By own members: a library may have left a `params` on Object.prototype.
        method = hasOwn(args, 'method') ? args.method : undefined;
        params = hasOwn(args, 'params') ? args.params : undefined;
      } catch {
        // Not an object, or one that throws.
      }
      return await own(answer(method, params));
    },
    on: (type: string, listener: Listener) => {
      if (addListener(type, listener)) follow('on');
      return provider;
    },
    removeListener: (type: string, listener: Listener) => {
      if (removeListener(type, listener)) follow('removeListener');
      return provider;
    },
  });

  const detail = freeze(
    bare({
      info: freeze(
        bare({
          uuid: page.crypto.randomUUID(),
          name: 'Prekey Vault (XMTP only)',
          icon: "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'><rect width='16' height='16' rx='4' fill='%230f6b66'/><path d='M8 4a2 2 0 0 1 1 3.7V12H7V7.7A2 2 0 0 1 8 4' fill='%23fff'/></svg>",
          rdns: 'app.prekeyvault.xmtp',
        }),
      ),
      provider,
    }),
  );
  if (__STANDS_IN__)
    try {
      // For good: a wallet that comes later keeps its hands off, and one that assigns meets a setter that does nothing.
      defineProperty(page, 'ethereum', bare({ get: () => provider, set: () => undefined, enumerable: true }));
    } catch {
      // Another wallet was first, and made it unchangeable.
    }
  const announce = () => void emit(page, 'eip6963:announceProvider', detail);
  const attend = () => {
    listen(page, 'eip6963:requestProvider', announce);
    announce();
  };
  attend();
  // document.open() takes this listener too, and only an observer hears of it.
  new MutationObserver(attend).observe(page.document, bare({ childList: true }));
})();
