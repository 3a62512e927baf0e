// The frames between the relay (content script) and the gate (worker), in JSON-RPC 2.0 shape. Types only.
// Promises: the relay owns a request until it is answered; the worker can lose every frame and lose nothing.
// Must not: carry an origin. Who speaks is read from the browser's sender, never from a frame.
import type { ErrorShape } from '../errors';
import type { GrantView } from './methods';

/** 32 hex digits of a random UUID (122 random bits), minted by the relay. */
export type RequestId = string;

/** Relay to worker: one request. Sent again, unchanged, when the worker asks for it. */
export interface RequestFrame {
  jsonrpc: '2.0';
  id: RequestId;
  method: string;
  params?: unknown;
  /** Set when the browser does not clone bytes: `params` went through packBytes, and so must the answer. */
  packed?: true;
  /** The person clicked or typed in the page a moment ago, as the browser tells the relay. A hint: it may bring a window up again, and gives nothing. */
  clicked?: true;
}

/** Relay to worker, after a reconnect: a request that was sent before and has no answer. The worker asks for its frame when it has room. */
export interface HeldFrame {
  jsonrpc: '2.0';
  id: RequestId;
  method: string;
  held: true;
  /** About how much it is, packed: what the worker takes room for before it asks. */
  size: number;
}

/** Relay to worker: the page listens (or no longer listens) for events. */
export interface ListenFrame {
  jsonrpc: '2.0';
  method: 'listen';
  params: { on: boolean };
}

/** Worker to relay, first frame on every port: `bytes` arrives as a Uint8Array when the browser clones structures, else not. */
export interface HelloFrame {
  jsonrpc: '2.0';
  method: 'hello';
  params: { bytes: Uint8Array };
}

/** Worker to relay: the frame of this request is wanted again; its parameters were not kept. */
export interface AgainFrame {
  jsonrpc: '2.0';
  method: 'again';
  params: { id: RequestId };
}

/** Worker to relay: the answer to one request. */
export type ResponseFrame = { jsonrpc: '2.0'; id: RequestId } & ({ result: unknown } | { error: ErrorShape });

/** Worker to relay: what this origin may do now. The relay compares it with the last one and raises the events. */
export interface StateFrame {
  jsonrpc: '2.0';
  method: 'state';
  params: {
    accounts: string[];
    permissions: GrantView[];
    /** For each account whose bundle this origin may read: when its prekey was last replaced since the browser started (milliseconds since 1970), 0 for not. */
    rotatedAtMs: Record<string, number>;
    /** How many requests of this document wait for a person; 0 for a site without a grant that holds now. */
    waiting: number;
  };
}

export type ToWorkerFrame = RequestFrame | HeldFrame | ListenFrame;
export type ToRelayFrame = HelloFrame | ResponseFrame | StateFrame | AgainFrame;

/**
 * The one message the worker sends to a tab: "connect, there may be news". It carries no news. `answer`: connect even if nobody
 * listens, so that the popup can learn from the browser's sender which origin the tab shows.
 */
export interface PokeMessage {
  prekeyVault: 'poke';
  answer?: true;
}

/** Page to relay, in the `detail` of a DOM event. `key` numbers the call within the page. */
export type FromPage = { key: number; method: unknown; params: unknown } | { listen: boolean };
/** Relay to page. */
export type ToPage =
  | { key: number; result: unknown }
  | { key: number; error: ErrorShape }
  /** Another relay was here before, and what it was asked is lost: said once, when a relay begins. */
  | { restarted: true }
  | { event: 'accountsChanged' | 'permissionsChanged' | 'publicKeyBundleChanged' | 'waitingChanged'; data: unknown };
