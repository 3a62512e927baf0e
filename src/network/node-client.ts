// Client of the XMTP message API v1 (protocol h): query, batch-query, publish, subscribe.
// Promises that every answer was checked against its question, that nothing it holds is unbounded, and that reads are tried again only where that helps.
// Must not: look into messages, keep anything between calls, or publish twice.
import type { Envelope, Page, Query } from './envelope';
import { maxTimestampNs, nodeBounds } from './envelope';
import { NetworkError } from './network-error';
import { readBatch, readPage, writeEnvelope, writeQuery } from './node-json';
import type { NodeRequest, RequestLimits, Sleep } from './node-request';
import { ask, nodeAddress } from './node-request';
import { checkPage } from './page-order';
import type { StreamHandlers } from './streams';
import { keepSubscribed } from './streams';

export interface NodeClientOptions {
  /** Address of the node: scheme, host, port. */
  readonly url: string;
  readonly fetch?: typeof fetch;
  readonly sleep?: Sleep;
  readonly nowMs?: () => number;
  readonly limits?: Partial<NodeClientLimits>;
}

export interface NodeClientLimits extends RequestLimits {
  /** How often a read is asked in all, when the node is away or busy. */
  readonly attempts: number;
  /** Pause before the second attempt; doubled each time, up to as much again at random. */
  readonly pauseMs: number;
  /** No further attempt begins after this time. */
  readonly attemptsMs: number;
}

/** What reading page after page may come to. It stops there without an error. */
export interface ReadBounds {
  readonly rows: number;
  /** Sum of messages. */
  readonly bytes: number;
}

export interface NodeClient {
  /** One page. Throws NetworkError; RangeError when the query itself is not one a node takes. */
  query(query: Query, signal?: AbortSignal): Promise<Page>;
  /** Row after row until the end or a bound. Throws as `query`, at the row before which reading failed. */
  queryAll(query: Query, bounds: ReadBounds, signal?: AbortSignal): AsyncGenerator<Envelope, void, undefined>;
  /** The first page of each query, in order; split so that a node takes it. All or nothing. */
  batchQuery(queries: readonly Query[], signal?: AbortSignal): Promise<Page[]>;
  /**
   * Publishes; resolves when the node has stored everything. Sent once: after 'unreachable', 'timed-out' or 'bad-answer' it may have been
   * stored or not, and the caller must look. Throws NetworkError, 'too-large' before sending what nodes do not take.
   */
  publish(envelopes: readonly Envelope[], token: Uint8Array, signal?: AbortSignal): Promise<void>;
  /**
   * Live envelopes of the topics until the signal is aborted, over reconnections; what was published in a gap is not delivered. Resolves
   * when aborted. Throws NetworkError 'refused' when the node does not take the subscription, and whatever a handler throws.
   */
  subscribe(topics: readonly string[], handlers: StreamHandlers, signal: AbortSignal): Promise<void>;
}

/** The limits of a client whose owner says nothing else. */
export const defaultLimits: NodeClientLimits = {
  requestMs: 15_000,
  answerBytes: 8 * 1024 * 1024,
  attempts: 3,
  pauseMs: 300,
  attemptsMs: 20_000,
};

/** Throws RangeError when `url` is not a valid address of a node. */
export function createNodeClient(options: NodeClientOptions): NodeClient {
  const { fetch: fetcher = (...args) => fetch(...args), sleep = sleepFor, nowMs = Date.now } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const address = nodeAddress(options.url);
  if (address === undefined) throw new RangeError('not the address of a node');

  const read = async (request: NodeRequest, signal?: AbortSignal): Promise<unknown> => {
    const beganMs = nowMs();
    for (let attempt = 1; ; attempt++) {
      try {
        return await ask(fetcher, address, request, limits, signal);
      } catch (error) {
        const isLast = attempt >= limits.attempts || nowMs() - beganMs >= limits.attemptsMs;
        if (isLast || !helpsToAskAgain(error)) throw error;
      }
      await sleep(limits.pauseMs * 2 ** (attempt - 1) * (1 + Math.random()), signal);
    }
  };

  const query = async (asked: Query, signal?: AbortSignal): Promise<Page> => {
    checkQuery(asked);
    const answer = await read({ call: 'query', body: writeQuery(asked) }, signal);
    return checkPage(asked, readPage(answer, asked.limit ?? nodeBounds.pageRows));
  };

  return {
    query,
    async *queryAll(asked, bounds, signal) {
      let rows = 0;
      let bytes = 0;
      for (let next = asked.cursor; ;) {
        const page = await queryFitting(query, { ...asked, ...(next && { cursor: next }) }, signal);
        for (const envelope of page.envelopes) {
          rows += 1;
          bytes += envelope.message.length;
          if (rows > bounds.rows || bytes > bounds.bytes) return;
          yield envelope;
        }
        if (!page.cursor || rows === bounds.rows) return;
        next = page.cursor;
      }
    },
    async batchQuery(queries, signal) {
      queries.forEach(checkQuery);
      const pages: Page[] = [];
      for (let at = 0; at < queries.length; at += nodeBounds.batchQueries) {
        const part = queries.slice(at, at + nodeBounds.batchQueries);
        const answer = await read({ call: 'batch-query', body: { requests: part.map(writeQuery) } }, signal);
        const responses = readBatch(answer, part.length);
        for (const [index, asked] of part.entries())
          pages.push(await checkPage(asked, readPage(responses[index], asked.limit ?? nodeBounds.pageRows)));
      }
      return pages;
    },
    async publish(envelopes, token, signal) {
      envelopes.forEach(checkEnvelope);
      const answer = await ask(
        fetcher,
        address,
        { call: 'publish', body: { envelopes: envelopes.map(writeEnvelope) }, token },
        limits,
        signal,
      );
      if (typeof answer !== 'object' || answer === null || Array.isArray(answer))
        throw new NetworkError('bad-answer', 'the answer has not the shape of an answer');
    },
    subscribe: (topics, handlers, signal) => keepSubscribed({ fetcher, address, sleep, topics, handlers, signal }),
  };
}

/**
 * A page with fewer rows when the whole one is too large for us: others may fill a topic with rows of the largest size.
 * Five of them always fit the default bound.
 */
export async function queryFitting(query: NodeClient['query'], asked: Query, signal?: AbortSignal): Promise<Page> {
  try {
    return await query(asked, signal);
  } catch (error) {
    const isTooLarge = error instanceof NetworkError && error.reason === 'too-large';
    if (!isTooLarge || (asked.limit ?? nodeBounds.pageRows) <= 5) throw error;
    return query({ ...asked, limit: 5 }, signal);
  }
}

function helpsToAskAgain(error: unknown): boolean {
  if (!(error instanceof NetworkError)) return false;
  // Too many requests, and not available right now.
  if (error.reason === 'refused') return error.code === 8 || error.code === 14;
  return error.reason === 'unreachable' || error.reason === 'timed-out';
}

function checkQuery({ topics, limit = nodeBounds.pageRows }: Query): void {
  if (topics.length === 0) throw new RangeError('a query names at least one topic');
  if (!Number.isInteger(limit) || limit < 1 || limit > nodeBounds.pageRows)
    throw new RangeError('a page has 1 to 100 rows');
}

function checkEnvelope({ contentTopic, timestampNs, message }: Envelope): void {
  if (timestampNs < 1n || timestampNs > maxTimestampNs) throw new RangeError('a time that no node can store');
  const isTooLarge =
    message.length > nodeBounds.messageBytes || new TextEncoder().encode(contentTopic).length > nodeBounds.topicBytes;
  if (isTooLarge) throw new NetworkError('too-large', 'larger than what a node takes');
}

function sleepFor(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(new NetworkError('cancelled', 'the request was stopped'));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    if (signal?.aborted) stop();
    else signal?.addEventListener('abort', stop, { once: true });
  });
}
