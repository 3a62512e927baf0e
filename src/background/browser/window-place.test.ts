// Where a window of ours comes up, for windows of the person's anywhere.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { placeWithin } from './window-place';

const size = { width: 400, height: 700 };

test('the approval window stands in the upper right of the window that asks, on a second monitor too', () => {
  expect(placeWithin(size, { left: 0, top: 0, width: 1280, height: 860 })).toEqual({ ...size, left: 864, top: 80 });
  expect(placeWithin(size, { left: -1920, top: 40, width: 1920, height: 1040 })).toEqual({
    ...size,
    left: -416,
    top: 120,
  });
});

test('a small window of the person gives a small one of ours, which stays readable', () => {
  expect(placeWithin(size, { left: 10, top: 20, width: 800, height: 480 })).toEqual({
    width: 400,
    height: 480,
    left: 394,
    top: 20,
  });
  expect(placeWithin(size, { left: 0, top: 0, width: 200, height: 200 })).toEqual({
    width: 320,
    height: 400,
    left: 0,
    top: 0,
  });
});

test('where nothing is known of the window that asks, the browser places ours', () => {
  for (const around of [
    undefined,
    {},
    { left: 0, top: 0 },
    { left: -32000, top: -32000, width: 160, height: 28, state: 'minimized' },
  ])
    expect(placeWithin(size, around)).toEqual(size);
});

test('law: within the edges of the window that asks, wherever that is large enough', () => {
  const position = fc.integer({ min: -10_000, max: 10_000 });
  const length = fc.integer({ min: 400, max: 8_000 });
  fc.assert(
    fc.property(position, position, length, length, (left, top, width, height) => {
      const placed = placeWithin(size, { left, top, width, height });
      expect(placed.left!).toBeGreaterThanOrEqual(left);
      expect(placed.top!).toBeGreaterThanOrEqual(top);
      expect(placed.left! + placed.width).toBeLessThanOrEqual(left + width);
      expect(placed.top! + placed.height).toBeLessThanOrEqual(top + height);
      expect(placed.width).toBeLessThanOrEqual(size.width);
      expect(placed.height).toBeLessThanOrEqual(size.height);
    }),
  );
});
