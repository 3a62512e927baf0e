// The outer shell of every batch of the keystore API: one repeated field with the bytes of the items (protocol g.1).
// Promises: read in one walk, under the strict rules; counting makes nothing. Must not: look into an item.
import { eachRepeated } from '../proto/as-protobuf';

/** The field of the items. */
export const itemField = 1;

/** Calls `use` with where each item of a batch begins and ends. Throws 'malformed-protobuf'. */
export function eachItem(bytes: Uint8Array, use: (start: number, end: number) => void): void {
  eachRepeated(bytes, itemField, use);
}

/** The items of a batch, as views of its bytes. Throws 'malformed-protobuf'. */
export function itemsOf(bytes: Uint8Array): Uint8Array[] {
  const items: Uint8Array[] = [];
  eachItem(bytes, (start, end) => items.push(bytes.subarray(start, end)));
  return items;
}

/** How many items a batch holds, without reading any of them. Throws 'malformed-protobuf'. */
export function countBatchItems(bytes: Uint8Array): number {
  let count = 0;
  eachItem(bytes, () => count++);
  return count;
}
