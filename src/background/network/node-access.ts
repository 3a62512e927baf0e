// The way to the node: which one is set, whether it may be asked, and what its failures are called in our words.
// Promises: nothing is fetched from an address the person has not set and the browser has not been given (R-J2); what began with one
// node is sent to that node or to none, asked again right before each request; leaving a node ends what is under way there at once.
// Must not: know what is asked or published.
import { hostPattern, isSafeOrigin } from '../../contract/origins';
import { VaultError } from '../../contract/errors';
import { localNodeUrl } from '../../contract/choices';
import type { Environment } from '../../contract/schemas';
import { createNodeClient, type NodeClient } from '../../network/node-client';
import { NetworkError } from '../../network/network-error';

/** What one use of a node is bound to. */
export interface NodeUse {
  /** The node that the work began with: when another is set, it is not asked at all. */
  at?: string | undefined;
  /** Ends the work from outside. */
  signal?: AbortSignal | undefined;
}

export interface NodeAccess {
  /** The node that is set; null for "this browser only". */
  environment(): Promise<Environment | null>;
  /** The address of the node that is set. Throws VaultError('no-network') when none is, or its host permission is missing. */
  mustBeSet(): Promise<string>;
  /**
   * Runs `work` with a client of the node that is set now, and its address. Every failure of the network is a VaultError: 'no-network',
   * 'unreachable', 'refused-by-node' (detail: the node's code), 'bad-answer'; 'invalid-input' for what nodes do not take; 'stopped' when
   * another node is set (detail `node` as long as that was found before a request), or was while it ran, or `signal` ended it.
   */
  ask<T>(work: (client: NodeClient, at: string) => Promise<T>, use?: NodeUse): Promise<T>;
  /** The same with a node that is not set yet. */
  askOther<T>(environment: Environment, work: (client: NodeClient) => Promise<T>): Promise<T>;
  /** Another node was set: what is under way with any node but this one ends with 'stopped'. */
  leftFor(environment: Environment | null): void;
}

/** The address of a node, when it is valid: https anywhere, http on this machine only, nothing after the host. */
function mustBeNode({ name, url }: Environment): string {
  if (!isSafeOrigin(url) || (name === 'local' && url !== localNodeUrl)) throw new VaultError('invalid-input');
  return url;
}

export function createNodeAccess(options: {
  environment: () => Promise<Environment | null>;
  /** Whether the browser lets us reach what a match pattern names. */
  mayReach: (pattern: string) => Promise<boolean>;
  createClient?: (url: string) => NodeClient;
}): NodeAccess {
  const { environment, mayReach, createClient = (url) => createNodeClient({ url }) } = options;
  /** What is under way, each with the node it began with. */
  const underWay = new Map<AbortController, string>();

  async function addressOf(given: Environment | null): Promise<string> {
    if (!given) throw new VaultError('no-network');
    const url = mustBeNode(given);
    if (!(await mayReach(hostPattern(url)))) throw new VaultError('no-network');
    return url;
  }

  async function mustStillBeSet(url: string): Promise<void> {
    if ((await environment())?.url !== url) throw new VaultError('stopped', 'node');
  }

  async function ask<T>(
    work: (client: NodeClient, at: string) => Promise<T>,
    { at, signal }: NodeUse = {},
  ): Promise<T> {
    const set = await environment();
    if (at !== undefined && at !== set?.url) throw new VaultError('stopped', 'node');
    const url = await addressOf(set);
    const left = new AbortController();
    underWay.set(left, url);
    try {
      const ending = signal ? AbortSignal.any([left.signal, signal]) : left.signal;
      return await inOurWords(
        work(
          boundTo(createClient(url), ending, () => mustStillBeSet(url)),
          url,
        ),
      );
    } finally {
      underWay.delete(left);
    }
  }

  return {
    environment,
    mustBeSet: async () => addressOf(await environment()),
    ask,
    askOther: async (other, work) => inOurWords(work(createClient(await addressOf(other)))),
    leftFor(next) {
      for (const [left, url] of underWay) if (url !== next?.url) left.abort();
    },
  };
}

/** A client that asks `mayAsk` before each request, and that `ending` stops. */
function boundTo(client: NodeClient, ending: AbortSignal, mayAsk: () => Promise<void>): NodeClient {
  const until = (signal: AbortSignal | undefined): AbortSignal => (signal ? AbortSignal.any([ending, signal]) : ending);
  const checked = async <T>(request: () => Promise<T>): Promise<T> => {
    await mayAsk();
    if (ending.aborted) throw new VaultError('stopped');
    return request();
  };
  return {
    query: (query, signal) => checked(() => client.query(query, until(signal))),
    async *queryAll(query, bounds, signal) {
      await checked(async () => undefined);
      // Ended by the signal as soon as another node is set.
      yield* client.queryAll(query, bounds, until(signal));
    },
    batchQuery: (queries, signal) => checked(() => client.batchQuery(queries, until(signal))),
    publish: (envelopes, token, signal) => checked(() => client.publish(envelopes, token, until(signal))),
    subscribe: (topics, handlers, signal) => checked(() => client.subscribe(topics, handlers, until(signal))),
  };
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
