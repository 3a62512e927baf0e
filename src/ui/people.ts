// Who an account is to the person: one of their own identities, or somebody they gave a name. Pure.
// Promises: an own identity is always "you", whatever the address book says. Must not: stand for the address, which is shown beside every name.
import type { IdentitySummary } from '../contract/pages/identity';
import type { Person } from '../contract/pages/people';

/** `name`: of an own identity its name, which may be empty; of others the person's word for them. */
export interface Known {
  name: string;
  isYou: boolean;
}

/** Undefined for everybody that the person has not named. */
export type WhoIs = (account: string) => Known | undefined;

export function whoIsOf(
  identities: readonly Pick<IdentitySummary, 'account' | 'name'>[],
  people: readonly Pick<Person, 'account' | 'name'>[],
): WhoIs {
  const known = new Map<string, Known>();
  for (const { account, name } of people) known.set(account.toLowerCase(), { name, isYou: false });
  for (const { account, name } of identities)
    if (account !== null) known.set(account.toLowerCase(), { name, isYou: true });
  return (account) => known.get(account.toLowerCase());
}

/** The book as it is read: by name in the order of the language of the words around it, those of one name by address. */
export function inOrderOfNames(people: readonly Person[], locale: string): Person[] {
  const { compare } = new Intl.Collator(locale, { sensitivity: 'base', numeric: true });
  return people.toSorted((a, b) => compare(a.name, b.name) || (a.account < b.account ? -1 : 1));
}

/** Those whose name or address has `sought` in it, in any case of letters; all for nothing sought. */
export function found(people: readonly Person[], sought: string): Person[] {
  const wanted = sought.trim().toLocaleLowerCase();
  return people.filter(({ name, account }) =>
    [name.toLocaleLowerCase(), account.toLowerCase()].some((text) => text.includes(wanted)),
  );
}

/**
 * The accounts that can be chosen for a scope: those of `besides` that the book does not name, then the book in its order. `within`: no others than these,
 * which are all offered.
 */
export function offeredPeople(
  book: readonly Person[],
  besides: readonly string[],
  within: readonly string[] | undefined,
): string[] {
  const known = book.map(({ account }) => account);
  const lower = (accounts: readonly string[]) => new Set(accounts.map((account) => account.toLowerCase()));
  const named = lower(known);
  const unnamed = [...new Map([...besides, ...(within ?? [])].map((one) => [one.toLowerCase(), one])).values()];
  const all = [...unnamed.filter((account) => !named.has(account.toLowerCase())), ...known];
  if (!within) return all;
  const allowed = lower(within);
  return all.filter((account) => allowed.has(account.toLowerCase()));
}
