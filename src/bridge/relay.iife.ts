// The relay: a dumb pipe between the page and the worker, in the extension's isolated world.
// Promises: at most 2 kB gzip; keeps each request until it is answered, says so when the worker was away, and sends it again when asked;
// opens no port until the page asks for something, and closes it when nothing is unanswered and nobody listens; takes note of a message
// only while its extension is there; where nothing is asked it leaves the extension's API alone, whose making is most of what a page would pay.
// Must not: decide, store, or know anything. Every limit is enforced again in the worker (R-A3).
import { packBytes, unpackBytes } from '../contract/bytes-codec';
import type { ErrorShape } from '../contract/errors';
import type { FromPage, RequestFrame, StateFrame, ToPage, ToRelayFrame, ToWorkerFrame } from '../contract/dapp/frames';

// Firefox: gives the page a copy it may read. Chromium clones an event's detail between worlds by itself.
declare const cloneInto: undefined | ((value: unknown, target: Window) => unknown);

(() => {
  if (origin === 'null' || origin !== location.origin) return;
  const extension = (globalThis as { browser?: typeof chrome }).browser ?? chrome;
  const meeting: EventTarget = performance ?? window;
  const inFirefox = typeof cloneInto === 'function';

  /** More than the worker lets wait (limits.waitingPerOrigin, with joined ones), so that a page cannot fill our memory. */
  const mostUnanswered = 1100;
  const lingerMs = 2000;
  const unanswered = new Map<string, { key: number; frame: RequestFrame; sent?: boolean }>();
  let port: chrome.runtime.Port | undefined;
  let isReady = false;
  let packs = false;
  let isListening = false;
  let failures = 0;
  let helloAtMs = 0;
  let linger: ReturnType<typeof setTimeout> | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let last: StateFrame['params'] | undefined;
  const unreachable = 'Prekey Vault is not reachable. Reload the page.';
  const tooMuch = 'Too many requests are waiting, or the request is too large.';

  const toPage = (message: ToPage) => {
    meeting.dispatchEvent(
      new CustomEvent('prekeyvault:answer', { detail: inFirefox ? cloneInto!(message, window) : message }),
    );
  };
  const fail = (key: number, code: ErrorShape['code'], message: string) => toPage({ key, error: { code, message } });
  const disconnected = () => {
    for (const { key } of unanswered.values()) fail(key, 4900, unreachable);
    unanswered.clear();
  };

  const sizeOf = (frame: RequestFrame) => {
    try {
      return JSON.stringify(packBytes(frame)).length;
    } catch {
      return 0;
    }
  };
  const listenFrame = (): ToWorkerFrame => ({ jsonrpc: '2.0', method: 'listen', params: { on: isListening } });
  const send = (frame: ToWorkerFrame) => {
    if (!isReady || !port) return;
    let isPacked = false;
    let isTooMuch = false;
    const call = 'id' in frame ? unanswered.get(frame.id) : undefined;
    try {
      let message: ToWorkerFrame = frame;
      if (packs && call) message = { ...(packBytes(frame) as RequestFrame), packed: true };
      isPacked = true;
      port.postMessage(message);
      if (call) call.sent = true;
    } catch (error) {
      if (isPacked) {
        // A port that is gone is not always reported: it takes nothing, however small.
        try {
          port.postMessage(listenFrame());
        } catch {
          return lost(port);
        }
        // Of what has a form in JSON a browser refuses only more than it carries. Where structures are cloned, it is the type.
        isTooMuch = packs;
      } else isTooMuch = error instanceof RangeError;
      if (!call) return;
      unanswered.delete(call.frame.id);
      if (isTooMuch) fail(call.key, -32005, tooMuch);
      else fail(call.key, -32602, 'The parameters do not fit this method.');
      restAfterAnswer();
    }
  };

  // The worker was stopped: the ordinary case, so the first try is at once. One that never says hello, or that goes away each
  // time it hears from us and answers nothing, is broken.
  const lost = (which: chrome.runtime.Port | undefined) => {
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
    if (before.waiting !== state.waiting) toPage({ event: 'waitingChanged', data: state.waiting });
    // An account that was not there before has told its bundle to nobody here.
    for (const [account, atMs] of Object.entries(state.rotatedAtMs))
      if ((before.rotatedAtMs[account] ?? atMs) !== atMs)
        toPage({ event: 'publicKeyBundleChanged', data: { account } });
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
      if (isListening) send(listenFrame());
      // What it had before it asks for again, when it has room.
      for (const { frame: mine, sent } of unanswered.values())
        send(sent ? { jsonrpc: '2.0', id: mine.id, method: mine.method, held: true, size: sizeOf(mine) } : mine);
    } else if (frame.method === 'again') {
      const call = unanswered.get(frame.params.id);
      if (call) send(call.frame);
    } else changed(frame.params);
  };

  const connect = () => {
    clearTimeout(retry);
    retry = undefined;
    if (port) return;
    if ((document as { prerendering?: boolean }).prerendering) {
      document.addEventListener('prerenderingchange', connect, { once: true });
      return;
    }
    helloAtMs = Infinity;
    try {
      const opened = extension.runtime.connect({ name: 'dapp' });
      port = opened;
      opened.onMessage.addListener(receive);
      opened.onDisconnect.addListener(() => lost(opened));
      hear();
    } catch {
      lost(undefined);
    }
  };

  // A page that comes back from the back-forward cache lost its port without notice: what was unanswered is asked again.
  const shown = (event: PageTransitionEvent) => {
    if (!event.persisted) return;
    port?.disconnect();
    port = undefined;
    isReady = false;
    if (unanswered.size || isListening) connect();
  };

  // The worker has news and nothing more: whoever listens connects and reads the state. Or the popup wants to know whose page this is.
  const poked = (message: { prekeyVault?: string; answer?: boolean }) => {
    if (message?.prekeyVault !== 'poke' || !(isListening || message.answer)) return;
    connect();
    restAfterAnswer();
  };
  // Added again, it is the same listener still.
  const hear = () => extension.runtime?.onMessage?.addListener(poked);

  meeting.addEventListener('prekeyvault:request', (event) => {
    // Updated, turned off or removed: the browser has emptied the API of this script, and who asks learns it by hearing nothing.
    if (!extension.runtime?.id) return;
    // document.open() took them, if the page called that.
    addEventListener('blur', hear);
    addEventListener('pageshow', shown);
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
      // Said again by a provider that wants to know whether we are here.
      if (isListening === (message.listen === true)) return;
      isListening = !isListening;
      if (isListening || port) connect();
      send(listenFrame());
      restAfterAnswer();
      return;
    }
    const { key, method, params } = message;
    if (unanswered.size >= mostUnanswered) return fail(key, -32005, tooMuch);
    if (typeof method !== 'string') {
      fail(key, -32600, 'The request is not a valid request object.');
      return;
    }
    const id = crypto.randomUUID().replaceAll('-', '');
    const frame: RequestFrame = {
      jsonrpc: '2.0',
      id,
      method,
      params,
      ...(navigator.userActivation?.isActive && { clicked: true }),
    };
    unanswered.set(id, { key, frame });
    clearTimeout(linger);
    connect();
    send(frame);
  });

  // The popup is opened over a page that has asked nothing: the page loses the focus to it.
  addEventListener('blur', hear);

  // Where a page was open while the extension came back, what it asked before went with the relay before. In a document that has
  // just begun nobody has asked.
  if (document.head || document.readyState !== 'loading') toPage({ restarted: true });
})();
