// One request to a node over fetch: no cookies, no referrer, no cache, no redirect; a time limit and a size bound on the whole answer.
// Promises that it settles: with the JSON of a success, or a NetworkError that says why not.
// Must not: try again, or send the person's token anywhere but to the address it was given.
import { bytesToBase64 } from '../protocol/base/bytes';
import { readWhole } from './bounded-body';
import { NetworkError } from './network-error';
import { parseJson, readErrorCode } from './node-json';

/** What a request may take. */
export interface RequestLimits {
  /** From the first byte sent to the last byte read, in milliseconds. */
  readonly requestMs: number;
  /** Largest answer, after decompression. */
  readonly answerBytes: number;
}

export interface NodeRequest {
  /** One of the calls of the message API v1. */
  readonly call: 'publish' | 'query' | 'batch-query' | 'subscribe';
  readonly body: unknown;
  /** Auth token (protocol c.4), for publish only. */
  readonly token?: Uint8Array;
}

/** Errors are read up to here, for their code. */
const ERROR_BYTES = 65_536;
/** What gateways answer without a body of their own (protocol h, errors). */
const CODES_BY_STATUS: Readonly<Record<number, number>> = {
  400: 3,
  401: 16,
  403: 7,
  404: 5,
  429: 8,
  500: 13,
  501: 12,
  503: 14,
  504: 4,
};

/**
 * The address of a node in its one written form: scheme, host and port, without a slash at the end. undefined when `url` is
 * anything more or less than http or https to a host: a path, a query, a user name.
 */
export function nodeAddress(url: string): string | undefined {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    return undefined;
  }
  const isPlain =
    ['http:', 'https:'].includes(parsed.protocol) &&
    parsed.pathname === '/' &&
    parsed.search === '' &&
    parsed.hash === '';
  return isPlain && parsed.username === '' && parsed.password === '' ? parsed.origin : undefined;
}

/** The JSON of a successful answer. Throws NetworkError, of every reason. */
export function ask(
  fetcher: typeof fetch,
  address: string,
  request: NodeRequest,
  limits: RequestLimits,
  signal?: AbortSignal,
): Promise<unknown> {
  return inTime(limits, signal, async (ending) => {
    const response = await send(fetcher, address, request, ending);
    await expectSuccess(response);
    return parseJson(await readWhole(response, limits.answerBytes));
  });
}

/** Does a request within its time, and calls what goes wrong by its name. `ending` is aborted by the time limit and by `signal`. */
export async function inTime<T>(
  { requestMs }: Pick<RequestLimits, 'requestMs'>,
  signal: AbortSignal | undefined,
  request: (ending: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), requestMs);
  try {
    return await request(signal ? AbortSignal.any([signal, late.signal]) : late.signal);
  } catch (error) {
    throw networkErrorOf(error, signal, late.signal);
  } finally {
    clearTimeout(timer);
  }
}

/** Sends a request; resolves with the beginning of the answer, whatever it is. Rejects as fetch does. */
export function send(
  fetcher: typeof fetch,
  address: string,
  { call, body, token }: NodeRequest,
  signal: AbortSignal,
): Promise<Response> {
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (token) headers['authorization'] = `Bearer ${bytesToBase64(token)}`;
  return post(fetcher, `${address}/message/v1/${call}`, { headers, body: JSON.stringify(body) }, signal);
}

/** A POST that carries nothing of the browser: no cookies, no referrer, no cache. Rejects as fetch does. */
export function post(
  fetcher: typeof fetch,
  url: string,
  { headers, body }: { headers: Record<string, string>; body: BodyInit },
  signal: AbortSignal,
): Promise<Response> {
  return fetcher(url, {
    method: 'POST',
    headers,
    body,
    signal,
    // A redirect is seen, told and not followed; 'error' would make it look like a node that is away.
    redirect: 'manual',
    credentials: 'omit',
    referrerPolicy: 'no-referrer',
    cache: 'no-store',
  });
}

/** Throws NetworkError unless the answer is a success: 'bad-answer' for a redirect, else 'refused' with the code. */
export async function expectSuccess(response: Response): Promise<void> {
  if (response.status === 200) return;
  if (response.type === 'opaqueredirect' || (response.status >= 300 && response.status < 400)) {
    response.body?.cancel().catch(() => undefined);
    throw new NetworkError('bad-answer', 'the node sends to another address');
  }
  const code = await codeOf(response);
  if (code === undefined && response.status < 400)
    throw new NetworkError('bad-answer', 'the answer is neither a success nor an error');
  throw new NetworkError('refused', 'the node refused', code);
}

/** What a failed request comes to for the caller. `late` is the signal of the time limit, if a limit is set. */
export function networkErrorOf(error: unknown, signal: AbortSignal | undefined, late?: AbortSignal): NetworkError {
  if (signal?.aborted) return new NetworkError('cancelled', 'the request was stopped');
  if (error instanceof NetworkError) return error;
  if (late?.aborted) return new NetworkError('timed-out', 'the node did not answer in time');
  return new NetworkError('unreachable', 'the node could not be reached');
}

async function codeOf(response: Response): Promise<number | undefined> {
  try {
    return readErrorCode(parseJson(await readWhole(response, ERROR_BYTES))) ?? CODES_BY_STATUS[response.status];
  } catch (error) {
    // A body that breaks off, is not JSON or never ends is an error all the same.
    if (error instanceof NetworkError) return CODES_BY_STATUS[response.status];
    throw error;
  }
}

/** Waits, in milliseconds; rejects when the signal is aborted. */
export type Sleep = (ms: number, signal?: AbortSignal) => Promise<void>;
