// Numbers that a person types of an inbox: what is taken, and what is not.
import { expect, test } from 'vitest';
import { countIn, inboxIdIn, shortId } from './inbox-words';

test('a number of apps or changes is whole and within its bound', () => {
  expect(countIn('0', 10)).toBe(0);
  expect(countIn(' 10 ', 10)).toBe(10);
  expect(countIn('007', 10)).toBe(7);
  for (const typed of ['', '-1', '11', '2.5', '1e1', '0x2', 'three', '1 0', '9'.repeat(400)])
    expect(countIn(typed, 10)).toBeUndefined();
});

test('the number of an inbox is 64 hex digits, however it was copied', () => {
  const id = 'a1'.repeat(32);
  for (const typed of [id, ` ${id}\n`, id.toUpperCase(), `0x${id}`, `“${id}”`, `${id.slice(0, 32)} ${id.slice(32)}`])
    expect(inboxIdIn(typed)).toBe(id);
  for (const typed of ['', id.slice(1), `${id}0`, 'g'.repeat(64), '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266'])
    expect(inboxIdIn(typed)).toBeUndefined();
});

test('a long number is shortened in the middle', () => {
  expect(shortId('0123456789abcdef'.repeat(4))).toBe('01234567…89abcdef');
  expect(shortId('0x12')).toBe('0x12');
});
