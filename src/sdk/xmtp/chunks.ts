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
  /**
   * Whether a failure says that the list has to be declared. If given, a list that is cut goes out without that first, with no parts in its `whole`: where
   * nobody has to be asked, nobody waits until all of it is encoded. Absent: it is declared before anything is sent.
   */
  isToBeDeclared?: ((error: unknown) => boolean) | undefined;
  signal?: AbortSignal | undefined;
  /** Told once before the first chunk and after each; only for batches of several chunks. */
  onProgress?: ((done: number, total: number) => void) | undefined;
}

/** A batch as it is declared before its first chunk is sent: its items, and the SHA-256 of each request, one after the other; none while it is not declared. */
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

interface Chunks<Item> {
  nextChunk: () => Chunk<Item> | undefined;
  isCut: () => boolean;
}

/** What stands with each request of a list that is not declared yet. */
const undeclared = (items: number): Whole => ({ items, parts: new Uint8Array(0) });

/**
 * The answers to all items, in order. Rejects with the first failure of a chunk, or with the signal's reason as soon as it is
 * aborted; what is under way then is answered to nobody.
 */
export async function sendInChunks<Item, Answer>(batch: ChunkedBatch<Item, Answer>): Promise<Answer[]> {
  const { items, send, limits, signal, onProgress, mostDeclared, isToBeDeclared } = batch;
  const answers: Answer[] = [];
  let done = 0;
  let isBegun = false;
  let isOver = false;
  /** The list has to be declared. */
  let isRefused = false;

  /** Sends all chunks there are. `wholeOf`: what stands with each; `places`: of the items, where they stand in the batch. */
  async function sendAll(
    { nextChunk, isCut }: Chunks<Item>,
    wholeOf: (chunk: Chunk<Item>) => Whole | undefined,
    places?: readonly number[],
  ): Promise<void> {
    async function lane(): Promise<void> {
      for (;;) {
        if (isOver || isRefused) return;
        signal?.throwIfAborted();
        const chunk = nextChunk();
        if (chunk === undefined) return;
        const isPart = chunk.items.length < items.length;
        if (isPart && !isBegun) onProgress?.(0, items.length);
        isBegun = true;
        let received;
        try {
          received = await untilAborted(send(chunk.request, chunk.items, wholeOf(chunk)), signal);
        } catch (error) {
          if (places || isToBeDeclared?.(error) !== true) throw error;
          isRefused = true;
          return;
        }
        if (isOver) return;
        if (received.length !== chunk.items.length) {
          throw new Error(`${chunk.items.length} items were sent and ${received.length} answered`);
        }
        received.forEach((answer, index) => {
          const at = chunk.at + index;
          answers[places ? (places[at] as number) : at] = answer;
        });
        done += received.length;
        if (isPart) onProgress?.(done, items.length);
      }
    }
    const first = lane();
    // The others begin in tasks of their own, so that a page can do something else after each chunk it cuts.
    const others = isCut() ? [] : Array.from({ length: limits.inFlight - 1 }, () => nextTask().then(lane));
    await Promise.all([first, ...others]);
  }

  try {
    if (!mostDeclared || isToBeDeclared) {
      const whole = mostDeclared && undeclared(items.length);
      await sendAll(cutter(batch), (chunk) => (chunk.items.length < items.length ? whole : undefined));
      if (!isRefused) return answers;
      isRefused = false;
    }
    // What nobody answered yet is the list that is asked about.
    const places = items.map((_item, at) => at).filter((at) => !(at in answers));
    const left = { ...batch, items: places.map((at) => items[at] as Item) };
    const { whole, chunks } = await declared(left);
    await sendAll(chunks, () => whole, places);
  } finally {
    isOver = true;
  }
  return answers;
}

/** What is declared of a batch, and its chunks. A batch of one chunk, or of more than may be declared, is sent as it is. */
async function declared<Item>(
  batch: ChunkedBatch<Item, unknown>,
): Promise<{ whole: Whole | undefined; chunks: Chunks<Item> }> {
  const { items, mostDeclared, signal } = batch;
  const asItIs = { whole: undefined, chunks: cutter(batch) };
  if (!mostDeclared) return asItIs;
  const first = cutter(batch);
  const kept: Chunk<Item>[] = [];
  const digests: Promise<Uint8Array>[] = [];
  let bytes = 0;
  let most = 1;
  for (let chunk = first.nextChunk(); chunk; chunk = first.nextChunk()) {
    if (digests.length === 0 && !first.isCut()) most = await mostDeclared();
    if (digests.length === most) return asItIs;
    if (signal?.aborted === true) throw signal.reason as Error;
    digests.push(sha256(chunk.request));
    bytes += chunk.request.length;
    if (bytes <= keptBytes) kept.push(chunk);
    // So that a page can do something else after each chunk it cuts.
    await nextTask();
  }
  if (digests.length <= 1) return asItIs;
  const whole = { items: items.length, parts: concatBytes(...(await Promise.all(digests))) };
  if (bytes > keptBytes) return { whole, chunks: cutter(batch) };
  return { whole, chunks: { nextChunk: () => kept.shift(), isCut: () => kept.length === 0 } };
}

async function sha256(bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>));
}

/** Encodes the next chunk when it is asked for. An item that did not fit any more begins the chunk after. */
function cutter<Item>({
  items,
  encode,
  limits,
}: Pick<ChunkedBatch<Item, unknown>, 'items' | 'encode' | 'limits'>): Chunks<Item> {
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

/** Lets the tasks that wait begin. By a message: a browser holds timers back that are set one after the other, 4 ms each from the fifth on. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
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
