// The one place that decides how bytes travel: as they are where the browser clones structures, as tagged base64 elsewhere.
// Promises: unpackBytes(packBytes(x)) equals x, or packBytes throws: it refuses what JSON would change, never finish or not take; small
// enough for the relay, which is why it has no imports.
// Must not: be used where structured clone works (Firefox): `hello` tells. Chromium could clone too, but an extension that says so in
// its manifest can no longer reach a wallet that does not (docs/adr/0006).

const tag = '$bytes';

function isPlain(value: object): value is Record<string, unknown> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Deeper than any request may be (limits.requestDepth). A ring ends here. */
const mostDepth = 64;
/** More members than fit into the largest request. A value that holds its parts many times over, or an array with holes, ends here. */
const mostMembers = 2 ** 20;

function walk(root: unknown, leaf: (object: object) => unknown): unknown {
  let members = 0;
  const count = (more: number) => {
    members += more;
    if (members > mostMembers) throw new RangeError('length');
  };
  const visit = (value: unknown, depth: number): unknown => {
    if (typeof value === 'bigint') throw new TypeError('type');
    if (typeof value !== 'object' || value === null) return value;
    const replaced = leaf(value);
    if (replaced !== undefined) return replaced;
    if (depth > mostDepth) throw new TypeError('depth');
    if (Array.isArray(value)) {
      count(value.length);
      return value.map((item) => visit(item, depth + 1));
    }
    const entries = Object.entries(value);
    count(entries.length);
    return Object.fromEntries(entries.map(([key, item]) => [key, visit(item, depth + 1)]));
  };
  return visit(root, 0);
}

/**
 * A copy of `value` in which each Uint8Array has become `{ $bytes: base64 }`. Throws TypeError for what JSON would turn into
 * something else or nothing (a date, a map, a bigint, an object that looks packed already, a ring …), RangeError for too many members. What it returns
 * has a form in JSON.
 */
export function packBytes(value: unknown): unknown {
  return walk(value, (object) => {
    if (!(object instanceof Uint8Array)) {
      if (Array.isArray(object) || (isPlain(object) && !Object.hasOwn(object, tag))) return undefined;
      throw new TypeError('type');
    }
    const native = (object as { toBase64?: () => string }).toBase64;
    if (native) return { [tag]: native.call(object) };
    let binary = '';
    for (let at = 0; at < object.length; at += 8192) binary += String.fromCharCode(...object.subarray(at, at + 8192));
    return { [tag]: btoa(binary) };
  });
}

/** The inverse of packBytes. What is not valid base64 stays as it is, and fails the schema later. Throws as packBytes does. */
export function unpackBytes(value: unknown): unknown {
  return walk(value, (object) => {
    const text = Object.hasOwn(object, tag) ? (object as Record<string, unknown>)[tag] : undefined;
    if (typeof text !== 'string' || Object.keys(object).length !== 1) return undefined;
    try {
      const native = (Uint8Array as { fromBase64?: (text: string) => Uint8Array }).fromBase64;
      if (native) return native.call(Uint8Array, text);
      return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    } catch {
      return undefined;
    }
  });
}
