// A page's value, copied so that it can be cloned: what stands behind a proxy is read, and of a large buffer only the part that is meant.
// Promises: takes what it needs from the platform when the script begins; runs each getter once; keeps the shape (rings, shared parts, holes); of
// what is larger than any request nothing more is copied.
// Must not: judge. What is neither a plain object, an array nor a view stays as it is, for structuredClone to carry or to refuse.

/** More members than fit into the largest request (contract/bytes-codec): such is refused by whoever gets it. */
const mostMembers = 2 ** 20;

const { apply, getPrototypeOf, ownKeys } = Reflect;
const { create, getOwnPropertyDescriptor, hasOwn, prototype, setPrototypeOf } = Object;
const { isArray } = Array;
const { isView } = ArrayBuffer;
const [Bytes, Seen] = [Uint8Array, WeakMap];
const { get, set } = Seen.prototype;
const { toString, propertyIsEnumerable: isEnumerable } = prototype;
// 'Uint8Array' for bytes of any realm, another name for other numbers, undefined for the rest.
const typedName = getOwnPropertyDescriptor(getPrototypeOf(Bytes.prototype), Symbol.toStringTag)!.get!;

/**
 * A copy of a value. Throws what a getter or a proxy throws, RangeError for what is too deep to walk, and for a view that is not of bytes: no
 * method takes such, and cloning it would clone its whole buffer.
 */
export const ownCopy = (root: unknown): unknown => {
  const seen = new Seen<object, object>();
  let members = 0;
  const visit = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    const known: unknown = apply(get, seen, [value]);
    if (known) return known;
    if (isView(value)) {
      if (apply(typedName, value, []) !== 'Uint8Array') throw value;
      const bytes = new Bytes(value as Uint8Array);
      apply(set, seen, [value, bytes]);
      return bytes;
    }
    const isList = isArray(value);
    if (!isList && apply(toString, value, []) !== '[object Object]') return value;
    const keys = isList ? [] : ownKeys(value);
    const count = isList ? value.length : keys.length;
    members += count;
    if (members > mostMembers) return value;
    // Without a prototype an assignment meets no setter that the page put there.
    const copy = (isList ? setPrototypeOf([], null) : create(null)) as Record<string | number, unknown>;
    apply(set, seen, [value, copy]);
    const source = value as Record<string | number, unknown>;
    for (let at = 0; at < count; at++) {
      const key = isList ? at : keys[at]!;
      if (typeof key === 'symbol' || (!isList && !apply(isEnumerable, value, [key]))) continue;
      const item = source[key];
      if (item !== undefined || hasOwn(value, key)) copy[key] = visit(item);
    }
    if (isList) copy['length'] = count;
    return copy;
  };
  return visit(root);
};
