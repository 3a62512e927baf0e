// Who an account is: own identities before the address book, in every spelling of an address.
import { describe, expect, test } from 'vitest';
import { found, inOrderOfNames, offeredPeople, whoIsOf } from './people';

const account = (digit: string) => `0x${digit.repeat(40)}`;
const person = (digit: string, name: string) => ({ account: account(digit), name, namedAtMs: 1 });

describe('who an account is', () => {
  test('in every spelling, and nobody for everybody else', () => {
    const who = whoIsOf([{ account: account('A'), name: 'Ada' }], [person('b', 'Bob')]);
    expect(who(account('a'))).toEqual({ name: 'Ada', isYou: true });
    expect(who(account('B'))).toEqual({ name: 'Bob', isYou: false });
    expect(who(account('c'))).toBeUndefined();
  });

  test('an own identity is you, also where the address book calls it something else, and without a name', () => {
    const who = whoIsOf([{ account: account('a'), name: '' }], [person('A', 'Mallory')]);
    expect(who(account('a'))).toEqual({ name: '', isYou: true });
  });

  test('an identity whose account cannot be read is nobody', () => {
    expect(whoIsOf([{ account: null, name: 'Ada' }], [])('null')).toBeUndefined();
  });
});

test('the book is read by name, and two of one name by address', () => {
  const book = [
    person('c', 'zoe'),
    person('b', 'Ann'),
    person('a', 'ann'),
    person('d', 'Ben 10'),
    person('e', 'Ben 9'),
  ];
  expect(inOrderOfNames(book, 'en').map((one) => one.account[2])).toEqual(['a', 'b', 'e', 'd', 'c']);
});

test('people are found by a part of a name or an address', () => {
  const book = [person('c', 'Zoë'), person('b', 'Ann')];
  expect(found(book, ' ZOË ')).toEqual([book[0]]);
  expect(found(book, '0xBB')).toEqual([book[1]]);
  expect(found(book, '')).toEqual(book);
});

test('people to choose from: those that are not in the book first, each once, and only those a site asked for where it named some', () => {
  const book = [
    { account: '0xAA', name: 'Zoe', namedAtMs: 1 },
    { account: '0xBB', name: 'Ada', namedAtMs: 2 },
  ];
  expect(offeredPeople(book, ['0xaa', '0xCC', '0xcc'], undefined)).toEqual(['0xcc', '0xAA', '0xBB']);
  expect(offeredPeople(book, [], ['0xDD', '0xbb'])).toEqual(['0xDD', '0xBB']);
});
