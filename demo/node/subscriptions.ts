// Who listens to what: envelopes go to subscribers in the order of publishing, a moment after they were stored.
// Promises that only envelopes published after the subscription arrive, the subscriber's own included; nothing is replayed.
// Must not: wait for a slow subscriber; its stream decides when it has had enough.
import { envelopeToJson } from './json-body';
import type { Envelope } from './messages';
import { isShownToAll } from './topic-rules';

/** The topic that means everything, as in subscribe-all. */
export const EVERY_TOPIC = '*';

/** Where a subscriber's envelopes go: one line of JSON each. */
export interface EnvelopeSink {
  send(line: string): void;
  end(): void;
}

export interface Subscriptions {
  /** Adds a subscriber; the returned function takes it away. */
  add(contentTopics: readonly string[], sink: EnvelopeSink): () => void;
  deliver(envelope: Envelope): void;
  /** Ends every stream cleanly. */
  endAll(): void;
  /** How many there are, or how many that named this topic. */
  count(contentTopic?: string): number;
}

export function createSubscriptions(): Subscriptions {
  const subscribers = new Map<EnvelopeSink, ReadonlySet<string>>();
  return {
    add(contentTopics, sink) {
      subscribers.set(sink, new Set(contentTopics));
      return () => void subscribers.delete(sink);
    },
    deliver(envelope) {
      // Later than the answer to the publisher, as through the relay of the real node; immediates keep their order.
      setImmediate(() => {
        let line: string | undefined;
        for (const [sink, topics] of subscribers) {
          const isWanted = topics.has(EVERY_TOPIC)
            ? isShownToAll(envelope.contentTopic)
            : topics.has(envelope.contentTopic);
          if (!isWanted) continue;
          line ??= `${JSON.stringify({ result: envelopeToJson(envelope) })}\n`;
          sink.send(line);
        }
      });
    },
    endAll() {
      for (const sink of subscribers.keys()) sink.end();
      subscribers.clear();
    },
    count: (contentTopic) =>
      contentTopic === undefined
        ? subscribers.size
        : [...subscribers.values()].filter((topics) => topics.has(contentTopic)).length,
  };
}
