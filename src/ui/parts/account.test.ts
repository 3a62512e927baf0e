// Accounts as text: what is an address, and what confirms one.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isAccount, isConfirmedBy, lastFour } from './account';

const account = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266';

test('an address is 0x and 40 hexadecimal digits, nothing around it', () => {
  expect(isAccount(account)).toBe(true);
  for (const wrong of [account.slice(0, -1), `${account}0`, ` ${account}`, account.replace('f', 'g'), account.slice(2)]) expect(isAccount(wrong), wrong).toBe(false);
});

test('R-I4 only the last four characters or the whole address confirm', () => {
  expect(lastFour(account)).toBe('2266');
  for (const typed of ['2266', ' 2266 ', account, account.toUpperCase()]) expect(isConfirmedBy(account, typed), typed).toBe(true);
  fc.assert(fc.property(fc.string({ maxLength: 50 }), (typed) => isConfirmedBy(account, typed) === ['2266', account.toLowerCase()].includes(typed.trim().toLowerCase())));
});
