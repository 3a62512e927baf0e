// One large batch as many small requests: cut by number and by bytes, some at once, answers in the order of the items.
// Promises that each item is sent once and answered once, that nothing more is sent after an abort or a failure, and that only
// the chunks under way are held, and 8 MiB of a batch that is declared as a whole, so that a page never stalls over a long list.
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
  /** Sends one request; answers for its items, in their order. `whole`: what was declared of the batch, when it is cut. */
  send: (request: Uint8Array, items: readonly Item[], whole?: Whole) => Promise<readonly Answer[]>;
  limits: ChunkLimits;
  /** Asked once, of a batch of several chunks: how many of them may be declared as a whole; 0 for none. Absent: none. */
  mostDeclared?: (() => Promise<number>) | undefined;
  signal?: AbortSignal | undefined;
  /** Told once before the first chunk and after each; only for batches of several chunks. */
  onProgress?: ((done: number, total: number) => void) | undefined;
}

/** A batch as it is declared before its first chunk is sent: its items, and the SHA-256 of each request, one after the other. */
export interface Whole {
  items: number;
  parts: Uint8Array;
}

/** Up to here chunks that were encoded to be declared are kept; beyond it they are encoded once more when they are sent. */
const keptBytes = 8 * 1024 * 1024;

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
  const { whole, chunks } = batch.mostDeclared ? await declared(batch) : { whole: undefined, chunks: cutter(batch) };
  const { nextChunk, isCut } = chunks;
  let done = 0;
  let isOver = false;

  async function lane(): Promise<void> {
    for (;;) {
      if (isOver) return;
      signal?.throwIfAborted();
      const chunk = nextChunk();
      if (chunk === undefined) return;
      if (chunk.at === 0 && chunk.items.length < items.length) onProgress?.(0, items.length);
      const received = await untilAborted(send(chunk.request, chunk.items, whole), signal);
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

/** What is declared of a batch, and its chunks. A batch of one chunk, or of more than may be declared, is sent as it is. */
async function declared<Item>(
  batch: ChunkedBatch<Item, unknown>,
): Promise<{ whole: Whole | undefined; chunks: ReturnType<typeof cutter<Item>> }> {
  const { items, mostDeclared, signal } = batch;
  const asItIs = { whole: undefined, chunks: cutter(batch) };
  if (!mostDeclared) return asItIs;
  const first = cutter(batch);
  const kept: Chunk<Item>[] = [];
  const digests: Uint8Array[] = [];
  let bytes = 0;
  let most = 1;
  for (let chunk = first.nextChunk(); chunk; chunk = first.nextChunk()) {
    if (digests.length === 0 && !first.isCut()) most = await mostDeclared();
    if (digests.length === most) return asItIs;
    if (signal?.aborted === true) throw signal.reason as Error;
    digests.push(await sha256(chunk.request));
    bytes += chunk.request.length;
    if (bytes <= keptBytes) kept.push(chunk);
    // So that a page can do something else after each chunk it cuts.
    await nextTask();
  }
  if (digests.length <= 1) return asItIs;
  const whole = { items: items.length, parts: concatBytes(...digests) };
  if (bytes > keptBytes) return { whole, chunks: cutter(batch) };
  return { whole, chunks: { nextChunk: () => kept.shift(), isCut: () => kept.length === 0 } };
}

async function sha256(bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>));
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
