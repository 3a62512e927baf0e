// An XMTP V3 node for development and tests: the identity and MLS services as gRPC-web, on one loopback port, in memory.
// Promises: identity updates are checked as strictly as by the clients that will read them; MLS messages are kept unread.
// Must not: be reachable from another machine, or be used for anything that matters. It is a test server and says so.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FaultV3, NodeV3Limits } from './gateway';
import { createGateway } from './gateway';
import { createInboxLogs } from './inbox-logs';
import type { IdentityUpdate } from './messages';
import { createMethods } from './methods';
import { createMlsStore } from './mls-store';
import { createSubscriptions } from './subscriptions';

const LOOPBACK = '127.0.0.1';
/** Where clients look for a node of this machine when they are told `env: 'local'`. */
const LOCAL_PORT = 5557;
const MOST_UNKNOWN_CALLS = 100;

const LIMITS: NodeV3Limits = { callBytes: 25 * 1024 * 1024, backlogBytes: 64 * 1024 * 1024 };

export interface NodeV3Options {
  /** 5557 unless told; 0 takes a free one. */
  readonly port?: number;
  /** The clock of what is stored. Nothing is judged by it. */
  readonly nowMs?: () => number;
  readonly limits?: Partial<NodeV3Limits>;
}

export interface TestNodeV3 {
  /** Without a slash at the end, as clients want it. */
  readonly url: string;
  /** Ends streams cleanly, then everything else. */
  close(): Promise<void>;
  /** What is stored of an inbox, oldest first. */
  identityUpdates(inboxId: string): readonly IdentityUpdate[];
  /** The inbox that a client would find for this address. */
  inboxOf(address: string): string | undefined;
  /** How many streams are open. */
  subscriberCount(): number;
  /** How often each method was called, by its path. */
  readonly calls: ReadonlyMap<string, number>;
  /** Paths that were called and are none of its methods; the first hundred. */
  readonly unknownCalls: ReadonlySet<string>;
  /** Empty: an honest node. */
  readonly faults: FaultV3[];
}

/** Starts a node. Rejects when the port is taken. */
export async function startNodeV3(options: NodeV3Options = {}): Promise<TestNodeV3> {
  const { port = LOCAL_PORT, nowMs = Date.now, limits } = options;
  const nowNs = (): bigint => BigInt(nowMs()) * 1_000_000n;
  const inboxes = createInboxLogs(nowNs);
  const subscriptions = createSubscriptions();
  const faults: FaultV3[] = [];
  const calls = new Map<string, number>();
  const unknownCalls = new Set<string>();
  const listener = createGateway({
    methods: createMethods({ inboxes, store: createMlsStore(nowNs), subscriptions }),
    limits: { ...LIMITS, ...limits },
    faults,
    onCall(path, isKnown) {
      if (isKnown) calls.set(path, (calls.get(path) ?? 0) + 1);
      else if (unknownCalls.size < MOST_UNKNOWN_CALLS) unknownCalls.add(path);
    },
  });
  const server = createServer((request, response) => {
    listener(request, response).catch((error: unknown) => {
      console.error('V3 test node:', error);
      response.destroy();
    });
  });
  // Closing idle connections would race with the next request of a client.
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, LOOPBACK, resolve));

  return {
    url: `http://${LOOPBACK}:${(server.address() as AddressInfo).port}`,
    async close() {
      const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
      subscriptions.endAll();
      server.closeIdleConnections();
      // One turn for what was just ended to be written.
      setImmediate(() => server.closeAllConnections());
      await closed;
    },
    identityUpdates: (inboxId) => inboxes.updatesOf(inboxId, 0n).map(({ update }) => update),
    inboxOf: (address) => inboxes.inboxOf(address),
    subscriberCount: () => subscriptions.count(),
    calls,
    unknownCalls,
    faults,
  };
}

/** What to print where a node was started by a person. */
export function startMessage(node: TestNodeV3): string {
  return `XMTP V3 test node at ${node.url}. For development and tests only; reachable from this machine only. Everything is gone when it ends.`;
}
