// The relay: a dumb pipe between the page and the worker, in the extension's isolated world.
// Promises: at most 2 kB gzip; keeps each request until it is answered and sends it again when the worker was away;
// opens no port until the page asks for something, and closes it when nothing is unanswered and nobody listens.
// Must not: decide, store, or know anything. Every limit is enforced again in the worker (R-A3).
import { packBytes, unpackBytes } from '../contract/bytes-codec';
import type { ErrorShape } from '../contract/errors';
import type { FromPage, RequestFrame, StateFrame, ToPage, ToRelayFrame, ToWorkerFrame } from '../contract/frames';

// Firefox: gives the page a copy it may read. Chromium clones an event's detail between worlds by itself.
declare const cloneInto: undefined | ((value: unknown, target: Window) => unknown);

(() => {
  if (origin === 'null' || origin !== location.origin) return;
  const extension = (globalThis as { browser?: typeof chrome }).browser ?? chrome;
  const inFirefox = typeof cloneInto === 'function';

  /** More than the worker lets wait (limits.waitingPerOrigin, with joined ones), so that a page cannot fill our memory. */
  const mostUnanswered = 1100;
  const lingerMs = 2000;
  const unanswered = new Map<string, { key: number; frame: RequestFrame }>();
  let port: chrome.runtime.Port | undefined;
  let isReady = false;
  let packs = false;
  let isListening = false;
  let failures = 0;
  let helloAtMs = 0;
  let gone = false;
  let linger: ReturnType<typeof setTimeout> | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let last: StateFrame['params'] | undefined;
  const unreachable = 'Prekey Vault is not reachable. Reload the page.';
  const tooMuch = 'Too many requests are waiting, or the request is too large.';

  const toPage = (message: ToPage) => {
    dispatchEvent(
      new CustomEvent('prekeyvault:answer', { detail: inFirefox ? cloneInto!(message, window) : message }),
    );
  };
  const fail = (key: number, code: ErrorShape['code'], message: string) => toPage({ key, error: { code, message } });
  const disconnected = () => {
    for (const { key } of unanswered.values()) fail(key, 4900, unreachable);
    unanswered.clear();
  };

  const send = (frame: ToWorkerFrame) => {
    if (!isReady || !port) return;
    try {
      port.postMessage(packs && 'id' in frame ? { ...(packBytes(frame) as RequestFrame), packed: true } : frame);
    } catch (error) {
      const reason = String(error);
      // A port that is gone is not always reported.
      if (reason.includes('disconnected')) return lost(port);
      const call = 'id' in frame ? unanswered.get(frame.id) : undefined;
      if (!call || !('id' in frame)) return;
      unanswered.delete(frame.id);
      // More members than packBytes takes ("length"), more bytes than the browser carries ("exceeded … 64MiB"); else it has no form in JSON.
      if (/length|exceeded/.test(reason)) fail(call.key, -32005, tooMuch);
      else fail(call.key, -32602, 'The parameters do not fit this method.');
      restAfterAnswer();
    }
  };

  // The worker was stopped: the ordinary case, so the first try is at once. One that never says hello, or that goes away each
  // time it hears from us and answers nothing, is broken.
  const lost = (which: chrome.runtime.Port) => {
    if (port !== which) return;
    port = undefined;
    isReady = false;
    if (!unanswered.size) return;
    if (Date.now() - helloAtMs > 1000) failures = 0;
    if (++failures > 8) disconnected();
    else retry = setTimeout(connect, failures === 1 ? 0 : 50 * 2 ** failures);
  };

  const restAfterAnswer = () => {
    clearTimeout(linger);
    if (unanswered.size || isListening) return;
    linger = setTimeout(() => {
      port?.disconnect();
      port = undefined;
      isReady = false;
    }, lingerMs);
  };

  const changed = (state: StateFrame['params']) => {
    const before = last;
    last = state;
    if (!before) return;
    if (JSON.stringify(before.accounts) !== JSON.stringify(state.accounts))
      toPage({ event: 'accountsChanged', data: state.accounts });
    if (JSON.stringify(before.permissions) !== JSON.stringify(state.permissions))
      toPage({ event: 'permissionsChanged', data: state.permissions });
    // An account that was not there before has told its bundle to nobody here.
    for (const [account, atMs] of Object.entries(state.rotatedAtMs))
      if ((before.rotatedAtMs[account] ?? atMs) !== atMs) toPage({ event: 'publicKeyBundleChanged', data: { account } });
  };

  const receive = (message: unknown) => {
    const frame = (packs ? unpackBytes(message) : message) as ToRelayFrame;
    if ('id' in frame) {
      const call = unanswered.get(frame.id);
      if (!call) return;
      failures = 0;
      unanswered.delete(frame.id);
      toPage('error' in frame ? { key: call.key, error: frame.error } : { key: call.key, result: frame.result });
      restAfterAnswer();
    } else if (frame.method === 'hello') {
      packs = !(frame.params.bytes instanceof Uint8Array);
      isReady = true;
      helloAtMs = Date.now();
      if (isListening) send({ jsonrpc: '2.0', method: 'listen', params: { on: true } });
      for (const { frame: again } of unanswered.values()) send(again);
    } else changed(frame.params);
  };

  const connect = () => {
    clearTimeout(retry);
    retry = undefined;
    if (port || gone) return;
    if ((document as { prerendering?: boolean }).prerendering) {
      document.addEventListener('prerenderingchange', connect, { once: true });
      return;
    }
    try {
      const opened = extension.runtime.connect({ name: 'dapp' });
      port = opened;
      helloAtMs = Infinity;
      opened.onMessage.addListener(receive);
      opened.onDisconnect.addListener(() => lost(opened));
    } catch {
      // The extension was updated or removed: this script is an orphan and stays silent from now on.
      gone = true;
      disconnected();
      toPage({ event: 'disconnect', data: { code: 4900, message: 'Prekey Vault was updated. Reload the page.' } });
    }
  };

  addEventListener('prekeyvault:request', (event) => {
    const { detail } = event as CustomEvent<FromPage | null>;
    let message = detail;
    try {
      if (inFirefox) message = structuredClone(detail);
    } catch {
      // Not from our provider: it sends only what can be cloned.
      return;
    }
    if (typeof message !== 'object' || message === null) return;
    // The provider's word that its call has arrived: without it the call fails at once (a value can get lost between the worlds).
    event.preventDefault();
    if ('listen' in message) {
      isListening = message.listen === true;
      if (isListening || port) connect();
      send({ jsonrpc: '2.0', method: 'listen', params: { on: isListening } });
      restAfterAnswer();
      return;
    }
    const { key, method, params } = message;
    if (gone || unanswered.size >= mostUnanswered) {
      if (gone) fail(key, 4900, unreachable);
      else fail(key, -32005, tooMuch);
      return;
    }
    if (typeof method !== 'string') {
      fail(key, -32600, 'The request is not a valid request object.');
      return;
    }
    const id = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
    const frame: RequestFrame = { jsonrpc: '2.0', id, method, params };
    unanswered.set(id, { key, frame });
    clearTimeout(linger);
    connect();
    send(frame);
  });

  // The worker has news and nothing more: whoever listens connects and reads the state.
  extension.runtime.onMessage.addListener((message: { prekeyVault?: string; answer?: boolean }) => {
    if (message?.prekeyVault !== 'poke' || !(isListening || message.answer)) return;
    connect();
    restAfterAnswer();
  });
  // A page that comes back from the back-forward cache lost its port without notice: what was unanswered is asked again.
  addEventListener('pageshow', (event) => {
    if (!event.persisted) return;
    port?.disconnect();
    port = undefined;
    isReady = false;
    if (unanswered.size || isListening) connect();
  });
})();
