// An XMTP node for development and tests: the message API v1 of the real node before V2 was closed, on one loopback port.
// Promises the real node's rules, orders, limits and error bodies; memory by default, one append-only file when asked.
// Must not: be reachable from another machine, or be used for anything that matters. It is a test server and says so.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NodeRules } from './calls';
import { createCalls } from './calls';
import { openEnvelopeLog } from './envelope-log';
import { createEnvelopeStore } from './envelope-store';
import type { Fault } from './faults';
import type { NodeLimits } from './gateway';
import { createGateway } from './gateway';
import type { Envelope } from './messages';
import { createSubscriptions } from './subscriptions';

const LOOPBACK = '127.0.0.1';
const CLOSE_PATIENCE_MS = 250;

/** The limits of the real node that are flags there. */
export const NODE_LIMITS: NodeLimits = {
  callBytes: 50 * 1024 * 1024,
  backlogEnvelopes: 1024,
  backlogAllEnvelopes: 4096,
};

export interface NodeOptions {
  /** 0 takes a free one. The real node's is 5555. */
  readonly port?: number;
  /** Where envelopes are kept over a restart. Without it they are gone with the node. */
  readonly file?: string;
  /** The clock that tokens and rate limits are judged by. */
  readonly nowMs?: () => number;
  /** Whether publishing needs a token; without it topics are not restricted either. */
  readonly auth?: boolean;
  readonly limits?: Partial<NodeLimits>;
  /** Off as in local development; the real network had them on. */
  readonly rateLimits?: boolean;
  /** Whether old versions of libxmtp are refused, as by the real network. */
  readonly production?: boolean;
  /** Accounts (EIP-55) with larger rate limits, and accounts that may not publish. */
  readonly lists?: NonNullable<NodeRules['lists']>;
}

export interface TestNode {
  /** Without a slash at the end, as clients want it. */
  readonly url: string;
  /** Ends streams cleanly, waits for what is under way, and closes the file. */
  close(): Promise<void>;
  /** How many publish calls were answered with success since the start. */
  publishCount(): number;
  /** How many rows are stored. */
  envelopeCount(): number;
  /** What is stored under a topic, oldest first. */
  stored(contentTopic: string): readonly Envelope[];
  /**
   * How many streams are open, or how many that named this topic ('*' for all). A client cannot know when its
   * subscription is live; a test can, from here.
   */
  subscriberCount(contentTopic?: string): number;
  /** Asked in order for every request that is not a CORS preflight; the first that answers wins. Empty: an honest node. */
  readonly faults: Fault[];
}

/** Starts a node. Rejects when the port is taken, or the file is not a log of this node. */
export async function startNode(options: NodeOptions = {}): Promise<TestNode> {
  const { port = 0, file, nowMs = Date.now, auth = true, rateLimits = false, production = false, lists } = options;
  const store = createEnvelopeStore();
  const log = file === undefined ? undefined : openEnvelopeLog(file);
  for (const envelope of log?.envelopes ?? []) store.insert(envelope);
  const subscriptions = createSubscriptions();
  const rules: NodeRules = { auth, rateLimits, isProduction: production, ...(lists && { lists }) };
  const faults: Fault[] = [];
  let publishCount = 0;
  const listener = createGateway({
    calls: createCalls({ store, subscriptions, log, rules, nowMs }),
    subscriptions,
    limits: { ...NODE_LIMITS, ...options.limits },
    faults,
    stored: (topic) => store.stored(topic),
    onPublished: () => publishCount++,
  });
  const server = createServer((request, response) => {
    listener(request, response).catch((error: unknown) => {
      // A fault that throws is a defect of a test: say so, and let its client see a cut connection.
      console.error('test node:', error);
      response.destroy();
    });
  });
  // Idle connections stay open, as with the real node: closing them would race with the next request of a client.
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  try {
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, LOOPBACK, resolve));
  } catch (error) {
    log?.close();
    throw error;
  }

  return {
    url: `http://${LOOPBACK}:${(server.address() as AddressInfo).port}`,
    async close() {
      const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
      subscriptions.endAll();
      for (let waited = 0; waited < CLOSE_PATIENCE_MS; waited += 5) {
        server.closeIdleConnections();
        if ((await Promise.race([closed.then(() => true), sleep(5)])) === true) break;
      }
      server.closeAllConnections();
      await closed;
      log?.close();
    },
    publishCount: () => publishCount,
    envelopeCount: () => store.size(),
    stored: (contentTopic) => store.stored(contentTopic),
    subscriberCount: (contentTopic) => subscriptions.count(contentTopic),
    faults,
  };
}

/** What to print where a node was started by a person. */
export function startMessage(node: TestNode, file?: string): string {
  const kept =
    file === undefined ? 'Envelopes are kept in memory and gone when it ends.' : `Envelopes are kept in ${file}.`;
  return `XMTP test node at ${node.url}. For development and tests only; reachable from this machine only. ${kept}`;
}
