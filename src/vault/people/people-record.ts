// The sealed record of the names that a person gave to accounts of others: what a list is, its bytes, and two lists in one.
// Promises: one byte string per list; an account stands in it once, under a name; what does not fit is 'damaged', never a shorter list.
// Must not: hold anything that a site said, or anything of a message.
import { VaultError } from '../../contract/errors';
import { mostPeople, nameLength } from '../../contract/limits';
import type { Person } from '../../contract/pages/people';
import { bytesToHex, hexToBytes } from '../../protocol/base/bytes';
import { checksumAddress } from '../../protocol/base/address';
import type { Bytes } from '../store/encoding';
import { concat, createReader, lengthPrefixed, u32, u64, type Reader } from '../store/encoding';

export const peopleRecord = { type: 'people', id: 'names', schema: 1 } as const;

/** Number of people (4); of each: address (20), when the name was given (8), name. */
export function encodePeople(people: readonly Person[]): Bytes {
  return concat(
    u32(people.length),
    ...people.flatMap(({ account, namedAtMs, name }) => [
      hexToBytes(account.slice(2)),
      u64(namedAtMs),
      lengthPrefixed(name),
    ]),
  );
}

/** Throws VaultError('damaged'). */
export function decodePeople(bytes: Uint8Array): Person[] {
  const reader = createReader(bytes);
  const count = reader.u32();
  if (count > mostPeople) throw new VaultError('damaged');
  const people = Array.from({ length: count }, () => readPerson(reader));
  reader.end();
  if (new Set(people.map(({ account }) => account)).size !== people.length) throw new VaultError('damaged');
  return people;
}

function readPerson(reader: Reader): Person {
  const account = checksumAddress(`0x${bytesToHex(reader.take(20))}`);
  const namedAtMs = reader.timeMs();
  const name = reader.text();
  if (name === '' || name.length > nameLength) throw new VaultError('damaged');
  return { account, name, namedAtMs };
}

/** The list with this name for an account, last; an empty name takes the account out. Throws 'limit'. */
export function withName(people: readonly Person[], person: Person): Person[] {
  const others = people.filter(({ account }) => account !== person.account);
  if (person.name === '') return others;
  if (others.length >= mostPeople) throw new VaultError('limit');
  return [...others, person];
}

/**
 * Both in one: everybody who is `here`, then who only is `there`, newest names first as far as there is room. Of two names for one account the one that
 * was given later, and of two of one time the one that is here.
 */
export function mergedPeople(here: readonly Person[], there: readonly Person[]): Person[] {
  const others = new Map(there.map((person) => [person.account, person]));
  const kept = here.map((person) => {
    const other = others.get(person.account);
    others.delete(person.account);
    return other && other.namedAtMs > person.namedAtMs ? other : person;
  });
  const room = mostPeople - kept.length;
  const newest = [...others.values()].toSorted((a, b) => b.namedAtMs - a.namedAtMs).slice(0, Math.max(0, room));
  return [...kept, ...newest.toReversed()];
}

/** How many of `those` are not, or under another name, in `people`. */
export function differentFrom(people: readonly Person[], those: readonly Person[]): Person[] {
  const names = new Map(people.map(({ account, name }) => [account, name]));
  return those.filter(({ account, name }) => names.get(account) !== name);
}
