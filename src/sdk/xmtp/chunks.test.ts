// Cutting a batch: every item once, in order, in chunks that fit; stopping; progress.
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { sendInChunks, type ChunkLimits, type Whole } from './chunks';

const encode = (item: number[]) => Uint8Array.from(item);
const limits = (change: Partial<ChunkLimits> = {}): ChunkLimits => ({
  maxItems: 3,
  maxBytes: 100,
  inFlight: 2,
  ...change,
});

/** Answers each chunk after its own number of turns, so that chunks overtake each other. */
function slowly(turns: (call: number) => number) {
  const requests: { request: Uint8Array; items: number }[] = [];
  let underWay = 0;
  let most = 0;
  const send = async (request: Uint8Array, items: readonly number[][]) => {
    const call = requests.push({ request, items: items.length });
    most = Math.max(most, ++underWay);
    for (let turn = turns(call); turn > 0; turn--) await Promise.resolve();
    underWay--;
    return items.map((item) => item.join());
  };
  return { send, requests, most: () => most };
}

describe('sendInChunks', () => {
  it('law: every item is answered once and in its place, whatever the sizes, limits and speeds', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.nat(255), { maxLength: 12 }), { maxLength: 60 }),
        fc.record({
          maxItems: fc.integer({ min: 1, max: 9 }),
          maxBytes: fc.integer({ min: 1, max: 30 }),
          inFlight: fc.integer({ min: 1, max: 4 }),
        }),
        fc.array(fc.nat(9), { minLength: 1 }),
        async (items, limit, speeds) => {
          const { send, requests, most } = slowly((call) => speeds[call % speeds.length]!);
          expect(await sendInChunks({ items, encode, send, limits: limit })).toEqual(items.map((item) => item.join()));
          expect(requests.flatMap(({ request }) => [...request])).toEqual(items.flat());
          expect(most()).toBeLessThanOrEqual(limit.inFlight);
          for (const { request, items: count } of requests) {
            expect(count).toBeLessThanOrEqual(limit.maxItems);
            expect(request.length <= limit.maxBytes || count === 1).toBe(true);
          }
        },
      ),
    );
  });

  it('sends nothing for an empty batch', async () => {
    const { send, requests } = slowly(() => 0);
    expect(await sendInChunks({ items: [], encode, send, limits: limits() })).toEqual([]);
    expect(requests).toEqual([]);
  });

  it('encodes no more than the chunks under way', async () => {
    let encoded = 0;
    const items = Array.from({ length: 30 }, () => [1]);
    const release: (() => void)[] = [];
    const whole = sendInChunks({
      items,
      encode: (item) => {
        encoded++;
        return encode(item);
      },
      send: (_request, sent) => new Promise<number[]>((resolve) => release.push(() => resolve(sent.map(() => 0)))),
      limits: limits(),
    });
    // The first at once, the others in tasks of their own.
    expect(encoded).toBe(3);
    await new Promise((resolve) => setTimeout(resolve));
    await new Promise((resolve) => setTimeout(resolve));
    expect(encoded).toBe(6);
    while (release.length > 0) {
      release.splice(0).forEach((go) => go());
      await new Promise((resolve) => setTimeout(resolve));
    }
    expect((await whole).length).toBe(30);
  });

  it('tells progress at the start and after each chunk, and not for a single chunk', async () => {
    const seen: [number, number][] = [];
    const { send } = slowly(() => 1);
    const onProgress = (done: number, total: number) => void seen.push([done, total]);
    await sendInChunks({ items: [[1], [2], [3]], encode, send, limits: limits(), onProgress });
    expect(seen).toEqual([]);
    await sendInChunks({
      items: Array.from({ length: 8 }, () => [1]),
      encode,
      send,
      limits: limits({ inFlight: 1 }),
      onProgress,
    });
    expect(seen).toEqual([
      [0, 8],
      [3, 8],
      [6, 8],
      [8, 8],
    ]);
  });

  it('stops at once when it is aborted: the reason comes out and nothing more is sent', async () => {
    const controller = new AbortController();
    let sent = 0;
    const whole = sendInChunks({
      items: Array.from({ length: 12 }, () => [1]),
      encode,
      // Never answered: the abort alone ends the call.
      send: () => {
        sent++;
        return new Promise<number[]>(() => undefined);
      },
      limits: limits(),
      signal: controller.signal,
    });
    await new Promise((resolve) => setTimeout(resolve));
    await new Promise((resolve) => setTimeout(resolve));
    controller.abort(new Error('enough'));
    await expect(whole).rejects.toThrow('enough');
    await new Promise((resolve) => setTimeout(resolve));
    expect(sent).toBe(2);
  });

  it('begins no second chunk when it is aborted before its turn', async () => {
    const controller = new AbortController();
    let sent = 0;
    const send = () => {
      sent++;
      return new Promise<number[]>(() => undefined);
    };
    const whole = sendInChunks({
      items: Array.from({ length: 12 }, () => [1]),
      encode,
      send,
      limits: limits(),
      signal: controller.signal,
    });
    controller.abort(new Error('enough'));
    await expect(whole).rejects.toThrow('enough');
    await new Promise((resolve) => setTimeout(resolve));
    await new Promise((resolve) => setTimeout(resolve));
    expect(sent).toBe(1);
  });

  it('sends nothing when it was aborted before', async () => {
    const { send, requests } = slowly(() => 0);
    await expect(
      sendInChunks({ items: [[1]], encode, send, limits: limits(), signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({ name: 'AbortError' });
    expect(requests).toEqual([]);
  });

  it('ends with the first failure and sends nothing after it', async () => {
    let sent = 0;
    const send = async (_request: Uint8Array, items: readonly number[][]) => {
      if (++sent === 3) throw new Error('refused');
      await new Promise((resolve) => setTimeout(resolve));
      return items.map(() => 0);
    };
    const items = Array.from({ length: 60 }, () => [1]);
    await expect(sendInChunks({ items, encode, send, limits: limits() })).rejects.toThrow('refused');
    const sentThen = sent;
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(sent).toBe(sentThen);
    expect(sent).toBeLessThanOrEqual(4);
  });

  it('does not take another number of answers', async () => {
    await expect(sendInChunks({ items: [[1], [2]], encode, send: async () => [0], limits: limits() })).rejects.toThrow(
      '2 items were sent and 1 answered',
    );
  });

  it('law: what is declared is what is sent, chunk by chunk, and only of a batch that is cut and not too long', async () => {
    const sha256 = async (bytes: Uint8Array) =>
      new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>)).join();
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.nat(255), { maxLength: 12 }), { maxLength: 40 }),
        fc.integer({ min: 1, max: 9 }),
        fc.nat({ max: 12 }),
        async (items, maxItems, most) => {
          const sent: { request: Uint8Array; whole: Whole | undefined }[] = [];
          const send = async (request: Uint8Array, chunk: readonly number[][], whole?: Whole) => {
            sent.push({ request, whole });
            return chunk.map((item) => item.join());
          };
          const answers = await sendInChunks({
            items,
            encode,
            send,
            limits: limits({ maxItems }),
            mostDeclared: async () => most,
          });
          expect(answers).toEqual(items.map((item) => item.join()));
          const isDeclared = sent.length > 1 && sent.length <= most;
          const parts = await Promise.all(sent.map(({ request }) => sha256(request)));
          for (const { whole } of sent) {
            expect(whole === undefined).toBe(!isDeclared);
            if (!whole) continue;
            expect(whole.items).toBe(items.length);
            const declared = parts.map((_, at) => whole.parts.slice(32 * at, 32 * (at + 1)).join());
            expect(declared.toSorted()).toEqual(parts.toSorted());
            expect(whole.parts).toHaveLength(32 * sent.length);
          }
        },
      ),
    );
  });

  it('law: a list goes out undeclared until that is refused, then what is left is declared, and each item is answered once', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.nat(255), { maxLength: 12 }), { maxLength: 40 }),
        fc.integer({ min: 1, max: 9 }),
        fc.nat({ max: 6 }),
        fc.constantFrom(0, 99),
        async (items, maxItems, answeredFirst, most) => {
          const sent: { items: number; whole: Whole | undefined; isAnswered: boolean }[] = [];
          const progress: number[] = [];
          const toBeDeclared = new Error('declare it');
          const send = async (_request: Uint8Array, chunk: readonly number[][], whole?: Whole) => {
            const isAnswered = whole?.parts.length !== 0 || sent.length < answeredFirst;
            sent.push({ items: chunk.length, whole, isAnswered });
            for (let turn = sent.length % 3; turn > 0; turn--) await Promise.resolve();
            if (!isAnswered) throw toBeDeclared;
            return chunk.map((item) => item.join());
          };
          const answers = await sendInChunks({
            items,
            encode,
            send,
            limits: limits({ maxItems }),
            mostDeclared: async () => most,
            isToBeDeclared: (error) => error === toBeDeclared,
            onProgress: (done) => progress.push(done),
          });
          expect(answers).toEqual(items.map((item) => item.join()));
          const answered = sent.filter(({ isAnswered }) => isAnswered);
          expect(answered.reduce((sum, one) => sum + one.items, 0)).toBe(items.length);
          const isDeclared = (whole: Whole | undefined) => whole !== undefined && whole.parts.length > 0;
          const firstDeclared = sent.findIndex(({ whole }) => isDeclared(whole));
          if (answered.length === sent.length) expect(firstDeclared).toBe(-1);
          // Nothing is sent undeclared any more, and what is declared is what was left.
          if (firstDeclared >= 0) {
            const last = sent.slice(firstDeclared);
            const left = last.reduce((sum, one) => sum + one.items, 0);
            for (const { whole } of last)
              expect(whole).toMatchObject({ items: left, parts: { length: 32 * last.length } });
          }
          if (sent.length > 1) expect(progress).toEqual([...new Set(progress)].toSorted((a, b) => a - b));
          if (sent.length > 1) expect([progress[0], progress.at(-1)]).toEqual([0, items.length]);
        },
      ),
    );
  });

  it('fails as any batch does where something else is refused than that it is not declared', async () => {
    const failure = new Error('no');
    const failing = sendInChunks({
      items: [[1], [2]],
      encode,
      send: () => Promise.reject(failure),
      limits: limits({ maxItems: 1 }),
      mostDeclared: async () => 99,
      isToBeDeclared: () => false,
    });
    await expect(failing).rejects.toBe(failure);
  });

  it('waits for no timer while it declares, which a browser would hold back', async () => {
    const timers = vi.spyOn(globalThis, 'setTimeout');
    try {
      const items = Array.from({ length: 30 }, (_, at) => [at]);
      const { send } = slowly(() => 0);
      await sendInChunks({ items, encode, send, limits: limits({ maxItems: 1 }), mostDeclared: async () => 99 });
      expect(timers).not.toHaveBeenCalled();
    } finally {
      timers.mockRestore();
    }
  });

  it('encodes again what is too much to be kept', async () => {
    const items = Array.from({ length: 5 }, (_, at) => [at]);
    const large = 4 * 1024 * 1024;
    let encoded = 0;
    const encodeLarge = ([at]: number[]) => {
      encoded++;
      return new Uint8Array(large).fill(at!);
    };
    const wholes = new Set<Whole | undefined>();
    const send = async (_request: Uint8Array, chunk: readonly number[][], whole?: Whole) => {
      wholes.add(whole);
      return chunk.map(() => 1);
    };
    await sendInChunks({
      items,
      encode: encodeLarge,
      send,
      limits: limits({ maxItems: 1, maxBytes: large }),
      mostDeclared: async () => 9,
    });
    expect(encoded).toBe(10);
    expect([...wholes]).toMatchObject([{ items: 5 }]);
  });
});
