// One page with the provider and its relay in it, as a browser lays them there. The scripts are the real ones; window, ports and the extension's
// API are stand-ins.
// Must not: be imported by anything but tests.
import { afterEach, beforeEach, vi } from 'vitest';
import type { PokeMessage, ToRelayFrame, ToWorkerFrame } from '../contract/dapp/frames';

export interface Provider {
  request(args: { method: string; params?: unknown }): Promise<unknown>;
  on(type: string, listener: (data: unknown) => void): Provider;
}

/** An extension as its content script sees it: what it was sent, and its way to answer. */
export interface Extension {
  runtime: { id: string | undefined };
  sent: ToWorkerFrame[];
  /** How often the relay connected. */
  connections(): number;
  /** How often the API was touched at all. */
  touched(): number;
  /** What the worker tells the tab; false when nobody hears it. */
  poke(message: PokeMessage): boolean;
  say(frame: ToRelayFrame): void;
  /** The worker stops: the port goes. */
  stop(): void;
}

export interface TestPage {
  /** Where provider and relay meet. */
  meeting: EventTarget;
  /** Whether the person clicked or typed in the page a moment ago, as the browser says. */
  activation: { isActive: boolean };
  /** What the browser tells the window as the relay sees it. */
  window: EventTarget;
  /** How far the document has come when scripts are laid into it. */
  document: { readyState: string; head: object | null };
  provider: Provider;
  /** Lays the scripts into it, as at its start; only the relay is new where the provider is there already. */
  layInto(one: Extension): Promise<void>;
}

/** `isMute`: its worker stops before it says hello. */
export function extension({ isMute = false } = {}): Extension {
  let receive: (frame: ToRelayFrame) => void = () => undefined;
  let gone: () => void = () => undefined;
  let connections = 0;
  const sent: ToWorkerFrame[] = [];
  const connect = () => {
    connections++;
    return {
      postMessage: (frame: ToWorkerFrame) => void sent.push(frame),
      disconnect: () => undefined,
      onDisconnect: {
        addListener: (listener: () => void) => {
          gone = listener;
          if (isMute) queueMicrotask(listener);
        },
      },
      onMessage: {
        addListener: (listener: typeof receive) => {
          receive = listener;
          if (!isMute)
            queueMicrotask(() => listener({ jsonrpc: '2.0', method: 'hello', params: { bytes: new Uint8Array(1) } }));
        },
      },
    };
  };
  let touched = 0;
  let hear: ((message: PokeMessage) => void) | undefined;
  const onMessage = { addListener: (listener: typeof hear) => void (hear = listener) };
  const runtime = { id: 'abc', connect, onMessage };
  return {
    get runtime() {
      touched++;
      return runtime as Extension['runtime'];
    },
    sent,
    connections: () => connections,
    touched: () => touched,
    poke(message) {
      hear?.(message);
      return hear !== undefined;
    },
    say: (frame) => receive(frame),
    stop: () => gone(),
  };
}

/** A page for each test of a file, empty at its beginning. `run` runs the scripts anew. Timers are at rest: `settle` lets time pass. */
export function usePage(run: () => Promise<void>): TestPage {
  const shared = {
    async layInto(one) {
      vi.resetModules();
      vi.stubGlobal('chrome', one);
      await run();
    },
  } as TestPage;
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] });
    const meeting = new EventTarget();
    shared.meeting = meeting;
    const page = new EventTarget();
    const origin = 'https://app.example';
    const { setInterval, clearInterval } = globalThis;
    Object.assign(page, {
      origin,
      location: { origin },
      structuredClone,
      setInterval,
      clearInterval,
      Promise,
      CustomEvent,
      Error,
      crypto,
      document: {},
      performance: meeting,
    });
    vi.stubGlobal('window', page);
    vi.stubGlobal('origin', origin);
    vi.stubGlobal('location', { origin });
    shared.document = { readyState: 'complete', head: {} };
    vi.stubGlobal('document', shared.document);
    vi.stubGlobal('performance', meeting);
    shared.activation = { isActive: false };
    vi.stubGlobal('navigator', { userActivation: shared.activation });
    shared.window = new EventTarget();
    vi.stubGlobal('addEventListener', shared.window.addEventListener.bind(shared.window));
    vi.stubGlobal(
      'MutationObserver',
      class {
        observe(): void {}
      },
    );
    page.addEventListener(
      'prekeyvault:announceProvider',
      (event) => void (shared.provider = (event as CustomEvent<{ provider: Provider }>).detail.provider),
    );
  });
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });
  return shared;
}

/** Asks, and says how it ended as far as it has. */
export function ask(page: TestPage, params?: unknown): { outcome: unknown } {
  const call: { outcome: unknown } = { outcome: 'waits' };
  page.provider.request({ method: 'vault_accounts', ...(params !== undefined && { params }) }).then(
    (result) => (call.outcome = result),
    (error: { code: number }) => (call.outcome = error.code),
  );
  return call;
}

export const settle = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** The worker answers what it was sent. */
export function answer(one: Extension): void {
  for (const frame of one.sent.splice(0)) if ('id' in frame) one.say({ jsonrpc: '2.0', id: frame.id, result: [] });
}
