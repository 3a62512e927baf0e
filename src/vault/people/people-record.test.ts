// The bytes of an address book, and what becomes of two.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mostPeople, nameLength } from '../../contract/limits';
import type { Person } from '../../contract/pages/people';
import { bytesToHex } from '../../protocol/base/bytes';
import { checksumAddress } from '../../protocol/base/address';
import { concat, lengthPrefixed, u32, u64 } from '../store/encoding';
import { decodePeople, differentFrom, encodePeople, mergedPeople, withName } from './people-record';

const account = (n: number) => checksumAddress(`0x${n.toString(16).padStart(40, '0')}`);
const person = (n: number, name = `p${n}`, namedAtMs = 1): Person => ({ account: account(n), name, namedAtMs });
const someone: fc.Arbitrary<Person> = fc.record({
  account: fc.uint8Array({ minLength: 20, maxLength: 20 }).map((bytes) => checksumAddress(`0x${bytesToHex(bytes)}`)),
  name: fc
    .string({ minLength: 1, maxLength: nameLength, unit: 'grapheme' })
    .filter((name) => name.length <= nameLength),
  namedAtMs: fc.nat(),
});
/** Few accounts, so that two books often name the same one. */
const fewAccounts = fc
  .uniqueArray(fc.tuple(fc.nat(8), fc.nat(3), fc.constantFrom('a', 'b')), { selector: ([n]) => n, maxLength: 8 })
  .map((all) => all.map(([n, namedAtMs, name]) => person(n, name, namedAtMs)));
const damaged = expect.objectContaining({ reason: 'damaged' });

describe('an address book as bytes', () => {
  it('law: reads back as it was written', () => {
    const book = fc.uniqueArray(someone, { selector: (one) => one.account, maxLength: 20 });
    fc.assert(
      fc.property(book, (people) => {
        expect(decodePeople(encodePeople(people))).toEqual(people);
      }),
    );
  });

  it('law: any bytes are a book or damaged, and a book is written as it was read', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          expect([...encodePeople(decodePeople(bytes))]).toEqual([...bytes]);
        } catch (error) {
          expect(error).toEqual(damaged);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('is damaged with a byte more or less, an account twice, no name, a name or a book that is too long', () => {
    const row = (name: string) => concat(new Uint8Array(20), u64(1), lengthPrefixed(name));
    const whole = encodePeople([person(1), person(2)]);
    const bad = [
      whole.slice(0, -1),
      concat(whole, new Uint8Array(1)),
      concat(u32(2), row('a'), row('b')),
      concat(u32(1), row('')),
      concat(u32(1), row('n'.repeat(nameLength + 1))),
      concat(u32(mostPeople + 1)),
    ];
    for (const bytes of bad) expect(() => decodePeople(bytes)).toThrow(damaged);
  });
});

describe('a name', () => {
  it('takes the place of the one before, and an empty one takes the account out', () => {
    const book = withName([person(1), person(2)], person(1, 'new', 5));
    expect(book).toEqual([person(2), person(1, 'new', 5)]);
    expect(withName(book, person(2, ''))).toEqual([person(1, 'new', 5)]);
  });

  it('is one too many in a full book, where those that are in it can still be renamed and taken out', () => {
    const full = Array.from({ length: mostPeople }, (_, n) => person(n));
    expect(() => withName(full, person(mostPeople))).toThrow(expect.objectContaining({ reason: 'limit' }));
    expect(withName(full, person(3, 'new'))).toHaveLength(mostPeople);
    expect(withName(full, person(3, ''))).toHaveLength(mostPeople - 1);
  });
});

describe('two books in one', () => {
  it('law: everybody of both is there once, under the name that was given last', () => {
    fc.assert(
      fc.property(fewAccounts, fewAccounts, (here, there) => {
        const both = mergedPeople(here, there);
        const accounts = both.map((one) => one.account);
        expect(new Set(accounts).size).toBe(accounts.length);
        expect(new Set(accounts)).toEqual(new Set([...here, ...there].map((one) => one.account)));
        for (const one of both) {
          const [mine, other] = [here, there].map((book) => book.find((each) => each.account === one.account));
          const later = mine && other ? (other.namedAtMs > mine.namedAtMs ? other : mine) : (mine ?? other);
          expect(one).toEqual(later);
        }
      }),
    );
  });

  it('law: a second time changes nothing', () => {
    fc.assert(
      fc.property(fewAccounts, fewAccounts, (here, there) => {
        const once = mergedPeople(here, there);
        expect(mergedPeople(once, there)).toEqual(once);
      }),
    );
  });

  it('push nobody out who is here: of too many others the newest come', () => {
    const here = Array.from({ length: mostPeople - 2 }, (_, n) => person(n));
    const there = Array.from({ length: 5 }, (_, n) => person(2_000 + n, `n${n}`, n));
    const both = mergedPeople(here, there);
    expect(both.slice(0, -2)).toEqual(here);
    expect(both.slice(-2).map(({ name }) => name)).toEqual(['n3', 'n4']);
  });

  it('differ in who is named otherwise, whenever that was', () => {
    expect(differentFrom([person(1), person(2)], [person(1, 'p1', 9), person(2, 'x'), person(3)])).toEqual([
      person(2, 'x'),
      person(3),
    ]);
  });
});
