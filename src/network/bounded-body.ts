// Reading a response without trusting its length: whole bodies and lines, each with a bound on what is held.
// Promises to hold at most the bound and one chunk more, and to let go of the connection when it stops early.
// Must not: believe Content-Length, or decode anything.
import { NetworkError } from './network-error';

/** The whole body. Throws NetworkError 'too-large' as soon as it is longer than `maxBytes`; rejects as the stream does when it breaks. */
export async function readWhole(response: Response, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunksOf(response)) {
    length += chunk.length;
    if (length > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return joined(chunks, length);
}

/** The lines of a body that are not empty, without their ends. Throws NetworkError 'too-large' on a line longer than `maxBytes`. */
export async function* readLines(response: Response, maxBytes: number): AsyncGenerator<Uint8Array> {
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  for await (const chunk of chunksOf(response)) {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      const piece = chunk.subarray(start, end);
      if (heldBytes + piece.length > maxBytes) throw tooLarge();
      const line = joined([...held, piece], heldBytes + piece.length);
      held = [];
      heldBytes = 0;
      start = end + 1;
      if (line.length > 0) yield line;
    }
    heldBytes += chunk.length - start;
    if (heldBytes > maxBytes) throw tooLarge();
    if (start < chunk.length) held.push(chunk.slice(start));
  }
  if (heldBytes > 0) yield joined(held, heldBytes);
}

async function* chunksOf(response: Response): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader();
  if (!reader) return;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    // Not awaited: a peer that does not hear the end must not hold us.
    reader.cancel().catch(() => undefined);
  }
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

function tooLarge(): NetworkError {
  return new NetworkError('too-large', 'the answer is larger than its bound');
}
