// The HTTP side of the node: paths, methods, CORS, compression and statuses as the gateway in front of the real node has them.
// Promises that every answer that is not a fault's follows the rules; a fault sees a call before they do.
// Must not: decide anything about envelopes; calls.ts does.
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Caller, Calls } from './calls';
import { createEnvelopeStream } from './envelope-stream';
import { sendFault } from './fault-sender';
import type { Answer, Fault } from './faults';
import { readRequestBody } from './request-body';
import type { CallName, Envelope } from './messages';
import { RpcError, toRpcError } from './rpc-error';
import type { Subscriptions } from './subscriptions';
import { EVERY_TOPIC } from './subscriptions';
import type { CallResponse, WireFormat } from './wire-format';
import {
  batchQueryAnswer,
  CONTENT_TYPES,
  EMPTY_RESPONSE,
  errorAnswer,
  formatsOf,
  protobufLength,
  queryAnswer,
  readCall,
} from './wire-format';

const CALLS_BY_PATH: ReadonlyMap<string, CallName> = new Map(
  (['publish', 'query', 'batch-query', 'subscribe', 'subscribe-all'] as const).map((call) => [
    `/message/v1/${call}`,
    call,
  ]),
);
const ALLOWED_HEADERS =
  'Content-Type,Accept,Authorization,X-App-Version,X-Client-Version,X-Libxmtp-Version,Baggage,DNT,Sec-CH-UA,Sec-CH-UA-Mobile,Sec-CH-UA-Platform,Sentry-Trace,User-Agent';
const ALLOWED_METHODS = 'GET,HEAD,POST,PUT,PATCH,DELETE';
const FORM_TYPE = 'application/x-www-form-urlencoded';
const TIMEOUT_UNITS_MS: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3, n: 1e-6 };
const PAGE =
  '<!doctype html><title>XMTP test node</title><p>This is a test server for the XMTP message API v1: POST /message/v1/publish, query, batch-query, subscribe, subscribe-all.';

/** Sizes that bound what one caller can make the node hold. */
export interface NodeLimits {
  /** Longest request and longest response, in bytes of protobuf. */
  readonly callBytes: number;
  /** Envelopes held back for a slow subscriber to named topics, and to all. */
  readonly backlogEnvelopes: number;
  readonly backlogAllEnvelopes: number;
}

export interface GatewayParts {
  readonly calls: Calls;
  readonly subscriptions: Subscriptions;
  readonly limits: NodeLimits;
  /** Looked at anew for each request. */
  readonly faults: readonly Fault[];
  stored(contentTopic: string): readonly Envelope[];
  /** Called for each publish that is answered with success. */
  onPublished(): void;
}

/** A request whose body is here, and whose method an override may have changed. */
interface ReadRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
  readonly isTooLong: boolean;
  readonly clientAddress: string;
}

/** What the rules come to: a whole answer, or a stream to open. */
type Outcome =
  { readonly answer: Answer } | { readonly topics: readonly string[]; readonly timeoutMs: number | undefined };

/** The request listener of the server. */
export function createGateway(
  parts: GatewayParts,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const { calls, subscriptions, limits, faults } = parts;

  const outcomeOf = (request: ReadRequest, shows?: (envelope: Envelope) => boolean): Outcome => {
    const { inbound, outbound } = formatsOf(request.headers);
    const call = CALLS_BY_PATH.get(request.path);
    if (!call) return { answer: refusal(new RpcError('NotFound', 'Not Found'), outbound) };
    if (request.method !== 'POST')
      return { answer: refusal(new RpcError('Unimplemented', 'Method Not Allowed'), outbound) };
    let hasReachedService = false;
    try {
      if (request.isTooLong) throw tooLong(request.body.length, limits.callBytes);
      const read = readCall(call, inbound, request.body);
      const timeoutMs = readTimeout(request.headers['grpc-timeout']);
      hasReachedService = true;
      // JSON is never shorter than protobuf: most requests need no second look.
      if (request.body.length > limits.callBytes) {
        const length = protobufLength(read);
        if (length > limits.callBytes) throw tooLong(length, limits.callBytes);
      }
      const caller = callerOf(request);
      calls.admit(caller, call, read.cost);
      switch (read.call) {
        case 'publish':
          calls.publish(caller, read.request);
          parts.onPublished();
          return { answer: success(EMPTY_RESPONSE, outbound, limits.callBytes) };
        case 'query':
          return { answer: success(queryAnswer(calls.query(read.request, shows)), outbound, limits.callBytes) };
        case 'batch-query':
          return {
            answer: success(batchQueryAnswer(calls.batchQuery(read.request, shows)), outbound, limits.callBytes),
          };
        case 'subscribe':
          return { topics: read.request.contentTopics, timeoutMs };
        case 'subscribe-all':
          return { topics: [EVERY_TOPIC], timeoutMs };
      }
    } catch (error) {
      return { answer: refusal(toRpcError(error), outbound, hasReachedService) };
    }
  };

  const openStream = (
    response: ServerResponse,
    outbound: WireFormat,
    topics: readonly string[],
    timeoutMs: number | undefined,
  ): void => {
    const maxBacklog = topics.includes(EVERY_TOPIC) ? limits.backlogAllEnvelopes : limits.backlogEnvelopes;
    // Answers to streams are wrapped in an object that has no protobuf form: the gateway fails at the first envelope.
    const unsendable = {
      send() {
        if (!response.headersSent) response.writeHead(500, { 'content-type': CONTENT_TYPES.protobuf }).end();
      },
      end: () => void response.end(),
    };
    response.statusCode = 200;
    response.setHeader('Content-Type', CONTENT_TYPES.json);
    response.setHeader('Grpc-Metadata-Content-Type', 'application/grpc');
    response.setHeader('Grpc-Metadata-Subscribed', 'true');
    const stop = (): void => {
      clearTimeout(timer);
      remove();
    };
    const respondError = (error: RpcError): void => void sendAnswer(response, refusal(error, outbound, true), false);
    const stream = createEnvelopeStream(response, { maxBacklog, respondError, onEnd: stop });
    const remove = subscriptions.add(topics, outbound === 'json' ? stream : unsendable);
    const timer =
      timeoutMs === undefined
        ? undefined
        : setTimeout(() => stream.fail(new RpcError('DeadlineExceeded', 'context deadline exceeded')), timeoutMs);
    response.on('close', stop);
  };

  const injectFault = async (request: ReadRequest, response: ServerResponse): Promise<boolean> => {
    for (const fault of faults) {
      const answer = await fault({
        call: request.method === 'POST' ? CALLS_BY_PATH.get(request.path) : undefined,
        method: request.method,
        path: request.path,
        headers: request.headers,
        body: request.body,
        stored: (topic) => parts.stored(topic),
        honest: async (shows) => {
          const outcome = outcomeOf(request, shows);
          return 'answer' in outcome ? outcome.answer : undefined;
        },
      });
      if (!answer) continue;
      await sendFault(response, answer);
      return true;
    }
    return false;
  };

  return async (message, response) => {
    response.setHeader('Access-Control-Allow-Origin', '*');
    if (message.method === 'OPTIONS' && message.headers['access-control-request-method']) {
      response
        .writeHead(200, {
          'Access-Control-Allow-Headers': ALLOWED_HEADERS,
          'Access-Control-Allow-Methods': ALLOWED_METHODS,
        })
        .end();
      return;
    }
    const request = await readRequest(message, limits.callBytes);
    // The client went away while it was still sending.
    if (!request) return;
    if (await injectFault(request, response)) return;
    const page = pageAt(request.path);
    const outcome = page ? { answer: page } : outcomeOf(request);
    const { outbound } = formatsOf(request.headers);
    if ('answer' in outcome) await sendAnswer(response, outcome.answer, wantsGzip(request));
    else openStream(response, outbound, outcome.topics, outcome.timeoutMs);
  };
}

async function readRequest(message: IncomingMessage, maxBytes: number): Promise<ReadRequest | undefined> {
  // JSON may be longer than the protobuf it stands for, but not twice as long with anything in it that counts.
  const content = await readRequestBody(message, 2 * maxBytes);
  if (!content) return undefined;
  const [forwarded] = String(message.headers['x-forwarded-for'] ?? '').split(',');
  const request = {
    ...content,
    method: message.method ?? 'GET',
    path: (message.url ?? '/').split('?')[0] as string,
    headers: message.headers,
    clientAddress: forwarded?.trim() || (message.socket.remoteAddress ?? 'ip_unknown'),
  };
  const override = message.headers['x-http-method-override'];
  if (
    request.method !== 'POST' ||
    request.headers['content-type'] !== FORM_TYPE ||
    typeof override !== 'string' ||
    override === ''
  )
    return request;
  const method = override.toUpperCase();
  // Reading the form uses the body up, for the methods that have one.
  return { ...request, method, body: ['POST', 'PUT', 'PATCH'].includes(method) ? new Uint8Array() : request.body };
}

function callerOf(request: ReadRequest): Caller {
  const version = request.headers['x-libxmtp-version'];
  return {
    authorization: request.headers.authorization,
    libxmtpVersion: typeof version === 'string' ? version : undefined,
    clientAddress: request.clientAddress,
  };
}

function wantsGzip({ path, headers }: ReadRequest): boolean {
  const isQuery = path.endsWith('/query') || path.endsWith('/batch-query');
  return isQuery && String(headers['accept-encoding'] ?? '').includes('gzip');
}

/** The deadline of a Grpc-Timeout header in milliseconds. Throws RpcError InvalidArgument. */
function readTimeout(header: string | string[] | undefined): number | undefined {
  if (header === undefined || header === '') return undefined;
  const parsed = /^(\d{1,8})([HMSmun])$/.exec(String(header));
  if (!parsed) throw new RpcError('InvalidArgument', `invalid grpc-timeout: ${String(header)}`);
  // Timers hold 2^31 ms at most.
  return Math.min(Number(parsed[1]) * (TIMEOUT_UNITS_MS[parsed[2] as string] as number), 2 ** 31 - 1);
}

function pageAt(path: string): Answer | undefined {
  if (path === '/' || path.startsWith('/swagger-ui')) {
    return { status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body: Buffer.from(PAGE) };
  }
  if (path !== '/swagger.json') return undefined;
  const paths = Object.fromEntries(
    [...CALLS_BY_PATH.keys()].map((called) => [called, { post: { responses: { 200: { description: 'OK' } } } }]),
  );
  const document = { swagger: '2.0', info: { title: 'XMTP message API v1 (test node)', version: '1.0' }, paths };
  return { status: 200, headers: { 'content-type': CONTENT_TYPES.json }, body: Buffer.from(JSON.stringify(document)) };
}

function success(response: CallResponse, format: WireFormat, maxBytes: number): Answer {
  const body = bodyOf(response, format);
  if (body.length > maxBytes) {
    const length = format === 'protobuf' ? body.length : response.protobuf().length;
    if (length > maxBytes) throw tooLong(length, maxBytes);
  }
  return {
    status: 200,
    headers: { 'content-type': CONTENT_TYPES[format], 'grpc-metadata-content-type': 'application/grpc' },
    body,
  };
}

function refusal(error: RpcError, format: WireFormat, isOfService = false): Answer {
  const headers: Record<string, string> = { 'content-type': CONTENT_TYPES[format] };
  if (isOfService) headers['grpc-metadata-content-type'] = 'application/grpc';
  if (error.httpStatus === 401) headers['www-authenticate'] = error.message;
  return { status: error.httpStatus, headers, body: bodyOf(errorAnswer(error), format) };
}

function bodyOf(response: CallResponse, format: WireFormat): Uint8Array {
  return format === 'protobuf' ? response.protobuf() : Buffer.from(JSON.stringify(response.json()));
}

function tooLong(length: number, maxBytes: number): RpcError {
  return new RpcError('ResourceExhausted', `grpc: received message larger than max (${length} vs. ${maxBytes})`);
}

async function sendAnswer(response: ServerResponse, answer: Answer, isCompressed: boolean): Promise<void> {
  const body = isCompressed ? await promisify(gzip)(answer.body) : answer.body;
  response
    .writeHead(answer.status, {
      ...answer.headers,
      ...(isCompressed && { 'content-encoding': 'gzip' }),
      'content-length': body.length,
    })
    .end(body);
}
