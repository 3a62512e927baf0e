// Pictures of accounts: stable, mirrored, different.
// Promises: one picture is pinned, so that a change of the drawing is a decision.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { paletteSize, pictureModel } from './identity-picture-model';

const address = fc.stringMatching(/^0x[0-9a-f]{40}$/);

describe('identity picture', () => {
  test('law: the same for every spelling of an address', () => {
    fc.assert(
      fc.property(address, (account) => {
        expect(pictureModel(account.toUpperCase())).toEqual(pictureModel(account));
      }),
    );
  });

  test('law: four mirrored rows of four cells and a palette in range', () => {
    fc.assert(
      fc.property(address, (account) => {
        const { palette, rows } = pictureModel(account);
        expect(palette).toBeGreaterThanOrEqual(0);
        expect(palette).toBeLessThan(paletteSize);
        expect(rows.map((row) => row.length)).toEqual([4, 4, 4, 4]);
      }),
    );
  });

  test('addresses that differ in one digit look different', () => {
    const pictures = Array.from({ length: 256 }, (_, last) =>
      JSON.stringify(pictureModel(`0x${'ab'.repeat(19)}${last.toString(16).padStart(2, '0')}`)),
    );
    expect(new Set(pictures).size).toBeGreaterThan(250);
  });

  test('a known address keeps its picture for ever', () => {
    const { palette, rows } = pictureModel('0x5AEDA56215b167893e80B4fE645BA6d5Bab767DE');
    expect([palette, ...rows.map((row) => row.join(' '))]).toEqual([
      6,
      '0 disc disc 1',
      '0 0 1 1',
      '2 3 2 3',
      'none 1 0 none',
    ]);
  });
});
