// The canonical bytes of a request and their SHA-256, by which `begin` of vault/consent/approvals/deciding.ts sees that what was shown is what runs (R-C3).
// Promises: equal requests have equal bytes, different ones different bytes: every value carries its type and length, keys are sorted.
// Must not: be given a value that contract/plain has not passed.

const encoder = new TextEncoder();

function withLength(type: string, bytes: Uint8Array): Uint8Array[] {
  const head = new Uint8Array(5);
  head[0] = type.charCodeAt(0);
  new DataView(head.buffer).setUint32(1, bytes.length);
  return [head, bytes];
}

function parts(value: unknown): Uint8Array[] {
  if (value instanceof Uint8Array) return withLength('b', value);
  if (typeof value === 'string') return withLength('s', encoder.encode(value));
  if (Array.isArray(value)) return [...withLength('a', encoder.encode(String(value.length))), ...value.flatMap(parts)];
  if (typeof value === 'object' && value !== null) {
    // A member that is undefined is the same as one that is absent.
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    entries.sort(([a], [b]) => (a < b ? -1 : 1));
    return [
      ...withLength('o', encoder.encode(String(entries.length))),
      ...entries.flatMap(([key, item]) => [...withLength('k', encoder.encode(key)), ...parts(item)]),
    ];
  }
  return withLength('p', encoder.encode(`${typeof value}:${String(value)}`));
}

/** SHA-256 over origin, method and parameters, as 64 hex digits. */
export async function requestDigest(origin: string, method: string, params: unknown): Promise<string> {
  const bytes = new Blob(parts({ origin, method, params }) as Uint8Array<ArrayBuffer>[]);
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', await bytes.arrayBuffer()));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
