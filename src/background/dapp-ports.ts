// The ports of web pages: frames in, frames out, one port for one document.
// Promises: says hello first; answers only on the port a request came by, so a document never gets another's answer (R-A6);
// a frame that is not exactly a frame closes its port.
// Must not: keep anything that a restart would miss.
import { packBytes, unpackBytes } from '../contract/bytes-codec';
import type { RequestFrame, ToRelayFrame } from '../contract/frames';
import { limits } from '../contract/limits';
import { errorCode, ProviderError } from '../contract/errors';
import type { Router } from './router';
import type { Dapp } from './sender';

/** The part of runtime.Port that is used. */
export interface PortLike {
  postMessage(message: unknown): void;
  disconnect(): void;
  onMessage: { addListener(listener: (message: unknown) => void): void };
  onDisconnect: { addListener(listener: () => void): void };
}

export interface DappPorts {
  accept(port: PortLike, dapp: Dapp): void;
  /** Sends listening documents their state when it has changed; the rest learn by a poke. */
  announce(): Promise<void>;
}

/** Requests of one document that may be open, joined ones included. */
const openPerDocument = limits.waitingPerOrigin * limits.joinedRequests + limits.waitingInAll;

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A frame by its own members; `params` as they came. */
function asRequest(frame: Record<string, unknown>): RequestFrame | undefined {
  const { id, method } = frame;
  if (typeof id !== 'string' || !/^[0-9a-f]{32}$/.test(id)) return undefined;
  if (typeof method !== 'string') return undefined;
  const packed = Object.hasOwn(frame, 'packed') && frame.packed === true;
  const params = Object.hasOwn(frame, 'params') ? frame.params : undefined;
  return { jsonrpc: '2.0', id, method, params, ...(packed ? { packed } : {}) };
}

export function createDappPorts(options: { router: Router; ready: Promise<void> }): DappPorts {
  const { router, ready } = options;
  /** Who listens, and what they were sent last: a frame without news would tell that something happened in the vault (R-B6). */
  const listening = new Map<PortLike, { dapp: Dapp; sent?: string }>();

  async function sendState(port: PortLike, dapp: Dapp): Promise<void> {
    const params = await router.stateOf(dapp);
    const listener = listening.get(port);
    const sent = JSON.stringify(params);
    if (!listener || listener.sent === sent) return;
    listener.sent = sent;
    post(port, { jsonrpc: '2.0', method: 'state', params });
  }

  function post(port: PortLike, frame: ToRelayFrame): void {
    try {
      port.postMessage(frame);
    } catch {
      // The document went away between the check and the answer.
    }
  }

  function accept(port: PortLike, dapp: Dapp): void {
    const open = new Set<string>();
    let isOpen = true;
    const receive = async (message: unknown): Promise<void> => {
      if (!isObject(message)) return close();
      if (message.method === 'listen' && !Object.hasOwn(message, 'id')) {
        const on = isObject(message.params) && message.params.on === true;
        if (!on) return void listening.delete(port);
        listening.set(port, { dapp });
        await ready;
        return await sendState(port, dapp);
      }
      const frame = asRequest(message);
      if (!frame) return close();
      if (open.has(frame.id)) return;
      const answer = (outcome: { result: unknown } | { error: ReturnType<ProviderError['toShape']> }) => {
        if (!isOpen || !open.delete(frame.id)) return;
        const response = { jsonrpc: '2.0', id: frame.id, ...outcome } as ToRelayFrame;
        post(port, frame.packed ? (packBytes(response) as ToRelayFrame) : response);
      };
      open.add(frame.id);
      if (open.size > openPerDocument) return answer({ error: new ProviderError(errorCode.limitExceeded).toShape() });
      let params: unknown;
      try {
        params = frame.packed ? unpackBytes(frame.params) : frame.params;
      } catch {
        // Answered, not dropped: a relay that loses its port sends the same frame again.
        return answer({ error: new ProviderError(errorCode.invalidParams).toShape() });
      }
      try {
        await ready;
      } catch {
        return answer({ error: new ProviderError(errorCode.internal).toShape() });
      }
      await router.handle({ id: frame.id, method: frame.method, params, dapp, answer });
    };
    const close = () => {
      port.disconnect();
      void ended();
    };
    const ended = async () => {
      if (!isOpen) return;
      isOpen = false;
      listening.delete(port);
      await ready;
      // A page in the back-forward cache, a closed tab and a navigation look alike here: the document's requests end.
      if (open.size > 0) await router.documentGone(dapp.documentKey);
    };
    port.onMessage.addListener((message) => void receive(message).catch(() => close()));
    port.onDisconnect.addListener(() => void ended().catch(() => undefined));
    post(port, { jsonrpc: '2.0', method: 'hello', params: { bytes: Uint8Array.of(1) } });
  }

  async function announce(): Promise<void> {
    for (const [port, { dapp }] of listening) await sendState(port, dapp);
  }

  return { accept, announce };
}
