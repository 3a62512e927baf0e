// Uses of a node that a person set, whatever is asked of it: whether it may be reached, how a use ends, and what its failures are called in our words.
// Promises: nothing is fetched from an address the person has not set and the browser has not been given (R-J2); what began with one
// node is sent to that node or to none, asked again right before each request; leaving a node ends what is under way there at once.
// Must not: know what is asked or published.
import { VaultError } from '../../contract/errors';
import { hostPattern, isSafeOrigin } from '../../contract/origins';
import { NetworkError } from '../../network/network-error';

/** What one use of a node is bound to. */
export interface NodeUse {
  /** The node that the work began with: when another is set, it is not asked at all. */
  at?: string | undefined;
  /** Ends the work from outside. */
  signal?: AbortSignal | undefined;
}

/** What a client of a use does before each request, and what ends its requests. */
export interface UseBounds {
  /** Rejects when the request must not be sent. */
  mayAsk(): Promise<void>;
  ending: AbortSignal;
}

export interface NodeUses<Client> {
  /** The address of the node that is set. Throws VaultError('no-network') when none is, or its host permission is missing. */
  mustBeSet(): Promise<string>;
  /**
   * Runs `work` with a client of the node that is set now, and its address. Every failure of the network is a VaultError: 'no-network',
   * 'unreachable', 'refused-by-node' (detail: the node's code), 'bad-answer'; 'invalid-input' for what nodes do not take; 'stopped' when
   * another node is set (detail `node` as long as that was found before a request), or was while it ran, or `signal` ended it.
   */
  ask<T>(work: (client: Client, at: string) => Promise<T>, use?: NodeUse): Promise<T>;
  /** The same with a node that is not set yet. */
  askOther<T>(url: string, work: (client: Client) => Promise<T>): Promise<T>;
  /** Another node was set: what is under way with any node but this one ends with 'stopped'. */
  leftFor(url: string | null): void;
}

export function createNodeUses<Client>(options: {
  /** The address of the node that is set; null for none. */
  address: () => Promise<string | null>;
  /** Whether the browser lets us reach what a match pattern names. */
  mayReach: (pattern: string) => Promise<boolean>;
  /** Which texts are an address at all; an origin that is safe on the way, where nothing else is said. */
  isAddress?: (text: string) => boolean;
  createClient: (url: string) => Client;
  /** A client that heeds the bounds. */
  bound: (client: Client, bounds: UseBounds) => Client;
}): NodeUses<Client> {
  const { address, mayReach, isAddress = isSafeOrigin, createClient, bound } = options;
  /** What is under way, each with the node it began with. */
  const underWay = new Map<AbortController, string>();

  async function reachable(url: string | null): Promise<string> {
    if (url === null) throw new VaultError('no-network');
    // https anywhere, http on this machine only.
    if (!isAddress(url)) throw new VaultError('invalid-input');
    if (!(await mayReach(hostPattern(url)))) throw new VaultError('no-network');
    return url;
  }

  async function mustStillBeSet(url: string, ending: AbortSignal): Promise<void> {
    if ((await address()) !== url) throw new VaultError('stopped', 'node');
    if (ending.aborted) throw new VaultError('stopped');
  }

  return {
    mustBeSet: async () => reachable(await address()),
    async ask(work, { at, signal } = {}) {
      const set = await address();
      if (at !== undefined && at !== set) throw new VaultError('stopped', 'node');
      const url = await reachable(set);
      const left = new AbortController();
      underWay.set(left, url);
      try {
        const ending = signal ? AbortSignal.any([left.signal, signal]) : left.signal;
        const client = bound(createClient(url), { ending, mayAsk: () => mustStillBeSet(url, ending) });
        return await inOurWords(work(client, url));
      } finally {
        underWay.delete(left);
      }
    },
    askOther: async (url, work) => inOurWords(work(createClient(await reachable(url)))),
    leftFor(next) {
      for (const [left, url] of underWay) if (url !== next) left.abort();
    },
  };
}

/** A signal that both end. */
export function eitherOf(ending: AbortSignal, signal: AbortSignal | undefined): AbortSignal {
  return signal ? AbortSignal.any([ending, signal]) : ending;
}

async function inOurWords<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw asVaultError(error);
  }
}

function asVaultError(error: unknown): unknown {
  // The client's word for what nodes do not take: an envelope dated 0, a cursor that is not valid.
  if (error instanceof RangeError) return new VaultError('invalid-input');
  if (!(error instanceof NetworkError)) return error;
  switch (error.reason) {
    case 'refused':
      return new VaultError('refused-by-node', error.code === undefined ? undefined : String(error.code));
    case 'bad-answer':
    case 'too-large':
      return new VaultError('bad-answer');
    case 'cancelled':
      return new VaultError('stopped');
    default:
      return new VaultError('unreachable');
  }
}
