// The way to the node of V2: which one is set, and a client of it for one use.
// Promises: as node-uses.ts. Must not: know what is asked or published.
import { VaultError } from '../../contract/errors';
import { localNodeUrl } from '../../contract/choices';
import type { Environment } from '../../contract/schemas';
import { createNodeClient, type NodeClient } from '../../network/node-client';
import { createNodeUses, eitherOf, type NodeUse, type NodeUses, type UseBounds } from './node-uses';

export type { NodeUse };

export interface NodeAccess extends Pick<NodeUses<NodeClient>, 'mustBeSet' | 'ask'> {
  /** The node that is set; null for "this browser only". */
  environment(): Promise<Environment | null>;
  /** As `ask`, with a node that is not set yet. */
  askOther<T>(environment: Environment, work: (client: NodeClient) => Promise<T>): Promise<T>;
  /** Another node was set: what is under way with any node but this one ends with 'stopped'. */
  leftFor(environment: Environment | null): void;
}

/** The address of a node; throws 'invalid-input' for one that is called local and is not. */
function addressOf({ name, url }: Environment): string {
  if (name === 'local' && url !== localNodeUrl) throw new VaultError('invalid-input');
  return url;
}

export function createNodeAccess(options: {
  environment: () => Promise<Environment | null>;
  /** Whether the browser lets us reach what a match pattern names. */
  mayReach: (pattern: string) => Promise<boolean>;
  createClient?: (url: string) => NodeClient;
}): NodeAccess {
  const { environment, mayReach, createClient = (url) => createNodeClient({ url }) } = options;
  const address = async (): Promise<string | null> => {
    const set = await environment();
    return set && addressOf(set);
  };
  const { mustBeSet, ask, askOther, leftFor } = createNodeUses({ address, mayReach, createClient, bound });
  return {
    environment,
    mustBeSet,
    ask,
    askOther: async (other, work) => askOther(addressOf(other), work),
    leftFor: (next) => leftFor(next?.url ?? null),
  };
}

function bound(client: NodeClient, { mayAsk, ending }: UseBounds): NodeClient {
  const until = (signal: AbortSignal | undefined) => eitherOf(ending, signal);
  const checked = async <T>(request: () => Promise<T>): Promise<T> => {
    await mayAsk();
    return request();
  };
  return {
    query: (query, signal) => checked(() => client.query(query, until(signal))),
    async *queryAll(query, bounds, signal) {
      await mayAsk();
      // Ended by the signal as soon as another node is set.
      yield* client.queryAll(query, bounds, until(signal));
    },
    batchQuery: (queries, signal) => checked(() => client.batchQuery(queries, until(signal))),
    publish: (envelopes, token, signal) => checked(() => client.publish(envelopes, token, until(signal))),
    subscribe: (topics, handlers, signal) => checked(() => client.subscribe(topics, handlers, until(signal))),
  };
}
