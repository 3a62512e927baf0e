// What a person types of an account.
import { expect, test } from 'vitest';
import { lastFour } from './account';

const account = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266';

test('the last four characters are what a person is asked for', () => {
  expect(lastFour(account)).toBe('2266');
});
