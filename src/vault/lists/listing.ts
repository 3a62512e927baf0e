// Many short byte strings in few large blocks: what a list of a safe is gathered in before it is answered.
// Promises: takes little more than the bytes themselves, where an array of arrays would take several times as much; iterated again and again.
// Must not: hold secrets; nothing here is wiped.
import { release } from '../work/release';

/** Byte strings in an order. Each is a view that lives as long as it is looked at. */
export interface Listing extends Iterable<Uint8Array> {
  readonly length: number;
  /** Gives the memory back; nothing is iterated afterwards. */
  release(): void;
}

export interface Gathering {
  /** Copies `bytes`. */
  add(bytes: Uint8Array, rank?: bigint): void;
  /** Ascending by rank; equal ones in the order in which they were added. Nothing is added afterwards. */
  sorted(): Listing;
}

const blockBytes = 1_048_576;
const half = 32n;

export function createGathering(): Gathering {
  const blocks: Uint8Array[] = [];
  let free = 0;
  let isReleased = false;
  // Side by side instead of an object for each: a list may have a hundred thousand.
  const [block, offset, size, high, low]: [number[], number[], number[], number[], number[]] = [[], [], [], [], []];

  return {
    add(bytes, rank = 0n) {
      if (bytes.length > free) {
        free = Math.max(blockBytes, bytes.length);
        blocks.push(new Uint8Array(free));
      }
      const last = blocks.at(-1) ?? new Uint8Array(0);
      const at = last.length - free;
      last.set(bytes, at);
      free -= bytes.length;
      block.push(Math.max(0, blocks.length - 1));
      offset.push(at);
      size.push(bytes.length);
      high.push(Number(rank >> half));
      low.push(Number(BigInt.asUintN(32, rank)));
    },
    sorted() {
      const order = Uint32Array.from(size, (_size, index) => index);
      const at = (column: readonly number[], index: number) => column[index] ?? 0;
      order.sort((a, b) => at(high, a) - at(high, b) || at(low, a) - at(low, b) || a - b);
      return {
        length: order.length,
        release() {
          isReleased = true;
          for (const one of blocks.splice(0)) release(one);
        },
        *[Symbol.iterator]() {
          if (isReleased) throw new TypeError('the listing was released');
          for (const index of order)
            yield (blocks[at(block, index)] ?? new Uint8Array(0)).subarray(
              at(offset, index),
              at(offset, index) + at(size, index),
            );
        },
      };
    },
  };
}
