// Rotation in words: when other apps may be left behind, and when it has to be said.
import { expect, test } from 'vitest';
import { rotationDays } from '../../../contract/choices';
import { daysOf, everyWords, isShared, needsWarning } from './rotation-model';

const alone = { keysFrom: 'here', copy: { state: 'none' } } as const;
const copied = { keysFrom: 'here', copy: { state: 'published', atMs: 1 } } as const;
const found = { keysFrom: 'network', copy: { state: 'none' } } as const;

test('keys are shared when they came from the network or lie there', () => {
  expect([alone, copied, found, { ...alone, keysFrom: 'backup' } as const].map(isShared)).toEqual([
    false,
    true,
    true,
    false,
  ]);
});

test('renewing by itself is warned of once, and only where somebody may be left behind', () => {
  const never = { everyDays: 0 } as const;
  expect(needsWarning(never, 30, found)).toBe(true);
  expect(needsWarning(never, 0, found)).toBe(false);
  expect(needsWarning({ everyDays: 90 }, 30, found)).toBe(false);
  expect(needsWarning(never, 30, alone)).toBe(false);
});

test('every number of days can be chosen, and nothing else', () => {
  expect(rotationDays.map((days) => daysOf(String(days)))).toEqual([...rotationDays]);
  expect(['', '1', '-7', '007', 'toString'].map(daysOf)).toEqual([0, 0, 0, 0, 0]);
  expect(new Set(rotationDays.map((days) => everyWords[days])).size).toBe(rotationDays.length);
});
