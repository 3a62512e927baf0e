// Subscriptions: one connection after the other for as long as they are wanted (protocol h, subscribe).
// Promises that a line is bounded, an envelope is of a topic that was asked for, and a node that hangs up at once is not hammered.
// Must not: claim to be connected: a node says nothing before the first envelope, so nobody can know.
import { readLines } from './bounded-body';
import type { Envelope } from './envelope';
import { nodeBounds } from './envelope';
import { NetworkError } from './network-error';
import { readStreamLine } from './node-json';
import { expectSuccess, networkErrorOf, send } from './node-request';
import type { Sleep } from './node-request';

export interface StreamHandlers {
  /** One envelope, in the order of publishing. The same one may come twice. The next line is read when the promise has settled. */
  onEnvelope(envelope: Envelope): void | Promise<void>;
  /** The connection is gone and will be made anew; what is published meanwhile will not come. undefined: the node ended it cleanly. */
  onLost?(reason: NetworkError | undefined): void;
}

export interface Subscription {
  readonly fetcher: typeof fetch;
  readonly address: string;
  readonly sleep: Sleep;
  readonly topics: readonly string[];
  readonly handlers: StreamHandlers;
  readonly signal: AbortSignal;
}

/** First and longest pause before a new connection; up to half of it more at random. */
const PAUSE_MS = 1000;
const MAX_PAUSE_MS = 60_000;
/** A message in base64, its topic in escapes, and what is around them. */
const LINE_BYTES = Math.ceil(nodeBounds.messageBytes / 3) * 4 + 6 * nodeBounds.topicBytes + 1024;

/** Resolves when the signal is aborted. Throws NetworkError 'refused' for what another attempt cannot change, and what a handler throws. */
export async function keepSubscribed(subscription: Subscription): Promise<void> {
  const { sleep, handlers, signal } = subscription;
  for (let pauseMs = PAUSE_MS; !signal.aborted; pauseMs = Math.min(2 * pauseMs, MAX_PAUSE_MS)) {
    const { hasDelivered, reason } = await connectOnce(subscription);
    if (signal.aborted) return;
    if (reason?.reason === 'refused' && isFinal(reason.code)) throw reason;
    handlers.onLost?.(reason);
    if (hasDelivered) pauseMs = PAUSE_MS;
    try {
      await sleep(pauseMs * (1 + Math.random() / 2), signal);
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
  }
}

/** One connection to its end. Rejects only with what a handler throws. */
async function connectOnce({
  fetcher,
  address,
  topics,
  handlers,
  signal,
}: Subscription): Promise<{ hasDelivered: boolean; reason?: NetworkError }> {
  const ended = new AbortController();
  const lines = connect(fetcher, address, topics, AbortSignal.any([signal, ended.signal]));
  let hasDelivered = false;
  try {
    for (;;) {
      let envelope: Envelope;
      try {
        const line = await lines.next();
        if (line.done) return { hasDelivered };
        envelope = readStreamLine(line.value);
        if (!topics.includes(envelope.contentTopic))
          throw new NetworkError('bad-answer', 'an envelope is of another topic');
      } catch (error) {
        return { hasDelivered, reason: networkErrorOf(error, signal) };
      }
      hasDelivered = true;
      await handlers.onEnvelope(envelope);
      if (signal.aborted) return { hasDelivered };
    }
  } finally {
    ended.abort();
  }
}

async function* connect(
  fetcher: typeof fetch,
  address: string,
  topics: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const response = await send(fetcher, address, { call: 'subscribe', body: { contentTopics: topics } }, signal);
  await expectSuccess(response);
  yield* readLines(response, LINE_BYTES);
}

/** Invalid, unknown, not permitted, not authenticated, not implemented: the same tomorrow. */
function isFinal(code: number | undefined): boolean {
  return code !== undefined && [3, 5, 7, 12, 16].includes(code);
}
