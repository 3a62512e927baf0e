import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { limits } from './limits';
import { plainDefect } from './plain';

describe('R-B4 only plain values pass', () => {
  test('R-B4 law: every JSON value within the limits passes, and so do bytes', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.uint8Array(), (value, bytes) => {
        fc.pre(!/"(__proto__|constructor|prototype)"/.test(JSON.stringify(value)));
        expect(plainDefect({ value, bytes })).toBeUndefined();
      }),
    );
  });

  test('R-B4 keys that reach a prototype are refused at any depth', () => {
    for (const key of ['__proto__', 'constructor', 'prototype']) {
      expect(plainDefect(JSON.parse(`{"a":[{"${key}":1}]}`))).toBe('key');
      expect(plainDefect(JSON.parse(`{"${key}":{}}`))).toBe('key');
    }
    expect(plainDefect({ [Symbol('s')]: 1 })).toBe('key');
  });

  test('R-B4 getters are never called', () => {
    let called = false;
    const trap = Object.defineProperty({}, 'a', { enumerable: true, get: () => (called = true) });
    expect(plainDefect(trap)).toBe('type');
    expect(called).toBe(false);
  });

  test('R-B4 what is not an object, array, bytes or primitive is refused', () => {
    for (const value of [
      () => 1,
      Symbol('s'),
      1n,
      new Date(0),
      new Map(),
      new Set(),
      /a/,
      new (class A {})(),
      new Uint16Array(1),
      new ArrayBuffer(1),
      new Error('e'),
    ])
      expect(plainDefect({ value })).toBe('type');
  });

  test('R-B4 depth and size are bounded', () => {
    const nest = (depth: number): unknown => (depth === 0 ? 1 : { a: nest(depth - 1) });
    expect(plainDefect(nest(limits.requestDepth))).toBeUndefined();
    expect(plainDefect(nest(limits.requestDepth + 1))).toBe('depth');
    expect(plainDefect(new Uint8Array(limits.requestBytes + 1))).toBe('size');
    expect(plainDefect('x'.repeat(limits.requestBytes / 2 + 1))).toBe('size');
    expect(plainDefect(Array.from({ length: limits.requestBytes / 8 + 1 }, () => 0))).toBe('size');
    const ring: Record<string, unknown> = {};
    ring.ring = ring;
    expect(plainDefect(ring)).toBe('depth');
  });
});
