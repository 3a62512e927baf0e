// The mirror of many safes, read in as few calls as fit into memory.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytesToBase64 } from '../../protocol/base/bytes';
import { readMirror } from './replica';

const longest = 8 * 1024 * 1024;
const mebibyte = 1024 * 1024;

/** A mirror whose items say how long they are, whatever is in them; `read` has the keys of each call. */
function mirrorOf(lengths: ReadonlyMap<string, number>) {
  const read: string[][] = [];
  const mirror = {
    get: async (keys: string[] | null) => {
      read.push([...(keys ?? [])]);
      return Object.fromEntries((keys ?? []).map((key) => [key, bytesToBase64(new Uint8Array(3))]));
    },
    set: async () => undefined,
    remove: async () => undefined,
    bytesOf: async (key: string) => lengths.get(key.slice('safe:'.length)) ?? 0,
  };
  return { mirror, read };
}

test('law: each safe is read once, none that is too long, and never more in one call than the longest item', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(12 * mebibyte), { maxLength: 40 }), async (sizes) => {
      const lengths = new Map(sizes.map((size, at) => [`${at}`, size]));
      const { mirror, read } = mirrorOf(lengths);
      const found = await readMirror(mirror, lengths.keys());
      expect([...found.keys()].sort()).toEqual([...lengths.keys()].sort());
      const safeIds = read.map((keys) => keys.map((key) => key.slice('safe:'.length)));
      expect(safeIds.flat().sort()).toEqual([...lengths.keys()].filter((id) => lengths.get(id)! <= longest).sort());
      for (const call of safeIds)
        expect(call.reduce((sum, id) => sum + lengths.get(id)!, 0)).toBeLessThanOrEqual(longest);
    }),
  );
});

test('twenty identities are one call, and where the browser does not say how long an item is, each is one', async () => {
  const lengths = new Map(Array.from({ length: 20 }, (_, at) => [`${at}`, 10_000]));
  const { mirror, read } = mirrorOf(lengths);
  await readMirror(mirror, lengths.keys());
  expect(read).toHaveLength(1);
  const { bytesOf: _untold, ...silent } = mirror;
  await readMirror(silent, lengths.keys());
  expect(read).toHaveLength(1 + 20);
});
