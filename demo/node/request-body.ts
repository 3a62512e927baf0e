// Bodies of requests, read to their end but held only up to a bound.
// Promises that an endless body costs time of the sender and no memory here.
// Must not: answer; a body beyond the bound is told, the caller refuses it.
import type { IncomingMessage } from 'node:http';

/** The body and whether it went beyond `maxBytes` (then it is cut). undefined when the client went away. */
export async function readRequestBody(
  message: IncomingMessage,
  maxBytes: number,
): Promise<{ body: Uint8Array; isTooLong: boolean } | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of message as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length <= maxBytes) chunks.push(chunk);
    }
  } catch {
    return undefined;
  }
  return { body: Buffer.concat(chunks), isTooLong: length > maxBytes };
}
