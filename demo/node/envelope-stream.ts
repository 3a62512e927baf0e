// One subscriber's response: lines written as envelopes come, held back while the reader is slow.
// Promises a bounded backlog; a reader that falls further behind gets what was held back and then a clean end, no error.
// Must not: write anything, headers included, before the first envelope; the real gateway does not either.
import type { ServerResponse } from 'node:http';
import { errorBody, type RpcError } from './rpc-error';
import type { EnvelopeSink } from './subscriptions';

export interface EnvelopeStream extends EnvelopeSink {
  /** Ends with an error: an ordinary error response before the first envelope, a line after it. */
  fail(error: RpcError): void;
}

/** `respondError` writes an ordinary error response; `onEnd` is called once when nothing more will be taken. */
export function createEnvelopeStream(
  response: ServerResponse,
  options: { maxBacklog: number; respondError(error: RpcError): void; onEnd(): void },
): EnvelopeStream {
  const backlog: string[] = [];
  let isEnded = false;
  let isBlocked = false;

  const finish = (): void => {
    isEnded = true;
    options.onEnd();
    if (!isBlocked) response.end();
  };
  const flush = (): void => {
    isBlocked = false;
    let sent = 0;
    while (sent < backlog.length && !isBlocked) isBlocked = !response.write(backlog[sent++]);
    backlog.splice(0, sent);
    if (isEnded && !isBlocked) response.end();
  };
  response.on('drain', flush);

  return {
    send(line) {
      if (isEnded) return;
      if (!isBlocked) isBlocked = !response.write(line);
      else if (backlog.length < options.maxBacklog) backlog.push(line);
      else finish();
    },
    end() {
      if (!isEnded) finish();
    },
    fail(error) {
      if (isEnded) return;
      if (response.headersSent) {
        const line = `${JSON.stringify({ error: errorBody(error) })}\n`;
        if (isBlocked) backlog.push(line);
        else isBlocked = !response.write(line);
        finish();
      } else {
        isEnded = true;
        options.onEnd();
        options.respondError(error);
      }
    },
  };
}
