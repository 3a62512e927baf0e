// Pictures of accounts: stable, mirrored, and at least 2^24 different ones by their shape alone.
// Promises: some pictures are pinned, so that a change of the drawing is a decision.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cellPath, cells, figurePath, palettes, pictureModel, pictureOf } from './identity-picture-model';

const address = fc.stringMatching(/^0x[0-9a-f]{40}$/);
const shape = fc.integer({ min: 0, max: 0xff_ffff });
const addressOf = (n: number) => `0x${n.toString(16).padStart(40, '0')}`;

/** What a drawing shows of its shape, read back from the path alone. */
function shapeIn(path: string): number {
  let bits = 0;
  for (const at of Array.from({ length: 8 }, (_, index) => index)) {
    const [row, column] = [Math.floor(at / 2), at % 2];
    const drawn = cells.map((cell) => cellPath(cell, column * 10 + 4, row * 10 + 4));
    // The blank cell has no path: it is what is left when none of the others is there.
    const found = drawn.findIndex((one) => one !== '' && path.split('M').includes(one.slice(1)));
    bits |= Math.max(0, found) << (3 * at);
  }
  return bits;
}

describe('identity picture', () => {
  test('law: the same for every spelling of an address', () => {
    fc.assert(
      fc.property(address, (account) => {
        expect(pictureModel(account.toUpperCase())).toEqual(pictureModel(account));
      }),
    );
  });

  test('law: four rows of four cells, mirrored, and a palette in range', () => {
    fc.assert(
      fc.property(address, (account) => {
        const { palette, rows } = pictureModel(account);
        expect(palettes[palette]).toBeDefined();
        const halves = { 0: 1, 1: 0, 2: 3, 3: 2 } as const;
        for (const row of rows) {
          const [a, b, c, d] = row.map((cell) => (typeof cell === 'number' ? halves[cell] : cell));
          expect([row[2], row[3]]).toEqual([b, a]);
          expect([row[1], row[0]]).toEqual([c, d]);
        }
        expect(rows.map((row) => row.length)).toEqual([4, 4, 4, 4]);
      }),
    );
  });

  test('each of the eight cells can be drawn in eight ways, no two alike', () => {
    expect(cells).toHaveLength(8);
    for (const x of [4, 14, 24, 34])
      for (const y of [4, 14, 24, 34]) expect(new Set(cells.map((cell) => cellPath(cell, x, y))).size).toBe(8);
  });

  test('law: 2^24 shapes are 2^24 drawings, for the shape can be read back from what is drawn, colours aside', () => {
    fc.assert(
      fc.property(shape, fc.integer({ min: 0, max: 15 }), (bits, colours) => {
        expect(shapeIn(figurePath(pictureOf(bits, colours)))).toBe(bits);
      }),
      { numRuns: 2_000 },
    );
    for (const edge of [0, 1, 7, 0x80_0000, 0xff_fff8, 0xff_ffff])
      expect(shapeIn(figurePath(pictureOf(edge, 3)))).toBe(edge);
  });

  test('addresses are spread over the shapes as by chance: of 65,536 in a row about 128 pairs are alike', () => {
    const drawn = new Set(Array.from({ length: 65_536 }, (_, n) => figurePath(pictureModel(addressOf(n)))));
    expect(65_536 - drawn.size).toBeLessThan(200);
    const colours = Array.from({ length: 4_096 }, (_, n) => pictureModel(addressOf(n)).palette);
    for (let palette = 0; palette < palettes.length; palette++)
      expect(colours.filter((one) => one === palette).length).toBeGreaterThan(180);
  });

  test('a figure can be told from its ground by its lightness: contrast of 4.5 or more, in all sixteen pairs', () => {
    const light = (hex: string) => {
      const [red = 0, green = 0, blue = 0] = [1, 3, 5]
        .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
        .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    expect(palettes).toHaveLength(16);
    for (const [ground, figure] of palettes) {
      const [low = 0, high = 0] = [light(ground), light(figure)].toSorted((a, b) => a - b);
      expect((high + 0.05) / (low + 0.05), `${ground} ${figure}`).toBeGreaterThanOrEqual(4.5);
    }
  });

  test('a known address keeps its picture for ever', () => {
    const { palette, rows } = pictureModel('0x5AEDA56215b167893e80B4fE645BA6d5Bab767DE');
    expect([palette, ...rows.map((row) => row.join(' '))]).toEqual([
      6,
      'bar square square bar',
      'dot none none dot',
      '0 bar bar 1',
      'square square square square',
    ]);
  });
});
