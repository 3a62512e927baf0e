// Ways to open a safe: what may go, and what must be opened for it.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lastingKinds, leastLasting } from '../contract/choices';
import {
  areGroupsOf,
  isWholeGroup,
  canRemove,
  inOrder,
  missingKinds,
  othersThan,
  slotKinds,
  type Slot,
} from './slot-model';

const slots = fc
  .shuffledSubarray([...slotKinds])
  .map((kinds) => kinds.map((type, at): Slot => ({ slotId: String(at), type, createdAtMs: at })));

test('law: what is there and what is missing are all kinds, each once', () => {
  fc.assert(
    fc.property(slots, (given) => {
      const there = given.map(({ type }) => type);
      expect([...there, ...missingKinds(given, true)].sort()).toEqual([...slotKinds].sort());
      // Where the browser makes none, a passkey is not missed.
      expect(missingKinds(given, false)).toEqual(missingKinds(given, true).filter((kind) => kind !== 'passkey'));
      expect(inOrder(given).map(({ type }) => type)).toEqual(
        slotKinds.filter((kind) => given.some(({ type }) => type === kind)),
      );
    }),
  );
});

test('R-H6 law: removing needs every other way opened, and leaves at least two besides a passkey', () => {
  fc.assert(
    fc.property(slots, fc.constantFrom(...slotKinds), (given, kind) => {
      const others = othersThan(kind, given);
      expect(others).not.toContain(kind);
      expect(new Set([...others, kind])).toEqual(new Set([...given.map(({ type }) => type), kind]));
      const lasting = others.filter((one) => lastingKinds.some((each) => each === one));
      expect(canRemove(kind, given)).toBe(lasting.length >= leastLasting);
    }),
  );
});

test('a group is whole with its fourth sign, whatever was typed between', () => {
  expect(['', '4TR', '4-tr', '4TRV', '4t rv', ' oLek '].map(isWholeGroup)).toEqual([
    false,
    false,
    false,
    true,
    true,
    true,
  ]);
  expect(isWholeGroup('4TRVX')).toBe(false);
});

test('groups of a code are forgiven case, dashes and look-alikes, and nothing else', () => {
  const code = '7KQ2-M9XD-4TRV-8HWN-2BCF-6JYP-3ZGS-01EK';
  expect(areGroupsOf(code, [2, 7], ['4trv', ' oLek '])).toBe(true);
  expect(areGroupsOf(code, [2, 7], ['4-TRV', '01EK'])).toBe(true);
  expect(areGroupsOf(code, [2, 7], ['4TRV', '01EX'])).toBe(false);
  expect(areGroupsOf(code, [2, 7], ['01EK', '4TRV'])).toBe(false);
  expect(areGroupsOf(code, [2, 7], ['4TRV'])).toBe(false);
  expect(areGroupsOf(code, [8, 9], ['', ''])).toBe(false);
});

test('R-H6 before and after a way is removed or replaced, a person is told that older copies of the disk still open with it', () => {
  const english = JSON.parse(
    readFileSync(new URL('../../public/_locales/en/messages.json', import.meta.url), 'utf8'),
  ) as Record<string, { message: string }>;
  for (const key of ['removeOldCopies', 'removed', 'codeReplaced'])
    expect(english[key]?.message, key).toMatch(/copy of this disk that was made earlier.* still /);
});
