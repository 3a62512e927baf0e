// A first look at a value from a stranger, before any schema sees it (R-B4).
// Promises: what passes is made of plain objects, arrays, bytes and primitives, not too deep, not too large, without keys that
// reach a prototype. Must not: call anything on the value (no getters, no toJSON).
import { limits } from './limits';

const forbiddenKeys = new Set(['__proto__', 'constructor', 'prototype']);

/** Why a value is refused; undefined when it is fine. */
export type PlainDefect = 'type' | 'depth' | 'size' | 'key';

/** Checks `value` by own properties only. Bytes count 1 each, text 2 per code unit, everything else 8. */
export function plainDefect(value: unknown): PlainDefect | undefined {
  let left: number = limits.requestBytes;
  const visit = (item: unknown, depth: number): PlainDefect | undefined => {
    left -= 8;
    if (left < 0) return 'size';
    if (item === null || item === undefined || typeof item === 'boolean' || typeof item === 'number') return undefined;
    if (typeof item === 'string') {
      left -= item.length * 2;
      return left < 0 ? 'size' : undefined;
    }
    if (typeof item !== 'object') return 'type';
    if (item instanceof Uint8Array) {
      left -= item.length;
      return left < 0 ? 'size' : undefined;
    }
    if (depth >= limits.requestDepth) return 'depth';
    const prototype: unknown = Object.getPrototypeOf(item);
    const isArray = Array.isArray(item);
    if (!isArray && prototype !== Object.prototype && prototype !== null) return 'type';
    for (const key of Reflect.ownKeys(item)) {
      if (isArray && key === 'length') continue;
      if (typeof key === 'symbol' || forbiddenKeys.has(key)) return 'key';
      left -= key.length * 2;
      const property = Object.getOwnPropertyDescriptor(item, key);
      if (!property || !('value' in property)) return 'type';
      const defect = visit(property.value, depth + 1);
      if (defect) return defect;
    }
    return undefined;
  };
  return visit(value, 0);
}
