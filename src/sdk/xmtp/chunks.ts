// One large batch as many small requests: cut by number and by bytes, some at once, answers in the order of the items.
// Promises that each item is sent once and answered once, that nothing more is sent after an abort or a failure, and that only
// the chunks under way are encoded, so that a page never stalls over a long list.
// Must not know what the bytes mean.
import { concatBytes } from '../../protocol/base/bytes';

/** How a batch is cut. */
export interface ChunkLimits {
  /** Items of one request, at most. */
  maxItems: number;
  /** Bytes of one request, at most; a single item that is larger travels alone. */
  maxBytes: number;
  /** Requests under way at the same time. 1 for what is stored: only then does it take effect in the order of the items. */
  inFlight: number;
}

/** A batch to send. */
export interface ChunkedBatch<Item, Answer> {
  items: readonly Item[];
  /** Bytes of a request with this one item. Requests are these bytes one after the other, as protobuf allows for a repeated field. */
  encode: (item: Item) => Uint8Array;
  /** Sends one request; answers for its items, in their order. */
  send: (request: Uint8Array, items: readonly Item[]) => Promise<readonly Answer[]>;
  limits: ChunkLimits;
  signal?: AbortSignal | undefined;
  /** Told once before the first chunk and after each; only for batches of several chunks. */
  onProgress?: ((done: number, total: number) => void) | undefined;
}

interface Chunk<Item> {
  at: number;
  items: readonly Item[];
  request: Uint8Array;
}

/**
 * The answers to all items, in order. Rejects with the first failure of a chunk, or with the signal's reason as soon as it is
 * aborted; what is under way then is answered to nobody.
 */
export async function sendInChunks<Item, Answer>(batch: ChunkedBatch<Item, Answer>): Promise<Answer[]> {
  const { items, send, limits, signal, onProgress } = batch;
  const answers: Answer[] = [];
  const { nextChunk, isCut } = cutter(batch);
  let done = 0;
  let isOver = false;

  async function lane(): Promise<void> {
    for (;;) {
      if (isOver) return;
      signal?.throwIfAborted();
      const chunk = nextChunk();
      if (chunk === undefined) return;
      if (chunk.at === 0 && chunk.items.length < items.length) onProgress?.(0, items.length);
      const received = await untilAborted(send(chunk.request, chunk.items), signal);
      if (isOver) return;
      if (received.length !== chunk.items.length) {
        throw new Error(`${chunk.items.length} items were sent and ${received.length} answered`);
      }
      received.forEach((answer, index) => {
        answers[chunk.at + index] = answer;
      });
      done += received.length;
      if (chunk.items.length < items.length) onProgress?.(done, items.length);
    }
  }

  try {
    const first = lane();
    // The others begin in tasks of their own, so that a page can do something else after each chunk it cuts.
    const others = isCut() ? [] : Array.from({ length: limits.inFlight - 1 }, () => nextTask().then(lane));
    await Promise.all([first, ...others]);
  } finally {
    isOver = true;
  }
  return answers;
}

/** Encodes the next chunk when it is asked for. An item that did not fit any more begins the chunk after. */
function cutter<Item>({ items, encode, limits }: Pick<ChunkedBatch<Item, unknown>, 'items' | 'encode' | 'limits'>): {
  nextChunk: () => Chunk<Item> | undefined;
  isCut: () => boolean;
} {
  let at = 0;
  let waiting: Uint8Array | undefined;
  const nextChunk = () => {
    if (at >= items.length) return undefined;
    const begin = at;
    const parts: Uint8Array[] = [];
    let size = 0;
    while (at < items.length && parts.length < limits.maxItems) {
      const part = waiting ?? encode(items[at] as Item);
      waiting = part;
      if (parts.length > 0 && size + part.length > limits.maxBytes) break;
      waiting = undefined;
      parts.push(part);
      size += part.length;
      at++;
    }
    return { at: begin, items: items.slice(begin, at), request: concatBytes(...parts) };
  };
  return { nextChunk, isCut: () => at >= items.length };
}

function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve);
  });
}

/** `work`, or the signal's reason as soon as it is aborted; `work` itself goes on. */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise<T>((resolve, reject) => {
    const onAbort = () => reject(signal.reason as Error);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
