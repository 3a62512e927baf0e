// The provider: runs in the page's own world, before the page's first script.
// Promises: at most 2 kB gzip; one frozen global; takes what it needs from the platform before the page can change it; every call
// settles, also when the extension goes away; works on when the page calls document.open().
// Must not: hold a secret, decide anything, or be trusted. Everything it says is a stranger's word to the worker.
import type { ErrorShape } from '../contract/errors';
import type { FromPage, ToPage } from '../contract/dapp/frames';
import { ownCopy } from './own-copy';
import {
  addListener,
  bare,
  callListeners,
  detailOf,
  emit,
  errorOf,
  fixed,
  listen,
  listenerCount,
  removeListener,
  type Listener,
} from './own-world';

(() => {
  const page = window;
  const { origin, location, structuredClone, setInterval, clearInterval, Promise: PagePromise } = page;
  // An opaque origin (a sandboxed document) must not borrow the address it was served from.
  if (origin === 'null' || origin !== location.origin) return;

  const { ownKeys } = Reflect;
  const { create, defineProperty, freeze, hasOwn } = Object;
  // Where provider and relay meet. document.open() takes every listener from window and document, and none from this object, which
  // both worlds have (some people turn it off in Firefox).
  const meeting: EventTarget = page.performance ?? page;
  /** Half of what a caller may have to wait until it hears that the extension is gone. */
  const lookMs = 500;
  const unreachable: ErrorShape = { code: 4900, message: 'Prekey Vault is not reachable. Reload the page.' };

  /** True when the relay took the message; only a relay whose extension is there does. */
  const post = (message: FromPage) => !emit(meeting, 'prekeyvault:request', message);

  const waiting = create(null) as Record<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>;
  let lastKey = 0;
  let looking: number | undefined;

  const receive = (message: ToPage) => {
    const own = (name: string) => hasOwn(message, name);
    if (own('restarted')) {
      if (looking) gone();
      if (listenerCount) keepLooking();
      return;
    }
    if (own('event')) {
      const { event: type, data } = message as Extract<ToPage, { event: string }>;
      return callListeners(type, data);
    }
    const { key } = message as { key: number };
    const waiter = waiting[key];
    if (!waiter) return;
    const error = own('error') && errorOf((message as { error: ErrorShape }).error);
    if (!error && !own('result')) return;
    delete waiting[key];
    if (error) waiter.reject(error);
    else waiter.resolve((message as { result: unknown }).result);
  };

  const stopLooking = () => {
    clearInterval(looking);
    looking = undefined;
  };
  const gone = () => {
    stopLooking();
    const keys = ownKeys(waiting) as unknown as number[];
    for (let at = 0; at < keys.length; at++) {
      const { reject } = waiting[keys[at]!]!;
      delete waiting[keys[at]!];
      reject(errorOf(unreachable));
    }
    callListeners('disconnect', bare({ ...unreachable }));
  };
  // An extension that was updated, turned off or removed cannot say so any more. As long as somebody waits to hear from it, it is
  // asked whether it is there: `listen`, said again, changes nothing. A relay that the browser lays beside the one that is gone
  // (Firefox, after an update) says that it restarted: it would answer `listen`, and knows nothing of what waits.
  const look = () => {
    if (!ownKeys(waiting).length && !listenerCount) return stopLooking();
    if (!post(bare({ listen: listenerCount > 0 }))) gone();
  };
  const keepLooking = () => void (looking ??= setInterval(look, lookMs));

  listen(meeting, 'prekeyvault:answer', (event) => {
    try {
      receive(detailOf(event) as ToPage);
    } catch {
      // Made by the page, not by our relay.
    }
  });

  const provider = fixed({
    isPrekeyVault: true,
    request: (args: { method?: unknown; params?: unknown }) =>
      new PagePromise((resolve, reject) => {
        const key = ++lastKey;
        let error = unreachable;
        waiting[key] = bare({ resolve, reject });
        try {
          // What cannot be cloned (a function, a symbol …) cannot be sent. Between the worlds Chromium would make it null and
          // Firefox undefined, without an error, and the call would never end: so it is cloned here first. What gets lost all
          // the same, and a relay that is no longer there, show in an event that nobody took note of.
          // By own members: a library may have left a `params` on Object.prototype.
          const own = (name: 'method' | 'params') => (hasOwn(args, name) ? args[name] : undefined);
          if (post(structuredClone(ownCopy(bare({ key, method: own('method'), params: own('params') }))) as FromPage))
            return keepLooking();
        } catch {
          error = { code: -32602, message: 'The parameters do not fit this method.' };
        }
        delete waiting[key];
        reject(errorOf(error));
      }),
    on: (type: string, listener: Listener) => {
      if (addListener(type, listener)) post(bare({ listen: true }));
      if (listenerCount) keepLooking();
      return provider;
    },
    removeListener: (type: string, listener: Listener) => {
      if (removeListener(type, listener)) post(bare({ listen: false }));
      return provider;
    },
  });

  const detail = freeze(
    bare({
      info: freeze(
        bare({
          uuid: page.crypto.randomUUID(),
          name: 'Prekey Vault',
          icon: "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'><rect width='16' height='16' rx='4' fill='%230f6b66'/><path d='M8 4a2 2 0 0 1 1 3.7V12H7V7.7A2 2 0 0 1 8 4' fill='%23fff'/></svg>",
          rdns: 'app.prekeyvault',
        }),
      ),
      provider,
    }),
  );
  try {
    defineProperty(page, 'prekeyVault', bare({ value: provider }));
  } catch {
    // Already there: another copy of this script was first.
    return;
  }
  const announce = () => void emit(page, 'prekeyvault:announceProvider', detail);
  const attend = () => {
    listen(page, 'prekeyvault:requestProvider', announce);
    announce();
  };
  attend();
  // document.open() takes this listener too, and those of the relay's window: only an observer hears of it.
  new MutationObserver(() => {
    attend();
    post(bare({ listen: listenerCount > 0 }));
  }).observe(page.document, bare({ childList: true }));
})();
