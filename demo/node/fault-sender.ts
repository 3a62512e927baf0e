// Sends what a fault wants sent: whole bodies, endless ones, cut ones, or nothing at all.
// Promises to stop as soon as the client goes away, so that no endless body outlives its reader.
// Must not: correct a fault; a wrong Content-Length is sent as it is.
import type { ServerResponse } from 'node:http';
import type { FaultAnswer } from './faults';

/** Resolves when everything was written, or nobody reads any more. */
export async function sendFault(response: ServerResponse, answer: FaultAnswer): Promise<void> {
  const { status = 200, headers = {}, body = '', isCut = false } = answer;
  if (status === 0) {
    response.destroy();
    return;
  }
  response.statusCode = status;
  response.setHeader('content-type', 'application/json');
  for (const [name, value] of Object.entries(headers)) {
    if (value === null) response.removeHeader(name);
    else response.setHeader(name, value);
  }
  const isWhole = typeof body === 'string' || body instanceof Uint8Array;
  if (isWhole && !isCut) {
    response.end(body);
    return;
  }
  await writeAll(response, isWhole ? [body] : body);
  if (!isCut) response.end();
  else if (!response.destroyed) response.socket?.destroySoon();
}

async function writeAll(
  response: ServerResponse,
  chunks: AsyncIterable<Uint8Array | string> | (Uint8Array | string)[],
): Promise<void> {
  for await (const chunk of chunks) {
    if (response.destroyed) return;
    if (response.write(chunk)) continue;
    await drained(response);
  }
}

/** Resolves when more can be written, or nobody reads any more. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.on('drain', done).on('close', done);
  });
}
