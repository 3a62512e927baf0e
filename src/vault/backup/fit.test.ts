// What is left out of a backup file when the lists of an identity are larger than any file may be.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { entriesThatFit } from './fit';

const sum = (sizes: readonly number[]) => sizes.reduce((total, size) => total + size, 0);

describe('entries of a backup file', () => {
  it('bound: what is kept fits, and is everything when everything fits', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1000)), fc.nat(20_000), (sizes, roomBytes) => {
        const kept = entriesThatFit(sizes, roomBytes);
        expect(sum(sizes.filter((_size, index) => kept[index]))).toBeLessThanOrEqual(roomBytes);
        if (sum(sizes) <= roomBytes) expect(kept).not.toContain(false);
      }),
    );
  });

  it('order: none that is left out is smaller than one that is kept, and none could have stayed', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1 }), fc.nat(20_000), (sizes, roomBytes) => {
        const kept = entriesThatFit(sizes, roomBytes);
        const [stay, gone] = [
          sizes.filter((_size, index) => kept[index]),
          sizes.filter((_size, index) => !kept[index]),
        ];
        expect(Math.max(0, ...stay)).toBeLessThanOrEqual(Math.min(Infinity, ...gone));
        if (gone.length > 0) expect(sum(stay) + Math.min(...gone)).toBeGreaterThan(roomBytes);
      }),
    );
  });
});
