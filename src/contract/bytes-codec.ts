// The one place that decides how bytes travel: as they are where the browser clones structures, as tagged base64 elsewhere.
// Promises: unpackBytes(packBytes(x)) equals x; small enough for the relay, which is why it has no imports.
// Must not: be used where structured clone works (Firefox): `hello` tells. Chromium could clone too, but an extension that says so in
// its manifest can no longer reach a wallet that does not (docs/adr/0006).

const tag = '$bytes';

function isPlain(value: object): value is Record<string, unknown> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function walk(value: unknown, leaf: (object: object) => unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const replaced = leaf(value);
  if (replaced !== undefined) return replaced;
  if (Array.isArray(value)) return value.map((item) => walk(item, leaf));
  if (!isPlain(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item, leaf)]));
}

/** A copy of `value` in which each Uint8Array has become `{ $bytes: base64 }`. */
export function packBytes(value: unknown): unknown {
  return walk(value, (object) => {
    if (!(object instanceof Uint8Array)) return undefined;
    const native = (object as { toBase64?: () => string }).toBase64;
    if (native) return { [tag]: native.call(object) };
    let binary = '';
    for (let at = 0; at < object.length; at += 8192) binary += String.fromCharCode(...object.subarray(at, at + 8192));
    return { [tag]: btoa(binary) };
  });
}

/** The inverse of packBytes. What is not valid base64 stays as it is, and fails the schema later. */
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
