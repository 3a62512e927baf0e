// The copy that is made of a page's request: as structuredClone sees the value, but through proxies and without the rest of a buffer.
import { reactive, readonly, shallowReactive } from '@vue/reactivity';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ownCopy } from './own-copy';

const bytesIn = (value: unknown): Uint8Array => (value as { payload: Uint8Array }).payload;

describe('a copy of what a page asks', () => {
  const leaf = fc.oneof(
    fc.string(),
    fc.double(),
    fc.boolean(),
    fc.constantFrom(null, undefined, 1n),
    fc.date(),
    fc.uint8Array({ maxLength: 9 }),
  );
  const tree = fc.letrec((tie) => ({
    node: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc.array(tie('node'), { maxLength: 4 }),
      fc.dictionary(fc.string(), tie('node'), { maxKeys: 4 }),
    ),
  })).node;

  test('R-B4 law: cloning the copy is cloning the value', () => {
    fc.assert(
      fc.property(tree, (value) => void expect(structuredClone(ownCopy(value))).toEqual(structuredClone(value))),
    );
  });

  test('R-B4 law: what a proxy shows is copied, however many proxies there are', () => {
    const layers = fc.array(
      fc.constantFrom(reactive, readonly, shallowReactive, (value: object) => new Proxy(value, {})),
      { minLength: 1, maxLength: 3 },
    );
    fc.assert(
      fc.property(layers, tree, (wraps, value) => {
        const params = { list: [value], inner: { value } };
        const wrapped = wraps.reduce<object>((inner, wrap) => wrap(inner) as object, params);
        expect(() => structuredClone(wrapped)).toThrow();
        expect(structuredClone(ownCopy(wrapped))).toEqual(structuredClone(params));
      }),
    );
  });

  test('R-B8 of a view only its own bytes are copied, whatever it is a view of, and wherever it stands', () => {
    const large = new ArrayBuffer(2 ** 30);
    new Uint8Array(large, 5, 3).set([1, 2, 3]);
    const view = new Uint8Array(large, 5, 3);
    for (const value of [
      { payload: view },
      reactive({ payload: view }),
      new (class {
        payload = view;
      })(),
    ]) {
      const payload = bytesIn(structuredClone(ownCopy(value)));
      expect([...payload]).toEqual([1, 2, 3]);
      expect(payload.buffer.byteLength).toBe(3);
    }
    for (const other of [new Uint16Array(large, 0, 1), new DataView(large, 0, 1)])
      expect(() => ownCopy({ payload: other })).toThrow();
  });

  test('rings, shared parts and holes stay what they are', () => {
    const ring: Record<string, unknown> = { bytes: Uint8Array.of(1) };
    ring.self = ring;
    ring.again = ring.bytes;
    const copy = ownCopy(ring) as typeof ring;
    expect(copy.self).toBe(copy);
    expect(copy.again).toBe(copy.bytes);
    const holes: unknown[] = [];
    holes[1000] = 1;
    const copied = structuredClone(ownCopy(holes)) as unknown[];
    expect([copied.length, Object.keys(copied)]).toEqual([1001, ['1000']]);
  });

  test('R-B8 what has more members than any request may have is not copied: the clone carries it to be refused', () => {
    const holes: unknown[] = [];
    holes[2 ** 32 - 2] = 1;
    const long = Array.from({ length: 2 ** 20 + 1 }, () => 0);
    for (const value of [holes, long]) expect(ownCopy(value)).toBe(value);
    const half = long.slice(0, 2 ** 19);
    const copy = ownCopy({ half, long, other: [1] }) as { half: unknown[]; long: unknown[]; other: unknown[] };
    expect([copy.half === half, copy.half.length, copy.long === long]).toEqual([false, 2 ** 19, true]);
  });

  test('R-B4 no setter that the page put on every object or list sees what is copied', () => {
    const seen: unknown[] = [];
    const set = (value: unknown) => void seen.push(value);
    try {
      Object.defineProperty(Object.prototype, 'payload', { set, configurable: true });
      Object.defineProperty(Array.prototype, '0', { set, configurable: true });
      const list = Object.create(null) as { list: unknown };
      list.list = Object.defineProperty([], 0, { value: 'in a list', enumerable: true });
      ownCopy(Object.defineProperty(list, 'payload', { value: 'in an object', enumerable: true }));
    } finally {
      Reflect.deleteProperty(Object.prototype, 'payload');
      Reflect.deleteProperty(Array.prototype, '0');
    }
    expect(seen).toEqual([]);
  });

  test('R-B4 what is no plain value is left for the clone to carry or refuse; a getter runs once', () => {
    for (const value of [
      new Date(0),
      new Map([[1, 2]]),
      new Set([1]),
      /a/,
      new Error('e'),
      new ArrayBuffer(2),
      Object(1n) as object,
    ])
      expect(ownCopy(value)).toBe(value);
    for (const value of [() => 1, Symbol('s'), new WeakMap(), Promise.resolve()])
      expect(() => structuredClone(ownCopy({ value }))).toThrow();
    let runs = 0;
    const copy = structuredClone(
      ownCopy({
        get once() {
          return ++runs;
        },
      }),
    );
    expect([copy, runs]).toEqual([{ once: 1 }, 1]);
    expect(() =>
      ownCopy({
        get trap() {
          throw new Error('mine');
        },
      }),
    ).toThrow('mine');
    expect(Object.keys(ownCopy(JSON.parse('{"__proto__":{"account":1}}')) as object)).toEqual(['__proto__']);
  });
});
