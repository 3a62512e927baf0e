import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { packBytes, unpackBytes } from './bytes-codec';

describe('bytes over JSON', () => {
  const tree = fc.letrec((tie) => ({
    node: fc.oneof(
      { maxDepth: 4 },
      fc.uint8Array({ maxLength: 40 }),
      fc.string(),
      fc.integer(),
      fc.constant(null),
      fc.array(tie('node'), { maxLength: 4 }),
      fc.dictionary(
        fc.string().filter((key) => key !== '$bytes' && key !== '__proto__'),
        tie('node'),
        { maxKeys: 4, noNullPrototype: true },
      ),
    ),
  })).node;

  test('law: unpacking inverts packing, through JSON', () => {
    fc.assert(
      fc.property(tree, (value) => {
        expect(unpackBytes(JSON.parse(JSON.stringify(packBytes(value))))).toEqual(value);
      }),
    );
  });

  test('large bytes survive', () => {
    const bytes = Uint8Array.from({ length: 300_000 }, (_, at) => at * 7);
    expect(unpackBytes(packBytes({ bytes }))).toEqual({ bytes });
  });

  test('what only looks like packed bytes stays as it is', () => {
    for (const value of [{ $bytes: '***' }, { $bytes: 7 }, { $bytes: 'AA==', more: 1 }])
      expect(unpackBytes(value)).toEqual(value);
  });

  test('R-B4 an object that JSON would turn into something else is refused', () => {
    for (const value of [
      new Date(0),
      new Map(),
      new Set(),
      /a/,
      new Error('e'),
      new Uint16Array(1),
      new ArrayBuffer(1),
      1n,
      Object(1n),
      { $bytes: 'AA==' },
      { $bytes: 'AA==', more: 1 },
    ])
      expect(() => packBytes({ value })).toThrow(TypeError);
  });

  test('R-B4 rings, endless depth, shared parts without end and arrays of holes end at once', () => {
    const ring: Record<string, unknown> = {};
    ring.ring = ring;
    expect(() => packBytes(ring)).toThrow('depth');
    let deep: unknown = 1;
    for (let depth = 0; depth < 5000; depth++) deep = { deep };
    expect(() => packBytes(deep)).toThrow('depth');
    expect(() => unpackBytes(deep)).toThrow('depth');
    let shared: unknown = 1;
    for (let depth = 0; depth < 40; depth++) shared = [shared, shared];
    expect(() => packBytes(shared)).toThrow('length');
    const holes: unknown[] = [];
    holes[2 ** 32 - 2] = 1;
    expect(() => packBytes(holes)).toThrow('length');
  });
});
