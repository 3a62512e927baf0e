// The ports of web pages: frames in, frames out, one port for one document. Who is at the other end was decided by browser/sender.ts.
// Promises: says hello first; answers only on the port a request came by, so a document never gets another's answer (R-A6);
// a frame that is not exactly a frame closes its port; parameters are handed on or dropped, and asked for again when there is room.
// Must not: keep anything that a restart would miss.
import { packBytes, unpackBytes } from '../../contract/bytes-codec';
import { errorCode, ProviderError, type ErrorCode } from '../../contract/errors';
import type { ToRelayFrame } from '../../contract/dapp/frames';
import { limits, workerLimits } from '../../contract/limits';
import { isMethodName } from '../../contract/dapp/methods';
import type { Admission } from './admission';
import type { Attached, Settled } from './request';
import type { Router } from './router';
import type { Dapp } from '../browser/sender';

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
function asRequest(frame: Record<string, unknown>):
  | {
      id: string;
      method: string;
      params: unknown;
      isPacked: boolean;
      isHeld: boolean;
      isClicked: boolean;
      size: number;
    }
  | undefined {
  const { id, method, size } = frame;
  if (typeof id !== 'string' || !/^[0-9a-f]{32}$/.test(id)) return undefined;
  if (typeof method !== 'string') return undefined;
  const is = (name: 'packed' | 'held' | 'clicked') => Object.hasOwn(frame, name) && frame[name] === true;
  return {
    id,
    method,
    params: Object.hasOwn(frame, 'params') ? frame.params : undefined,
    isPacked: is('packed'),
    isHeld: is('held'),
    isClicked: is('clicked'),
    size: Number.isSafeInteger(size) ? Math.max(size as number, 0) : 0,
  };
}

/** Packed bytes are a third longer; what is not bytes fails sooner than it reaches this. */
const mostText = limits.requestBytes * 1.5;

/** True when there is more text in a packed value than any request has: then it is not worth unpacking. */
function isTooLong(value: unknown): boolean {
  const left = [value];
  let length = 0;
  for (let item = left.pop(); item !== undefined; item = left.pop()) {
    if (typeof item === 'string') length += item.length;
    else if (typeof item === 'object' && item !== null) {
      const members: unknown[] = Object.values(item);
      length += members.length;
      if (length <= mostText)
        for (const member of members) if (typeof member === 'string' || typeof member === 'object') left.push(member);
    }
    if (length > mostText) return true;
  }
  return false;
}

/** A request that is not answered. */
interface Open {
  request: Attached;
  isPacked: boolean;
  /** Its frame is wanted again. Called when that was routed, or when the request is over. */
  wanted: { routed: Promise<void>; settle: () => void } | undefined;
  /** The room that was taken for the frame when the relay was asked for it; undefined when it was not. */
  askedBytes: number | undefined;
}

function newWanted(): NonNullable<Open['wanted']> {
  let settle = () => {};
  const routed = new Promise<void>((resolve) => (settle = resolve));
  return { routed, settle };
}

export function createDappPorts(options: { router: Router; admission: Admission; ready: Promise<void> }): DappPorts {
  const { router, admission, ready } = options;
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

  /** False when the browser does not take the frame. */
  function post(port: PortLike, frame: ToRelayFrame): boolean {
    try {
      port.postMessage(frame);
      return true;
    } catch {
      return false;
    }
  }

  function accept(port: PortLike, dapp: Dapp): void {
    const open = new Map<string, Open>();
    /** Those whose frame is wanted, for which there was no room yet. */
    const toAsk = new Set<Open>();
    const { origin } = dapp;
    let isOpen = true;

    const answer = (id: string, isPacked: boolean, outcome: Settled) => {
      const response = { jsonrpc: '2.0', id, ...outcome } as ToRelayFrame;
      if (post(port, isPacked ? (packBytes(response) as ToRelayFrame) : response)) return;
      // The document has just gone, or this is more than a message may be. A call that is never answered would be worse than its loss.
      post(port, { jsonrpc: '2.0', id, error: new ProviderError(errorCode.limitExceeded).toShape() });
    };

    function over(one: Open): void {
      open.delete(one.request.id);
      toAsk.delete(one);
      if (one.askedBytes !== undefined) admission.give(origin, one.askedBytes);
      one.wanted?.settle();
      one.askedBytes = one.wanted = undefined;
    }

    function add(id: string, method: string, isClicked: boolean): Open {
      const request: Attached = {
        id,
        method,
        dapp,
        bytes: limits.requestBytes,
        isClicked,
        answer: (outcome) => {
          if (!isOpen || open.get(id) !== one) return;
          over(one);
          answer(id, one.isPacked, outcome);
        },
        again: () => {
          if (open.get(id) !== one) return Promise.resolve();
          const wanted = (one.wanted ??= newWanted());
          if (one.askedBytes === undefined) toAsk.add(one);
          askNext();
          return wanted.routed;
        },
      };
      const one: Open = { request, isPacked: false, wanted: undefined, askedBytes: undefined };
      open.set(id, one);
      return one;
    }

    /** Asks for the frames that are wanted, in the order of their requests, as far as there is room for them. */
    function askNext(): void {
      for (const one of toAsk) {
        const { id, bytes } = one.request;
        if (!admission.take(origin, bytes)) return;
        toAsk.delete(one);
        one.askedBytes = bytes;
        post(port, { jsonrpc: '2.0', method: 'again', params: { id } });
      }
    }

    const stopAsking = admission.onRoom(askNext);

    // Not async: the message must be free again when this returns. What is under way keeps its parameters and nothing else.
    function receive(message: unknown): void {
      if (!isObject(message)) return close();
      if (message.method === 'listen' && !Object.hasOwn(message, 'id'))
        return listen(isObject(message.params) && message.params.on === true);
      const frame = asRequest(message);
      if (!frame) return close();
      const { id, method, isPacked } = frame;
      const known = open.get(id);
      // Only what was asked for comes again.
      if (known && (known.askedBytes === undefined || known.request.method !== method || frame.isHeld)) return;
      if (!known && open.size >= openPerDocument)
        return answer(id, isPacked, { error: new ProviderError(errorCode.limitExceeded).toShape() });
      // Nothing of a page's own making is kept, however long its name.
      if (!known && !isMethodName(method) && !(__TEST_HOOKS__ && method === 'test_echo'))
        return answer(id, isPacked, { error: new ProviderError(errorCode.unsupported).toShape() });
      const one = known ?? add(id, method, frame.isClicked && !frame.isHeld);
      one.isPacked = isPacked;
      // What is asked for again comes with the click of then.
      if (known) known.request.isClicked = false;
      if (frame.isHeld) {
        // The relay's word, which a hostile one may break: what comes then is measured anew, and refused if it is more than a share.
        one.request.bytes = Math.min(frame.size + workerLimits.requestBase, limits.requestBytes);
        router.attach(one.request);
        return void one.request.again();
      }
      const { wanted, askedBytes } = one;
      // From here on it can be wanted once more. Its room goes over to whoever takes the parameters, in the same step.
      one.wanted = one.askedBytes = undefined;
      if (askedBytes !== undefined) admission.give(origin, askedBytes);
      void route(one, frame.params).finally(() => wanted?.settle());
    }

    function route({ request, isPacked }: Open, params: unknown): Promise<void> {
      const refuse = (code: ErrorCode) => Promise.resolve(request.answer({ error: new ProviderError(code).toShape() }));
      if (!isPacked) return router.handle(request, params);
      if (isTooLong(params)) return refuse(errorCode.limitExceeded);
      let plain: unknown;
      try {
        plain = unpackBytes(params);
      } catch {
        // Answered, not dropped: a relay that loses its port holds the same frame still.
        return refuse(errorCode.invalidParams);
      }
      return router.handle(request, plain);
    }

    function listen(on: boolean): void {
      if (!on) {
        listening.delete(port);
        return;
      }
      listening.set(port, { dapp });
      void ready.then(() => sendState(port, dapp)).catch(close);
    }

    function close(): void {
      port.disconnect();
      void ended().catch(() => undefined);
    }

    async function ended(): Promise<void> {
      if (!isOpen) return;
      isOpen = false;
      stopAsking();
      listening.delete(port);
      const hadOpen = open.size > 0;
      for (const one of open.values()) over(one);
      await ready;
      // A page in the back-forward cache, a closed tab and a navigation look alike here: the document's requests end.
      if (hadOpen) await router.documentGone(dapp.documentKey);
    }

    port.onMessage.addListener(receive);
    port.onDisconnect.addListener(() => void ended().catch(() => undefined));
    post(port, { jsonrpc: '2.0', method: 'hello', params: { bytes: Uint8Array.of(1) } });
  }

  async function announce(): Promise<void> {
    for (const [port, { dapp }] of listening) await sendState(port, dapp);
  }

  return { accept, announce };
}
