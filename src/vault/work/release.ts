// Memory given back at once: large byte strings whose work is done, where waiting for the collector would let them pile up.
// Must not: be called on bytes that anybody still looks at, or that share their buffer with others; they are empty afterwards.

interface Transferable {
  transfer?: (length: number) => ArrayBuffer;
}

/** Empties an array that owns its whole buffer, and gives its memory back where the platform can (ECMAScript 2024, ArrayBuffer.prototype.transfer). */
export function release(bytes: Uint8Array): void {
  const buffer = bytes.buffer as Transferable;
  buffer.transfer?.(0);
}
