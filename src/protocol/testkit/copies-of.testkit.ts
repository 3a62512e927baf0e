// Every byte array that is made while a test looks: to find copies of a secret that nobody wiped.
// Promises: what `new Uint8Array`, `Uint8Array.from` and `slice` gave out, in the order in which they were made.
// Must not: be imported by anything but tests.
import { vi } from 'vitest';

/** Looks from now on, until `vi.unstubAllGlobals` and `vi.restoreAllMocks`. */
export function watchBytes(): Uint8Array[] {
  const made: Uint8Array[] = [];
  const slice = Uint8Array.prototype.slice;
  vi.spyOn(Uint8Array.prototype, 'slice').mockImplementation(function (this: Uint8Array, ...range: [number?, number?]) {
    const copy = Reflect.apply(slice, this, range) as Uint8Array<ArrayBuffer>;
    made.push(copy);
    return copy;
  });
  const watched: typeof Uint8Array = new Proxy(Uint8Array, {
    construct(target, input, newTarget) {
      const one = Reflect.construct(target, input, newTarget === watched ? target : newTarget) as Uint8Array;
      made.push(one);
      return one;
    },
  });
  vi.stubGlobal('Uint8Array', watched);
  return made;
}

/** Those that hold the piece, as bytes in a row. */
export function holding(made: readonly Uint8Array[], piece: Uint8Array): Uint8Array[] {
  const wanted = Buffer.from(piece);
  return made.filter((one) => Buffer.from(one.buffer, one.byteOffset, one.length).includes(wanted));
}
