// The provider: runs in the page's own world, before the page's first script.
// Promises: at most 2 kB gzip; one frozen global; takes what it needs from the platform before the page can change it.
// Must not: hold a secret, decide anything, or be trusted. Everything it says is a stranger's word to the worker.
import type { ErrorShape } from '../contract/errors';
import type { FromPage, ToPage } from '../contract/frames';

type Listener = (data: unknown) => void;

(() => {
  const page = window;
  const { origin, location, structuredClone, Promise: PagePromise, CustomEvent: PageEvent, Error: PageError } = page;
  // An opaque origin (a sandboxed document) must not borrow the address it was served from.
  if (origin === 'null' || origin !== location.origin) return;

  const { apply, ownKeys } = Reflect;
  const { create, defineProperty, freeze, getOwnPropertyDescriptor, hasOwn } = Object;
  const { addEventListener, dispatchEvent } = page;
  const readDetail = getOwnPropertyDescriptor(PageEvent.prototype, 'detail')!.get!;

  /** A property descriptor or option bag that a poisoned Object.prototype cannot add to. */
  const bare = <T extends object>(values: T): T => {
    const copy = create(null) as T;
    // By index: the page may have replaced the array iterator.
    const keys = ownKeys(values) as (keyof T)[];
    for (let at = 0; at < keys.length; at++) copy[keys[at]!] = values[keys[at]!];
    return copy;
  };
  /** False when a listener took note of the event (`preventDefault`). */
  const emit = (type: string, detail: unknown): boolean =>
    apply(dispatchEvent, page, [new PageEvent(type, bare({ detail, cancelable: true }))]);
  const listen = (type: string, handler: (event: Event) => void) =>
    void apply(addEventListener, page, [type, handler]);
  const post = (message: FromPage) => emit('prekeyvault:request', message);

  const waiting = create(null) as Record<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>;
  const listeners = create(null) as Record<string, Listener[]>;
  let lastKey = 0;
  let listenerCount = 0;

  const toError = (shape: ErrorShape): Error => {
    const error = new PageError(shape.message);
    // The real one names this script, and with it the extension.
    defineProperty(error, 'stack', bare({ value: `Error: ${shape.message}`, writable: true, configurable: true }));
    defineProperty(error, 'code', bare({ value: shape.code, enumerable: true }));
    if (hasOwn(shape, 'data')) defineProperty(error, 'data', bare({ value: shape.data, enumerable: true }));
    return error;
  };

  const receive = (message: ToPage) => {
    const own = (name: string) => hasOwn(message, name);
    if (own('event')) {
      const { event: type, data } = message as Extract<ToPage, { event: string }>;
      const called = listeners[type];
      // A copy, taken by index: a listener may remove itself while it runs.
      const count = called ? called.length : 0;
      const copy: Listener[] = [];
      for (let at = 0; at < count; at++) defineProperty(copy, at, bare({ value: called![at] }));
      for (let at = 0; at < count; at++) {
        try {
          copy[at]!(data);
        } catch {
          // A listener that throws must not keep the others from being called.
        }
      }
      return;
    }
    const { key } = message as { key: number };
    const call = waiting[key];
    if (!call) return;
    const error = own('error') && toError((message as { error: ErrorShape }).error);
    if (!error && !own('result')) return;
    delete waiting[key];
    if (error) call.reject(error);
    else call.resolve((message as { result: unknown }).result);
  };

  listen('prekeyvault:answer', (event) => {
    try {
      receive(apply(readDetail, event, []) as ToPage);
    } catch {
      // Made by the page, not by our relay.
    }
  });

  const provider = freeze(
    bare({
      isPrekeyVault: true,
      request: (args: { method?: unknown; params?: unknown }) =>
        new PagePromise((resolve, reject) => {
          const key = ++lastKey;
          let error: ErrorShape = { code: 4900, message: 'Prekey Vault is not reachable. Reload the page.' };
          waiting[key] = bare({ resolve, reject });
          try {
            // What cannot be cloned (a function, a proxy …) cannot be sent. Between the worlds Chromium would make it null and
            // Firefox undefined, without an error, and the call would never end: so it is cloned here first. What gets lost all
            // the same, and a relay that is no longer there, show in an event that nobody took note of.
            // By own members: a library may have left a `params` on Object.prototype.
            const own = (name: 'method' | 'params') => (hasOwn(args, name) ? args[name] : undefined);
            if (!post(structuredClone(bare({ key, method: own('method'), params: own('params') })))) return;
          } catch {
            error = { code: -32602, message: 'The parameters do not fit this method.' };
          }
          delete waiting[key];
          reject(toError(error));
        }),
      on: (type: string, listener: Listener) => {
        if (typeof listener !== 'function') return provider;
        const list = (listeners[type] ??= []);
        defineProperty(list, list.length, bare({ value: listener, writable: true, configurable: true, enumerable: true }));
        if (++listenerCount === 1) post(bare({ listen: true }));
        return provider;
      },
      removeListener: (type: string, listener: Listener) => {
        const kept: Listener[] = [];
        let removed = false;
        const list = listeners[type] ?? [];
        for (let at = 0; at < list.length; at++) {
          if (!removed && list[at] === listener) removed = true;
          else defineProperty(kept, kept.length, bare({ value: list[at], writable: true, configurable: true, enumerable: true }));
        }
        listeners[type] = kept;
        if (removed && --listenerCount === 0) post(bare({ listen: false }));
        return provider;
      },
    }),
  );

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
  const announce = () => emit('prekeyvault:announceProvider', detail);
  listen('prekeyvault:requestProvider', announce);
  announce();
})();
