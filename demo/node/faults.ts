// Ways to make the node misbehave, for tests of clients: a fault sees a call first and may answer in the node's place.
// Promises that a fault only ever changes what is sent; what is stored stays as the honest rules left it.
// Must not: be on by default. A node without faults is faithful.
import { setTimeout as sleep } from 'node:timers/promises';
import type { IncomingHttpHeaders } from 'node:http';
import type { CallName, Envelope } from './messages';

/** A whole response. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** A call as a fault sees it. CORS preflights are never shown: they are always answered honestly. */
export interface FaultRequest {
  /** Absent for an unknown path or a method other than POST. */
  readonly call: CallName | undefined;
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
  /**
   * What the node would answer, uncompressed. It really executes the call: a publish is stored. undefined for streams.
   * Queries see only what `shows` lets pass.
   */
  honest(shows?: (envelope: Envelope) => boolean): Promise<Answer | undefined>;
  /** What is stored under a topic, oldest first. */
  stored(contentTopic: string): readonly Envelope[];
}

/** What is sent instead. Missing parts: status 200, JSON, CORS open, no body. */
export interface FaultAnswer {
  readonly status?: number;
  /** A name with the value null is left out, also where the node would always send it. */
  readonly headers?: Readonly<Record<string, string | null>>;
  /** Chunks of an iterable are written one by one, as fast as the client reads, until it ends or the client goes. */
  readonly body?: Uint8Array | string | AsyncIterable<Uint8Array | string>;
  /** Whether the connection is cut after the body instead of ending the response. */
  readonly isCut?: boolean;
}

/** Answers in the node's place, or lets the next fault, and then the node, have the call. */
export type Fault = (request: FaultRequest) => FaultAnswer | undefined | Promise<FaultAnswer | undefined>;

/** The JSON of an envelope in a query response. */
export interface EnvelopeJson {
  contentTopic: string;
  timestampNs: string;
  message: string;
}

/** The JSON of a query response. */
export interface QueryResponseJson {
  envelopes: EnvelopeJson[];
  pagingInfo: { limit: number; cursor: { index: { digest: string; senderTimeNs: string } } | null; direction: string };
}

/** The fault for these calls only. */
export function onCalls(calls: readonly CallName[], fault: Fault): Fault {
  return (request) => (request.call && calls.includes(request.call) ? fault(request) : undefined);
}

/** The fault for the first `count` calls it would answer; honest afterwards. */
export function atMost(count: number, fault: Fault): Fault {
  let left = count;
  return async (request) => {
    if (left <= 0) return undefined;
    const answer = await fault(request);
    if (answer) left--;
    return answer;
  };
}

/** An error of the node's own form. */
export function failWith(status: number, code: number, message = 'injected'): Fault {
  return () => ({ status, body: JSON.stringify({ code, message, details: [] }) });
}

/** Bytes that are nothing the client asked for. */
export function answerGarbage(body: Uint8Array | string, status = 200): Fault {
  return () => ({ status, body });
}

/** Another place to go. */
export function redirectTo(location: string, status = 307): Fault {
  return () => ({ status, headers: { location } });
}

/** The connection is cut without an answer; with `isExecuted` after the call took effect. */
export function hangUp(isExecuted = false): Fault {
  return async (request) => {
    if (isExecuted) await request.honest();
    return { status: 0, isCut: true };
  };
}

/** The call takes effect, and the client hears something else. */
export function executeButAnswer(answer: FaultAnswer): Fault {
  return async (request) => {
    await request.honest();
    return answer;
  };
}

/** The honest answer cut off after `bytes`, under its full length. */
export function truncateAfter(bytes: number): Fault {
  return async (request) => {
    const answer = await request.honest();
    if (!answer) return undefined;
    const headers = { ...answer.headers, 'content-length': String(answer.body.length) };
    return { status: answer.status, headers, body: answer.body.slice(0, bytes), isCut: bytes < answer.body.length };
  };
}

/** A body that never ends: `start`, then `chunk` again and again. */
export function answerEndlessly(start: string, chunk: string): Fault {
  return () => ({ body: endless(start, chunk) });
}

/** The honest answer, `bytes` at a time with `pauseMs` in between. */
export function dripSlowly(bytes: number, pauseMs: number): Fault {
  return async (request) => {
    const answer = await request.honest();
    return answer && { status: answer.status, headers: answer.headers, body: slices(answer.body, bytes, pauseMs) };
  };
}

/** Query responses changed by `change`, which may edit the response in place; batches have each of theirs changed. */
export function rewriteQueries(change: (response: QueryResponseJson) => void): Fault {
  return onCalls(['query', 'batch-query'], async (request) => {
    const answer = await request.honest();
    if (!answer || answer.status !== 200) return undefined;
    const json = JSON.parse(Buffer.from(answer.body).toString('utf8')) as QueryResponseJson & {
      responses?: QueryResponseJson[];
    };
    for (const response of json.responses ?? [json]) change(response);
    return { body: JSON.stringify(json) };
  });
}

/** Every envelope twice. */
export function duplicateEnvelopes(): Fault {
  return rewriteQueries((response) => {
    response.envelopes = response.envelopes.flatMap((envelope) => [envelope, envelope]);
  });
}

/** Envelopes of topics that start so are dated `byNs` later. */
export function futureDate(topicStart: string, byNs: bigint): Fault {
  return rewriteQueries((response) => {
    for (const envelope of response.envelopes) {
      if (envelope.contentTopic.startsWith(topicStart))
        envelope.timestampNs = (BigInt(envelope.timestampNs) + byNs).toString();
    }
  });
}

/** The newest `count` envelopes of each topic that starts so are kept back: the client sees an older copy. */
export function withholdNewest(topicStart: string, count = 1): Fault {
  return onCalls(['query', 'batch-query'], (request) =>
    request.honest((envelope) => {
      const { contentTopic } = envelope;
      return !contentTopic.startsWith(topicStart) || !request.stored(contentTopic).slice(-count).includes(envelope);
    }),
  );
}

/** Payloads of topics that start so are replaced, e.g. by the bundle of another account. */
export function replacePayloads(topicStart: string, payload: Uint8Array): Fault {
  return rewriteQueries((response) => {
    for (const envelope of response.envelopes) {
      if (envelope.contentTopic.startsWith(topicStart)) envelope.message = Buffer.from(payload).toString('base64');
    }
  });
}

/** Every page claims that another follows: the cursor of its last row, or a fixed one when the page is empty. */
export function lieAboutCursors(cursor?: { digest: string; senderTimeNs: string }): Fault {
  return rewriteQueries((response) => {
    const index = cursor ?? { digest: 'AAAA', senderTimeNs: response.envelopes.at(-1)?.timestampNs ?? '1' };
    response.pagingInfo = { ...response.pagingInfo, limit: 100, cursor: { index } };
  });
}

async function* endless(start: string, chunk: string): AsyncGenerator<string> {
  yield start;
  for (;;) yield chunk;
}

async function* slices(body: Uint8Array, bytes: number, pauseMs: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < body.length; at += bytes) {
    yield body.slice(at, at + bytes);
    await sleep(pauseMs);
  }
}
