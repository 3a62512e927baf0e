// The way to the node: which one is set, whether it may be asked, and what its failures are called in our words.
// Promises: nothing is fetched from an address the person has not set and the browser has not been given (R-J2).
// Must not: know what is asked or published.
import { VaultError } from '../contract/errors';
import { localNodeUrl, type Environment } from '../contract/flows';
import { createNodeClient, type NodeClient } from '../network/node-client';
import { NetworkError } from '../network/network-error';

export interface NodeAccess {
  /** The node that is set; null for "this browser only". */
  environment(): Promise<Environment | null>;
  /** Throws VaultError('no-network') when no node is set or its host permission is missing. */
  mustBeSet(): Promise<void>;
  /**
   * Runs `work` with a client of the node that is set, or of `environment`. Every failure of the network is a VaultError: 'no-network',
   * 'unreachable', 'refused-by-node' (detail: the node's code), 'bad-answer'; 'invalid-input' for what no node takes.
   */
  ask<T>(work: (client: NodeClient) => Promise<T>, environment?: Environment): Promise<T>;
}

/** The match pattern of a node's host, as the browser's permissions have it: without a port, which not every browser knows. */
export function hostPattern(url: string): string {
  const { protocol, hostname } = new URL(url);
  return `${protocol}//${hostname}/*`;
}

/** The address of a node, when it is one: https anywhere, http on this machine only, nothing after the host. */
function mustBeNode({ name, url }: Environment): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const isHere = parsed?.hostname === 'localhost' || parsed?.hostname === '127.0.0.1';
  const isFine = parsed && parsed.origin === url && (parsed.protocol === 'https:' || (parsed.protocol === 'http:' && isHere));
  if (!isFine || (name === 'local' && url !== localNodeUrl)) throw new VaultError('invalid-input');
  return url;
}

export function createNodeAccess(options: {
  environment: () => Promise<Environment | null>;
  /** Whether the browser lets us reach what a match pattern names. */
  mayReach: (pattern: string) => Promise<boolean>;
  createClient?: (url: string) => NodeClient;
}): NodeAccess {
  const { environment, mayReach, createClient = (url) => createNodeClient({ url }) } = options;

  async function clientOf(given: Environment | null): Promise<NodeClient> {
    if (!given) throw new VaultError('no-network');
    const url = mustBeNode(given);
    if (!(await mayReach(hostPattern(url)))) throw new VaultError('no-network');
    return createClient(url);
  }

  return {
    environment,
    mustBeSet: async () => void (await clientOf(await environment())),
    async ask(work, given) {
      const client = await clientOf(given ?? (await environment()));
      try {
        return await work(client);
      } catch (error) {
        throw asVaultError(error);
      }
    },
  };
}

function asVaultError(error: unknown): unknown {
  // The client's word for what no node would take: an envelope dated 0, a cursor that is none.
  if (error instanceof RangeError) return new VaultError('invalid-input');
  if (!(error instanceof NetworkError)) return error;
  switch (error.reason) {
    case 'refused':
      return new VaultError('refused-by-node', error.code === undefined ? undefined : String(error.code));
    case 'bad-answer':
    case 'too-large':
      return new VaultError('bad-answer');
    default:
      return new VaultError('unreachable');
  }
}
