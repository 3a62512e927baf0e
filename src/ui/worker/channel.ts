// The page's end of the port to the worker: calls with answers, and notices that something changed.
// Promises: a call is answered or fails with a VaultCallError; the worker may die at any time, then the port is opened again and every
// unanswered call is sent again under the same id; nothing is sent before the worker said hello.
// Must not: keep a worker awake that nobody looks at (a hidden page reconnects when it is seen again or calls something).
import { packBytes, unpackBytes } from '../../contract/bytes-codec';
import type { VaultErrorReason } from '../../contract/errors';
import type { PageMessage, PageRequest } from '../../contract/pages/methods';

export type Topic = 'state' | 'approvals' | 'grants' | 'activity';
const topics: readonly Topic[] = ['state', 'approvals', 'grants', 'activity'];

/** `silent-worker`: the worker did not answer a row of connections; nothing is known about the call. */
export type CallFailure = VaultErrorReason | 'internal' | 'refused' | 'silent-worker';

/** How a call to the worker failed. `detail` is an account, a fixed word or a number. */
export class VaultCallError extends Error {
  readonly reason: CallFailure;
  readonly detail: string | undefined;
  constructor(reason: CallFailure, detail?: string) {
    super(reason);
    this.name = 'VaultCallError';
    this.reason = reason;
    this.detail = detail;
  }
}

/** The part of runtime.Port that is used. */
export interface PortLike {
  postMessage(message: unknown): void;
  disconnect(): void;
  onMessage: { addListener(listener: (message: unknown) => void): void };
  onDisconnect: { addListener(listener: () => void): void };
}

export interface Channel {
  /** The result, unchecked: the worker is trusted by its pages. Throws VaultCallError. */
  call(method: string, params?: unknown): Promise<unknown>;
  /** Calls `listener` for each topic that changed, and for all after a reconnect. Returns the undo. */
  onChanged(listener: (topic: Topic) => void): () => void;
  /** The page is looked at again: connect if the port was lost meanwhile. */
  wake(): void;
}

export interface ChannelHost {
  connect(): PortLike;
  /** Runs `run` after `ms`; returns the undo. */
  later(run: () => void, ms: number): () => void;
  isWatched(): boolean;
}

interface Pending {
  request: PageRequest;
  resolve(result: unknown): void;
  reject(error: VaultCallError): void;
}

const helloWaitMs = 5_000;
/** Waits before the first, second … reconnect without a hello between; after the last, calls fail. */
const reconnectWaitsMs: readonly number[] = [0, 50, 100, 200, 400, 800, 1_600, 3_200];

export function createChannel(host: ChannelHost): Channel {
  const pending = new Map<number, Pending>();
  const listeners = new Set<(topic: Topic) => void>();
  let lastId = 0;
  let port: PortLike | undefined;
  /** How bytes travel on the present port; undefined until hello. */
  let bytes: 'native' | 'packed' | undefined;
  let failures = 0;
  let hadHello = false;
  let isScheduled = false;

  function send(request: PageRequest): void {
    if (!port || !bytes) return;
    const used = port;
    const message = bytes === 'native' ? request : { ...request, params: packBytes(request.params), packed: true };
    try {
      used.postMessage(message);
    } catch {
      // The port died, and the event that tells so may come late or never. The next one sends the call again.
      lost(used);
    }
  }

  function open(): void {
    isScheduled = false;
    if (port) return;
    let opened: PortLike;
    try {
      opened = host.connect();
    } catch {
      lost(undefined);
      return;
    }
    port = opened;
    bytes = undefined;
    const endWait = host.later(() => {
      if (port !== opened || bytes) return;
      opened.disconnect();
      lost(opened);
    }, helloWaitMs);
    opened.onMessage.addListener((message) => {
      if (port !== opened) return;
      if (!bytes) endWait();
      receive(message);
    });
    opened.onDisconnect.addListener(() => {
      endWait();
      lost(opened);
    });
  }

  function lost(which: PortLike | undefined): void {
    if (port !== which) return;
    port = undefined;
    bytes = undefined;
    const wait = reconnectWaitsMs[failures];
    failures += 1;
    if (wait === undefined) {
      for (const { reject } of pending.values()) reject(new VaultCallError('silent-worker'));
      pending.clear();
      failures = 0;
      return;
    }
    if (pending.size === 0 && !host.isWatched()) {
      failures = 0;
      return;
    }
    schedule(wait);
  }

  function schedule(waitMs: number): void {
    if (isScheduled) return;
    isScheduled = true;
    host.later(open, waitMs);
  }

  function receive(message: unknown): void {
    if (typeof message !== 'object' || message === null) return;
    if ('hello' in message) {
      bytes = message.hello instanceof Uint8Array ? 'native' : 'packed';
      failures = 0;
      for (const { request } of pending.values()) send(request);
      // Whatever changed while nobody listened was not told to us.
      if (hadHello) for (const topic of topics) notify(topic);
      hadHello = true;
      return;
    }
    const answer = (bytes === 'packed' ? unpackBytes(message) : message) as Exclude<PageMessage, { hello: unknown }>;
    if ('changed' in answer) return notify(answer.changed);
    const call = pending.get(answer.id);
    if (!call) return;
    pending.delete(answer.id);
    if ('error' in answer) call.reject(new VaultCallError(answer.error.reason, answer.error.detail));
    else call.resolve(answer.result);
  }

  function notify(topic: Topic): void {
    for (const listener of listeners) listener(topic);
  }

  return {
    call(method, params) {
      return new Promise((resolve, reject) => {
        const id = ++lastId;
        const request: PageRequest = params === undefined ? { id, method } : { id, method, params };
        pending.set(id, { request, resolve, reject });
        if (port) send(request);
        else if (!isScheduled) open();
      });
    },
    onChanged(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    wake() {
      if (!port && !isScheduled) open();
    },
  };
}
